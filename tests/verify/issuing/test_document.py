"""Answers verify/issuing/document.py, outline.py, styles.py, wml.py: the docx as a reader and as a printer see it."""

import io
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pytest
import zxingcpp
from docx.oxml.ns import qn
from PIL import Image

from index.records.model import CreditRecord
from tests.verify.issuing.office import TestOffice
from tests.verify.issuing.test_content import RECORD, SUBJECT, content, feeds
from verify.binding import FieldPackage
from verify.documents.docx import package_xml
from verify.documents.reading import read
from verify.issuing.content import RECORDS_MAX, ReportContent
from verify.issuing.document import render
from verify.issuing.fields import fields_of, outline_of
from verify.issuing.qr import QrPicture, picture
from verify.reasons import Reason

QR_CODE = zxingcpp.BarcodeFormat.QRCode
"""Hairlines of a table may look like a linear code."""

SEED = bytes(32)
QR = picture("https://verify.example.cn/v#" + "9" * 480)


def rendered(made: ReportContent, qr: QrPicture = QR) -> bytes:
    package = package_xml(FieldPackage(SEED, fields_of(made)))
    return render(outline_of(made), qr, package, issuer=made.issuer_name, moment=made.issued_at)


def many(count: int) -> tuple[CreditRecord, ...]:
    numbers = (f"盐环罚〔2025〕{number}号" for number in range(count))
    return tuple(replace(RECORD, key=number, document_number=number) for number in numbers)


CONTENTS = {
    "nothing found": content(),
    "one record": content(RECORD),
    "sixty records": content(*many(60)),
    "gaps": content(RECORD, reached=feeds(without=22)),
    "no data at all": content(reached=()),
    "long name, rare characters": content(subject=replace(SUBJECT, name="盐城示例喆堃𬭎" * 12)),
    "markup in texts": content(replace(RECORD, facts='<w:t>&amp; "引号" {PAGE} ]]></w:t>')),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_reader_of_the_docx_finds_exactly_the_issued_fields(name: str) -> None:
    made = CONTENTS[name]
    found = read(rendered(made), "report.docx").document
    assert found is not None
    assert [line.text for line in found.lines] == [field.text for field in fields_of(made)]
    assert found.package == FieldPackage(SEED, fields_of(made))


def test_the_largest_report_is_one_that_a_reader_reads() -> None:
    made = content(*many(RECORDS_MAX))
    document = read(rendered(made), "report.docx").document
    assert document is not None
    assert [line.text for line in document.lines] == [field.text for field in fields_of(made)]


def test_the_same_content_gives_the_same_bytes() -> None:
    assert rendered(content(RECORD)) == rendered(content(RECORD))


def test_heading_row_repeats_and_no_row_breaks() -> None:
    document = docx.Document(io.BytesIO(rendered(content(RECORD))))
    domains = next(table for table in document.tables if len(table.columns) == 6)
    rows = domains._tbl.tr_lst
    assert len(rows) == 46
    assert rows[0].trPr.find(qn("w:tblHeader")) is not None
    for table in document.tables:
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in table._tbl.tr_lst)


def test_page_is_a4_upright_with_its_own_first_page_and_counters() -> None:
    document = docx.Document(io.BytesIO(rendered(content())))
    (section,) = document.sections
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert section.different_first_page_header_footer
    for footer in (section.first_page_footer, section.footer):
        codes = [code.text.strip() for code in footer._element.iter(qn("w:instrText"))]
        assert codes == ["PAGE", "NUMPAGES"]


def test_every_style_names_its_east_asian_font_and_nothing_is_numbered() -> None:
    document = docx.Document(io.BytesIO(rendered(content(RECORD))))
    used = {paragraph.style.name for paragraph in document.paragraphs}
    for name in used:
        assert document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")).startswith("Noto ")
    assert not list(document.element.iter(qn("w:numPr")))


def test_the_only_picture_is_the_qr_35_mm_wide_on_page_one() -> None:
    data = rendered(content())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        pictures = [name for name in archive.namelist() if name.endswith((".png", ".jpeg", ".jpg"))]
        assert [archive.read(name) for name in pictures] == [QR.png]
    header = docx.Document(io.BytesIO(data)).sections[0].first_page_header._element
    (extent,) = header.iter(qn("wp:extent"))
    assert int(extent.get("cx")) == 35 * 36000


def test_core_properties_name_report_issuer_and_language() -> None:
    made = content()
    facts = docx.Document(io.BytesIO(rendered(made))).core_properties
    assert facts.title == f"盐城市经营主体专用信用报告 {made.number}"
    assert facts.author == made.issuer_name
    assert facts.language == "zh-CN"
    assert facts.created.isoformat() == "2026-08-20T02:00:00+00:00"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """docx → pictures of its pages, as a printer would show them."""

    def shown(path: Path, resolution: int = 200) -> list[Path]:
        folder = tmp_path_factory.mktemp("pages")
        profile = f"-env:UserInstallation=file://{folder / 'profile'}"
        convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)]
        subprocess.run(convert, check=True, capture_output=True, timeout=180)
        pdf = folder / path.with_suffix(".pdf").name
        subprocess.run(["pdftoppm", "-r", str(resolution), "-png", str(pdf), str(folder / "page")], check=True)
        return sorted(folder.glob("page-*.png"))

    return shown


