"""One page of a PDF as pdfium sees it: signs with their boxes, ruled lines, and whether a picture covers it.

The only module of this folder that talks to pdfium; all others are pure. Lengths are points, y grows upwards, both
after turning the page the way it is shown.

Source: pdfium's fpdf_text.h and fpdf_edit.h.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_THIN = 2.5
_SHORTEST_RULE = 6.0
MAX_OBJECTS = 20_000
MAX_SEGMENTS = 100_000
_BELOW, _ABOVE = 0.15, 0.85
"""Shares of a sign below and above its base line."""
_LARGEST_SIGN = 300
_WHITE = frozenset(" \t\r\n\u00a0")


Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One sign. The box is the font's, so that all signs of one size and line are equally high."""

    char: str
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def size(self) -> float:
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, lying (y0 == y1) or standing (x0 == x1)."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def is_lying(self) -> bool:
        return self.x1 - self.x0 > self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class PageContent:
    """``unreadable``: signs without a character behind them; ``pictured``: share of the page that pictures cover."""

    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    rules: tuple[Rule, ...]
    unreadable: int
    pictured: float


def page_content(page: Any, most_glyphs: int) -> PageContent:
    """What stands on a pypdfium2 page; reads ``most_glyphs`` signs at most."""
    turn = _Turn(page)
    glyphs: list[Glyph] = []
    unreadable = 0
    for char, box in _signs(page, most_glyphs):
        if char is None:
            unreadable += 1
        else:
            glyphs.append(Glyph(char, *turn.box(*box)))
    rules, pictured = _drawn(page, turn)
    width, height = page.get_size()
    return PageContent(width, height, tuple(glyphs), rules, unreadable, min(1.0, pictured / max(1.0, width * height)))


def _signs(page: Any, most: int) -> Iterator[tuple[str | None, Box]]:
    """Every sign with its box; None for one without a character. Blanks that pdfium only guesses are left out."""
    from pypdfium2 import raw

    text = page.get_textpage()
    handle = text.raw
    places = _Places(raw, handle)
    for at in range(min(text.count_chars(), most)):
        if raw.FPDFText_IsGenerated(handle, at) == 1:
            continue
        place = places.of(at)
        point = raw.FPDFText_GetUnicode(handle, at)
        if place is None:
            continue
        if raw.FPDFText_HasUnicodeMapError(handle, at) == 1 or not _is_character(point):
            yield None, place
        elif place[3] - place[1] > 0.5:
            yield chr(point), place
    text.close()


class _Places:
    """Boxes of signs: for upright text from its base line and size, so that a line's signs are equally high."""

    def __init__(self, raw: Any, handle: Any) -> None:
        self._raw, self._handle = raw, handle
        self._box, self._matrix = raw.FS_RECTF(), raw.FS_MATRIX()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()

    def of(self, at: int) -> Box | None:
        raw, handle, box, matrix = self._raw, self._handle, self._box, self._matrix
        if not raw.FPDFText_GetLooseCharBox(handle, at, box):
            return None
        is_upright = (
            raw.FPDFText_GetMatrix(handle, at, matrix)
            and raw.FPDFText_GetCharOrigin(handle, at, self._x, self._y)
            and abs(matrix.b) + abs(matrix.c) < 0.01 * abs(matrix.d)
        )
        size = raw.FPDFText_GetFontSize(handle, at) * abs(matrix.d)
        if is_upright and 0 < size < _LARGEST_SIGN:
            base = self._y.value
            return box.left, base - _BELOW * size, box.right, base + _ABOVE * size
        return box.left, box.bottom, box.right, box.top


def _is_character(point: int) -> bool:
    is_control = (point < 32 and chr(point) not in _WHITE) or point == 0x7F
    is_private = 0xE000 <= point <= 0xF8FF
    return not (is_control or is_private or 0xD800 <= point < 0xE000 or point >= 0xFFFD) or 0x20000 <= point < 0x32000


class _Turn:
    """Page coordinates → coordinates as shown (/Rotate), origin at the lower left."""

    def __init__(self, page: Any) -> None:
        self._turn = page.get_rotation() % 360
        left, bottom, right, top = page.get_bbox()
        self._left, self._bottom, self._width, self._height = left, bottom, right - left, top - bottom

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        x0, x1, y0, y1 = x0 - self._left, x1 - self._left, y0 - self._bottom, y1 - self._bottom
        if self._turn == 0:
            return x0, y0, x1, y1
        if self._turn == 90:
            x0, y0, x1, y1 = y0, self._width - x1, y1, self._width - x0
        elif self._turn == 180:
            x0, y0, x1, y1 = self._width - x1, self._height - y1, self._width - x0, self._height - y0
        elif self._turn == 270:
            x0, y0, x1, y1 = self._height - y1, x0, self._height - y0, x1
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _drawn(page: Any, turn: _Turn) -> tuple[tuple[Rule, ...], float]:
    """Ruled lines, and the area that pictures cover."""
    from pypdfium2 import raw

    rules: list[Rule] = []
    pictured = 0.0
    segments = 0
    wanted = (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE)
    for number, drawn in enumerate(page.get_objects(filter=wanted, max_depth=4)):
        if number >= MAX_OBJECTS or segments >= MAX_SEGMENTS:
            break
        if drawn.type == raw.FPDF_PAGEOBJ_IMAGE:
            x0, y0, x1, y1 = turn.box(*drawn.get_bounds())
            pictured += (x1 - x0) * (y1 - y0)
        else:
            found, count = _rules(drawn, turn)
            rules.extend(found)
            segments += count
    return tuple(rules), pictured


def _rules(path: Any, turn: _Turn) -> tuple[list[Rule], int]:
    """A thin box is one rule, a straight segment another; curves are none."""
    from pypdfium2 import raw

    x0, y0, x1, y1 = turn.box(*path.get_bounds())
    if min(x1 - x0, y1 - y0) <= _THIN:
        return ([_rule(x0, y0, x1, y1)] if max(x1 - x0, y1 - y0) >= _SHORTEST_RULE else []), 1
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
    if not stroke.value:
        return [], 1
    count = raw.FPDFPath_CountSegments(path)
    points = [_point(path, at) for at in range(min(count, MAX_SEGMENTS))]
    matrix = path.get_matrix()
    found = []
    start = before = (0.0, 0.0)
    for point, kind, closes in points:
        here = matrix.on_point(*point)
        ends = [(before, here)] if kind == raw.FPDF_SEGMENT_LINETO else []
        start = here if kind == raw.FPDF_SEGMENT_MOVETO else start
        ends += [(here, start)] if closes else []
        for (ax, ay), (bx, by) in ends:
            box = turn.box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
            if min(box[2] - box[0], box[3] - box[1]) <= 1 and max(box[2] - box[0], box[3] - box[1]) >= _SHORTEST_RULE:
                found.append(_rule(*box))
        before = here
    return found, count


def _point(path: Any, at: int) -> tuple[tuple[float, float], int, bool]:
    from pypdfium2 import raw

    segment = raw.FPDFPath_GetPathSegment(path, at)
    x, y = ctypes.c_float(), ctypes.c_float()
    raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
    return (x.value, y.value), raw.FPDFPathSegment_GetType(segment), bool(raw.FPDFPathSegment_GetClose(segment))


def _rule(x0: float, y0: float, x1: float, y1: float) -> Rule:
    if x1 - x0 > y1 - y0:
        return Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)
    return Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)
