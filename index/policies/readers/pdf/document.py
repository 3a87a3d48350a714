"""The pages of a PDF as one text.

In this order: tables are found by their lines, what is left becomes printed lines; margins go; footnotes are taken to
their paragraphs; lines become paragraphs; a table that goes on over the page is one table, its repeated head goes.
"""

import re
from dataclasses import dataclass, field

from index.policies.readers.pdf.grid import Grid, Table, aligned_rows, grids_of, table_of
from index.policies.readers.pdf.margins import Placed, without_margins
from index.policies.readers.pdf.notes import split_notes, without_marks
from index.policies.readers.pdf.page import Glyph, PageContent
from index.policies.readers.pdf.paragraphs import Layout, Line, begins, has_room, joined, layout_of
from index.policies.readers.pdf.rows import Row, rows_of

_FEW_SIGNS = 10
_PICTURED = 0.3
_CELL_MARGIN = 5.4
"""As Word and WPS set it, in points."""
_LAST_LATIN = "\u2e7f"
_ENTRY = re.compile(r"^[\u4e00-\u9fff]{2,4}(?:单位|部门)[：:]")


def is_scan(page: PageContent) -> bool:
    """A picture of a page, with next to no text."""
    return len(page.glyphs) < _FEW_SIGNS and page.pictured > _PICTURED


def text_of(pages: list[PageContent]) -> str:
    """The paragraphs and table rows of all pages, one a line."""
    read = [_read(page) for page in pages]
    bare = without_margins([page.placed for page in read], [page.height for page in pages])
    free = [Line(placed.row, at) for at, page in enumerate(bare) for placed in page if not placed.in_table]
    writer = _Writer(layout_of(free))
    for number, (page, placed) in enumerate(zip(read, bare, strict=True)):
        if is_scan(pages[number]):
            writer.say(f"〔第{number + 1}页是图片，没有可读的文字〕")
        writer.page(number, page, placed)
    return "\n".join(writer.finished())


@dataclass(frozen=True, slots=True)
class _Page:
    """Its printed lines, tables standing as one line each, and the rows of these tables."""

    placed: list[Placed]
    tables: dict[Row, Table]


def _read(page: PageContent) -> _Page:
    grids = grids_of(page.rules)
    free: list[Glyph] = []
    inside: dict[int, list[Glyph]] = {}
    for glyph in page.glyphs:
        at = next((number for number, grid in enumerate(grids) if grid.holds(glyph)), None)
        (free if at is None else inside.setdefault(at, [])).append(glyph)
    placed = [Placed(row, in_table=False) for row in rows_of(free)]
    tables: dict[Row, Table] = {}
    for number, signs in inside.items():
        row = _standing_for(grids[number], number)
        tables[row] = table_of(grids[number], signs, _cell_words)
        placed.append(Placed(row, in_table=True))
    return _Page(sorted(placed, key=lambda one: -one.row.y1), tables)


def _standing_for(grid: Grid, number: int) -> Row:
    """A line that holds the place of a table among the others."""
    return Row((), grid.xs[0], grid.bottom, grid.xs[-1], grid.top - number * 1e-3, 0.0)


def _cell_words(signs: list[Glyph], right: float) -> str:
    """The words of one cell in one line: wrapped lines joined, others parted by a blank."""
    words, before = "", None
    for row in rows_of(signs):
        ends = before is not None and has_room(before, row.text, right - _CELL_MARGIN)
        if before is None or ends or _ENTRY.match(row.text):
            words = f"{words} {row.text}".lstrip()
        else:
            words = joined(words, row.text)
        before = row
    return words.replace("|", "｜")


@dataclass(slots=True)
class _Writer:
    """Writes paragraphs; ``pending`` notes follow the paragraph that is being written."""

    layout: Layout
    lines: list[str] = field(default_factory=list)
    paragraph: str = ""
    above: Line | None = None
    pending: list[str] = field(default_factory=list)
    notes: int = 0
    last_table: list[list[str]] = field(default_factory=list)

    def page(self, number: int, page: _Page, placed: list[Placed]) -> None:
        body, notes = split_notes(placed, self.layout.size)
        rows = [one.row for one in body]
        aligned = aligned_rows(rows)
        for at, one in enumerate(body):
            if one.in_table:
                self._table(page.tables[one.row])
            elif aligned[at]:
                self.say(" | ".join(piece.text.replace("|", "｜") for piece in one.row.pieces))
            else:
                self._line(Line(one.row, number), notes)

    def say(self, line: str) -> None:
        """A line of its own."""
        self._end()
        self.lines.append(line)

    def finished(self) -> list[str]:
        self._end()
        return self.lines

    def _line(self, line: Line, notes: dict[str, str]) -> None:
        text, marks = without_marks(line.row, notes)
        if self.above is None or begins(line, self.above, self.layout):
            self._end()
            self.paragraph = text
        else:
            self.paragraph = joined(self.paragraph, text)
        for mark in marks:
            self.notes += 1
            self.pending.append(f"注{self.notes}：{notes[mark]}")
        self.above = line

    def _table(self, table: Table) -> None:
        goes_on = bool(self.last_table) and self.above is None and not self.paragraph
        self._end()
        rows = table.rows
        if goes_on:
            rows = rows[1:] if rows[:1] == self.last_table[:1] else rows
            if _is_rest(rows, self.last_table, table.merged):
                self.last_table[-1] = [_cell_rest(*pair) for pair in zip(self.last_table[-1], rows[0], strict=True)]
                self.lines[-1] = _row_text(self.last_table[-1])
                rows = rows[1:]
            _fill_from_above(rows, self.last_table[-1], table.merged)
        self.lines.extend(_row_text(row) for row in rows if any(row))
        self.last_table = [*self.last_table, *rows] if goes_on else rows

    def _end(self) -> None:
        if self.paragraph.strip():
            self.lines.append(self.paragraph)
            self.last_table = []
        self.lines.extend(self.pending)
        self.paragraph, self.above, self.pending = "", None, []


def _row_text(row: list[str]) -> str:
    return row[0] if len(set(row)) == 1 and len(row) > 1 else " | ".join(row)


def _is_rest(rows: list[list[str]], before: list[list[str]], merged: frozenset[int]) -> bool:
    """Whether the first row is the rest of a row that the page broke: it alone begins with an empty cell."""
    if not rows or len(rows[0]) != len(before[-1]) or 0 in merged:
        return False
    return not rows[0][0] and any(rows[0]) and all(row[0] for row in before)


def _cell_rest(above: str, below: str) -> str:
    """A cell over two pages. A blank where they meet: the cleaning knows which names it parts and which it cuts."""
    is_chinese = above[-1:] > _LAST_LATIN and below[:1] > _LAST_LATIN
    return f"{above} {below}" if is_chinese else joined(above, below)


def _fill_from_above(rows: list[list[str]], above: list[str], merged: frozenset[int]) -> None:
    """A merged cell that came over the page has its words on the page before."""
    for column in merged if rows and len(rows[0]) == len(above) else ():
        for row in rows:
            if row[column]:
                break
            row[column] = above[column]
