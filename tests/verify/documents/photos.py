"""Photographs and scans of paper, made: pages with codes, turned, in perspective, in the dark, under a seal.
Fictional."""

import io
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tests.verify.documents.report import qr_png

MM = 200 / 25.4
"""Dots of a millimetre at 200 an inch."""
PAPER = (round(210 * MM), round(297 * MM))
TABLE = (92, 71, 52)


def mm(length: float) -> int:
    return round(length * MM)


def code(text: str, side_mm: float = 35) -> Image.Image:
    """The code with its quiet zone, as printed."""
    with Image.open(io.BytesIO(qr_png(text))) as image:
        return image.convert("RGB").resize((mm(side_mm), mm(side_mm)), Image.Resampling.LANCZOS)


def sheet(*codes: tuple[str, tuple[float, float]], lines: int = 30) -> Image.Image:
    """A4 at 200 dpi with lines that stand for text, and each code with its upper left corner at (x, y) in mm."""
    page = Image.new("RGB", PAPER, (252, 251, 247))
    draw = ImageDraw.Draw(page)
    for number in range(lines):
        draw.rectangle((mm(20), mm(70 + 7 * number), mm(150 + 11 * (number % 4)), mm(72.5 + 7 * number)), fill="#333")
    for text, (left, top) in codes:
        page.paste(code(text), (mm(left), mm(top)))
    return page


def report_page(text: str) -> Image.Image:
    """The first page of a report: the code at its upper right."""
    return sheet((text, (160, 12)))


def sealed(page: Image.Image, centre_mm: tuple[float, float], diameter_mm: float = 42) -> Image.Image:
    """A round red seal stamped over it. Stamp ink lets black through: black stays black, paper becomes red."""
    ink = Image.new("RGB", page.size, "white")
    draw = ImageDraw.Draw(ink)
    x, y, radius = mm(centre_mm[0]), mm(centre_mm[1]), mm(diameter_mm / 2)
    red = (225, 40, 45)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=red, width=mm(1.4))
    for number in range(9):
        top = y - radius + mm(4) + number * mm(diameter_mm - 8) // 9
        draw.rectangle((x - radius + mm(5), top, x + radius - mm(5), top + mm(2.2)), fill=red)
    draw.regular_polygon((x, y, mm(8)), 5, fill=red)
    return ImageChops.multiply(page, ink)


def photographed(page: Image.Image, *, tilt: float = 0.12, turn: float = 0, seed: int = 1) -> Image.Image:
    """On a table, seen from the side by a phone held ``turn`` degrees askew, 12 megapixels."""
    dice = random.Random(seed)
    width, height = 3000, 4000
    table = Image.new("RGB", (width, height), TABLE)
    table.paste(page.resize((2400, 3394), Image.Resampling.BICUBIC), (300, 300))
    if turn:
        table = table.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=TABLE).resize((width, height))
    shifts = [dice.uniform(0, tilt) for _ in range(8)]
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    towards = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    seen = [
        (x + sx * shifts[2 * n] * width * 0.5, y + sy * shifts[2 * n + 1] * height * 0.5)
        for n, ((x, y), (sx, sy)) in enumerate(zip(corners, towards, strict=True))
    ]
    return table.transform(
        (width, height), Image.Transform.PERSPECTIVE, _perspective(corners, seen), Image.Resampling.BICUBIC
    )


def _perspective(seen: Sequence[tuple[float, float]], there: Sequence[tuple[float, float]]) -> list[float]:
    """The eight coefficients that carry each point ``seen`` to the one that is ``there``."""
    import numpy

    rows, values = [], []
    for (x, y), (u, v) in zip(seen, there, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(each) for each in numpy.linalg.solve(numpy.array(rows), numpy.array(values))]


def shaded(picture: Image.Image, darkest: float = 0.35) -> Image.Image:
    """A shadow that falls across it from one side."""
    ramp = Image.linear_gradient("L").rotate(90).resize(picture.size)
    shade = ramp.point(lambda value: round(255 * (darkest + (1 - darkest) * value / 255)))
    return ImageChops.multiply(picture, Image.merge("RGB", (shade, shade, shade)))


def dark(picture: Image.Image, share: float = 0.25) -> Image.Image:
    return picture.point(lambda value: round(value * share))


def noisy(picture: Image.Image, strength: float = 24) -> Image.Image:
    noise = Image.effect_noise(picture.size, strength)
    return ImageChops.add(picture, Image.merge("RGB", (noise, noise, noise)), scale=1, offset=-128)


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def jpeg(picture: Image.Image, quality: int = 60, **options: object) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality, **options)
    return out.getvalue()


def pdf(*pages: Image.Image, quality: int = 70) -> bytes:
    """Scans, one to a page."""
    out = io.BytesIO()
    first, *rest = (page.convert("RGB") for page in pages)
    first.save(out, "PDF", save_all=True, append_images=rest, resolution=200.0, quality=quality)
    return out.getvalue()


def tiff(*pages: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], **options)
    return out.getvalue()
