"""Answers verify/batch/results.py, running.py and tables.py: a row for each report, what strikes, files to keep."""

import csv
import io
from collections.abc import Iterable
from dataclasses import replace

import openpyxl
import pytest

from tests.verify.batch.made import MEANS, code_text, company, forged_text, subject_code
from tests.verify.documents.photos import jpeg, pdf, photographed, sheet
from tests.verify.documents.report import Report, qr_png
from tests.verify.sample import NOW, QR, TRUST
from verify.batch.bidders import bidders_in
from verify.batch.inputs import Item
from verify.batch.results import Collecting, Row, Table
from verify.batch.running import answered
from verify.batch.tables import HEADINGS, csv_of, told, xlsx_of
from verify.documents.examine import Answer
from verify.reasons import Reason, Rejection
from verify.validity import SHANGHAI
from verify.verification import refused

LISTED = [("名称", "代码"), *[(company(n), subject_code(n)) for n in (1, 2, 3)]]


def run(files: dict[str, bytes], listed: Iterable[tuple[str, ...]] | None = None, readers: int = 1) -> Table:
    collecting = Collecting(None if listed is None else bidders_in(list(listed)))
    items = [Item(name, lambda content=content: content) for name, content in files.items()]
    for item, answers in answered(items, MEANS, readers=readers):
        collecting.add(item.name, answers)
    return collecting.table()


def marks(row: Row) -> list[str]:
    return [each.mark.code for each in row.marks]


def test_rows_keep_the_order_of_the_files_however_many_readers_work() -> None:
    files = {f"{number}.txt": code_text(number).encode() for number in range(1, 30)}
    table = run(files, readers=4)
    assert [row.file for row in table.rows] == list(files)
    assert [row.number for row in table.rows] == list(range(1, 30))
    assert {row.verification.reason for row in table.rows} == {Reason.OK}


def test_every_report_of_a_stack_of_scans_is_a_row_of_its_own() -> None:
    pages = [sheet((code_text(n), (160, 12)), lines=5) for n in (1, 2)]
    pages.append(sheet((code_text(3), (20, 12)), (code_text(4), (120, 180)), lines=5))
    rows = run({"scan.pdf": pdf(*pages)}).rows
    assert [(row.page, row.code, row.codes) for row in rows] == [(1, 1, 4), (2, 2, 4), (3, 3, 4), (3, 4, 4)]
    subjects = [row.verification.credential.facts.subject_name for row in rows if row.verification.credential]
    assert subjects[:2] == [company(1), company(2)]
    assert set(subjects[2:]) == {company(3), company(4)}


def test_two_reports_on_one_photograph_are_two_answers() -> None:
    photo = jpeg(photographed(sheet((code_text(1), (20, 20)), (forged_text(2), (140, 200)), lines=3)))
    rows = run({"a.jpg": photo}).rows
    assert sorted(row.verification.verdict.value for row in rows) == ["forged", "valid"]


def test_one_report_under_two_names_is_marked_on_both() -> None:
    rows = run({"a.txt": QR.encode(), "b.txt": code_text(1).encode(), "c.png": qr_png(QR)}).rows
    assert [marks(row) for row in rows] == [["DUPLICATE"], [], ["DUPLICATE"]]
    assert "第 3 行" in rows[0].marks[0].text


def test_rows_left_out_of_a_mark_are_not_passed_over_in_silence() -> None:
    rows = run({f"{number}.txt": QR.encode() for number in range(12)}).rows
    assert rows[0].marks[0].text == "与第 2、3、4、5、6、7、8、9、10、11… 行是同一份报告"
    assert "…" not in run({f"{number}.txt": QR.encode() for number in range(11)}).rows[0].marks[0].text


def test_what_was_valid_then_and_is_of_no_use_now_is_not_passed_off_as_valid() -> None:
    (row,) = run({"a.txt": QR.encode()}).rows
    assert not row.strikes
    withdrawn = replace(row, verification=row.verification._replace(reason=Reason.OK_THEN))
    assert withdrawn.strikes
    table = Table((row, withdrawn), (), 2)
    _, passed, since = sheets(table).worksheets[0].iter_rows()
    then = dict(zip(HEADINGS, since, strict=True))
    assert (passed[4].value, then["结论"].value) == ("✓ 有效", "! 所问时刻有效")
    assert then["结论"].fill.fgColor.rgb != passed[4].fill.fgColor.rgb
    assert then["所问时刻"].value == f"{NOW.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def test_forged_codes_are_never_called_duplicates() -> None:
    rows = run({"a.txt": forged_text(1).encode(), "b.txt": forged_text(1).encode()}).rows
    assert [marks(row) for row in rows] == [[], []]
    assert all(row.strikes for row in rows)


def test_the_list_of_bidders_marks_strangers_and_what_does_not_agree() -> None:
    files = {
        "1.txt": code_text(1).encode(),
        "9.txt": code_text(9).encode(),
        "code.txt": code_text(2).encode(),
        "name.txt": code_text(3).encode(),
        "forged.txt": forged_text(1).encode(),
    }
    listed = [
        ("名称", "代码"),
        LISTED[1],
        (company(2), subject_code(7)),
        ("盐城示例别的公司", subject_code(3)),
        ("没有来的公司", ""),
    ]
    table = run(files, listed)
    assert [marks(row) for row in table.rows] == [[], ["NOT_LISTED"], ["CODE_DIFFERS"], ["NAME_DIFFERS"], []]
    assert [each.state for each in table.attendance] == [
        "VALID_REPORT",
        "PROBLEM_REPORT",
        "PROBLEM_REPORT",
        "NO_REPORT",
    ]


