"""The table of a batch as a workbook and as CSV, for the tender file.

* Names and texts come from an enemy: a cell is text, never a formula, whatever it begins with, and has no control
  characters;
  in CSV, which cannot say so, such a cell begins with an apostrophe.
* Verdicts are told by word, sign and colour. What strikes comes first when the reader filters, nothing is left out.

Source: ECMA-376 part 1, SpreadsheetML (quotePrefix); OWASP, CSV injection; cases 77 of verify-cases.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from verify.batch.results import Attendance, Row, Table
from verify.reasons import Verdict
from verify.trust import Trust
from verify.validity import SHANGHAI
from verify.verification import Verification

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

HEADINGS = (
    "行号",
    "文件",
    "页",
    "码",
    "结论",
    "说明",
    "标记",
    "主体名称",
    "统一社会信用代码",
    "报告编号",
    "开具时间",
    "核验有效期至",
    "查询结论",
    "改动之处",
    "提示",
    "登记日志",
    "下一步",
    "原因代码",
    "文件 SHA-256",
    "所问时刻",
)
_WIDTHS = (6, 34, 5, 5, 14, 44, 34, 30, 22, 22, 20, 18, 30, 60, 34, 30, 44, 20, 40, 20)
_BIDDER_HEADINGS = ("序号", "名称", "统一社会信用代码", "报告情况", "所在行")
_BIDDER_WIDTHS = (6, 40, 24, 24, 20)
_STATES = {"VALID_REPORT": "✓ 有有效报告", "PROBLEM_REPORT": "! 报告有问题", "NO_REPORT": "✗ 没有报告"}
_STATE_FILLS = {"VALID_REPORT": "DDF2E3", "PROBLEM_REPORT": "FDE9C8", "NO_REPORT": "F9D6D5"}
SIGNS = {Verdict.VALID: "✓", Verdict.INDETERMINATE: "?", Verdict.UNREADABLE: "?"}
_FILLS = {Verdict.VALID: "DDF2E3", Verdict.INDETERMINATE: "E6E6E6", Verdict.UNREADABLE: "E6E6E6"}
_LATE = frozenset({Verdict.EXPIRED, Verdict.NOT_YET_VALID, Verdict.SUPERSEDED})
_LATE_FILL, _BAD_FILL, _MARK_FILL = "FDE9C8", "F9D6D5", "FDE9C8"
_HEAD_FILL = "2F4858"
_NOT_WRITTEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CELL_MAX = 32_000
_DIFFERENCES_SHOWN = 50


def cells_of(row: Row) -> tuple[str, ...]:
    """One row under ``HEADINGS``."""
    answer = row.verification
    head = (str(row.number), row.file, str(row.page), f"{row.code}/{row.codes}", _labelled(answer))
    marks = "；".join(marked.text for marked in row.marks)
    tail = (_differences(answer), _notices(answer), _logged(answer), answer.next_step, answer.reason.value, row.sha256)
    return (*head, answer.message, marks, *_facts(answer), *tail, _moment(answer.at))


def _labelled(answer: Verification) -> str:
    return f"! {answer.label}" if answer.then_only else _in_words(answer.verdict)


def _in_words(verdict: Verdict) -> str:
    return f"{SIGNS.get(verdict, '✗')} {verdict.label}"


def csv_of(table: Table) -> bytes:
    """UTF-8 with the mark that spreadsheets need."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows([_unspoken(cell) for cell in cells_of(row)] for row in table.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def xlsx_of(table: Table, told: Sequence[tuple[str, str]]) -> bytes:
    """``told``: what the sheet 说明 says beside the counts: when, by which trust file."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    _results(book.create_sheet("核验结果"), table.rows)
    if table.attendance:
        _attendance(book.create_sheet("投标人"), table.attendance)
    _explained(book.create_sheet("说明"), [*told, *counts_in_words(table)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def told(trust: Trust, *, at: datetime, now: datetime) -> list[tuple[str, str]]:
    """Which moment, by which trust."""
    lists = [("状态清单发布于", trust.statuses), ("提示清单发布于", trust.changes)]
    return [
        ("签发机构", trust.keys.issuer.name),
        ("核验时间", _moment(now)),
        ("所问时刻", _moment(at)),
        ("公钥清单", f"第 {trust.keys.version} 版，发布于 {_moment(trust.keys.issued_at)}"),
        *((name, _moment(each.issued_at) if each is not None else "没有") for name, each in lists),
        ("请注意", "照片、扫描件只核验二维码，纸面文字没有比对：请将名称、代码、期间和结论与文件逐项比对。"),
    ]


def counts_in_words(table: Table) -> Iterator[tuple[str, str]]:
    counts = table.counts()
    yield "文件", f"{counts['files']} 个"
    yield "报告码", f"{counts['rows']} 个"
    yield "需要处理", f"{counts['striking']} 行"
    for verdict in Verdict:
        if verdict.value in counts:
            yield _in_words(verdict), f"{counts[verdict.value]} 行"


def _moment(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _facts(answer: Verification) -> tuple[str, ...]:
    if answer.credential is None:
        return ("",) * 6
    facts = answer.credential.facts
    issued = _moment(facts.issued_at)
    until = f"{facts.valid_until.astimezone(SHANGHAI):%Y-%m-%d} 24时"
    number = answer.credential.number
    return facts.subject_name, facts.subject_code, number, issued, until, answer.conclusion or ""


def _differences(answer: Verification) -> str:
    shown = answer.differences[:_DIFFERENCES_SHOWN]
    lines = [f"{each.where}：签发“{each.issued or '（无）'}”，送验“{each.found or '（无）'}”" for each in shown]
    more = len(answer.differences) - len(shown)
    return "\n".join([*lines, *([f"另有 {more} 处"] if more else [])])


def _notices(answer: Verification) -> str:
    return "\n".join(notice.message for notice in answer.notices)


def _logged(answer: Verification) -> str:
    log = answer.registration
    if log is None or not log.leaves:
        return ""
    first = log.leaves[0]
    return f"第 {first.index} 条，{_moment(first.at)} 登记"


def _unspoken(cell: str) -> str:
    plain = _written(cell)
    return f"'{plain}" if plain.lstrip(" ").startswith(_FORMULA) else plain


def _written(cell: str) -> str:
    plain = _NOT_WRITTEN.sub("\ufffd", cell)
    return plain if len(plain) <= _CELL_MAX else f"{plain[:_CELL_MAX]}…"


def _results(sheet: "Worksheet", rows: Iterable[Row]) -> None:
    _headed(sheet, HEADINGS, _WIDTHS)
    for number, row in enumerate(rows, start=2):
        _filled_in(sheet, number, cells_of(row))
        _coloured(sheet, number, 5, _fill(row.verification))
        if row.marks:
            _coloured(sheet, number, 7, _MARK_FILL)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = sheet.dimensions


def _fill(answer: Verification) -> str:
    late = answer.verdict in _LATE or answer.then_only
    return _LATE_FILL if late else _FILLS.get(answer.verdict, _BAD_FILL)


def _attendance(sheet: "Worksheet", attendance: Iterable[Attendance]) -> None:
    _headed(sheet, _BIDDER_HEADINGS, _BIDDER_WIDTHS)
    for number, each in enumerate(attendance, start=1):
        code = each.bidder.code if each.bidder.sound or not each.bidder.code else f"{each.bidder.code}（代码不成立）"
        rows = "、".join(str(row.number) for row in each.rows)
        _filled_in(sheet, number + 1, (str(number), each.bidder.name, code, _STATES[each.state], rows))
        _coloured(sheet, number + 1, 4, _STATE_FILLS[each.state])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _explained(sheet: "Worksheet", pairs: Iterable[tuple[str, str]]) -> None:
    _headed(sheet, ("项目", "内容"), (24, 80))
    for number, pair in enumerate(pairs, start=2):
        _filled_in(sheet, number, pair)


def _headed(sheet: "Worksheet", headings: Sequence[str], widths: Sequence[float]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    for column, (heading, width) in enumerate(zip(headings, widths, strict=True), start=1):
        cell = sheet.cell(1, column, heading)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=_HEAD_FILL)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _filled_in(sheet: "Worksheet", number: int, cells: Iterable[str]) -> None:
    from openpyxl.cell.cell import TYPE_STRING
    from openpyxl.styles import Alignment

    alignment = Alignment(vertical="top", wrap_text=True)
    for column, text in enumerate(cells, start=1):
        cell = sheet.cell(number, column, _written(text))
        cell.data_type = TYPE_STRING
        cell.alignment = alignment
        if text.startswith(_FORMULA):
            cell.quotePrefix = True


def _coloured(sheet: "Worksheet", number: int, column: int, colour: str) -> None:
    from openpyxl.styles import Font, PatternFill

    cell = sheet.cell(number, column)
    cell.fill = PatternFill("solid", fgColor=colour)
    cell.font = Font(bold=True)
