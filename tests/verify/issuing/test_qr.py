"""Answers verify/issuing/qr.py."""

import io
import random

import pytest
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import BIT_LIMIT_TABLE, QRData

from verify.issuing.qr import MAX_VERSION, picture
from verify.issuing.qr_plan import MASK

PREFIX = "https://verify.example.gov.cn/v#"


def digits(count: int) -> str:
    """Fixed, so that a failure can be repeated."""
    return "9" + "".join(random.Random(count).choices("0123456789", k=count - 1))


@pytest.mark.parametrize("count", [1, 300, 430, 482, 600])
def test_the_picture_reads_back_exactly(count: int) -> None:
    text = PREFIX + digits(count)
    image = Image.open(io.BytesIO(picture(text).png))
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    assert found.text == text


def test_two_hundred_bytes_fit_half_a_millimetre_modules() -> None:
    made = picture(PREFIX + str(int.from_bytes(b"\xd2" + b"\xff" * 199)))
    assert made.version <= MAX_VERSION
    assert made.module_mm >= 0.5


def test_around_the_code_four_modules_stay_white() -> None:
    made = picture(PREFIX + digits(482))
    image = Image.open(io.BytesIO(made.png))
    scale = image.width // (made.modules + 8)
    assert image.width == image.height == scale * (made.modules + 8)
    dark = image.convert("L").point(lambda value: 255 if value < 128 else 0).getbbox()
    assert dark == (4 * scale, 4 * scale, image.width - 4 * scale, image.height - 4 * scale)


def test_the_same_text_gives_the_same_bytes() -> None:
    assert picture(PREFIX + "123").png == picture(PREFIX + "123").png


@pytest.mark.parametrize("characters", [4, 14, 20, 40, 80, 120])
def test_no_module_is_below_half_a_millimetre_however_long_the_name(characters: int) -> None:
    made = picture(PREFIX + digits(round((172 + 2 * characters) * 2.408)))
    assert made.module_mm >= 0.5
    assert made.printed_mm == 35 or characters > 14


@pytest.mark.parametrize("version", range(1, 41))
def test_every_version_is_module_for_module_the_librarys_own_picture(version: int) -> None:
    prefix = PREFIX if version > 3 else "ab#"
    room = BIT_LIMIT_TABLE[ERROR_CORRECT_M][version] - 80 - 8 * len(prefix)
    text = prefix + digits(max(1, room * 3 // 10 - version % 3))
    library = QRCode(error_correction=ERROR_CORRECT_M, border=4, mask_pattern=MASK)
    library.add_data(QRData(prefix.encode()))
    library.add_data(QRData(text[len(prefix) :].encode()))
    library.make(fit=True)
    made = picture(text)
    assert made.version == library.version
    assert [list(map(bool, row)) for row in made.matrix] == library.get_matrix()


def test_a_text_that_no_code_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        picture(PREFIX + digits(6000))
