"""What fits: whether a row or a table may be kept in one piece, and where a word longer than its cell may break.

Rules kept:
* A row, and a record's table, stay on one page unless they may be longer than a page: then they break, and nothing
  is ever set below the paper's edge.
* A run of letters without a place to break that is wider than its cell breaks anywhere, instead of running over the
  next cell. The places are given apart: no character is added to the text.
* Widths are estimated from above: one em for a Chinese character, and for any other the widest Latin letter.

Source: report layout ("行不断页"); Unicode UAX 14 (Chinese characters break anywhere).
"""

import math
import re
from collections.abc import Sequence

from verify.issuing.outline import Grid, GridKind, Text
from verify.issuing.styles import LOOKS, PADDING_MM, WIDTHS_MM

PAGE_ROOM_MM = 230.0
"""Less than the 253 mm between header and footer: a repeated heading row and a title need room too."""
_MM_PER_POINT = 25.4 / 72
_BREAKS_ANYWHERE = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_WORDS = re.compile(f"[{_BREAKS_ANYWHERE}]+|[^{_BREAKS_ANYWHERE}\\s]+|\\s+")


def pieces(text: Text, width_mm: float) -> tuple[str, ...]:
    """The text in parts between which a line may break; mostly one. Joined they are the text."""
    size_mm = LOOKS[text.role].size * _MM_PER_POINT
    found: list[str] = []
    for word in _WORDS.findall(text.text):
        if len(word) * size_mm > width_mm and not re.match(f"[{_BREAKS_ANYWHERE}\\s]", word):
            found += ["", *word]
        elif found and found[-1]:
            found[-1] += word
        else:
            found.append(word)
    return tuple(part for part in found if part)


def rows_that_may_break(grid: Grid) -> tuple[bool, ...]:
    return tuple(_row_mm(grid.kind, row) > PAGE_ROOM_MM for row in grid.rows)


def stays_together(grid: Grid) -> bool:
    """A table of label–value pairs, when it is surely shorter than a page."""
    whole = sum(_row_mm(grid.kind, row) for row in grid.rows)
    return grid.kind is not GridKind.DOMAINS and whole <= PAGE_ROOM_MM


def cell_widths(kind: GridKind, row: Sequence[Text]) -> tuple[float, ...]:
    """The inner width of each cell; the last one spans the columns that are left."""
    columns, (_, sideways) = WIDTHS_MM[kind], PADDING_MM[kind]
    outer = (*columns[: len(row) - 1], sum(columns[len(row) - 1 :]))
    return tuple(width - 2 * sideways for width in outer)


def _row_mm(kind: GridKind, row: Sequence[Text]) -> float:
    upright, _ = PADDING_MM[kind]
    return 2 * upright + max(_text_mm(*cell) for cell in zip(row, cell_widths(kind, row), strict=True))


def _text_mm(text: Text, width_mm: float) -> float:
    """Up to two characters of a line may stay empty where punctuation must not begin or end it."""
    look = LOOKS[text.role]
    in_line = max(1, math.floor(width_mm / (look.size * _MM_PER_POINT)) - 2)
    return math.ceil(len(text.text) / in_line) * look.leading * _MM_PER_POINT
