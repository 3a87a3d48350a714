"""Answers index/records/sheet.py: what an enemy may send."""

import hashlib
import os
import tracemalloc
from pathlib import Path

import pytest

from index.errors import UnreadableImport
from index.records.bounds import MAX_COLUMNS
from index.records.sheet import open_sheet

HEADING = "名称,备注\r\n"


def read(path: Path) -> list[tuple[int, list[str]]]:
    with open_sheet(path) as sheet:
        return list(sheet.rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_of_the_offices_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((HEADING + "云汀示例有限公司,喆堃\r\n").encode(encoding))
    with open_sheet(path) as sheet:
        assert sheet.headings == ["名称", "备注"]
        assert list(sheet.rows) == [(2, ["云汀示例有限公司", "喆堃"])]
        assert sheet.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADING + '甲,"两\n行"\r\n\r\n乙,\r\n', encoding="utf-8", newline="")
    assert [(number, cells[0]) for number, cells in read(path) if cells] == [(2, "甲"), (4, "乙")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空文件"),
        (b"\r\n", "没有表头"),
        (b"PK\x03\x04rest of a workbook", "Excel 文件"),
        (b"\xd0\xcf\x11\xe0rest of an old workbook", "Excel 文件"),
        ("名称,备注\n".encode("utf-16"), "UTF-16"),
        (b"a,b\n\x00\x00,1\n", "空字节"),
        ("名称,备注\n".encode() + b"\xff\xff\xff,1\n", "编码"),
        (HEADING.encode() + '"没有关上的引号,1\r\n'.encode(), "引号"),
        (HEADING.encode() + b'"a"b,1\r\n', "引号"),
        (HEADING.encode() + b'"' + b"a" * 200_000 + b'",1\r\n', "单元格过长"),
        (b"a,b\n" + b"x" * (1 << 20), "超过 1 MiB"),
    ],
)
def test_file_that_is_no_csv_is_refused_with_the_reason(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableImport) as caught:
        read(path)
    assert said in caught.value.message
    assert caught.value.next_step


def test_mixed_encodings_are_refused_naming_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADING.encode() + "云汀示例有限公司,一\r\n".encode() + "云汀示例合作社,二\r\n".encode("gb18030"))
    with pytest.raises(UnreadableImport, match="第 1 行是 UTF-8，第 3 行不是") as caught:
        read(path)
    assert caught.value.code == "IMPORT_MIXED_ENCODING"


def test_giant_cell_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as handle:
        handle.write(HEADING.encode() + b'"')
        handle.seek(1 << 30)
        handle.write(b'",1\r\n')
    tracemalloc.start()
    with pytest.raises(UnreadableImport):
        read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


def test_giant_cell_of_many_lines_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADING.encode() + b'"' + b"line\n" * 2_000_000)
    tracemalloc.start()
    with pytest.raises(UnreadableImport, match="单元格过长"):
        read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_path_that_is_no_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableImport, match="找不到文件"):
        read(tmp_path / name)


def known(cells: list[str]) -> int:
    return len({"名称", "代码", "备注"}.intersection(cells))


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_the_one_that_gives_known_headings(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'甲,乙；丙\n名称{delimiter}代码\n甲{delimiter}"1,2;3\t4"\n', encoding="gb18030")
    with open_sheet(path, known) as sheet:
        assert sheet.headings == ["名称", "代码"]
        assert list(sheet.rows) == [(3, ["甲", "1,2;3\t4"])]


@pytest.mark.parametrize(
    "above", ["", "\r\n", "某市行政处罚信息公示表,,\r\n", "某市公示表\r\n填报单位：某局,,\r\n\r\n"]
)
def test_titles_and_blank_rows_above_the_headings_are_skipped_but_counted(tmp_path: Path, above: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(above + "名称,代码,备注\r\n甲,1,\r\n", encoding="utf-8", newline="")
    with open_sheet(path, known) as sheet:
        assert sheet.headings == ["名称", "代码", "备注"]
        assert list(sheet.rows) == [(above.count("\n") + 2, ["甲", "1", ""])]


def test_headings_deep_in_a_file_are_not_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("标题\n" * 7 + "名称,代码\n", encoding="utf-8")
    with open_sheet(path, known) as sheet:
        assert sheet.headings == ["标题"]


def test_quotes_that_make_one_row_of_many_lines_cost_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADING.encode() + b'"a\n' + b'","a\n' * 2_000_000 + b'"\n')
    tracemalloc.start()
    with pytest.raises(UnreadableImport, match="第 2 行超过 1 MiB"):
        read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 48 << 20


def test_empty_columns_without_end_are_cut_and_cells_in_them_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADING.encode() + b"a,b" + b"," * 20_000 + b"\n")
    assert [len(cells) for _, cells in read(path)] == [MAX_COLUMNS]
    path.write_bytes(path.read_bytes() + b"," * 20_000 + b"x\n")
    with pytest.raises(UnreadableImport, match="第 3 行超过 512 列"):
        read(path)


@pytest.mark.parametrize("more", [b"x", b""])
def test_file_that_is_written_to_while_it_is_read_is_refused(tmp_path: Path, more: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEADING.encode() + b"a,b\n" * 3)
    with open_sheet(path) as sheet:
        next(sheet.rows)
        os.utime(path, ns=(0, 0))
        path.write_bytes(path.read_bytes() + more)
        with pytest.raises(UnreadableImport) as caught:
            list(sheet.rows)
    assert caught.value.code == "IMPORT_CHANGED"


def test_name_that_is_no_utf8_is_shown_and_read(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode("处罚.csv".encode("gb18030"))
    path.write_bytes(HEADING.encode() + b"a,b\n")
    with open_sheet(path) as sheet:
        assert sheet.name == "����.csv"
        assert len(list(sheet.rows)) == 1
