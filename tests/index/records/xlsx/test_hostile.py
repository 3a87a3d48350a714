"""Hostile workbooks, one named test each: refused with the reason and the next step, in little time and memory."""

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl.styles.numbers  # noqa: F401 - imported before memory is measured
import pytest

from index.errors import UnreadableImport
from index.records.sheet import open_sheet
from index.records.xlsx import package, worksheet
from tests.index.records.workbooks import HEAD, row_of, sheet_xml, text_cell, text_row, write_workbook

HEADINGS = text_row(["名称", "金额"])
SECRET = "root:"
PART = "xl/worksheets/sheet1.xml"


def known(cells: list[str]) -> int:
    return len({"名称", "金额"}.intersection(cells))


def refused(path: Path, most_mib: int = 24) -> UnreadableImport:
    """How ``path`` is refused; with little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableImport) as caught, open_sheet(path, known) as sheet:
            for _ in sheet.rows:
                pass
        assert tracemalloc.get_traced_memory()[1] < most_mib << 20
    finally:
        tracemalloc.stop()
    assert caught.value.next_step
    return caught.value


def book(path: Path, *rows: str, **options: object) -> Path:
    return write_workbook(path, {"数据": sheet_xml([HEADINGS, *rows])}, **options)  # type: ignore[arg-type]


def with_part(path: Path, name: str, pieces: Iterator[bytes]) -> Path:
    """A good workbook in which one part is another, written piece by piece."""
    good = book(path.with_suffix(".good"))
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for each in source.namelist():
            if each != name:
                target.writestr(each, source.read(each))
        with target.open(name, "w", force_zip64=True) as part:
            for piece in pieces:
                part.write(piece)
    return path


def test_xxe_in_a_sheet_reads_no_file(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    xml = sheet_xml([HEADINGS, row_of(['<c t="inlineStr"><is><t>&e;</t></is></c>'])], doctype=doctype)
    error = refused(write_workbook(tmp_path / "a.xlsx", {"数据": xml}))
    assert (error.code, SECRET in error.message) == ("IMPORT_HOSTILE", False)


def test_xxe_in_utf16_is_seen_too(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    xml = sheet_xml([HEADINGS], doctype=doctype).replace("UTF-8", "UTF-16").encode("utf-16")
    assert refused(book(tmp_path / "a.xlsx", parts={PART: xml})).code == "IMPORT_HOSTILE"


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", PART])
def test_billion_laughs_are_refused_in_every_part(tmp_path: Path, part: str) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'{HEAD}<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><sst><si><t>&l9;</t></si></sst>'
    assert refused(book(tmp_path / "a.xlsx", parts={part: xml})).code == "IMPORT_HOSTILE"


def test_zip_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    path = with_part(tmp_path / "a.xlsx", PART, (b" " * (1 << 20) for _ in range(64)))
    error = refused(path)
    assert (error.code, "压缩比" in error.message) == ("IMPORT_HOSTILE", True)


def test_part_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.records.xlsx.parts.MAX_SHARED_BYTES", 1000)
    shared = f"{HEAD}<sst>{'<si><t>x</t></si>' * 100}</sst>"
    error = refused(book(tmp_path / "a.xlsx", parts={"xl/sharedStrings.xml": shared}))
    assert "解压后过大" in error.message


def test_part_that_is_larger_than_its_directory_says_gives_no_more_than_that(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", *[text_row(["甲", "1"])] * 5000)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(PART).file_size
    path.write_bytes(content.replace(struct.pack("<L", size), struct.pack("<L", 100)))
    assert refused(path).code == "IMPORT_BROKEN"


def test_one_gigabyte_cell_costs_no_memory(tmp_path: Path) -> None:
    start = sheet_xml([HEADINGS]).partition("</sheetData>")[0] + '<row><c t="inlineStr"><is><t>'
    pieces = iter([start.encode(), *[bytes(range(97, 123)) * 4096] * 200])
    error = refused(with_part(tmp_path / "a.xlsx", PART, pieces))
    assert "压缩比" in error.message or "单元格过长" in error.message


def test_giant_cell_that_packs_badly_is_refused_by_its_length(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", text_row(["甲" * 200_000, "1"]))
    assert "单元格过长" in refused(path).message


def test_giant_attribute_is_not_held(tmp_path: Path) -> None:
    start = sheet_xml([HEADINGS]).partition("</sheetData>")[0] + '<row x="'
    pieces = iter([start.encode(), *[bytes(range(97, 123)) * 4096] * 60])
    error = refused(with_part(tmp_path / "a.xlsx", PART, pieces))
    assert "过长的标签" in error.message


def test_million_empty_rows_are_passed_over(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield sheet_xml([HEADINGS]).partition("</sheetData>")[0].encode()
        for number in range(2, 1_000_000, 1000):
            yield "".join(f'<row r="{each}"/>' for each in range(number, number + 1000)).encode()
        yield b'<row r="1048576"><c t="inlineStr"><is><t>last</t></is></c></row></sheetData></worksheet>'

    path = with_part(tmp_path / "a.xlsx", PART, pieces())
    with open_sheet(path, known) as sheet:
        assert list(sheet.rows) == [(1_048_576, ["last", ""])]


@pytest.mark.parametrize("place", ["0", "7", "-1", "x", "99999999999"])
def test_shared_text_out_of_range_is_refused(tmp_path: Path, place: str) -> None:
    path = book(tmp_path / "a.xlsx", row_of([f'<c t="s"><v>{place}</v></c>', text_cell("1")]))
    assert refused(path).code == "IMPORT_BROKEN"


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_truncated_zip_is_refused(tmp_path: Path, cut: float) -> None:
    path = book(tmp_path / "a.xlsx", *[text_row(["甲", str(number)]) for number in range(1000)])
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * cut)])
    assert refused(path).code == "IMPORT_BROKEN"


def test_changed_byte_in_the_data_is_noticed(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", text_row(["甲" * 100, "1"]), compression=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace("甲".encode(), "乙".encode(), 1))
    assert refused(path).code == "IMPORT_BROKEN"


def test_names_that_climb_out_of_the_folder_name_nothing(tmp_path: Path) -> None:
    relation = '<Relationship Id="rId1" Type="x/worksheet" Target="../../../../etc/passwd"/>'
    relations = f"{HEAD}<Relationships>{relation}</Relationships>"
    path = book(tmp_path / "a.xlsx", parts={"xl/_rels/workbook.xml.rels": relations, "../../evil.txt": "x"})
    assert refused(path).code == "IMPORT_BROKEN"
    assert not (tmp_path.parent.parent / "evil.txt").exists()


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(PART, sheet_xml([HEADINGS, text_row(["other", "2"])]))
    assert "同名" in refused(path).message


def test_sixty_thousand_parts_are_refused_before_they_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(package.MAX_PARTS + 1):
            archive.writestr(f"xl/{number}", "")
    assert "部件超过" in refused(path).message


def test_encrypted_workbook_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "EncryptedPackage".encode("utf-16-le"))
    assert refused(path).code == "IMPORT_ENCRYPTED"


def test_old_xls_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "Workbook".encode("utf-16-le"))
    error = refused(path)
    assert "旧版 Excel" in error.message
    assert ".xlsx" in error.next_step


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"word/document.xml": "x", "[Content_Types].xml": "x"}, "不是表格"),
        ({"xl/workbook.bin": "x", "[Content_Types].xml": "x"}, "xlsb"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "ODS"),
        ({"数据.csv": "x"}, "是压缩包"),
    ],
)
def test_other_zips_are_named(tmp_path: Path, parts: dict[str, str], said: str) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    path = tmp_path / "a.xlsx"
    path.write_bytes(held.getvalue())
    assert said in refused(path).message


@pytest.mark.parametrize(
    "rows",
    [
        [row_of(["<c><v>1</v></c>"], r="5"), row_of(["<c><v>1</v></c>"], r="4")],
        [row_of(['<c r="B2"><v>1</v></c>', '<c r="A2"><v>1</v></c>'])],
        [row_of(['<c r="../A1"><v>1</v></c>'])],
        [row_of(["<c><v>1</v></c>"], r="1048577")],
        [row_of(['<c r="XFD2"><v>1</v></c>'])],
        ["<row>" * 100],
    ],
    ids=["rows backwards", "cells backwards", "no place", "row too far", "column too far", "deep"],
)
def test_sheet_no_program_writes_is_refused(tmp_path: Path, rows: list[str]) -> None:
    assert refused(book(tmp_path / "a.xlsx", *rows)).code in {"IMPORT_BROKEN", "IMPORT_HOSTILE"}


@pytest.mark.parametrize("more", [b"", bytes(100), b"PK\x05\x06"])
def test_zip_that_is_only_a_beginning_is_refused(tmp_path: Path, more: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + more)
    assert refused(path).code == "IMPORT_BROKEN"


@pytest.mark.parametrize("tag", ["<n{}/>", '<c n{}="1"/>', '<c xmlns:n{}="u"/>'])
def test_names_without_end_are_not_kept(tmp_path: Path, tag: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield sheet_xml([HEADINGS]).partition("</sheetData>")[0].encode()
        for number in range(0, 400_000, 1000):
            yield "".join(map(tag.format, range(number, number + 1000))).encode()

    assert "过多的标签名" in refused(with_part(tmp_path / "a.xlsx", PART, pieces())).message


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_packings_no_workbook_has_are_refused(tmp_path: Path, packing: int) -> None:
    good, path = book(tmp_path / "good.xlsx"), tmp_path / "a.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", packing) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    assert refused(path).code == "IMPORT_BROKEN"


def test_row_of_many_long_cells_is_refused(tmp_path: Path) -> None:
    long = "字" * 100_000
    path = book(tmp_path / "a.xlsx", row_of([text_cell(long)] * 12))
    assert "第 2 行过长" in refused(path).message


def test_one_long_shared_text_in_every_row_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worksheet, "MAX_SHEET_BYTES", 1 << 20)
    shared = f"{HEAD}<sst><si><t>{'字' * 100_000}</t></si></sst>"
    rows = [row_of(['<c t="s"><v>0</v></c>'])] * 12
    path = write_workbook(
        tmp_path / "a.xlsx", {"数据": sheet_xml([HEADINGS, *rows])}, parts={"xl/sharedStrings.xml": shared}
    )
    assert refused(path).code == "IMPORT_HOSTILE"


@pytest.mark.parametrize("encoding", ["UTF-7", "idna", "no-such", "base64"])
def test_encodings_no_workbook_has_are_refused(tmp_path: Path, encoding: str) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"数据": sheet_xml([HEADINGS]).replace("UTF-8", encoding, 1)})
    assert refused(path).code == "IMPORT_BROKEN"
