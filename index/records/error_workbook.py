"""The error workbook: a department's own rows that were not taken, the bad cells marked, to be mended and sent again.

Writes one .xlsx, whole or not at all.

Rules kept:
* The rows stand in the file's own columns and order, cell by cell as text, so that the mended workbook is a file that
  can be imported. What a marked cell needs is in its note and in a last column that no import reads.
* No cell is a formula: all are text, marked as such (``quotePrefix``), whatever they begin with.
* Numbers of persons are masked in refused cells, in identity columns and in columns that are not kept; the others stay
  as they are, because they will be imported.
* A row that contradicts an earlier one of the file is told of, and not among the rows to be mended: which one is right
  must be decided, not left to what is imported last.
* Characters that a workbook cannot hold show as � and are refused again.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from index.errors import RecordError
from index.masking import mask_id, mask_text
from index.records.columns import Layout
from index.records.import_report import ImportReport, RefusedRow, RowError
from index.records.row import PERSONAL

if TYPE_CHECKING:
    from openpyxl import Workbook

EXPLANATION, ROWS, SAID = "说明", "待更正", "错误说明（导入时不读取）"
MAX_CELL = 32_767
_DECIDE = "前一行已经导入；以本行为准的，请在原文件里删去前一行，重新导入。"
_A4 = 9
_WIDTH = 22
"""Wide enough for a 统一社会信用代码."""
_SAID_WIDTH = 60
_MARKED, _TOUCHED, _HEADING = "FFC7CE", "FFF2CC", "E7E6E6"
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def write_error_workbook(report: ImportReport, path: Path) -> None:
    """Writes the refused rows of ``report``. Raises RecordError when ``path`` cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".errors-", suffix=".xlsx", delete=False) as file:
            _save(_book(report), Path(file.name), path)
    except OSError as error:
        raise RecordError(
            f"不能写入错误表 {path.name}：{error.strerror}。",
            next_step="数据已按上面的结果导入。请换一个可以写入的位置，用 --errors 指定后重新导入本文件。",
            code="ERRORS_NOT_WRITTEN",
        ) from error


