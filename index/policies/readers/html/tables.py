"""Tables of a page: data tables become rows with merged cells filled, layout tables are left to the page.

Rules:
* a table is data if it has several columns and rows and nothing but text in its cells: no table inside, no cell that
  holds most of a long text;
* a cell over several columns or rows repeats in each (``rowspan=0``: to the end of the table), within bounds;
* a row that is one cell over all columns is a line without bars;
* label beside value (索引号： | 云01) is one line each, 索引号：云01.

Source: WHATWG HTML, 4.9.12 (forming a table).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.policies.readers.html.tree import is_shown, words_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MOST_COLUMNS = 63
_MOST_ROWS_SPANNED = 10_000
_LONG_TEXT = 600
_MOST_OF_IT = 0.8
_LABEL = re.compile(r"^[\[【]?\s*(?:[\u4e00-\u9fff]\s*){2,8}\s*[\]】]?[：:]$")
_ROW_GROUPS = frozenset({"thead", "tbody", "tfoot"})

CellText = Callable[["Element"], tuple[str, int]]
"""The words of a cell and how many of them are linked."""


@dataclass(frozen=True, slots=True)
class RowLine:
    text: str
    linked: int
    is_row: bool


def is_data(table: "Element") -> bool:
    """Whether the table holds data rather than the page."""
    found = list(_table_rows(table))
    widest = max((sum(_span(cell, "colspan", MOST_COLUMNS) for cell in _row_cells(row)) for row in found), default=0)
    if widest < 2 or table.find(".//table") is not None:
        return False
    lengths = [len(words_of(cell)) for row in found for cell in _row_cells(row)]
    if len(found) < 2:
        return _is_labelled(found)
    whole = sum(lengths)
    return not (whole > _LONG_TEXT and max(lengths, default=0) > whole * _MOST_OF_IT)


def _is_labelled(found: "list[Element]") -> bool:
    words = [words_of(cell).strip() for row in found for cell in _row_cells(row)]
    return any(map(_LABEL.match, words))


def rows(table: "Element", text_of: CellText) -> Iterator[RowLine]:
    """The rows in the order of the page: heads first, feet last."""
    caption = table.find("caption")
    if caption is not None and is_shown(caption):
        words, linked = text_of(caption)
        if words:
            yield RowLine(words, linked, is_row=False)
    grid = _Grid()
    for row in _table_rows(table):
        cells = [(cell, *text_of(cell)) for cell in _row_cells(row)]
        linked = sum(one[2] for one in cells)
        filled = grid.filled([(cell, " ".join(words.split()).replace("|", "｜")) for cell, words, _ in cells])
        yield from _lines(filled, linked, is_one=len(cells) == 1 and len(set(filled)) == 1)


def _lines(filled: list[str], linked: int, *, is_one: bool) -> Iterator[RowLine]:
    pairs = list(zip(filled[::2], filled[1::2], strict=False))
    if len(filled) % 2 == 0 and any(filled) and all(_LABEL.match(label) or not label for label, _ in pairs):
        yield from (RowLine(_pair(label, words), linked, is_row=False) for label, words in pairs if label or words)
    elif is_one and filled[0]:
        yield RowLine(filled[0], linked, is_row=False)
    elif any(filled):
        yield RowLine(" | ".join(filled), linked, is_row=True)


def _pair(label: str, words: str) -> str:
    return f"{''.join(label.strip('[]【】 ：:').split())}：{words}" if label else words


@dataclass(slots=True)
class _Grid:
    """``pending``: for each column, the text that still hangs down and into how many rows."""

    pending: dict[int, tuple[str, int]] = field(default_factory=dict)

    def filled(self, cells: "list[tuple[Element, str]]") -> list[str]:
        texts: list[str] = []
        for cell, text in cells:
            self._hang(texts)
            rows_below = _span(cell, "rowspan", _MOST_ROWS_SPANNED) - 1
            for _ in range(min(_span(cell, "colspan", MOST_COLUMNS), MOST_COLUMNS - len(texts))):
                if rows_below:
                    self.pending[len(texts)] = (text, rows_below)
                texts.append(text)
        self._hang(texts)
        return texts

    def _hang(self, texts: list[str]) -> None:
        while len(texts) in self.pending and len(texts) < MOST_COLUMNS:
            text, left = self.pending.pop(len(texts))
            if left > 1:
                self.pending[len(texts)] = (text, left - 1)
            texts.append(text)


def _table_rows(table: "Element") -> "Iterator[Element]":
    for group in table:
        if group.tag == "tr" and is_shown(group):
            yield group
        elif group.tag in _ROW_GROUPS and is_shown(group):
            yield from (row for row in group if row.tag == "tr" and is_shown(row))


def _row_cells(row: "Element") -> "list[Element]":
    return [cell for cell in row if cell.tag in ("td", "th") and is_shown(cell)]


def _span(cell: "Element", name: str, most: int) -> int:
    text = (cell.get(name) or "1").strip()
    if not text.isdecimal() or len(text) > 6:
        return 1
    return most if name == "rowspan" and int(text) == 0 else max(1, min(int(text), most))