@pytest.mark.office
def test_the_qr_of_page_one_at_200_dpi_reads_and_verifies(office: TestOffice, pages) -> None:  # type: ignore[no-untyped-def]
    report = office.issue()
    first = pages(report.docx)[0]
    with Image.open(first) as image:
        (found,) = zxingcpp.read_barcodes(image.convert("L"), formats=QR_CODE)
        position = found.position
        width_mm = (position.top_right.x - position.top_left.x) / 200 * 25.4
        assert position.top_left.x > image.width / 2
        assert position.bottom_left.y < image.height / 4
    assert found.text == report.qr_text
    assert width_mm == pytest.approx(35 * 61 / 69, abs=1.0), "35 mm with its quiet zone"
    assert office.examine(first).reason is Reason.OK


@pytest.mark.office
def test_page_one_holds_everything_up_to_the_signature_even_with_long_names(tmp_path: Path, pages) -> None:  # type: ignore[no-untyped-def]
    wordy = replace(
        SUBJECT, name="盐城示例喆堃𬭎" * 12, address="示例路" * 40, type_name="有限责任公司（外商投资与内资合资）"
    )
    gaps = tuple(feed for feed in feeds() if feed.domain not in (2, 7, 11, 14))
    path = tmp_path / "report.docx"
    path.write_bytes(rendered(content(RECORD, subject=wordy, reached=gaps)))
    pdf = pages(path, 20)[0].parent / "report.pdf"
    shown = subprocess.run(["pdftotext", "-l", "1", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    assert "签名时间" in shown
    assert "𬭎" in shown


@pytest.mark.office
def test_the_wide_code_of_a_long_name_reads_from_page_one_and_part_one_stands_on_one_page(
    tmp_path: Path, pages
) -> None:  # type: ignore[no-untyped-def]
    text = "https://verify.example.cn/v#" + "9" * 1400
    path = tmp_path / "report.docx"
    path.write_bytes(rendered(CONTENTS["one record"], picture(text)))
    shown = pages(path, 150)
    with Image.open(shown[0]) as image:
        assert [found.text for found in zxingcpp.read_barcodes(image.convert("L"), formats=QR_CODE)] == [text]
    page_two = ["pdftotext", "-f", "2", "-l", "2", str(shown[0].parent / "report.pdf"), "-"]
    words = subprocess.run(page_two, check=True, capture_output=True, text=True).stdout
    assert "一、分领域查询结果" in words
    assert "水电气领域" in words


@pytest.mark.office
def test_no_page_is_empty(tmp_path: Path, pages) -> None:  # type: ignore[no-untyped-def]
    for name in ("nothing found", "sixty records"):
        path = tmp_path / "report.docx"
        path.write_bytes(rendered(CONTENTS[name]))
        for page in pages(path, 40):
            with Image.open(page) as image:
                middle = image.convert("L").crop(
                    (0, image.height // 12, image.width, image.height - image.height // 12)
                )
                assert middle.point(lambda value: 255 if value < 120 else 0).getbbox(), f"{name}: {page.name}"


def test_a_long_name_gets_a_wider_code_instead_of_finer_modules() -> None:
    widths = []
    for made in (CONTENTS["nothing found"], CONTENTS["long name, rare characters"]):
        text = "https://verify.example.cn/v#" + "9" * (470 if made is CONTENTS["nothing found"] else 1100)
        qr = picture(text)
        header = docx.Document(io.BytesIO(rendered(made, qr))).sections[0].first_page_header
        (extent,) = header._element.xpath(".//wp:extent")
        widths.append(int(extent.get("cx")) / 36_000)
        assert widths[-1] / (qr.modules + 8) >= 0.5
    assert widths[0] == pytest.approx(35, abs=0.01)
    assert 35 < widths[1] < 60


def test_only_a_row_that_may_be_longer_than_a_page_may_break() -> None:
    for facts, breakable in (("事" * 1200, 0), ("事" * 1201, 1)):
        body = docx.Document(io.BytesIO(rendered(content(replace(RECORD, facts=facts))))).element.body
        rows, whole = body.xpath(".//w:tr"), body.xpath(".//w:tr[w:trPr/w:cantSplit]")
        assert len(rows) - len(whole) == breakable


def test_digits_are_latin_so_that_no_day_is_broken_at_a_line_end() -> None:
    (language,) = docx.Document(io.BytesIO(rendered(content()))).styles["Normal"].element.xpath(".//w:lang")
    assert (language.get(qn("w:val")), language.get(qn("w:eastAsia"))) == ("en-US", "zh-CN")
