"""Answers index/records/xlsx: what a workbook says is read, and what may not be trusted is refused by name."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from index.errors import UnreadableImport
from index.records.cells import CellError
from index.records.row import WHOLE_ROW
from index.records.sheet import open_sheet
from index.records.xlsx.values import day_text, number_text
from tests.index.records.workbooks import row_of, sheet_xml, text_cell, text_row, write_workbook

KNOWN = {"名称", "代码", "金额", "日期", "备注"}


def known(cells: list[str]) -> int:
    return len(KNOWN.intersection(cells))


def read(path: Path) -> tuple[list[tuple[int, list[str]]], dict[tuple[int, int], str], tuple[str, ...]]:
    """Rows, codes of spoiled cells by (row, column), notices."""
    with open_sheet(path, known) as sheet:
        rows = list(sheet.rows)
        faults = {(row, place): fault.code for row, own in sheet.faults.items() for place, fault in own.items()}
        return rows, faults, sheet.notices


def data(path: Path, *cells: str, before: str = "", after: str = "") -> Path:
    """A sheet with the headings 名称 and 金额, and one row of cells as XML."""
    return write_workbook(path, {"数据": sheet_xml([text_row(["名称", "金额"]), row_of(cells)], before, after)})


def test_workbook_of_a_spreadsheet_program_is_read(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["某市公示表（示例）"])
    sheet.merge_cells("A1:C1")
    sheet.append(["名称", "金额", "日期"])
    sheet.append(["云汀示例有限公司", 1.25, date(2025, 3, 14)])
    sheet.append(["云汀示例合作社", 0.1 + 0.2, None])
    book.save(tmp_path / "a.xlsx")
    rows, faults, notices = read(tmp_path / "a.xlsx")
    assert rows == [(3, ["云汀示例有限公司", "1.25", "2025-03-14"]), (4, ["云汀示例合作社", "0.3", ""])]
    assert (faults, notices) == ({}, ())


def test_the_content_decides_what_a_file_is(tmp_path: Path) -> None:
    path = data(tmp_path / "a.csv", text_cell("甲"))
    assert read(path)[0] == [(2, ["甲", ""])]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("<c><f>cmd()</f><v>1</v></c>", "FORMULA"),
        ('<c t="str"><f>HYPERLINK("http://x","y")</f><v>y</v></c>', "FORMULA"),
        ('<c><f t="shared" si="0"/><v>2</v></c>', "FORMULA"),
        ('<c t="inlineStr"><is><t>=cmd|"/C calc"!A0</t></is></c>', "FORMULA"),
        ('<c t="e"><v>#N/A</v></c>', "CELL_ERROR"),
        ("<c><v>913209021234567890</v></c>", "NUMBER_DIGITS"),
        ("<c><v>9.1320902123456E+17</v></c>", "NUMBER_DIGITS"),
        ("<c><v>1E-400</v></c>", "NUMBER_DIGITS"),
        ("<c><v>NaN</v></c>", "NUMBER"),
        ('<c s="1"><v>-5</v></c>', "DATE"),
        ('<c t="b"><v>2</v></c>', "NUMBER"),
    ],
)
def test_cell_that_may_not_be_trusted_is_refused_with_its_reason(tmp_path: Path, cell: str, code: str) -> None:
    rows, faults, _ = read(data(tmp_path / "a.xlsx", text_cell("甲"), cell))
    assert len(rows) == 1
    assert faults == {(2, 1): code}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<c><v>1.2500000000000002</v></c>", "1.25"),
        ("<c><v>8.0000000000000002E-2</v></c>", "0.08"),
        ("<c><v>20250012</v></c>", "20250012"),
        ("<c><v>1E+3</v></c>", "1000"),
        ("<c><v>0</v></c>", "0"),
        ('<c t="b"><v>1</v></c>', "TRUE"),
        ('<c s="1"><v>45730</v></c>', "2025-03-14"),
        ('<c s="2"><v>45730.75</v></c>', "2025-03-14"),
        ('<c t="d"><v>2025-03-14</v></c>', "2025-03-14"),
        ('<c t="inlineStr"><is><r><t>一</t></r><r><t>二</t></r><rPh><t>yi</t></rPh></is></c>', "一二"),
        ('<c t="inlineStr"><is><t>一_x000D_二</t></is></c>', "一\r二"),
        ("<c/>", ""),
    ],
)
def test_cell_is_the_text_a_clerk_sees(tmp_path: Path, cell: str, text: str) -> None:
    rows, faults, _ = read(data(tmp_path / "a.xlsx", text_cell("甲"), cell))
    assert (rows, faults) == ([(2, ["甲", text])], {})


@given(st.decimals(min_value=0, max_value=10**8, places=6))
def test_every_amount_survives_the_float_of_a_spreadsheet(amount: Decimal) -> None:
    assert Decimal(number_text(repr(float(amount)))) == amount


@given(st.dates(date(1949, 10, 1), date(2099, 12, 31)))
def test_every_day_survives_its_serial_number(day: date) -> None:
    assert day_text(str((day - date(1899, 12, 30)).days), from_1904=False) == day.isoformat()
    assert day_text(str((day - date(1904, 1, 1)).days), from_1904=True) == day.isoformat()


@given(st.text(max_size=30))
def test_no_number_text_is_ever_more_than_a_number(text: str) -> None:
    with suppress(CellError):
        assert set(number_text(text)) <= set("-0123456789.")


def test_hidden_rows_are_refused_whole_and_hidden_columns_are_named(tmp_path: Path) -> None:
    rows = [text_row(["名称", "金额"]), text_row(["甲", "1"], hidden="1"), text_row(["乙", "2"])]
    columns = '<cols><col min="2" max="2" hidden="1"/></cols>'
    path = write_workbook(tmp_path / "a.xlsx", {"数据": sheet_xml(rows, before=columns)})
    found, faults, notices = read(path)
    assert [number for number, _ in found] == [2, 3]
    assert faults == {(2, WHOLE_ROW): "HIDDEN_ROW"}
    assert "隐藏的列也读取了：金额" in notices[0]


def test_merged_cells_among_the_data_are_refused_by_name(tmp_path: Path) -> None:
    merged = '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'
    with pytest.raises(UnreadableImport, match="A2:A3") as caught:
        read(data(tmp_path / "a.xlsx", text_cell("甲"), after=merged))
    assert caught.value.code == "IMPORT_MERGED"


def test_hidden_sheets_are_not_read_and_further_data_is_pointed_out(tmp_path: Path) -> None:
    def sheet(name: str) -> str:
        return sheet_xml([text_row(["名称", "金额"]), text_row([name, "1"])])

    sheets = {"藏": sheet("藏"), "说明": sheet_xml([text_row(["请看"])]), "一": sheet("一"), "二": sheet("二")}
    path = write_workbook(tmp_path / "a.xlsx", sheets, states={"藏": "veryHidden"})
    rows, _, notices = read(path)
    assert rows == [(2, ["一", "1"])]
    assert any("“二”也像是数据，没有读取" in notice for notice in notices)
    assert any("1 个隐藏的工作表" in notice for notice in notices)


def test_workbook_whose_data_is_hidden_is_refused(tmp_path: Path) -> None:
    sheets = {"藏": sheet_xml([text_row(["名称", "金额"])]), "空": sheet_xml([])}
    with pytest.raises(UnreadableImport, match="看得见的工作表里没有数据"):
        read(write_workbook(tmp_path / "a.xlsx", sheets, states={"藏": "hidden"}))


def test_cells_and_rows_stand_where_they_say(tmp_path: Path) -> None:
    rows = [
        text_row(["名称", "代码", "金额"], r="3"),
        row_of(['<c r="C7"><v>1</v></c>'], r="7"),
        row_of(['<c r="A9" t="inlineStr"><is><t>甲</t></is></c>', '<c r="E9"><v>5</v></c>'], r="9"),
    ]
    path = write_workbook(tmp_path / "a.xlsx", {"数据": sheet_xml(rows)})
    assert read(path)[0] == [(7, ["", "", "1"]), (9, ["甲", "", "", "", "5"])]


def test_links_to_other_files_are_not_followed(tmp_path: Path) -> None:
    link = '<hyperlinks><hyperlink ref="A2" location="x"/></hyperlinks>'
    assert read(data(tmp_path / "a.xlsx", text_cell("甲"), after=link))[0] == [(2, ["甲", ""])]


@pytest.mark.parametrize("shown_as", ["0%", "0.00%", '0!.0,"万"', "0\\.0,", "#,##0,", "0.0,,"])
def test_number_that_shows_as_another_is_refused(tmp_path: Path, shown_as: str) -> None:
    assert faults_of(tmp_path, 12345, shown_as) == {(2, 1): "NUMBER_SCALED"}


@pytest.mark.parametrize(
    "shown_as", ["General", "0.00", "#,##0.00", '0.00"万元"', '0"%"', "#,##0_);[Red](#,##0)", "_-* #,##0.00_-", "@"]
)
def test_number_that_shows_as_it_is_is_read(tmp_path: Path, shown_as: str) -> None:
    assert faults_of(tmp_path, 12345, shown_as) == {}


def faults_of(tmp_path: Path, number: float, shown_as: str) -> dict[tuple[int, int], str]:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["名称", "金额", "日期"])
    sheet.append(["甲", number, None])
    sheet["B2"].number_format = shown_as
    book.save(tmp_path / "a.xlsx")
    return read(tmp_path / "a.xlsx")[1]
