"""Reading one small CSV of an office folder, and saying exactly which row is wrong.

Rules kept:
* UTF-8 (BOM or not) or GB18030; at most 1 MiB and 2,000 rows; lines that start with ``#`` are notes, also when a
  spreadsheet has put them in quotation marks.
* The heading row must name exactly the expected columns, in any order; optional ones may be left out, and are empty.
* Days as a person or a spreadsheet writes them: 2026-03-01, 2026/3/1, 2026.3.1, 2026年3月1日.
* Empty cells behind the last column count for nothing: a spreadsheet makes every row as long as the longest note.
* No cell holds an invisible character: what stands here is printed.
* Every complaint names file, row (as a spreadsheet counts) and the next step.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from unicodedata import category

from index.errors import RuleError
from index.invisible import has_unseen

MAX_BYTES = 1 << 20
MAX_ROWS = 2000
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: cells by column, stripped. ``number`` counts lines of the file from 1."""

    file: str
    number: int
    cells: dict[str, str]

    def fail(self, column: str, problem: str, next_step: str) -> RuleError:
        return RuleError(f"{self.file} 第 {self.number} 行“{column}”列：{problem}", next_step=next_step)

    def required(self, column: str) -> str:
        if not self.cells[column]:
            raise self.fail(column, "不能为空", "请补填后重试。")
        return self.cells[column]

    def day(self, column: str) -> date:
        text = self.required(column)
        parts = _DAY.fullmatch(text)
        try:
            if parts is not None:
                return date(*(int(part) for part in parts.groups()))
        except ValueError:
            pass
        raise self.fail(column, f"“{text}”不是日期", "请按 2026-03-01 的样式填写。")

    def optional_day(self, column: str) -> date | None:
        return self.day(column) if self.cells[column] else None

    def yes(self, column: str) -> bool:
        text = self.required(column)
        if text not in ("是", "否"):
            raise self.fail(column, f"“{text}”不认识", "请填“是”或“否”。")
        return text == "是"


def read_bytes(file: Path | Traversable) -> bytes:
    """The content of one office file, at most ``MAX_BYTES``. Raises RuleError."""
    try:
        with file.open("rb") as handle:
            content: bytes = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise RuleError(f"无法读取 {file.name}：{error.strerror}", next_step="请检查文件是否存在、可读。") from error
    if len(content) > MAX_BYTES:
        raise RuleError(f"{file.name} 超过 1 MiB", next_step="请检查是否放错了文件。")
    return content


def decode(content: bytes, name: str) -> str:
    """The text of an office file, UTF-8 first."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RuleError(f"{name} 不是 UTF-8 或 GB18030 编码的文本", next_step="请另存为 UTF-8 编码的 CSV。")


def rows(file: Path | Traversable, columns: tuple[str, ...], optional: tuple[str, ...] = ()) -> Iterator[SheetRow]:
    """The rows of ``file`` under the headings ``columns`` and any of ``optional``. Raises RuleError."""
    text = decode(read_bytes(file), file.name)
    lines = ((number, line) for number, line in enumerate(text.splitlines(), start=1) if _is_data(line))
    first = next(lines, None)
    if first is None:
        raise RuleError(f"{file.name} 是空文件", next_step=f"请至少写表头：{','.join(columns)}")
    headings = [cell.strip() for cell in _cells(file.name, *first)]
    while headings and not headings[-1]:
        headings.pop()
    _check_headings(file.name, headings, columns, optional)
    absent = dict.fromkeys((column for column in optional if column not in headings), "")
    for count, (number, line) in enumerate(lines, start=1):
        if count > MAX_ROWS:
            raise RuleError(f"{file.name} 超过 {MAX_ROWS} 行", next_step="请检查是否放错了文件。")
        row = _row(file.name, number, headings, _cells(file.name, number, line))
        yield replace(row, cells=row.cells | absent)


def _is_data(line: str) -> bool:
    return bool(line.strip(" ,\t")) and not line.startswith(("#", '"#'))


def _cells(name: str, number: int, line: str) -> list[str]:
    try:
        return next(csv.reader([line]))
    except csv.Error as error:
        raise RuleError(f"{name} 第 {number} 行读不出来（{error}）", next_step="请检查是否放错了文件。") from error


def _check_headings(name: str, headings: list[str], columns: tuple[str, ...], optional: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in headings]
    unknown = [heading for heading in headings if heading not in (*columns, *optional)]
    if missing or unknown or len(set(headings)) != len(headings):
        parts = [f"缺少列：{'、'.join(missing)}"] if missing else []
        parts += [f"不认识的列：{'、'.join(unknown)}"] if unknown else []
        raise RuleError(
            f"{name} 的表头不对（{'；'.join(parts) or '列名重复'}）",
            next_step=f"表头应为：{','.join((*columns, *optional))}",
        )


def _row(name: str, number: int, headings: list[str], cells: list[str]) -> SheetRow:
    if any(cell.strip() for cell in cells[len(headings) :]) or len(cells) < len(headings):
        raise RuleError(
            f"{name} 第 {number} 行有 {len(cells)} 列，表头有 {len(headings)} 列",
            next_step="请检查该行的逗号；单元格内有逗号时用英文双引号括起来。",
        )
    row = SheetRow(name, number, {heading: cell.strip() for heading, cell in zip(headings, cells, strict=False)})
    hidden = next((heading for heading, cell in row.cells.items() if _hides(cell)), None)
    if hidden is not None:
        raise row.fail(hidden, "有看不见的字符", "请重新输入这一格，不要从网页粘贴。")
    return row


def _hides(cell: str) -> bool:
    """What could hide in a report: control and format characters, private and unassigned ones, what shows nothing."""
    return has_unseen(cell) or any(category(character)[0] == "C" for character in cell)
