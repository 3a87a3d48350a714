"""Pictures of fictional reports for the benchmark of files: photographs, scans, seals over the code, several codes.

Each function takes the tokens that one file shows, and makes that file.
"""

import io
from collections.abc import Sequence
from functools import lru_cache
from math import cos, radians, sin

from PIL import Image, ImageChops, ImageDraw

from verify.bench.office import URL
from verify.issuing.qr import picture
from verify.scanned import qr_text

PHOTO = (3000, 4000)
"""A phone's 12 megapixels."""
SCAN = (2480, 3508)
"""A4 at 300 dots an inch."""
_CODE_SHARE = 35 / 210
"""The printed code's side on A4."""
_ASKEW, _TURNED = 6, 37
_TABLE, _PAPER, _INK, _SEAL = (96, 80, 62), (251, 250, 246), (52, 52, 54), (225, 40, 45)
_ON_TABLE = (2300, 3252)
_FURTHER_AWAY = (1900, 2687)


def photograph(tokens: Sequence[bytes]) -> bytes:
    """A sheet on a table, a little askew, in uneven light; JPEG."""
    return _photographed(_ON_TABLE, _ASKEW, _patch(_ON_TABLE, tokens))


def turned(tokens: Sequence[bytes]) -> bytes:
    """The same from further away, turned by 37 degrees."""
    return _photographed(_FURTHER_AWAY, _TURNED, _patch(_FURTHER_AWAY, tokens))


def sealed(tokens: Sequence[bytes]) -> bytes:
    """A photograph of a sheet with a round red seal over the code."""
    return _photographed(_ON_TABLE, _ASKEW, _stamped(_patch(_ON_TABLE, tokens)))


def scan(tokens: Sequence[bytes]) -> bytes:
    """Straight, in colour; JPEG."""
    return _saved(_with_codes(_sheet(SCAN), tokens), "JPEG", quality=80)


def scan_png(tokens: Sequence[bytes]) -> bytes:
    return _saved(_with_codes(_sheet(SCAN), tokens), "PNG", compress_level=3)


def scanned_pdf(tokens: Sequence[bytes]) -> bytes:
    """Two pages, the codes on the first."""
    pages = _with_codes(_sheet(SCAN), tokens), _sheet(SCAN)
    return _saved(pages[0], "PDF", save_all=True, append_images=[pages[1]], resolution=300, quality=80)


@lru_cache
def _sheet(size: tuple[int, int]) -> Image.Image:
    """Paper with lines that stand for text."""
    width, height = size
    page = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(page)
    for number in range(46):
        top = height // 5 + number * height // 62
        for word in range(9):
            left = width // 10 + word * width // 11
            draw.rectangle((left, top, left + width // 14, top + height // 150), fill=_INK)
    return page


def _with_codes(sheet: Image.Image, tokens: Sequence[bytes]) -> Image.Image:
    """The first at the upper right, the others below it."""
    page, side = sheet.copy(), _side(sheet.size)
    left, top = _corner(sheet.size)
    for number, token in enumerate(tokens):
        page.paste(_code(token, side), (left, top + number * (side + side // 5)))
    return page


def _side(sheet: tuple[int, int]) -> int:
    return round(sheet[0] * _CODE_SHARE)


def _corner(sheet: tuple[int, int]) -> tuple[int, int]:
    return sheet[0] - _side(sheet) - sheet[0] // 20, sheet[1] // 25


def _code(token: bytes, side: int) -> Image.Image:
    with Image.open(io.BytesIO(picture(qr_text(token, URL)).png)) as code:
        return code.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)


def _patch(sheet: tuple[int, int], tokens: Sequence[bytes]) -> Image.Image:
    """The code with a little paper around it."""
    side = _side(sheet)
    paper = Image.new("RGB", (side + 2 * (side // 10), side + 2 * (side // 10)), _PAPER)
    paper.paste(_code(tokens[0], side), (side // 10, side // 10))
    return paper


def _stamped(patch: Image.Image) -> Image.Image:
    """Stamp ink lets black through: black stays black, paper becomes red."""
    width = patch.width
    ink = Image.new("RGB", patch.size, "white")
    draw = ImageDraw.Draw(ink)
    draw.ellipse((0, 0, width - 1, width - 1), outline=_SEAL, width=width // 30)
    draw.regular_polygon((width // 2, width // 2, width // 6), 5, fill=_SEAL)
    for number in range(9):
        at = width // 6 + number * width // 13
        draw.rectangle((width // 6, at, width * 5 // 6, at + width // 22), fill=_SEAL)
    return ImageChops.multiply(patch, ink)


def _photographed(sheet: tuple[int, int], degrees: float, patch: Image.Image) -> bytes:
    """``patch`` lies where the code is printed, and turns with the sheet."""
    photo = _table(sheet, degrees).copy()
    left, top = ((PHOTO[axis] - sheet[axis]) // 2 + _corner(sheet)[axis] - _side(sheet) // 10 for axis in (0, 1))
    across, down = left + patch.width / 2 - PHOTO[0] / 2, top + patch.height / 2 - PHOTO[1] / 2
    angle = radians(degrees)
    x, y = across * cos(angle) + down * sin(angle), down * cos(angle) - across * sin(angle)
    seen = patch.convert("RGBA").rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    place = round(PHOTO[0] / 2 + x - seen.width / 2), round(PHOTO[1] / 2 + y - seen.height / 2)
    light = _light().crop((*place, place[0] + seen.width, place[1] + seen.height))
    photo.paste(ImageChops.multiply(seen.convert("RGB"), light), place, seen.getchannel("A"))
    return _saved(photo, "JPEG", quality=80)


@lru_cache
def _table(sheet: tuple[int, int], degrees: float) -> Image.Image:
    """Of wood, with the sheet on it, in its light."""
    table = Image.new("RGB", PHOTO, _TABLE)
    table.paste(_sheet(sheet), ((PHOTO[0] - sheet[0]) // 2, (PHOTO[1] - sheet[1]) // 2))
    return ImageChops.multiply(table.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=_TABLE), _light())


@lru_cache
def _light() -> Image.Image:
    """From nearly full to two thirds."""
    light = Image.linear_gradient("L").resize(PHOTO).point(lambda value: 150 + value * 105 // 255)
    return Image.merge("RGB", (light, light, light))


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
