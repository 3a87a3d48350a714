"""Whether the cells of a report stand where they were issued: what belongs to one row is in one row, under one heading.

* Words alone do not say this: with empty cells and split rows the same words in the same order can be read as another
  statement (a finding beside another domain).
* Issued paths name rows (第4行 生态环境领域／查询结果), headings (表头／查询结果) and labels (名称（栏目名）).
  Places in the document in hand name rows and columns of its tables. Rows must answer each other one to one; one
  heading, one column; a label stands before its value in one row.

Source: docs/credential.md §4.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_ROW = re.compile(r"(第[0-9]+行( .*)?|表头)")
_LABEL = "（栏目名）"
_CELL = re.compile(r"(.*／第[0-9]+行).*?／第([0-9]+)列")


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a line stands: its row, as words, and its column; no row outside of tables."""

    row: str | None
    column: int

    @classmethod
    def of(cls, place: str) -> "Cell":
        found = _CELL.match(place)
        return cls(None, 0) if found is None else cls(found[1], int(found[2]))


def moved(paths: Sequence[str], places: Sequence[str]) -> Iterator[int]:
    """The numbers of the lines that stand in another row or column; ``paths[i]`` was found at ``places[i]``."""
    rows = _Rows()
    labels: dict[str, Cell] = {}
    for number, (path, place) in enumerate(zip(paths, places, strict=True)):
        cell = Cell.of(place)
        above, _, name = path.rpartition("／")
        if _ROW.fullmatch(above.rpartition("／")[2]):
            if not rows.agree(above, name, cell):
                yield number
        elif name.endswith(_LABEL):
            labels[path.removesuffix(_LABEL)] = cell
        elif path in labels and not (labels[path].row == cell.row and labels[path].column < cell.column):
            yield number


class _Rows:
    """What was learned about rows and columns so far."""

    def __init__(self) -> None:
        self._found: dict[str, str | None] = {}
        self._issued: dict[str | None, str] = {}
        self._columns: dict[tuple[str, str], int] = {}

    def agree(self, row: str, heading: str, cell: Cell) -> bool:
        """Whether ``cell``, issued in ``row`` under ``heading``, stands where its neighbours say it should."""
        same_row = self._found.setdefault(row, cell.row) == cell.row
        own_row = self._issued.setdefault(cell.row, row) == row
        table = row.rpartition("／")[0]
        return cell.row is not None and same_row and own_row and self._column(table, heading, cell) == cell.column

    def _column(self, table: str, heading: str, cell: Cell) -> int:
        return self._columns.setdefault((table, heading), cell.column)