def _book(report: ImportReport) -> "Workbook":
    """Must be saved: openpyxl's writers complain of a book that is dropped half-written."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    _explain(book, report)
    if report.layout is not None:
        _fill(book, report, report.layout)
    return book


def _save(book: "Workbook", draft: Path, path: Path) -> None:
    try:
        book.save(draft)
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _explain(book: "Workbook", report: ImportReport) -> None:
    sheet: Any = book.create_sheet(EXPLANATION)
    sheet.column_dimensions["A"].width = 28
    sheet.column_dimensions["B"].width = 90
    _fit_to_paper(sheet)
    for name, value in _totals(report):
        sheet.append([_cell(sheet, name, bold=True), _cell(sheet, value, wrapped=True)])
    for row in report.refusals.rows:
        if _is_undecided(row):
            said = "".join(error.message for error in row.errors)
            sheet.append(
                [_cell(sheet, f"请先定夺：第 {row.number} 行"), _cell(sheet, f"{said}{_DECIDE}", wrapped=True)]
            )
    sheet.append([])
    sheet.append([_cell(sheet, text, fill=_HEADING, bold=True) for text in ("错误代码（处数）", "第一处；怎样更正")])
    for code, count, first in _kinds(report):
        sheet.append(
            [
                _cell(sheet, f"{code}（{count}）"),
                _cell(sheet, f"{first.column}：{first.message}{first.next_step}", wrapped=True),
            ]
        )


def _fit_to_paper(sheet: Any) -> None:
    """All columns of a row on one page, for those who print it to mend it."""
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_setup.fitToHeight = 0


def _totals(report: ImportReport) -> Iterator[tuple[str, str]]:
    yield "文件", f"{report.file}（批次 {report.batch}）"
    yield "共有", f"{report.rows} 行"
    yield "已导入", f"新增 {report.inserted}，更新 {report.updated}，没有变化 {report.unchanged}"
    yield "没有导入", f"{report.rejected} 行，在工作表“{ROWS}”中"
    if report.refusals.left_out:
        yield "没有列出", f"{report.refusals.left_out} 行：本表放不下。更正这一批后重新导入原文件，会得到下一批。"
    yield (
        "怎样更正",
        f"在工作表“{ROWS}”中改好标红的单元格（批注写明原因和改法），保存，直接导入本文件。已导入的行不必再报。",
    )
    yield "请注意", "证件号码等个人信息已用 * 遮盖。本表含报送数据，请按原文件的要求保管，用后删除。"


def _is_undecided(row: RefusedRow) -> bool:
    """A row that says something else of a record than an earlier one: imported by itself it would win unasked."""
    return any(error.code == "DUPLICATE_IN_FILE" for error in row.errors)


def _kinds(report: ImportReport) -> list[tuple[str, int, RowError]]:
    """Each error code with its count and its first error, the most frequent first."""
    counts = Counter(error.code for error in report.errors)
    first = {error.code: error for error in reversed(report.errors)}
    return [(code, count, first[code]) for code, count in counts.most_common()]


def _fill(book: "Workbook", report: ImportReport, layout: Layout) -> None:
    sheet: Any = book.create_sheet(ROWS)
    sheet.freeze_panes = "A2"
    _fit_to_paper(sheet)
    width = max((len(row.cells) for row in report.refusals.rows), default=0)
    width = max(width, len(layout.headings))
    for place in range(width):
        sheet.column_dimensions[_letters(place)].width = _WIDTH
    sheet.column_dimensions[_letters(width)].width = _SAID_WIDTH
    headings = (*layout.headings, *[""] * (width - len(layout.headings)), SAID)
    sheet.append([_cell(sheet, heading, fill=_HEADING, bold=True) for heading in headings])
    for row in report.refusals.rows:
        if _is_undecided(row):
            continue
        sheet.append(_marked_row(sheet, row, layout, width))
    book.active = 1


def _marked_row(sheet: Any, row: RefusedRow, layout: Layout, width: int) -> list[Any]:
    wrong: dict[int, list[RowError]] = {}
    for error in row.errors:
        wrong.setdefault(0 if error.place is None else error.place, []).append(error)
    texts = [*row.cells, *[""] * (width - len(row.cells))]
    cells = [
        _cell(sheet, _shown(text, place, layout, place in wrong), errors=wrong.get(place, ()))
        for place, text in enumerate(texts)
    ]
    said = "；".join(f"{error.column}：{error.message}{error.next_step}" for error in row.errors)
    return [*cells, _cell(sheet, f"原第 {row.number} 行。{said}", fill=_TOUCHED, wrapped=True)]


def _shown(text: str, place: int, layout: Layout, refused: bool) -> str:
    if any(layout.checked.get(name) == place for name in PERSONAL):
        return mask_id(text)
    kept = place in layout.positions.values() or place in layout.checked.values()
    return mask_text(text).text if refused or not kept else text


def _cell(
    sheet: Any,
    text: str,
    *,
    errors: "list[RowError] | tuple[()]" = (),
    fill: str = "",
    bold: bool = False,
    wrapped: bool = False,
) -> Any:
    """A cell that is text, whatever stands in it."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = WriteOnlyCell(sheet)
    cell.value = _UNWRITABLE.sub("\ufffd", _LOOKS_ESCAPED.sub("_x005F_", text))[:MAX_CELL]
    cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
    if errors or fill:
        cell.fill = PatternFill("solid", fgColor=_MARKED if errors else fill)
    if errors:
        note = "\n".join(f"{error.message}{error.next_step}（{error.code}）" for error in errors)
        cell.comment = Comment(_UNWRITABLE.sub("\ufffd", note)[:2000], "诚核", width=320, height=110)
    cell.alignment = Alignment(vertical="top", wrap_text=wrapped)
    if bold:
        cell.font = Font(bold=True)
    return cell


def _letters(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(place + 1))
