"""The rows of one sheet, streamed: texts by column, and the cells that may not be trusted.

Rules kept:
* Rows and cells come in order, within the bounds of a spreadsheet (1,048,576 rows) and of a file of ours (512 columns).
* A hidden or filtered row is refused whole: nobody who checked the sheet has seen it. Hidden columns are named.
* Merged cells below the headings are refused by name: which rows the value is meant for is not said.
* Links of cells are left aside: the cell's own text counts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

from index.errors import UnreadableImport
from index.records.bounds import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROW_CHARACTERS
from index.records.cells import CellError
from index.records.row import WHOLE_ROW
from index.records.xlsx.package import broken, hostile
from index.records.xlsx.parts import Workbook, shared_text, unescaped
from index.records.xlsx.streaming import stream
from index.records.xlsx.values import boolean_text, day_text, error_value, formula, number_text, scaled

MAX_SHEET_BYTES = 2 << 30
MAX_ROWS = 1 << 20
_SHOWN_FORMULA = 200
_REFERENCE = re.compile("([A-Z]{1,3})[1-9][0-9]{0,6}")
_RANGE = re.compile("[A-Z]{1,3}([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})")
_HIDDEN = CellError(
    "HIDDEN_ROW", "本行是隐藏的或被筛选掉的", "请取消隐藏、清除筛选，核对后重新导入；不要报送的请删去。"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row that has something in it. ``faults``: its cells (or ``WHOLE_ROW``) that may not be trusted."""

    number: int
    cells: list[str]
    faults: Mapping[int, CellError]


@dataclass(slots=True)
class Worksheet:
    """Collects the rows of a sheet while its XML goes by."""

    file: str
    workbook: Workbook
    lines: list[Line] = field(default_factory=list)
    merged: list[tuple[str, int]] = field(default_factory=list)
    """Merged ranges and their last rows."""
    hidden_columns: set[int] = field(default_factory=set)
    _row: int = 0
    _hidden: bool = False
    _cells: dict[int, str] = field(default_factory=dict)
    _faults: dict[int, CellError] = field(default_factory=dict)
    _column: int = -1
    _type: str = "n"
    _style: int = 0
    _value: list[str] = field(default_factory=list)
    _formula: list[str] | None = None
    _into: list[str] | None = None
    _phonetic: bool = False
    _length: int = 0
    _row_characters: int = 0
    _characters: int = 0
    """Of all rows: a shared text counts wherever it is pointed to."""
    _columns: dict[str, int] = field(default_factory=dict)

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name in {"v", "t"}:
            self._into = None if self._phonetic else self._value
        elif name == "row":
            self._begin_row(attributes)
        elif name == "f":
            self._formula = self._into = []
        elif name == "rPh":
            self._phonetic = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name == "col" and attributes.get("hidden") in {"1", "true"}:
            first, last = (_digits(attributes.get(end), MAX_COLUMNS) for end in ("min", "max"))
            self.hidden_columns.update(range(first - 1, last))

    def text(self, piece: str) -> None:
        if self._into is None:
            return
        self._into.append(piece)
        self._length += len(piece)
        if self._length > MAX_CELL_CHARACTERS:
            raise self._too_long(f"有单元格过长（超过 {MAX_CELL_CHARACTERS} 个字）")

    def _too_long(self, what: str) -> UnreadableImport:
        return UnreadableImport(f"{self.file} 第 {self._row} 行{what}。", next_step="请检查该行是否粘错了内容。")

    def end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self._phonetic = False
        elif name in {"v", "t", "f"}:
            self._into = None

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        number = _digits(attributes.get("r"), MAX_ROWS + 1) or self._row + 1
        if number <= self._row or number > MAX_ROWS:
            raise broken(self.file, f"行号不对（{self._row} 之后是 {number}）")
        self._row, self._column = number, -1
        self._hidden = attributes.get("hidden") in {"1", "true"}
        self._cells, self._faults, self._row_characters = {}, {}, 0

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        reference = attributes.get("r")
        column = self._column + 1 if reference is None else self._column_of(reference)
        if column <= self._column:
            raise broken(self.file, f"第 {self._row} 行的单元格次序不对")
        self._column = column
        self._type = attributes.get("t", "n")
        style = attributes.get("s")
        self._style = 0 if style is None else _digits(style, 1 << 20)
        self._value, self._formula, self._length = [], None, 0

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        known = self._columns.get(letters)
        return self._new_column(reference) if known is None else known

    def _new_column(self, reference: str) -> int:
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise broken(self.file, "单元格位置不对")
        number = 0
        for letter in found[1]:
            number = number * 26 + ord(letter) - 64
        self._columns[found[1]] = number - 1
        return number - 1

    def _end_cell(self) -> None:
        if self._formula is not None:
            self._keep("=" + "".join(self._formula)[:_SHOWN_FORMULA], formula())
            return
        text = "".join(self._value)
        try:
            self._keep(self._text_of(text))
        except CellError as fault:
            self._keep("".join(self._value)[:_SHOWN_FORMULA], fault)

    def _text_of(self, text: str) -> str:
        if self._type == "s":
            return self._plain(shared_text(self.file, self.workbook.shared, text) if text else "")
        if self._type in {"inlineStr", "str"}:
            return self._plain(unescaped(text))
        if not text.strip():
            return ""
        if self._type == "e":
            raise error_value()
        if self._type == "b":
            return boolean_text(text)
        if self._type == "d":
            return text.strip()
        if self._style in self.workbook.date_styles:
            return day_text(text, from_1904=self.workbook.from_1904)
        if self._style in self.workbook.scaled_styles:
            raise scaled()
        return number_text(text)

    def _plain(self, text: str) -> str:
        """A text; one that would become a formula as soon as somebody edits its cell is refused like one."""
        if text.startswith("="):
            self._value = [text]
            raise formula()
        return text

    def _keep(self, text: str, fault: CellError | None = None) -> None:
        if not text.strip() and fault is None:
            return
        if self._column >= MAX_COLUMNS:
            raise hostile(self.file, f"第 {self._row} 行超过 {MAX_COLUMNS} 列")
        self._cells[self._column] = text
        self._row_characters += len(text)
        self._characters += len(text)
        if self._row_characters > MAX_ROW_CHARACTERS:
            raise self._too_long(f"过长（超过 {MAX_ROW_CHARACTERS} 个字）")
        if self._characters > MAX_SHEET_BYTES:
            raise hostile(self.file, "的文字过多")
        if fault is not None:
            self._faults[self._column] = fault

    def _end_row(self) -> None:
        if not self._cells:
            return
        if self._hidden:
            self._faults[WHOLE_ROW] = _HIDDEN
        width = max(self._cells) + 1
        self.lines.append(Line(self._row, [self._cells.get(place, "") for place in range(width)], self._faults))

    def _merge(self, reference: str) -> None:
        found = _RANGE.fullmatch(reference)
        if found is not None:
            self.merged.append((reference, max(int(found[1]), int(found[2]))))


def read_lines(sheet: Worksheet, part: IO[bytes]) -> Iterator[Line]:
    """The rows of the sheet that ``part`` holds. Raises UnreadableImport."""
    for _ in stream(sheet.file, part, sheet):
        lines, sheet.lines = sheet.lines, []
        yield from lines


def _digits(text: str | None, most: int) -> int:
    """A whole number up to ``most``; 0 for what is none."""
    return min(int(text), most) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else 0
