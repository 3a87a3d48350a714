"""Answers verify/documents/codes.py and image.read_scan: codes on paper as people photograph and scan it."""

import io
from collections.abc import Callable
from functools import cache
from unittest.mock import patch

import pytest
import qrcode
from PIL import Image, ImageDraw
from qrcode import util

from tests.verify.batch.made import code_text
from tests.verify.documents.photos import (
    blurred,
    code,
    dark,
    jpeg,
    mm,
    noisy,
    photographed,
    report_page,
    sealed,
    shaded,
    sheet,
    tiff,
)
from tests.verify.sample import NOW, QR, TRUST
from verify.check import Verification
from verify.documents import image
from verify.documents.codes import codes_on
from verify.documents.examine import examine
from verify.documents.image import read_scan
from verify.reasons import Reason, Verdict


@cache
def photo(stamped: bool = False, turn: float = 0) -> Image.Image:
    page = report_page(QR)
    return photographed(sealed(page, (175, 28)) if stamped else page, turn=turn, seed=3)


def look(data: bytes) -> Verification:
    return examine(data, name="照片", trust=TRUST, at=NOW, now=NOW)


PHOTOGRAPHS: dict[str, Callable[[], Image.Image]] = {
    "from the side": photo,
    "turned": lambda: photo(turn=33),
    "under a seal": lambda: photo(stamped=True),
    "under a seal, turned": lambda: photo(stamped=True, turn=-21),
    "in the shade": lambda: shaded(photo(), 0.2),
    "under a seal in the shade": lambda: shaded(photo(stamped=True), 0.3),
    "in the dark, noisy": lambda: noisy(dark(photo(), 0.2), 20),
    "out of focus": lambda: blurred(photo(), 3),
    "small, as chat programs send it": lambda: photo().resize((1080, 1440)),
}


@pytest.mark.parametrize("taken", PHOTOGRAPHS.values(), ids=PHOTOGRAPHS.keys())
def test_a_photograph_of_paper_is_read(taken: Callable[[], Image.Image]) -> None:
    assert [text for text, _ in read_scan(jpeg(taken())).codes] == [QR]


def test_one_code_under_a_seal_and_one_beside_it_are_both_found() -> None:
    page = sheet((code_text(1), (20, 12)), (code_text(2), (120, 150)), lines=2)
    found = codes_on(sealed(page, (137, 167))).texts
    assert set(found) == {code_text(1), code_text(2)}


def test_a_large_photograph_with_two_codes_gives_both_at_a_glance() -> None:
    page = sheet((code_text(1), (20, 12)), (code_text(2), (120, 150)), lines=2)
    assert {text for text, _ in read_scan(jpeg(photographed(page))).codes} == {code_text(1), code_text(2)}


def test_a_code_of_two_thirds_the_size_is_not_missed_by_the_glance() -> None:
    page = sheet((code_text(1), (20, 12)), lines=2)
    page.paste(code(code_text(2), 24), (mm(150), mm(200)))
    large = page.resize((page.width * 3 // 2, page.height * 3 // 2), Image.Resampling.LANCZOS)
    assert large.width * large.height >= image.GLANCE_FROM_PIXELS
    assert {text for text, _ in read_scan(jpeg(large, 85)).codes} == {code_text(1), code_text(2)}


@pytest.mark.parametrize("kind", ["WEBP", "TIFF", "PNG"])
def test_other_formats_of_phones_and_scanners_are_read(kind: str) -> None:
    out = io.BytesIO()
    report_page(QR).save(out, kind)
    assert look(out.getvalue()).reason is Reason.OK


def test_every_page_of_a_tiff_is_read_and_told() -> None:
    pages = [sheet(lines=3), report_page(code_text(1)), report_page(code_text(2)).convert("1")]
    assert read_scan(tiff(*pages, compression="tiff_adobe_deflate")).codes == ((code_text(1), 2), (code_text(2), 3))


def test_pages_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "PAGES_MAX", 2)
    dot = Image.new("L", (20, 20), 255)
    assert look(tiff(dot, dot, dot)).reason is Reason.FILE_TOO_LARGE


def test_a_code_that_is_blotted_out_is_damaged_and_not_absent() -> None:
    page = report_page(QR)
    ImageDraw.Draw(page).rectangle((mm(172), mm(24), mm(185), mm(36)), fill="black")
    answer = look(jpeg(page, 85))
    assert answer.reason is Reason.CODE_DAMAGED
    assert look(jpeg(sheet(), 85)).reason is Reason.NO_CODE_FOUND


def part_of_a_sequence(text: str, number: int, of: int) -> Image.Image:
    """A QR that says it is one of several (ISO/IEC 18004 §8, structured append)."""

    class Begun(util.BitBuffer):
        def __init__(self) -> None:
            super().__init__()
            for value, bits in ((0b0011, 4), (number, 4), (of - 1, 4), (0x5A, 8)):
                self.put(value, bits)

    whole = qrcode.QRCode(version=12, error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, box_size=6)
    whole.add_data(text)
    with patch.object(util, "BitBuffer", Begun):
        whole.make(fit=False)
    return whole.make_image().get_image().convert("RGB")


def test_the_parts_of_a_sequence_are_no_code_and_are_not_put_together() -> None:
    middle = len(QR) // 2
    parts = [part_of_a_sequence(QR[:middle], 0, 2), part_of_a_sequence(QR[middle:], 1, 2)]
    out = Image.new("RGB", (parts[0].width * 2, parts[0].height), "white")
    for number, each in enumerate(parts):
        assert read_scan(jpeg(each, 90)).codes, "the reader sees the part"
        assert look(jpeg(each, 90)).verdict is not Verdict.VALID
        out.paste(each, (number * each.width, 0))
    assert look(jpeg(out, 90)).verdict is Verdict.UNREADABLE
