"""The codes of a scanned page without drawing all of it with care, which takes pdfium longer than all the rest.

* An office scanner lays one JPEG over a page. Unpacked at half or a quarter of its size it still has the dots of a
  drawn page, for a fraction of the work. Yet it need not be what the page shows: a mask, a clip, other colours or words
  over it may hide it or make something else of it.
* So the page is drawn too, at a quarter of the scale, where every dot of the picture, its mask and what lies over it
  has its weight: leaving dots out would show what stands in the others. Both must look alike, dot by dot and part by
  part, and every code must be read once more where it stands on the page, drawn with care there. Everything else is
  drawn with care as a whole (``pdf_pages.codes_in_page``).

Decision: docs/decisions/0252.
"""

from typing import TYPE_CHECKING

from verify.documents.codes import Box, codes_as_is, places_of_codes
from verify.documents.image import jpeg_reduced
from verify.documents.pdf_drawing import dots, drawn, drawn_within
from verify.reasons import Rejection

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfObject, PdfPage

COARSELY = 0.5
"""36 dots an inch: a module of half a millimetre is three quarters of a dot."""
UNLIKE = 56
"""How far a dot's colour may be off, of 255. Edges of text make up to 46, a code that is not there more than 100."""
PART = 4
UNLIKE_PART = 16
"""The same for the mean of 4 × 4 dots, 2.8 mm: a code too pale for the first is too pale to be read then."""
_PARTS_MIN = 8
_OBJECTS_MAX = 10_000
_SLACK = 0.98
"""Of the dots: a page's size is rounded up, and a scanner's resolution is not exactly ours."""
_FINER = 1.2
_BESIDE = 0.2
"""Of a code's side, what is drawn around it: its quiet zone and something more."""
_JPEG = ["DCTDecode"]


def codes_of_scan(page: "PdfPage") -> tuple[str, ...] | None:
    """The QR texts of ``page``; None when it must be drawn with care."""
    scan = _scanned(page)
    if scan is None or not _alike(scan, drawn_within(page, COARSELY)):
        return None
    found = places_of_codes(scan)
    shown = all(text in codes_as_is(_drawn_around(page, place, scan.size)) for text, place in found.items())
    return tuple(found) if shown else None


def _scanned(page: "PdfPage") -> "Image | None":
    """The page's one picture the way up the page has it, RGB or L, about as large as the page drawn with care."""
    from PIL.Image import Resampling, Transpose

    picture = _only_picture(page)
    if picture is None or picture.get_filters() != _JPEG:
        return None
    turns = {90: Transpose.ROTATE_270, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_90}
    turn = turns.get(page.get_rotation())
    size = dots(page)
    width, height = (int(side * _SLACK) for side in (size if turn in {None, Transpose.ROTATE_180} else size[::-1]))
    try:
        scan = jpeg_reduced(bytes(picture.get_data()), width, height)
    except (Rejection, MemoryError):
        return None
    if scan is None:
        return None
    if scan.width * scan.height > (_FINER**2) * width * height:
        scan = scan.resize((width, height), Resampling.HAMMING)
    return scan if turn is None else scan.transpose(turn)


def _only_picture(page: "PdfPage") -> "PdfObject | None":
    """The one picture of a page that has nothing besides but words: what a scanner lays under it to be searched."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_TEXT, FPDFPage_CountObjects, FPDFPage_GetAnnotCount

    if FPDFPage_GetAnnotCount(page) or FPDFPage_CountObjects(page) > _OBJECTS_MAX:
        return None
    pictures = [each for each in page.get_objects(max_depth=1) if each.type != FPDF_PAGEOBJ_TEXT]
    return pictures[0] if [each.type for each in pictures] == [FPDF_PAGEOBJ_IMAGE] else None


def _alike(scan: "Image", shown: "Image") -> bool:
    """Whether no dot and no part of one is much darker, lighter or of another colour than that of the other."""
    from PIL.Image import Resampling

    parts = shown.width // PART, shown.height // PART
    if min(parts) < _PARTS_MIN:
        return False
    same = scan.resize(shown.size, Resampling.HAMMING, reducing_gap=2.0).convert("RGB")
    coarse = (each.resize(parts, Resampling.BOX) for each in (same, shown))
    return _most_off(same, shown) <= UNLIKE and _most_off(*coarse) <= UNLIKE_PART


def _most_off(one: "Image", other: "Image") -> int:
    from PIL import ImageChops

    return max(most for _, most in ImageChops.difference(one, other).getextrema())  # type: ignore[misc]


def _drawn_around(page: "PdfPage", place: Box, size: tuple[int, int]) -> "Image":
    """The page with care, as far as it shows what stands at ``place`` of a picture of it of ``size``."""
    left, top, right, bottom = place
    beside = _BESIDE * max(right - left, bottom - top)
    across, down = (side / dots for side, dots in zip(page.get_size(), size, strict=True))
    edges = (left - beside, size[1] - bottom - beside, size[0] - right - beside, top - beside)
    without = (max(0.0, edge) * step for edge, step in zip(edges, (across, down, across, down), strict=True))
    return drawn(page, without=tuple(without))