def test_a_report_handed_in_twice_is_still_a_report() -> None:
    table = run({"a.txt": code_text(1).encode(), "b.txt": code_text(1).encode()}, LISTED[:2])
    assert [each.state for each in table.attendance] == ["VALID_REPORT"]


def test_a_bidder_who_stands_on_the_list_twice_is_there_twice_and_one_with_a_borrowed_code_is_not() -> None:
    """For two lots."""
    listed = [LISTED[0], LISTED[1], LISTED[1], ("盐城示例别的公司", LISTED[1][1])]
    table = run({"a.txt": code_text(1).encode()}, listed)
    assert [each.state for each in table.attendance] == ["VALID_REPORT", "VALID_REPORT", "NO_REPORT"]


def test_a_file_named_after_another_bidder_is_marked() -> None:
    """A genuine QR moved onto another company's paper: the photograph is theirs, the code is not."""
    files = {f"{company(2)}.txt": code_text(1).encode(), f"{company(3)}/扫描.txt": code_text(3).encode()}
    assert [marks(row) for row in run(files, LISTED).rows] == [["NAMED_AFTER_ANOTHER"], []]


def test_counts_tell_files_rows_and_verdicts() -> None:
    table = run({"a.txt": QR.encode(), "b.txt": forged_text(1).encode(), "c.txt": b"?"})
    assert table.counts() == {"files": 3, "rows": 3, "striking": 2, "forged": 1, "unreadable": 1, "valid": 1}


def test_a_file_that_cannot_be_read_is_a_row_like_any_other() -> None:
    def broken() -> bytes:
        raise Rejection(Reason.FILE_LOCKED)

    ((_, answers),) = answered([Item("locked.pdf", broken)], MEANS, readers=1)
    assert [answer.verification.reason for answer in answers] == [Reason.FILE_LOCKED]


def test_who_stops_asking_ends_the_work() -> None:
    begun: list[int] = []

    def content(number: int) -> bytes:
        begun.append(number)
        return QR.encode()

    items = (Item(str(number), lambda number=number: content(number)) for number in range(500))
    answers = answered(items, MEANS, readers=2)
    next(answers)
    answers.close()
    assert len(begun) < 20


EVIL = '=HYPERLINK("http://evil.example","点我")'


def sheets(table: Table) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(xlsx_of(table, told(TRUST, at=NOW, now=NOW))))


@pytest.mark.parametrize("name", [EVIL, "+1.png", "-1.png", "@SUM(A1).png", "\t=1.png", "a\x1b[31m\u202e.png"])
def test_no_name_is_a_formula_or_steers_anything(name: str) -> None:
    collecting = Collecting(bidders_in([("名称", "代码"), (name, "")]))
    collecting.add(name, [Answer(1, 1, refused(Rejection(Reason.EMPTY), NOW))])
    table = collecting.table()
    book = sheets(table)
    cells = [cell for each in book.worksheets for row in each.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}, "no cell is a formula"
    assert all("\x1b" not in str(cell.value) and "\u202e" not in str(cell.value) for cell in cells)
    (written,) = list(csv.reader(io.StringIO(csv_of(table).decode("utf-8-sig"))))[1:]
    assert not written[1].lstrip().startswith(("=", "+", "-", "@"))


def test_the_workbook_is_ready_to_be_filtered_and_printed(report: Report) -> None:
    edited = report.swapped("word/document.xml", "有 1 条", "未查询到")
    table = run({"改过的.docx": edited.docx(), "好的.docx": report.docx()}, LISTED)
    results, bidders, explained = sheets(table).worksheets
    assert [cell.value for cell in results[1]] == list(HEADINGS)
    assert (results.freeze_panes, bool(results.auto_filter.ref), results.print_title_rows) == ("C2", True, "$1:$1")
    changed = dict(zip(HEADINGS, results[2], strict=True))
    assert changed["结论"].value == "✗ 内容不一致"
    assert changed["结论"].fill.fgColor.rgb != results[3][4].fill.fgColor.rgb
    assert (
        "一、分领域查询结果／第2行 生态环境领域／查询结果：签发“有 1 条”，送验“未查询到”" in changed["改动之处"].value
    )
    assert [row[3].value for row in bidders.iter_rows(min_row=2)] == ["✗ 没有报告"] * 3
    assert {row[0].value for row in explained.iter_rows(min_row=2)} >= {
        "签发机构",
        "所问时刻",
        "公钥清单",
        "文件",
        "需要处理",
    }


def test_workbook_and_csv_say_the_same() -> None:
    table = run({"a.txt": QR.encode(), "b.txt": forged_text(1).encode()})
    written = list(csv.reader(io.StringIO(csv_of(table).decode("utf-8-sig"))))
    book = [["" if cell is None else cell for cell in row] for row in sheets(table).worksheets[0].values]
    assert written == book


def test_a_row_in_json_is_a_verify_entry_with_its_place() -> None:
    (row,) = run({"a.txt": QR.encode()}).rows
    entry = row.to_json()
    assert entry["report"]["number"] == row.verification.credential.number  # type: ignore[union-attr]
    assert {name: entry[name] for name in ("row", "input", "page", "code", "codes", "marks")} == {
        "row": 1,
        "input": "a.txt",
        "page": 1,
        "code": 1,
        "codes": 1,
        "marks": [],
    }
