"""Answers verify/issuing/pdf/{typesetting,sheet,fonts}.py and report.typ: the PDF as a reader and a printer see it."""

import io
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.verify.issuing.pdf.sheets import QR_TEXT, RARE, REPORTS, expected, page_texts, sheet_of
from tests.verify.issuing.test_content import RECORD, SUBJECT, content
from verify.issuing.outline import Grid, GridKind, Text
from verify.issuing.pdf.errors import PdfUnavailable
from verify.issuing.pdf.fonts import fonts_in
from verify.issuing.pdf.typesetting import Typesetter

QR = zxingcpp.BarcodeFormat.QRCode
"""Hairlines of a table may look like a linear code."""

POINTS_PER_MM = 72 / 25.4


@pytest.fixture(scope="module", params=sorted(REPORTS))
def report(request: pytest.FixtureRequest, typesetter: Typesetter) -> tuple[str, bytes]:
    return request.param, typesetter.set(sheet_of(REPORTS[request.param]))


def test_the_pages_show_exactly_the_words_of_the_outline(report: tuple[str, bytes]) -> None:
    name, pdf = report
    outline, pages = sheet_of(REPORTS[name]).outline, page_texts(pdf)
    shown = "".join(pages)
    for text in outline.texts():
        if "{PAGE}" not in text.path and text.role.value != "页脚文字" and len(text.text) < 1000:
            assert "".join(text.text.split()) in shown, text.path
    headings = shown.count("序号领域责任单位") - 1
    assert Counter(shown) == expected(outline, len(pages), headings)


def test_nothing_is_set_outside_the_margins_and_no_page_is_empty(report: tuple[str, bytes]) -> None:
    _, pdf = report
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        text = page.get_textpage()
        boxes = [text.get_charbox(number) for number in range(text.count_chars())]
        upright = [box for box in boxes if 1 < box[3] - box[1] < 25]  # neither spaces nor the watermark's large letters
        assert min(box[0] for box in upright) > 19.5 * POINTS_PER_MM
        assert max(box[2] for box in upright) < 190.5 * POINTS_PER_MM
        assert min(box[1] for box in upright) > 9 * POINTS_PER_MM
        body = [box for box in upright if 20 * POINTS_PER_MM < box[1] < 265 * POINTS_PER_MM]
        assert len(body) > 20
    document.close()


