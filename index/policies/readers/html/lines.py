"""A page as lines, broken where a browser breaks them.

Rules:
* block elements and ``<br>`` end a line; blanks collapse; a line break of the source between Chinese characters is no
  blank (CSS Text 4, 4.1.3); ``<pre>`` keeps its lines;
* items of an ordered list show their number in the list's own style, bullets show nothing;
* a data table is rows ``a | b | c`` (``tables``); a table that only lays out the page is blocks;
* every line knows the element it stands in and how many of its characters are links.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from index.policies.readers.docx.number_formats import formatted
from index.policies.readers.html import tables
from index.policies.readers.html.tree import is_shown
from index.policies.readers.raw import MAX_LINES, bounded

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "dir", "div", "dl"),
        *("dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
        *("hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table"),
        *("tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption", "br"),
    )
)
_HEADING = re.compile(r"^h([1-6])$")
_EAST_ASIAN = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u2014\u2018-\u201d\u2026]"
_SOURCE_BREAK = re.compile(rf"(?<={_EAST_ASIAN})[ \t]*[\r\n]+[ \t]*(?={_EAST_ASIAN})")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_LIST_STYLES = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
    "decimal": "decimal", "lower-alpha": "lowerLetter", "upper-alpha": "upperLetter", "lower-latin": "lowerLetter",
    "upper-latin": "upperLetter", "lower-roman": "lowerRoman", "upper-roman": "upperRoman",
    "decimal-leading-zero": "decimalZero", "cjk-ideographic": "chineseCountingThousand",
    "simp-chinese-informal": "chineseCountingThousand", "trad-chinese-informal": "chineseCountingThousand",
    "none": "none",
}  # fmt: skip
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([\w-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageLine:
    """One line. ``block``: the element it stands in; ``linked``: its characters inside links; ``level``: h1 … h6."""

    text: str
    block: "Element"
    linked: int = 0
    level: int | None = None
    is_row: bool = False
    leads_to: str = ""
    """The address of its last link."""


def page_lines(path: Path, root: "Element") -> list[PageLine]:
    """All lines a browser would show; raises UnreadablePolicy when there are too many."""
    found: list[PageLine] = []
    for line in Page(root).lines():
        found.append(line)
        if len(found) > MAX_LINES:
            bounded(path, "\n" * (MAX_LINES + 1))
    return found


@dataclass(slots=True)
class _List:
    number_format: str
    next_number: int
    step: int = 1


@dataclass(slots=True)
class Page:
    """Walks the elements below ``root`` once, without recursion."""

    root: "Element"
    words: list[str] = field(default_factory=list)
    linked: int = 0
    leads_to: str = ""
    links: int = 0
    pre: int = 0
    level: int | None = None
    lists: list[_List] = field(default_factory=list)
    number: str = ""
    blocks: "list[Element]" = field(default_factory=list)

    def lines(self) -> Iterator[PageLine]:
        from lxml.etree import iterwalk

        walk = iterwalk(self.root, events=("start", "end"))
        skipped = None
        for event, element in walk:
            if event == "end":
                yield from () if element is skipped else self._leave(element)
                self._say(element.tail if element is not self.root else None)
            elif element is not self.root and (not is_shown(element) or _is_data(element)):
                yield from self._aside(element)
                skipped = element
                walk.skip_subtree()
            else:
                yield from self._enter(element)
        yield from self._flush()

    def _aside(self, element: "Element") -> Iterator[PageLine]:
        """A hidden element says nothing, a data table its rows."""
        if is_shown(element):
            yield from self._flush()
            yield from _table_lines(element)

    def _enter(self, element: "Element") -> Iterator[PageLine]:
        if element.tag in BLOCKS:
            yield from self._flush()
            self.blocks.append(element)
        self._begin(element)
        self._say(element.text)

    def _leave(self, element: "Element") -> Iterator[PageLine]:
        if self.blocks and self.blocks[-1] is element:
            yield from self._flush()
            self.blocks.pop()
        self._finish(element)

    def _begin(self, element: "Element") -> None:
        heading = _HEADING.match(element.tag)
        if heading:
            self.level = int(heading[1])
        elif element.tag == "a":
            self.links += 1
            self.leads_to = element.get("href") or ""
        elif element.tag == "pre":
            self.pre += 1
        elif element.tag in ("ol", "ul", "menu", "dir"):
            self.lists.append(_list(element))
        elif element.tag == "li" and self.lists:
            self.number = _item(element, self.lists[-1])

    def _finish(self, element: "Element") -> None:
        if element.tag == "a":
            self.links = max(0, self.links - 1)
        elif element.tag == "pre":
            self.pre = max(0, self.pre - 1)
        elif element.tag in ("ol", "ul", "menu", "dir") and self.lists:
            self.lists.pop()
            self.number = ""
        elif _HEADING.match(element.tag):
            self.level = None

    def _say(self, text: str | None) -> None:
        if text:
            self.words.append(text if self.pre else _evened(text))
            if self.links:
                self.linked += len("".join(text.split()))

    def _flush(self) -> Iterator[PageLine]:
        block = self.blocks[-1] if self.blocks else self.root
        text = "".join(self.words)
        for line in text.split("\n") if self.pre else [_closed(text)]:
            if line.strip():
                yield PageLine(self.number + line.strip(" "), block, self.linked, self.level, leads_to=self.leads_to)
                self.number = ""
        self.words, self.linked, self.leads_to = [], 0, ""


def _evened(text: str) -> str:
    """Line breaks of the source as one newline, other blanks as they are, until the whole line is known."""
    return text.replace("\r", "\n")


def _closed(text: str) -> str:
    return _BLANKS.sub(" ", _SOURCE_BREAK.sub("", text)).strip(" ")


def _is_data(element: "Element") -> bool:
    return bool(element.tag == "table" and tables.is_data(element))


def _table_lines(table: "Element") -> Iterator[PageLine]:
    """Rows, and in front of them the caption; each cell is read like a page of its own."""
    for row in tables.rows(table, _cell_text):
        yield PageLine(row.text, table, row.linked, is_row=row.is_row)


def _cell_text(cell: "Element") -> tuple[str, int]:
    lines = list(Page(cell).lines())
    return " ".join(line.text for line in lines), sum(line.linked for line in lines)


def _list(element: "Element") -> _List:
    if element.tag != "ol":
        return _List("none", 1)
    styled = _LIST_STYLE.search(element.get("style") or "")
    name = styled[1].lower() if styled else element.get("type") or "1"
    return _List(_LIST_STYLES.get(name, "decimal"), _whole(element.get("start"), 1))


def _item(element: "Element", inside: _List) -> str:
    styled = _LIST_STYLE.search(element.get("style") or "")
    is_plain = styled is not None and styled[1].lower() == "none"
    number = _whole(element.get("value"), inside.next_number)
    inside.next_number = number + 1
    shown = "" if is_plain else formatted(number, inside.number_format)
    mark = "、" if shown and not shown.isascii() else "."
    return f"{shown}{mark}" if shown else ""


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) <= 6 else otherwise
