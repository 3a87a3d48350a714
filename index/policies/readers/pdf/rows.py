"""Signs of one page gathered into the lines a reader sees.

Rules:
* signs whose middles are level belong to one line, whatever the order in which the file draws them;
* a sign drawn twice, a hair apart (shadow, false bold), counts once; at one place exactly it is a ligature (——);
* a gap of half a sign between Chinese characters, a quarter between others, is a blank; a wide one parts two pieces;
* behind 第三条 at the beginning of a line a narrow gap is a blank too: some programs draw none;
* small raised signs are kept apart as marks: they may refer to a note.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
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
_RAISED_SIZE = 0.78
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
    pieces: list[Piece] = []
    text, start, before, marks, length = "", signs[0].x0, None, [], 0
    spaces = [glyph.x0 for glyph in band if glyph.char.isspace()]
    for glyph in signs:
        raised = glyph.size < size * _RAISED_SIZE and glyph.y0 > floor + size * 0.15
        gap = glyph.x0 - before.x1 if before is not None else 0.0
        if before is not None and gap > size * _WIDE_GAP:
            pieces.append(Piece(text, start, before.x1))
            length += len(text) + 1
            text, start = "", glyph.x0
        elif (
            before is not None
            and text
            and (_is_blank(before, glyph, gap, size, spaces) or (gap > size * _LABEL_BLANK and _LABEL.fullmatch(text)))
        ):
            text += " "
        if raised:
            marks.append((glyph.char, length + len(text)))
        text += glyph.char
        before = glyph
    pieces.append(Piece(text, start, signs[-1].x1))
    return Row(
        tuple(pieces),
        signs[0].x0,
        floor,
        max(glyph.x1 for glyph in signs),
        max(glyph.y1 for glyph in signs),
        size,
        tuple(marks),
    )


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


def _is_blank(before: Glyph, glyph: Glyph, gap: float, size: float, spaces: list[float]) -> bool:
    """A drawn space counts beside Latin letters; between Chinese ones it must be wide enough to see."""
    both_han = before.char > "\u2e7f" and glyph.char > "\u2e7f"
    at = bisect_left(spaces, before.x1 - size * 0.3)
    drawn = at < len(spaces) and spaces[at] <= glyph.x0 + size * 0.1
    if both_han:
        return gap > size * _HAN_BLANK or (drawn and gap > size * _DRAWN_BLANK)
    if before.char <= "\u2e7f" and glyph.char <= "\u2e7f":
        return drawn or gap > size * _LATIN_BLANK
    return (drawn and gap > size * _LATIN_BLANK) or gap > size * _HAN_BLANK
