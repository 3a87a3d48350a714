"""Verification codes in a picture: photo, scan, screenshot, or the QR file itself. PNG and JPEG.

* Bounded before pixels are unpacked: bytes, width × height.
* Read as it is; when nothing is found, the red channel alone (a red seal stamped over the code turns into paper),
  then enlarged.
* ``plain_qr``: whether the picture shows a QR and nothing else, so that it cannot carry words of its own.

Source: cases 1–3, 14, 15 of verify-cases.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from verify.reasons import Reason, Rejection

if TYPE_CHECKING:
    import zxingcpp
    from PIL.Image import Image

FILE_LIMIT_BYTES = 20 * 1024 * 1024
PIXELS_MAX = 60_000_000
LAYERED_PIXELS_MAX = 25_000_000
"""With transparency: the picture, its mask and the paper stand in memory at once, 9 bytes a pixel."""
ENLARGE_BELOW_PIXELS = 4_000_000
_PAPER = 200
"""Grey values from here up count as paper."""
_MARGIN_SHARE = 0.03


@dataclass(frozen=True, slots=True)
class Picture:
    """QR texts in reading order, none twice; ``plain``: one QR and nothing but paper around it."""

    texts: tuple[str, ...]
    plain: bool


def is_picture(data: bytes) -> bool:
    return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


def read_picture(data: bytes) -> Picture:
    """Raises Rejection for a file that is no picture, is broken or too large; no QR is no error here."""
    colour = _opened(data)
    codes: list[zxingcpp.Barcode] = []
    for number, variant in enumerate(_variants(colour)):
        codes = codes_in(variant)
        if codes:
            plain = number == 0 and len(codes) == 1 and _only_paper_around(variant, codes[0])
            return Picture(tuple(dict.fromkeys(code.text for code in codes)), plain)
    return Picture((), False)


def _opened(data: bytes) -> "Image":
    from PIL import Image, UnidentifiedImageError

    if len(data) > FILE_LIMIT_BYTES:
        raise Rejection(Reason.FILE_TOO_LARGE)
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > PIXELS_MAX:
                raise Rejection(Reason.FILE_TOO_LARGE)
            return _on_paper(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Rejection(Reason.FILE_TOO_LARGE) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise Rejection(Reason.DAMAGED_FILE) from error


def _on_paper(image: "Image") -> "Image":
    """As RGB; what is transparent is white."""
    from PIL import Image

    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        if image.width * image.height > LAYERED_PIXELS_MAX:
            raise Rejection(Reason.FILE_TOO_LARGE)
        layered = image if image.mode == "RGBA" else image.convert("RGBA")
        paper = Image.new("RGB", layered.size, "white")
        paper.paste(layered, mask=layered.getchannel("A"))
        return paper
    image.load()
    return image if image.mode == "RGB" else image.convert("RGB")


def _variants(colour: "Image") -> Iterator["Image"]:
    grey = colour.convert("L")
    red = colour.getchannel("R")
    yield grey
    yield red
    if colour.width * colour.height <= ENLARGE_BELOW_PIXELS:
        yield grey.resize((grey.width * 2, grey.height * 2))
        yield red.resize((red.width * 2, red.height * 2))


def codes_in(image: "Image") -> "list[zxingcpp.Barcode]":
    """The QR codes of one picture as it is."""
    import zxingcpp

    return list(
        zxingcpp.read_barcodes(
            image, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]), text_mode=zxingcpp.TextMode.Plain
        )
    )


def _only_paper_around(grey: "Image", code: "zxingcpp.Barcode") -> bool:
    """No ink outside the code's square, give or take a little for its outermost modules."""
    corners = (code.position.top_left, code.position.top_right, code.position.bottom_right, code.position.bottom_left)
    left, right = min(c.x for c in corners), max(c.x for c in corners)
    top, bottom = min(c.y for c in corners), max(c.y for c in corners)
    slack = max(3, round((right - left) * _MARGIN_SHARE))
    rest = grey.point(lambda value: 255 if value < _PAPER else 0)
    box = (max(0, left - slack), max(0, top - slack), min(grey.width, right + slack), min(grey.height, bottom + slack))
    rest.paste(0, box)
    return rest.getbbox() is None
