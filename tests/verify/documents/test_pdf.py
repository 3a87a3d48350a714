"""Answers verify/documents/pdf.py and pdf_pages.py: the code of a PDF, and what a hostile one gets."""

from io import BytesIO

import pytest
from PIL import Image

from tests.verify.documents.report import qr_png
from tests.verify.sample import NOW, QR, TRUST
from verify.check import Verification
from verify.documents.examine import examine
from verify.documents.pdf_pages import PAGES_MAX
from verify.reasons import Reason


def page(text: str | None = None, size: tuple[int, int] = (1240, 1754)) -> Image.Image:
    """A sheet of white paper, with a QR at its upper right if ``text`` is given."""
    sheet = Image.new("RGB", size, "white")
    if text is not None:
        with Image.open(BytesIO(qr_png(text))) as code:
            sheet.paste(code.convert("RGB").resize((300, 300)), (size[0] - 360, 60))
    return sheet


def file(*pages: Image.Image, resolution: float = 150.0) -> bytes:
    stream = BytesIO()
    pages[0].save(stream, format="PDF", save_all=True, append_images=pages[1:], resolution=resolution)
    return stream.getvalue()


def look(data: bytes) -> Verification:
    return examine(data, name="报告.pdf", trust=TRUST, at=NOW, now=NOW)


def test_the_code_of_a_pdf_is_verified_wherever_it_stands() -> None:
    assert look(file(page(QR), page())).reason is Reason.OK
    assert look(file(page(), page(), page(QR))).reason is Reason.OK


def test_a_red_seal_over_the_code_is_looked_through() -> None:
    sheet = page(QR)
    red = Image.new("RGB", (300, 300), (220, 30, 30))
    box = (sheet.width - 360, 60, sheet.width - 60, 360)
    code = sheet.crop(box)
    sheet.paste(Image.composite(code, red, code.convert("L").point(lambda value: 255 if value < 128 else 0)), box)
    assert look(file(sheet)).reason is Reason.OK


def test_two_codes_in_one_pdf_are_not_chosen_among() -> None:
    assert look(file(page(QR), page(f"{QR}0"))).reason is Reason.SEVERAL_CODES


def test_a_pdf_without_a_code_says_so() -> None:
    assert look(file(page())).reason is Reason.NO_CODE_FOUND


def test_pages_without_end_and_pages_of_any_size_are_bounded() -> None:
    dot = Image.new("1", (8, 8), 1)
    assert look(file(*[dot] * (PAGES_MAX + 1))).reason is Reason.FILE_TOO_LARGE
    assert look(file(page(), resolution=0.2)).reason is Reason.NO_CODE_FOUND


@pytest.mark.parametrize("cut", [20, 300, 2000])
def test_a_broken_pdf_is_named_as_broken_or_shows_no_code(cut: int) -> None:
    assert look(file(page(QR))[:cut]).reason in {Reason.DAMAGED_FILE, Reason.NO_CODE_FOUND}
