"""Pictures of fictional reports for the benchmark of files: photographs, scans, PDFs of scans, each with its code."""

import io
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw

from verify.bench.office import URL
from verify.scanned import qr_text

PHOTO = (3000, 4000)
"""A phone's 12 megapixels."""
SCAN = (2480, 3508)
"""A4 at 300 dots an inch."""
_CODE_SHARE = 35 / 210
"""The printed code's side on A4."""
_TURN = 6


def photographs(tokens: Sequence[bytes]) -> Iterator[bytes]:
    """A sheet on a table, a little askew, in uneven light; JPEG."""
    sheet = _sheet((2300, 3252))
    light = Image.linear_gradient("L").resize(PHOTO).point(lambda value: 150 + value * 105 // 255)
    for token in tokens:
        page = _with_code(sheet, token)
        table = Image.new("RGB", PHOTO, (96, 80, 62))
        table.paste(page, (350, 374))
        turned = table.rotate(_TURN, Image.Resampling.BILINEAR, fillcolor=(96, 80, 62))
        yield _saved(Image.composite(turned, Image.new("RGB", PHOTO, (20, 18, 16)), light), "JPEG", quality=80)


def scans(tokens: Sequence[bytes]) -> Iterator[bytes]:
    """Straight, in colour; JPEG."""
    sheet = _sheet(SCAN)
    return (_saved(_with_code(sheet, token), "JPEG", quality=80) for token in tokens)


def scanned_pdfs(tokens: Sequence[bytes]) -> Iterator[bytes]:
    """Two pages, the code on the first."""
    sheet = _sheet(SCAN)
    for token in tokens:
        yield _saved(_with_code(sheet, token), "PDF", save_all=True, append_images=[sheet], resolution=300, quality=80)


def _sheet(size: tuple[int, int]) -> Image.Image:
    """Paper with lines that stand for text."""
    width, height = size
    page = Image.new("RGB", size, (251, 250, 246))
    draw = ImageDraw.Draw(page)
    for number in range(46):
        top = height // 5 + number * height // 62
        for word in range(9):
            left = width // 10 + word * width // 11
            draw.rectangle((left, top, left + width // 14, top + height // 150), fill=(52, 52, 54))
    return page


def _with_code(sheet: Image.Image, token: bytes) -> Image.Image:
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, box_size=6)
    code.add_data(qr_text(token, URL))
    side = round(sheet.width * _CODE_SHARE)
    picture = code.make_image().get_image().convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
    page = sheet.copy()
    page.paste(picture, (sheet.width - side - sheet.width // 20, sheet.height // 25))
    return page


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
