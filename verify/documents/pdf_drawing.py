"""One page of a PDF as pdfium draws it, never more than so many pixels, whatever its size."""

from ctypes import byref
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

PIXELS_MAX = 3_000_000
SCALE = 2.0
"""144 dots an inch: a module of half a millimetre is nearly three wide, an A4 page 2 million pixels."""
_INSIDE = 0.02
_WHITE = 255, 255, 255, 255


def drawn(
    page: "PdfPage",
    scale: float = SCALE,
    *,
    annotations: bool = True,
    grey: bool = False,
    without: tuple[float, float, float, float] = (0, 0, 0, 0),
) -> "Image":
    """The page, RGB or L. ``without``: how much is left out on the left, below, on the right, above; in points."""
    picture: Image = page.render(
        scale=_fitting(page, scale), draw_annots=annotations, grayscale=grey, crop=without, rev_byteorder=True
    ).to_pil()
    return picture if grey or picture.mode == "RGB" else picture.convert("RGB")


def drawn_within(page: "PdfPage", scale: float) -> "Image":
    """The page, RGB, a hair's breadth from the edges of the picture: pdfium draws a picture as large as the page to the
    dot where its edges just end, and one dot further, all of it askew, where they lie a millionth beyond."""
    from pypdfium2 import PdfBitmap
    from pypdfium2.raw import (
        FPDF_REVERSE_BYTE_ORDER,
        FS_MATRIX,
        FS_RECTF,
        FPDF_RenderPageBitmapWithMatrix,
        FPDFBitmap_BGR,
    )

    size = dots(page, scale)
    bitmap = PdfBitmap.new_native(*size, FPDFBitmap_BGR, rev_byteorder=True)
    bitmap.fill_rect(_WHITE, 0, 0, *size)
    across, down = ((side - 2 * _INSIDE) / points for side, points in zip(size, page.get_size(), strict=True))
    matrix, all_of_it = FS_MATRIX(across, 0, 0, down, _INSIDE, _INSIDE), FS_RECTF(0, 0, *size)
    FPDF_RenderPageBitmapWithMatrix(bitmap, page, byref(matrix), byref(all_of_it), FPDF_REVERSE_BYTE_ORDER)
    picture: Image = bitmap.to_pil()
    return picture


def dots(page: "PdfPage", scale: float = SCALE) -> tuple[int, int]:
    """Width and height of the page drawn."""
    fitting = _fitting(page, scale)
    width, height = page.get_size()
    return ceil(width * fitting), ceil(height * fitting)


def _fitting(page: "PdfPage", scale: float) -> float:
    width, height = page.get_size()
    return float(min(scale, (PIXELS_MAX / max(1.0, width * height)) ** 0.5))