WORDS = st.text(
    st.sampled_from(
        [*map(chr, range(0x21, 0x7F)), *"中文字喆堃䶮，。、；：？！“”‘’（）《》〈〉【】—…·　１Ａ％～①㎡℃‰"]
    ).filter(
        lambda character: character not in "-"  # pdfium reads a hyphen at a line's end as no character
    ),
    min_size=1,
    max_size=120,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(WORDS, WORDS, WORDS)
def test_whatever_a_text_says_is_shown_as_it_is(typesetter: Typesetter, name: str, number: str, facts: str) -> None:
    changed = replace(RECORD, facts=facts, document_number=number, violation=name)
    sheet = sheet_of(content(changed, subject=replace(SUBJECT, name=name)))
    pages = page_texts(typesetter.set(sheet))
    shown = Counter("".join(pages))
    assert shown == expected(sheet.outline, len(pages), "".join(pages).count("序号领域责任单位") - 1)


def test_the_same_sheet_gives_the_same_bytes_from_a_fresh_start_too(typesetter: Typesetter) -> None:
    sheet = sheet_of(REPORTS["one record"])
    pdf = typesetter.set(sheet)
    typesetter.set(sheet_of(REPORTS["gaps"]))
    assert typesetter.set(sheet) == pdf
    assert Typesetter().set(sheet) == pdf


def test_the_qr_at_the_upper_right_of_page_one_reads_and_is_35_mm_wide(typesetter: Typesetter) -> None:
    document = pypdfium2.PdfDocument(typesetter.set(sheet_of(REPORTS["one record"])))
    image = document[0].render(scale=200 / 72).to_pil().convert("L")
    (found,) = zxingcpp.read_barcodes(image, formats=QR)
    assert found.text == QR_TEXT
    corners = found.position
    assert corners.top_left.x > image.width / 2
    assert corners.bottom_left.y < image.height / 4
    modules = sheet_of(REPORTS["one record"]).qr.modules
    assert (corners.top_right.x - corners.top_left.x) / 200 * 25.4 == pytest.approx(
        35 * modules / (modules + 8), abs=1.0
    )
    assert not [
        code
        for number in range(1, len(document))
        for code in zxingcpp.read_barcodes(_image(document, number), formats=QR)
    ]
    document.close()


def _image(document: pypdfium2.PdfDocument, number: int) -> object:
    return document[number].render(scale=2).to_pil()


def test_a_45_domain_report_takes_less_than_200_kb_with_its_fonts_inside(
    typesetter: Typesetter, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(typesetter.set(sheet_of(REPORTS["one record"])))
    assert path.stat().st_size < 190_000, "and room for the signature"
    lines = subprocess.run(["pdffonts", path], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    assert lines
    for line in lines:
        assert "+NotoS" in line, "a subset is named ABCDEF+Name"
        embedded, subset, unicode = line.split()[-5:-2]
        assert (embedded, subset, unicode) == ("yes", "yes", "yes")


def test_rare_characters_of_names_are_drawn_and_differ(typesetter: Typesetter) -> None:
    pages = page_texts(typesetter.set(sheet_of(REPORTS["rare name"])))
    assert RARE in pages[0]
    drawn = {_first_line(typesetter, character) for character in RARE}
    assert len(drawn) == len(RARE), "no two characters share the picture of a missing one"


def _first_line(typesetter: Typesetter, character: str) -> bytes:
    made = content(replace(RECORD, violation=character))
    document = pypdfium2.PdfDocument(typesetter.set(sheet_of(made)))
    text = document[len(document) - 1].get_textpage()
    place = text.get_text_range().index(character)
    left, bottom, right, top = text.get_charbox(place)
    page = document[len(document) - 1]
    width, height = page.get_size()
    image = page.render(scale=4, crop=(left, bottom, width - right, height - top)).to_pil()
    return image.convert("1").tobytes()


def test_a_character_no_font_has_is_named_and_leaves_the_report_without_pdf(typesetter: Typesetter) -> None:
    with pytest.raises(PdfUnavailable) as caught:
        typesetter.set(sheet_of(content(replace(RECORD, facts="甲𐨀乙"))))
    assert caught.value.code == "CHARACTERS_MISSING"
    assert "𐨀" in caught.value.message
    assert "CHENGHE_FONTS" in caught.value.next_step


def test_without_the_fonts_the_package_to_install_is_named(tmp_path: Path) -> None:
    with pytest.raises(PdfUnavailable) as caught:
        fonts_in((str(tmp_path),), with_system=False)
    assert caught.value.code == "FONT_MISSING"
    assert "fonts-noto-cjk" in caught.value.next_step


def test_page_one_holds_everything_up_to_the_signature_and_part_one_one_page(typesetter: Typesetter) -> None:
    for name in ("wordy", "nothing found", "gaps"):
        pages = page_texts(typesetter.set(sheet_of(REPORTS[name])))
        assert "签名时间" in pages[0]
        assert "45水电气领域" in pages[1]


def test_where_part_one_needs_a_second_page_its_heading_row_is_repeated(typesetter: Typesetter) -> None:
    sheet = sheet_of(REPORTS["nothing found"])
    body = tuple(_with_long_units(block) for block in sheet.outline.body)
    pages = page_texts(typesetter.set(replace(sheet, outline=replace(sheet.outline, body=body))))
    with_heading = [page for page in pages if "序号领域责任单位" in page]
    assert with_heading == pages[1:3]


def _with_long_units(block: Text | Grid) -> Text | Grid:
    if isinstance(block, Text) or block.kind is not GridKind.DOMAINS:
        return block
    heading, *rows = block.rows
    longer = [(*row[:2], replace(row[2], text=row[2].text + "及其授权的有关单位"), *row[3:]) for row in rows]
    return replace(block, rows=(heading, *longer))


def test_no_row_is_torn(typesetter: Typesetter) -> None:
    """Each record's table is on one page as a whole, with its title."""
    pages = page_texts(typesetter.set(sheet_of(REPORTS["sixty records"])))
    for number in range(1, 61):
        (page,) = (page for page in pages if f"记录{number}领域" in page)
        part = page[page.index(f"记录{number}领域") :]
        assert "公示截止期" in part.partition(f"记录{number + 1}领域")[0]


def test_the_field_package_is_attached_and_the_only_moment_is_the_moment_of_issue(typesetter: Typesetter) -> None:
    sheet = sheet_of(REPORTS["one record"])
    pdf = typesetter.set(sheet)
    document = pypdfium2.PdfDocument(pdf)
    assert document.count_attachments() == 1
    attached = document.get_attachment(0)
    assert attached.get_name() == "chenghe-fields.xml"
    assert bytes(attached.get_data()) == sheet.package_xml
    facts = document.get_metadata_dict()
    document.close()
    assert facts["Title"] == sheet.outline.title
    assert facts["Author"] == sheet.issuer
    assert facts["CreationDate"].startswith("D:20260820020000Z")
    assert b"pdfaid" in pdf or PdfFileReader(io.BytesIO(pdf)).root["/Metadata"]
