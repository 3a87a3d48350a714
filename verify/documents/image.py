"""Verification codes in a picture file: photo, scan, screenshot, or the QR itself. PNG, JPEG, WebP, TIFF of several
pages.

* Bounded before pixels are unpacked: bytes, width × height, pages; every page by itself.
* ``read_picture`` is for a picture inside a document, PNG or JPEG; ``plain`` says whether it shows a QR and nothing
  else,
  so that it cannot carry words of its own.
* ``read_scan`` is for a picture that somebody sends.

Source: cases 1–3, 14, 15 of verify-cases. Decision: docs/decisions/0193.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from verify.documents.codes import Found, at_a_glance, codes_as_is, codes_in, codes_on, has_red_ink
from verify.reasons import Reason, Rejection

if TYPE_CHECKING:
    import zxingcpp
    from PIL.Image import Image

FILE_LIMIT_BYTES = 20 * 1024 * 1024
PIXELS_MAX = 60_000_000
LAYERED_PIXELS_MAX = 25_000_000
"""With transparency: the picture, its mask and the paper stand in memory at once, 9 bytes a pixel."""
PAGE_PIXELS_MAX = 36_000_000
PAGES_MAX = 100
GLANCE_FROM_PIXELS = 5_000_000
IN_DOCUMENTS = ("PNG", "JPEG")
SENT = ("PNG", "JPEG", "WEBP", "TIFF")
_PAPER = 200
"""Grey values from here up count as paper."""
_MARGIN_SHARE = 0.03
_BITMAPS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_TIFF = (b"II*\x00", b"MM\x00*")


@dataclass(frozen=True, slots=True)
class Picture:
    """QR texts, none twice; ``plain``: one QR and nothing but paper around it."""

    texts: tuple[str, ...]
    plain: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """Each QR text with its page, from 1. ``damaged``: none could be read, yet there is one."""

    codes: tuple[tuple[str, int], ...]
    damaged: bool


def is_picture(data: bytes) -> bool:
    return data.startswith(_BITMAPS)


def is_scan(data: bytes) -> bool:
    webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    return is_picture(data) or webp or data.startswith(_TIFF)


def read_picture(data: bytes) -> Picture:
    """Raises Rejection for a file that is no picture, is broken or too large; no QR is no error here."""
    with _opened(data, IN_DOCUMENTS) as image:
        colour = _on_paper(image)
        grey = colour.convert("L")
        codes = codes_in(grey)
        if len(codes) == 1 and _only_paper_around(grey, codes[0]):
            return Picture((codes[0].text,), True)
        return Picture(codes_on(colour).texts, False)


def read_scan(data: bytes) -> Scan:
    """All pages. Raises Rejection for a file that is no picture, is broken or too large."""
    glanced = _glance(data)
    if glanced is not None:
        return Scan(tuple((text, 1) for text in glanced.texts), glanced.damaged)
    with _opened(data, SENT) as image:
        pages = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
        if pages > PAGES_MAX:
            raise Rejection(Reason.FILE_TOO_LARGE)
        if pages == 1:
            found = codes_on(_on_paper(image))
            return Scan(tuple((text, 1) for text in found.texts), found.damaged)
        return _read_pages(image, pages)


def jpeg_reduced(data: bytes, width: int, height: int) -> "Image | None":
    """A JPEG unpacked at a half, quarter or eighth that still has ``width`` × ``height`` dots, RGB or L; None when it
    has too few for that, other colours, or more than an A4 page at 600 an inch. Raises Rejection for a file that is no
    JPEG or is broken."""
    with _opened(data, ("JPEG",)) as image:
        unfit = image.mode not in {"L", "RGB"} or image.width * image.height > PAGE_PIXELS_MAX
        if unfit or image.width < 2 * width or image.height < 2 * height:
            return None
        image.draft(image.mode, (width, height))
        image.load()
        return image


def _read_pages(image: "Image", pages: int) -> Scan:
    """Most pages of many have no code; only when none has is the first looked at again, more closely."""
    codes: dict[str, int] = {}
    for page in range(pages):
        image.seek(page)
        for text in codes_as_is(_on_paper(image)):
            codes.setdefault(text, page + 1)
    if codes:
        return Scan(tuple(codes.items()), False)
    image.seek(0)
    found = codes_on(_on_paper(image))
    return Scan(tuple((text, 1) for text in found.texts), found.damaged)


def _glance(data: bytes) -> Found | None:
    """A large JPEG at half its size, which its format gives for a quarter of the work; where that is not enough and no
    red ink is there, all of it in grey, which saves making colours of it. None for any other picture."""
    with _opened(data, SENT) as image:
        _refuse_large(image)
        if image.format != "JPEG" or image.mode not in {"L", "RGB"} or image.width * image.height < GLANCE_FROM_PIXELS:
            return None
        image.draft(image.mode, (image.width // 2, image.height // 2))
        image.load()
        if has_red_ink(image):
            return None
        found = at_a_glance(image)
    return found or codes_on(_in_grey(data))


def _in_grey(data: bytes) -> "Image":
    with _opened(data, ("JPEG",)) as image:
        image.draft("L", image.size)
        image.load()
        return image.convert("L")


def _refuse_large(image: "Image") -> None:
    if image.width * image.height > PIXELS_MAX:
        raise Rejection(Reason.FILE_TOO_LARGE)


@contextmanager
def _opened(data: bytes, formats: tuple[str, ...]) -> Iterator["Image"]:
    """What goes wrong inside is wrong with the file."""
    from PIL import Image, UnidentifiedImageError

    if len(data) > FILE_LIMIT_BYTES:
        raise Rejection(Reason.FILE_TOO_LARGE)
    try:
        with Image.open(BytesIO(data), formats=formats) as image:
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Rejection(Reason.FILE_TOO_LARGE) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise Rejection(Reason.DAMAGED_FILE) from error


def _on_paper(image: "Image") -> "Image":
    """As RGB, or as L when it has no colour; what is transparent is white."""
    from PIL import Image

    _refuse_large(image)
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        if image.width * image.height > LAYERED_PIXELS_MAX:
            raise Rejection(Reason.FILE_TOO_LARGE)
        layered = image if image.mode == "RGBA" else image.convert("RGBA")
        paper = Image.new("RGB", layered.size, "white")
        paper.paste(layered, mask=layered.getchannel("A"))
        return paper
    image.load()
    if image.mode in {"1", "L"}:
        return image.convert("L")
    return image if image.mode == "RGB" else image.convert("RGB")


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
