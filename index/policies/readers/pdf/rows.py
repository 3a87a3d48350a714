"""Signs of one page gathered into the lines a reader sees.

Rules:
* signs whose middles are level belong to one line, whatever the order in which the file draws them;
* a sign drawn twice, a hair apart (shadow, false bold), counts once; at one place exactly it is a ligature (——);
* a gap of half a sign between Chinese characters, a quarter between others, is a blank; a wide one parts two pieces;
* behind 第三条 at the beginning of a line a narrow gap is a blank too: some programs draw none; a wide gap behind a
  number (第三条, 三、, （三）, 3.) is the tabulator of a list and makes no table;
* small raised signs are kept apart as marks: they may refer to a note.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from index.policies.readers.pdf.page import Glyph

_LEVEL = 0.45
"""Of the smaller sign's height."""
_RAISED_REACH = 1.4
_WIDE_GAP = 2.0
_HAN_BLANK = 0.55
_LATIN_BLANK = 0.22
_DRAWN_BLANK = 0.1
_LABEL_BLANK = 0.15
_LABEL = re.compile(r"第[一二三四五六七八九十百千零〇\d]{1,9}[编章节条]")
_NUMBER = re.compile(
    rf"{_LABEL.pattern}|[一二三四五六七八九十]{{1,3}}、|[（(][一二三四五六七八九十\d]{{1,3}}[）)]|\d{{1,2}}[.．、]|[①-⑳]"
)
_RAISED_SIZE = 0.78
_RAISED_BY = 0.15
_NEAR = 0.3
_LAST_LATIN = "\u2e7f"
_SAME_PLACE = 0.25


@dataclass(frozen=True, slots=True)
class Piece:
    """Signs of a line without a wide gap between them."""

    text: str
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line. ``marks``: raised marks with the offset in ``text`` where they stand."""

    pieces: tuple[Piece, ...]
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    marks: tuple[tuple[str, int], ...] = ()

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)

    @property
    def is_numbered(self) -> bool:
        """A number and, after a wide gap, its paragraph."""
        return len(self.pieces) == 2 and _NUMBER.fullmatch(self.pieces[0].text) is not None


def rows_of(glyphs: Iterable[Glyph]) -> list[Row]:
    """The lines from top to bottom."""
    bands: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda one: (-one.middle, one.x0)):
        band = next((one for one in reversed(bands[-3:]) if _is_level(one[0], glyph)), None)
        if band is None:
            bands.append([glyph])
        else:
            band.append(glyph)
    rows = [_row(sorted(band, key=lambda one: one.x0)) for band in bands]
    return sorted((row for row in rows if row is not None), key=lambda row: -row.y0 - row.y1)


def _is_level(first: Glyph, other: Glyph) -> bool:
    small, large = sorted((first.size, other.size))
    return abs(first.middle - other.middle) <= _LEVEL * min(large, small * _RAISED_REACH)


def _row(band: list[Glyph]) -> Row | None:
    signs = [glyph for glyph in _once(band) if not glyph.char.isspace()]
    if not signs:
        return None
    size = _main_size(signs)
    floor = min(glyph.y0 for glyph in signs if glyph.size >= size * _RAISED_SIZE)
    writer = _Writer(size, floor, [glyph.x0 for glyph in band if glyph.char.isspace()])
    for glyph in signs:
        writer.write(glyph)
    pieces, marks = writer.finished()
    right, top = max(glyph.x1 for glyph in signs), max(glyph.y1 for glyph in signs)
    return Row(pieces, signs[0].x0, floor, right, top, size, marks)


@dataclass(slots=True)
class _Writer:
    """Writes the signs of one line from left to right. ``spaces``: where the file draws blanks."""

    size: float
    floor: float
    spaces: list[float]
    pieces: list[Piece] = field(default_factory=list)
    marks: list[tuple[str, int]] = field(default_factory=list)
    text: str = ""
    length: int = 0
    """Of the pieces before this one, with the blanks between them."""
    start: float = 0.0
    before: Glyph | None = None

    def write(self, glyph: Glyph) -> None:
        if self.before is None:
            self.start = glyph.x0
        elif glyph.x0 - self.before.x1 > self.size * _WIDE_GAP:
            self._part(self.before.x1)
            self.start = glyph.x0
        elif self._has_blank(self.before, glyph):
            self.text += " "
        if glyph.size < self.size * _RAISED_SIZE and glyph.y0 > self.floor + self.size * _RAISED_BY:
            self.marks.append((glyph.char, self.length + len(self.text)))
        self.text += glyph.char
        self.before = glyph

    def finished(self) -> tuple[tuple[Piece, ...], tuple[tuple[str, int], ...]]:
        if self.before is not None:
            self._part(self.before.x1)
        return tuple(self.pieces), tuple(self.marks)

    def _part(self, right: float) -> None:
        self.pieces.append(Piece(self.text, self.start, right))
        self.length += len(self.text) + 1
        self.text = ""

    def _has_blank(self, before: Glyph, glyph: Glyph) -> bool:
        """A drawn space counts beside Latin letters; between Chinese ones it must be wide enough to see."""
        gap = (glyph.x0 - before.x1) / self.size
        if gap > _LABEL_BLANK and _LABEL.fullmatch(self.text):
            return True
        at = bisect_left(self.spaces, before.x1 - self.size * _NEAR)
        drawn = at < len(self.spaces) and self.spaces[at] <= glyph.x0 + self.size * _NEAR / 3
        han = (before.char > _LAST_LATIN) + (glyph.char > _LAST_LATIN)
        if han == 0:
            return drawn or gap > _LATIN_BLANK
        return gap > _HAN_BLANK or (drawn and gap > (_DRAWN_BLANK if han == 2 else _LATIN_BLANK))


def _main_size(signs: list[Glyph]) -> float:
    return median(sorted((glyph.size for glyph in signs), reverse=True)[: max(1, (len(signs) + 1) // 2)])


def _once(band: list[Glyph]) -> list[Glyph]:
    kept: list[Glyph] = []
    for glyph in band:
        twin = any(
            one.char == glyph.char and 0 < abs(one.x0 - glyph.x0) < _SAME_PLACE * glyph.size for one in kept[-2:]
        )
        if not twin:
            kept.append(glyph)
    return kept
