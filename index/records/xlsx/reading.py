"""Opening a workbook: which of its sheets is the data, and its rows.

Rules kept:
* The first visible sheet with known headings is read. Hidden sheets never are; further sheets with known headings are
  named, so that nobody believes they were read.
* A heading that is a formula is no heading.
* A row is as wide as the headings: cells a workbook does not mention are empty.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from index.errors import UnreadableImport
from index.records.cells import CellError
from index.records.csv_sheet import Recognise
from index.records.sheet import headings_of, without_headings
from index.records.xlsx.package import Package, open_package
from index.records.xlsx.parts import SheetPart, Workbook, read_workbook
from index.records.xlsx.worksheet import MAX_SHEET_BYTES, Line, Worksheet, read_lines


@dataclass(slots=True)
class Found:
    """The sheet that is read."""

    headings: list[str]
    rows: Iterator[tuple[int, list[str]]]
    notices: tuple[str, ...]
    share: Callable[[], float]
    faults: dict[int, Mapping[int, CellError]] = field(default_factory=dict)


@dataclass(slots=True)
class _Candidate:
    part: SheetPart
    sheet: Worksheet
    lines: Iterator[Line]
    share: Callable[[], float]
    heading_row: int
    headings: list[str]
    known: bool


@contextmanager
def open_workbook(name: str, handle: BinaryIO, recognise: Recognise) -> Iterator[Found]:
    """The data of the workbook behind ``handle``. Raises UnreadableImport, also while the rows are read."""
    with ExitStack() as stack:
        package = stack.enter_context(open_package(name, handle))
        workbook = read_workbook(package)
        visible = [part for part in workbook.sheets if part.visible]
        looked = [_look(stack, package, workbook, part, recognise) for part in visible[:_MAX_SHEETS]]
        filled = [candidate for candidate in looked if candidate.headings]
        if not filled:
            raise _without_data(name, workbook)
        chosen = next((candidate for candidate in filled if candidate.known), filled[0])
        others = [candidate.part for candidate in filled if candidate.known and candidate is not chosen]
        found = Found(chosen.headings, iter(()), tuple(_notices(chosen, others, workbook)), chosen.share)
        found.rows = _rows(chosen, found.faults)
        yield found


_MAX_SHEETS = 50


def _look(stack: ExitStack, package: Package, workbook: Workbook, part: SheetPart, recognise: Recognise) -> _Candidate:
    sheet = Worksheet(package.name, workbook)
    unpacked = stack.enter_context(package.part(part.part, MAX_SHEET_BYTES))
    lines, size = read_lines(sheet, unpacked), max(1, package.size_bytes(part.part))
    number, headings = headings_of(((line.number, _trusted(line)) for line in lines), recognise)
    return _Candidate(part, sheet, lines, lambda: unpacked.tell() / size, number, headings, recognise(headings) > 1)


def _trusted(line: Line) -> list[str]:
    return ["" if place in line.faults else cell for place, cell in enumerate(line.cells)]


def _rows(chosen: _Candidate, faults: dict[int, Mapping[int, CellError]]) -> Iterator[tuple[int, list[str]]]:
    width = len(chosen.headings)
    for line in chosen.lines:
        if line.faults:
            faults[line.number] = line.faults
        cells = line.cells
        yield line.number, cells if len(cells) >= width else cells + [""] * (width - len(cells))
    merged = next((reference for reference, last in chosen.sheet.merged if last > chosen.heading_row), None)
    if merged is not None:
        raise UnreadableImport(
            f"{chosen.sheet.file} 的数据中有合并的单元格（{merged}），不能确定该值属于哪几行。",
            next_step="请选中数据区，取消合并单元格，每行填全后重新导入。",
            code="IMPORT_MERGED",
        )


def _notices(chosen: _Candidate, others: list[SheetPart], workbook: Workbook) -> Iterator[str]:
    if others:
        names = "、".join(f"“{part.name[:31]}”" for part in others)
        yield f"只读取了工作表“{chosen.part.name[:31]}”；工作表{names}也像是数据，没有读取，请另存为单独的文件导入。"
    hidden = [heading.strip() for place, heading in enumerate(chosen.headings) if place in chosen.sheet.hidden_columns]
    if any(hidden):
        yield f"隐藏的列也读取了：{'、'.join(heading for heading in hidden if heading)}。"
    unseen = sum(not part.visible for part in workbook.sheets)
    if unseen:
        yield f"工作簿里有 {unseen} 个隐藏的工作表，没有读取。"


def _without_data(name: str, workbook: Workbook) -> UnreadableImport:
    if any(not part.visible for part in workbook.sheets):
        return UnreadableImport(
            f"{name} 看得见的工作表里没有数据。", next_step="有隐藏的工作表，隐藏的不读取；请取消隐藏后重试。"
        )
    return without_headings(name)
