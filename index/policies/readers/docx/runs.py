"""What stands inside one paragraph: its visible words, and the notes and text boxes that hang on it.

Rules:
* tracked changes as accepted: ``ins`` and ``moveTo`` stay, ``del`` and ``moveFrom`` go;
* hidden text, comments, field instructions, page numbers, readings over characters (ruby) and placeholders are no text;
* the result of a field is text, except a table of contents or an index: it only repeats the headings;
* a soft line break is ``\\n``, a tab ``\\t``; a character of a symbol font is the sign it shows, else 〓;
* of an ``AlternateContent`` only one branch is read, so that a text box comes once.

Source: ECMA-376 part 1, 17.3.3 (run content), 17.13.5 (revisions), 17.16 (fields), 17.3.3.25 (ruby); part 3, 10.2.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.policies.readers.docx.equations import shown_by
from index.policies.readers.docx.names import MATH, MC, W, child, switch, value
from index.policies.readers.docx.symbols import symbol

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from index.policies.readers.docx.styles import Styles

BOX = f"{W}txbxContent"
_GONE = frozenset(
    f"{W}{name}"
    for name in (
        *("del", "moveFrom", "delText", "instrText", "delInstrText", "fldData"),
        *("pPr", "rPr", "rt", "rubyPr", "sdtPr", "sdtEndPr", "object", "control"),
        *("annotationRef", "footnoteRef", "endnoteRef", "comment", "commentReference"),
    )
)
_SIGNS = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_NO_LINE_BREAKS = frozenset({"page", "column"})
_LISTS_OF_HEADINGS = frozenset({"TOC", "INDEX", "TOA"})
_PAGE_NUMBERS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES"})
_SILENT_FIELDS = _LISTS_OF_HEADINGS | _PAGE_NUMBERS


@dataclass(slots=True)
class Inline:
    """One paragraph, read. ``notes``: (kind, id) in order; ``boxes``: contents of the text boxes anchored here."""

    pieces: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: "list[Element]" = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class Fields:
    """The fields open at a place of a story; they may run over several paragraphs."""

    def __init__(self, story: "Element") -> None:
        kinds = [value(mark, "fldCharType") for mark in story.iter(f"{W}fldChar")]
        self._is_sound = kinds.count("begin") == kinds.count("end")
        self._open: list[list[str]] = []

    def mark(self, kind: str | None) -> str:
        """Takes a field mark; returns the words that a field without a result shows when it ends."""
        if kind == "begin":
            self._open.append(["instruction", ""])
        elif kind == "end" and self._open:
            state, instruction = self._open.pop()
            return shown_by(instruction) if state == "instruction" else ""
        elif kind == "separate" and self._open:
            self._open[-1][0] = "result"
        return ""

    def instruct(self, text: str) -> None:
        if self._open:
            self._open[-1][1] += text

    @property
    def is_silent(self) -> bool:
        """Whether words here are no text; never where begin and end do not match: nothing must be lost."""
        return self._is_sound and any(state == "instruction" or is_silent(name) for state, name in self._open)


def is_silent(instruction: str) -> bool:
    return instruction.strip().partition(" ")[0].upper() in _SILENT_FIELDS


class Runs:
    """Reads the paragraphs of one story."""

    def __init__(self, styles: "Styles", fields: Fields) -> None:
        self._styles = styles
        self._fields = fields

    def read(self, paragraph: "Element") -> Inline:
        inline = Inline()
        style_id = self._styles.of_paragraph(child(paragraph, "pPr"))
        self._children(paragraph, inline, style_id)
        return inline

    def _children(self, parent: "Element", inline: Inline, style_id: str | None) -> None:
        for element in parent:
            name = element.tag
            if name == f"{W}r":
                if not self._styles.is_hidden(child(element, "rPr"), style_id):
                    self._children(element, inline, style_id)
            elif name == f"{W}t" or name == f"{MATH}t":
                self._say(element.text or "", inline)
            elif not self._is_sign(element, inline):
                self._container(element, inline, style_id)

    def _is_sign(self, element: "Element", inline: Inline) -> bool:
        """Takes the elements that stand for one character, a note or a field mark."""
        name = element.tag
        if name in _SIGNS:
            self._say(_SIGNS[name], inline)
        elif name == f"{W}br":
            self._say("" if value(element, "type") in _NO_LINE_BREAKS else "\n", inline)
        elif name == f"{W}sym":
            self._say(symbol(value(element, "font"), value(element, "char")), inline)
        elif name in (f"{W}footnoteReference", f"{W}endnoteReference"):
            kind = "footnote" if name.endswith("}footnoteReference") else "endnote"
            inline.notes.append((kind, value(element, "id") or ""))
        elif name == f"{W}fldChar":
            self._say(self._fields.mark(value(element, "fldCharType")), inline)
        elif name == f"{W}instrText":
            self._fields.instruct(element.text or "")
        else:
            return name in _GONE
        return True

    def _container(self, element: "Element", inline: Inline, style_id: str | None) -> None:
        name = element.tag
        if name == BOX:
            inline.boxes.append(element)
        elif name == f"{MC}AlternateContent":
            self._children(branch(element), inline, style_id)
        elif _says_nothing(element):
            return
        elif name == f"{MATH}f":
            self._fraction(element, inline, style_id)
        else:
            self._children(element, inline, style_id)

    def _fraction(self, element: "Element", inline: Inline, style_id: str | None) -> None:
        for name, sign in (("num", "/"), ("den", "")):
            part = element.find(MATH + name)
            if part is not None:
                self._children(part, inline, style_id)
            self._say(sign, inline)

    def _say(self, text: str, inline: Inline) -> None:
        if text and not self._fields.is_silent:
            inline.pieces.append(text)


def branch(alternatives: "Element") -> "Element":
    """The first choice that holds words, else the fallback, else nothing to read."""
    for one in alternatives:
        if next(one.iter(f"{W}t", f"{W}sym"), None) is not None:
            return one
    return alternatives.makeelement("nothing")


def _says_nothing(element: "Element") -> bool:
    if element.tag == f"{W}fldSimple":
        return is_silent(value(element, "instr") or "")
    return element.tag == f"{W}sdt" and is_placeholder(element)


def is_placeholder(control: "Element") -> bool:
    """A content control that still shows its prompt (单击此处输入文字), or the table of contents as a block."""
    gallery = value(child(control, "sdtPr", "docPartObj", "docPartGallery")) or ""
    return bool(switch(child(control, "sdtPr"), "showingPlcHdr")) or gallery == "Table of Contents"


def ends_are_deleted(paragraph: "Element") -> bool:
    """Whether the paragraph mark is deleted in a tracked change: the next paragraph continues this one."""
    mark = child(paragraph, "pPr", "rPr")
    return child(mark, "del") is not None or child(mark, "moveFrom") is not None
