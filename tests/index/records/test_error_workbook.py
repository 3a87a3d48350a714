"""Answers index/records/error_workbook.py: a clerk mends the marked cells and imports that very workbook."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select

from index.errors import RecordError
from index.records import import_report
from index.records.error_workbook import EXPLANATION, ROWS, SAID, write_error_workbook
from index.records.import_report import ImportReport
from index.records.importing import import_records, import_subjects
from index.rules.offices import load_profile
from index.store import tables
from index.store.engine import open_store
from tests.index.records.samples import COMPANY, NOW, penalty, subject, write_csv

OFFICE = load_profile("yunting")
IDENTITY = "11010519491231002X"
Send = Callable[[Path], ImportReport]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_store(tmp_path / "office.db")


@pytest.fixture
def send(engine: Engine) -> Send:
    return lambda path: import_records(engine, path, OFFICE, now=NOW, actor="测试")


def written(tmp_path: Path, report: ImportReport) -> Path:
    write_error_workbook(report, tmp_path / "errors.xlsx")
    return tmp_path / "errors.xlsx"


def mend(path: Path, changes: dict[tuple[int, str], str]) -> None:
    """What a clerk does: writes into cells of the rows, found by row and heading, and saves."""
    book = load_workbook(path)
    sheet = book[ROWS]
    headings = [cell.value for cell in sheet[1]]
    for (row, heading), text in changes.items():
        sheet.cell(row, headings.index(heading) + 1).value = text
    book.save(path)


def test_mended_workbook_is_imported_and_everything_is_in(engine: Engine, send: Send, tmp_path: Path) -> None:
    rows = [
        penalty(CF_WSH="一号"),
        penalty(CF_WSH="二号", CF_JDRQ="45730", CF_NR_FK="-1"),
        penalty(CF_WSH="三号", CF_XDR_SHXYM="1"),
    ]
    report = send(write_csv(tmp_path / "r.csv", rows))
    assert (report.inserted, report.rejected) == (1, 2)
    path = written(tmp_path, report)
    assert send(path).rejected == 2
    mend(path, {(2, "CF_JDRQ"): "2025-03-14", (2, "CF_NR_FK"): "1.25", (3, "CF_XDR_SHXYM"): COMPANY})
    mended = send(path)
    assert (mended.inserted, mended.rejected, mended.notices) == (2, 0, ())
    assert SAID in mended.ignored_columns
    whole = send(
        write_csv(tmp_path / "r.csv", [{**row, "CF_JDRQ": "2025-03-14", "CF_NR_FK": "1.25"} for row in rows[:2]])
    )
    assert whole.unchanged == 2, "the workbook brings what the file would have brought"


def test_workbook_holds_the_refused_rows_in_their_columns_with_marks_and_notes(send: Send, tmp_path: Path) -> None:
    report = send(write_csv(tmp_path / "r.csv", [penalty(), penalty(CF_WSH="二号", CF_JDRQ="昨天")]))
    sheet = load_workbook(written(tmp_path, report))[ROWS]
    headings = [cell.value for cell in sheet[1]]
    assert headings == [*penalty(), SAID]
    cells = dict(zip(headings, sheet[2], strict=True))
    assert (sheet.max_row, cells["CF_WSH"].value, cells["CF_JDRQ"].value) == (2, "二号", "昨天")
    marked = [heading for heading, cell in cells.items() if cell.comment is not None]
    assert marked == ["CF_JDRQ"]
    assert "不是日期" in cells["CF_JDRQ"].comment.text
    assert cells["CF_JDRQ"].fill.fgColor.rgb == "00FFC7CE"
    assert "原第 3 行" in str(cells[SAID].value)


def test_first_sheet_tells_the_totals(send: Send, tmp_path: Path) -> None:
    report = send(write_csv(tmp_path / "r.csv", [penalty(), penalty(CF_WSH="二号", CF_JDRQ="昨天")]))
    book = load_workbook(written(tmp_path, report))
    assert book.sheetnames == [EXPLANATION, ROWS]
    told = {row[0].value: row[1].value for row in book[EXPLANATION] if row[0].value}
    assert (told["共有"], told["已导入"]) == ("2 行", "新增 1，更新 0，没有变化 0")
    assert "DATE（1）" in told


def test_numbers_of_persons_are_nowhere_in_the_workbook(send: Send, tmp_path: Path) -> None:
    row = penalty(
        CF_XDR_ZJLX="身份证",
        CF_XDR_ZJHM=IDENTITY[:-1] + "1",
        CF_SY=f"当事人{IDENTITY}，电话13800000000",
        CF_JDRQ=IDENTITY,
        内部列=IDENTITY,
    )
    report = send(write_csv(tmp_path / "r.csv", [row]))
    assert {error.code for error in report.errors} == {"ID_CHECKSUM", "PERSONAL_NUMBER", "DATE"}
    with zipfile.ZipFile(written(tmp_path, report)) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "replace")
    assert IDENTITY[:-1] not in content
    assert "13800000000" not in content
    assert "110**************1" in content
    assert IDENTITY[:-1] not in str(report.to_json())


def test_masked_identity_number_is_no_error_when_the_workbook_comes_back(send: Send, tmp_path: Path) -> None:
    rows = [penalty(CF_XDR_ZJLX="身份证", CF_XDR_ZJHM=IDENTITY, CF_JDRQ="昨天")]
    path = written(tmp_path, send(write_csv(tmp_path / "r.csv", rows)))
    mend(path, {(2, "CF_JDRQ"): "2025-03-14"})
    assert send(path).inserted == 1


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_cell_of_the_workbook_is_a_formula(send: Send, tmp_path: Path, begin: str) -> None:
    row = penalty(CF_SY=f"{begin}cmd|'/C calc'!A0", CF_JDRQ="昨天", 内部列=f"{begin}1+1")
    path = written(tmp_path, send(write_csv(tmp_path / "r.csv", [row])))
    sheet = load_workbook(path)[ROWS]
    filled = [cell for line in sheet for cell in line if cell.value]
    assert len(filled) > 30
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in filled)
    with zipfile.ZipFile(path) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


def test_formula_that_nobody_mended_is_refused_again(send: Send, tmp_path: Path) -> None:
    first = written(tmp_path, send(write_csv(tmp_path / "r.csv", [penalty(CF_SY="=1+1", CF_JDRQ="昨天")])))
    mend(first, {(2, "CF_JDRQ"): "2025-03-14"})
    assert [error.code for error in send(first).errors] == ["FORMULA"]


def test_characters_a_workbook_cannot_hold_show_as_broken_and_are_refused_again(send: Send, tmp_path: Path) -> None:
    path = written(tmp_path, send(write_csv(tmp_path / "r.csv", [penalty(CF_SY="事\x07实")])))
    assert [error.code for error in send(path).errors] == ["MOJIBAKE"]


def test_text_that_looks_like_an_escape_of_a_workbook_comes_back_as_it_was(
    engine: Engine, send: Send, tmp_path: Path
) -> None:
    path = written(tmp_path, send(write_csv(tmp_path / "r.csv", [penalty(CF_SY="型号_x0041_甲", CF_JDRQ="昨天")])))
    mend(path, {(2, "CF_JDRQ"): "2025-03-14"})
    assert send(path).inserted == 1
    with engine.connect() as connection:
        assert connection.execute(select(tables.records.c.facts)).scalar_one() == "型号_x0041_甲"


def test_row_that_contradicts_an_earlier_one_is_told_of_and_not_offered(send: Send, tmp_path: Path) -> None:
    report = send(write_csv(tmp_path / "r.csv", [penalty(), penalty(CF_NR_FK="9")]))
    book = load_workbook(written(tmp_path, report))
    assert book[ROWS].max_row == 1
    told = {row[0].value: row[1].value for row in book[EXPLANATION] if row[0].value}
    assert "与第 2 行是同一条记录" in told["请先定夺：第 3 行"]


def test_rows_beyond_the_bound_are_counted_and_said(
    send: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_report, "MAX_REFUSED_ROWS", 2)
    report = send(write_csv(tmp_path / "r.csv", [penalty(CF_WSH=str(number), CF_JDRQ="x") for number in range(5)]))
    book = load_workbook(written(tmp_path, report))
    assert book[ROWS].max_row == 3
    told = {row[0].value: row[1].value for row in book[EXPLANATION] if row[0].value}
    assert told["没有列出"].startswith("3 行")


def test_subjects_have_an_error_workbook_too(engine: Engine, tmp_path: Path) -> None:
    def send(path: Path) -> ImportReport:
        return import_subjects(engine, path, OFFICE, now=NOW, actor="测试")

    path = written(tmp_path, send(write_csv(tmp_path / "s.csv", [subject(成立日期="昨天")])))
    mend(path, {(2, "成立日期"): "2019-05-06"})
    assert send(path).inserted == 1


def test_place_that_cannot_be_written_is_named_and_leaves_nothing(send: Send, tmp_path: Path) -> None:
    report = send(write_csv(tmp_path / "r.csv", [penalty(CF_JDRQ="x")]))
    with pytest.raises(RecordError) as caught:
        write_error_workbook(report, tmp_path / "r.csv" / "errors.xlsx")
    assert caught.value.code == "ERRORS_NOT_WRITTEN"
    (tmp_path / "taken.xlsx").mkdir()
    with pytest.raises(RecordError):
        write_error_workbook(report, tmp_path / "taken.xlsx")
    assert [path.name for path in tmp_path.glob(".errors-*")] == []
