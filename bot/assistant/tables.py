"""Answering from tables: which rows hold what was asked, and which columns answer.

* Forward: the question names a cell (税务领域) and asks for other columns; the row is quoted, its cells answer.
* Reverse: the question names a cell value of one column (市发改委, 首批) and asks for another column (领域): all rows
  that hold the value are quoted, none is left out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.assistant.evidence import Evidence
from bot.assistant.lexicon import Kind
from bot.assistant.pieces import Piece
from bot.assistant.question import Ask
from index.policies.model import Document, Passage, PassageKind
from index.search.analyzer import fold

LISTING = (Kind.LIST, Kind.HOW_MANY, Kind.WHAT, Kind.NAME)
LONG_CELL = 60
_UNITS = re.compile(r"单位|部门|机构|机关|负责|责任|牵头")
_TIMES = re.compile(r"时间|日期|期限|时限")


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows of one table that hold ``value`` in column ``held``; ``wanted`` is the column asked for."""

    document: Document
    rows: tuple[Passage, ...]
    value: str
    held: int
    wanted: int

    @property
    def cells(self) -> tuple[str, ...]:
        return tuple(row.columns[self.wanted][1] for row in self.rows)


def reverse_lookup(ask: Ask, documents: Iterable[Document]) -> RowSet | None:
    """The rows that answer a listing ask, or None when no table fits every required piece."""
    if ask.kind not in LISTING:
        return None
    for document in documents:
        for table in _tables(document):
            found = _rows_for(ask, document, table)
            if found is not None:
                return found
    return None


def counts_column(ask: Ask, unit: Evidence, rows: RowSet) -> bool:
    """A clause that itself says how many: 在…的19个领域."""
    name = fold(rows.rows[0].columns[rows.wanted][0])
    counted = re.search(rf"[0-9一二三四五六七八九十百]+个?{re.escape(name)}", unit.text)
    return ask.kind is Kind.HOW_MANY and not unit.row and bool(counted)


def row_sentence(row: Passage) -> str:
    """A row in words, made of its cells: 税务领域：责任单位 市税务局；实施批次 首批实施。"""
    columns = [(name, cell) for name, cell in _telling(row.columns) if cell and name != "序号"]
    (_, key), rest = columns[0], columns[1:]
    return f"{key}：" + "；".join(f"{name} {cell}" for name, cell in rest) if rest else key


def _telling(columns: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Without a column whose text other columns give in parts (负责单位 beside 牵头单位 and 配合单位)."""
    names = {name for name, _ in columns}
    return tuple(
        (name, cell)
        for name, cell in columns
        if not any(other != name and cell.startswith((f"{other}：", f"{other}:")) for other in names)
    )


def row_number(row: Passage) -> str:
    """第N行 by the table's own numbering, empty when it has none."""
    name, cell = row.columns[0]
    return f"第{cell}行" if name == "序号" and cell else ""


def answering_cells(kind: Kind, row: Passage) -> tuple[tuple[str, str], ...]:
    """The columns that answer a kind; all of them when the row is short or the kind has no column of its own."""
    pattern = {Kind.WHO: _UNITS, Kind.WHEN: _TIMES}.get(kind)
    if pattern is None or all(len(cell) <= LONG_CELL for _, cell in row.columns):
        return row.columns
    return tuple((name, cell) for name, cell in _telling(row.columns) if pattern.search(name)) or row.columns


def _tables(document: Document) -> list[list[Passage]]:
    """Rows by column names: a table split by sub-headings is one table."""
    tables: dict[tuple[str, ...], list[Passage]] = {}
    for passage in document.passages:
        if passage.kind is PassageKind.TABLE_ROW and passage.columns:
            tables.setdefault(tuple(name for name, _ in passage.columns), []).append(passage)
    return list(tables.values())


def _rows_for(ask: Ask, document: Document, table: Sequence[Passage]) -> RowSet | None:
    names = [fold(name) for name, _ in table[0].columns]
    wanted = _wanted(ask, names)
    if wanted is None:
        return None
    for piece in ask.content:
        for held in range(len(names)):
            rows = tuple(row for row in table if _holds(row.columns[held][1], piece))
            if held != wanted and rows and _others_covered(ask, piece, document, rows[0], names):
                return RowSet(document, rows, piece.text, held, wanted)
    return None


def _wanted(ask: Ask, names: Sequence[str]) -> int | None:
    """The column whose name is asked for in so many words."""
    for place, name in enumerate(names):
        if len(name) >= 2 and (name in ask.text or any(piece.text == name for piece in ask.pieces)):
            return place
    return None


def _holds(cell: str, piece: Piece) -> bool:
    folded = fold(cell)
    return any(
        len(form) >= 2 and re.search(rf"(?:^|[、,()|]|市|县|区|省){re.escape(form)}", folded) for form in piece.forms
    )


def _others_covered(ask: Ask, used: Piece, document: Document, row: Passage, names: Sequence[str]) -> bool:
    text = fold(f"{document.title} {' '.join(row.heading)} {document.source[row.start : row.end]}") + " ".join(names)
    return all(any(form in text for form in piece.forms) for piece in ask.content if piece is not used)
