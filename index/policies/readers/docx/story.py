"""A story of a docx – its body, a header, a note, a text box – as lines in reading order.

Rules:
* a paragraph is a line; soft breaks make several, except in a heading (a title broken over two lines is one title);
* its automatic number stands before it; what hangs on it (text boxes, then notes) follows it, notes marked 注1：;
* the notes of a table follow the table, so that its rows stay together;
* a paragraph whose mark was deleted in a tracked change continues in the next one;
* a table row is one line ``a | b | c``, merged cells filled; a row that is one cell is lines without bars.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.policies.readers.docx import tables
from index.policies.readers.docx.names import MC, W, child
from index.policies.readers.docx.numbering import Numbering
from index.policies.readers.docx.runs import Fields, Inline, Runs, branch, ends_are_deleted, is_placeholder

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from index.policies.readers.docx.notes import Notes
    from index.policies.readers.docx.styles import Styles

Line = tuple[str, int | None]
"""Text and heading level."""

_BLOCKS_IN = frozenset(f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"))
_SOFT_BREAK = re.compile(r"[ \t]*\n[ \t]*")


@dataclass(slots=True)
class Story:
    """Reads blocks. ``held``: words of paragraphs whose mark was deleted, waiting for the next one."""

    styles: "Styles"
    numbering: Numbering
    notes: "Notes"
    root: "Element"
    runs: Runs = field(init=False)
    held: list[Inline] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.runs = Runs(self.styles, Fields(self.root))

    def lines(self) -> Iterator[Line]:
        yield from self._blocks(self.root)
        yield from self._flush()

    def _blocks(self, parent: "Element") -> Iterator[Line]:
        for block in parent:
            name = block.tag
            if name == f"{W}p":
                yield from self._paragraph(block)
            elif name == f"{W}tbl":
                yield from self._flush()
                yield from self._table(block)
            elif name == f"{MC}AlternateContent":
                yield from self._blocks(branch(block))
            elif name in _BLOCKS_IN and not is_placeholder(block):
                yield from self._blocks(block)

    def _paragraph(self, paragraph: "Element") -> Iterator[Line]:
        inline = self.runs.read(paragraph)
        if ends_are_deleted(paragraph):
            self.held.append(inline)
            return
        inline = self._joined(inline)
        properties = child(paragraph, "pPr")
        if inline.text.strip() or not self.styles.is_hidden(child(properties, "rPr"), None):
            number = self.numbering.of(properties)
            yield from _text_lines(inline.text, number, self.styles.level(properties))
        yield from self._hanging(inline)

    def _joined(self, last: Inline) -> Inline:
        if not self.held:
            return last
        parts, self.held = [*self.held, last], []
        return Inline(
            [piece for part in parts for piece in part.pieces],
            [note for part in parts for note in part.notes],
            [box for part in parts for box in part.boxes],
        )

    def _flush(self) -> Iterator[Line]:
        if self.held:
            inline = self._joined(Inline())
            yield from _text_lines(inline.text, "", None)
            yield from self._hanging(inline)

    def _hanging(self, inline: Inline) -> Iterator[Line]:
        """Text boxes anchored here, then notes referred to here."""
        for box in inline.boxes:
            yield from self._inside(box)
        for kind, note_id in inline.notes:
            note = self.notes.line(kind, note_id, self)
            if note:
                yield note, None

    def _inside(self, box: "Element") -> Iterator[Line]:
        """The lines of a text box or a cell: a story within the story, counting on."""
        yield from Story(self.styles, self.numbering, self.notes, box).lines()

    def _table(self, table: "Element") -> Iterator[Line]:
        below: list[Line] = []
        grid = tables.Grid()
        for row in tables.rows(table):
            cells = [self._cell(cell, below) for cell in tables.cells(row)]
            filled = grid.filled(row, cells)
            if len(cells) == 1 and len(set(filled)) == 1 and not cells[0].continues_above:
                yield from cells[0].lines
            elif any(filled):
                yield " | ".join(filled), None
        yield from below

    def _cell(self, element: "Element", below: list[Line]) -> "tables.Cell":
        """The cell's lines; the marked notes among them go below the table."""
        inner = Story(self.styles, self.numbering, self.notes, element)
        noted = self.notes.shown
        lines = list(inner.lines())
        notes = frozenset(self.notes.since(noted))
        below.extend(line for line in lines if line[0] in notes)
        return tables.cell(element, [line for line in lines if line[0] not in notes])


def _text_lines(text: str, number: str, level: int | None) -> Iterator[Line]:
    if level is not None:
        text = _SOFT_BREAK.sub(_unbroken, text)
    blank = " " if number[-1:] in tuple(".．") and text[:1].isdigit() else ""
    for at, line in enumerate(text.split("\n")):
        shown = f"{number}{blank}{line}" if at == 0 and line.strip() else line
        yield shown, level if shown.strip() else None


def _unbroken(match: re.Match[str]) -> str:
    """A blank between Latin words, nothing between Chinese characters."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return " " if before.isascii() and after.isascii() and before and after else ""
