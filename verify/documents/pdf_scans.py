"""The codes of a scanned page without smoothing its picture, which takes pdfium longer than all the rest.

* An office scanner lays one JPEG over a page. Unpacked at half or a quarter of its size it still has the dots of a
  drawn page, for a fraction of the work. Yet it need not be what the page shows: a mask, a clip, other colours or words
  over it may hide it or make something else of it.
* So the page is drawn too, its picture's dots taken or left out as they fall. Both must look alike in every part of
  the page and show the very same codes. Everything else is drawn with care (``pdf_pages.codes_in_page``).

Decision: docs/decisions/0252.
"""

from typing import TYPE_CHECKING

from verify.documents.codes import codes_as_is
from verify.documents.image import jpeg_of_at_least
from verify.reasons import Rejection

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfObject, PdfPage

PART = 16
"""Dots of a drawn page, 2.8 mm: a report's code is twelve parts wide."""
UNLIKE = 56
"""How far the mean colour of a part may be off, of 255. Leaving out dots of text makes up to 26, a code that is not
there more than 100."""
_PARTS_MIN = 8
_OBJECTS_MAX = 10_000
_SLACK = 0.98
"""Of the dots: a page's size is rounded up, and a scanner's resolution is not exactly ours."""
_JPEG = ["DCTDecode"]


def codes_of_scan(page: "PdfPage", shown: "Image") -> tuple[str, ...] | None:
    """The QR texts of ``page``; None when it must be drawn with care. ``shown``: the page as drawn unsmoothed, RGB."""
    scan = _scanned(page, shown.size)
    if scan is None or not _alike(scan, shown):
        return None
    codes = codes_as_is(scan)
    return codes if codes == codes_as_is(shown) else None


def _scanned(page: "PdfPage", size: tuple[int, int]) -> "Image | None":
    """The page's one picture the way up the page has it, RGB or L, with at least the dots of ``size``."""
    from PIL.Image import Transpose

    picture = _only_picture(page)
    if picture is None or picture.get_filters() != _JPEG:
        return None
    turns = {90: Transpose.ROTATE_270, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_90}
    turn = turns.get(page.get_rotation())
    least = tuple(int(side * _SLACK) for side in size)
    width, height = least if turn in {None, Transpose.ROTATE_180} else reversed(least)
    try:
        scan = jpeg_of_at_least(bytes(picture.get_data()), width, height)
    except Rejection:
        return None
    return scan if scan is None or turn is None else scan.transpose(turn)


def _only_picture(page: "PdfPage") -> "PdfObject | None":
    """The one picture of a page that has nothing besides but words: what a scanner lays under it to be searched."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_TEXT, FPDFPage_CountObjects, FPDFPage_GetAnnotCount

    if FPDFPage_GetAnnotCount(page) or FPDFPage_CountObjects(page) > _OBJECTS_MAX:
        return None
    pictures = [each for each in page.get_objects(max_depth=1) if each.type != FPDF_PAGEOBJ_TEXT]
    return pictures[0] if [each.type for each in pictures] == [FPDF_PAGEOBJ_IMAGE] else None


def _alike(scan: "Image", shown: "Image") -> bool:
    """Whether no part of one is much darker, lighter or of another colour than the same part of the other."""
    from PIL import Image, ImageChops

    parts = shown.width // PART, shown.height // PART
    if min(parts) < _PARTS_MIN:
        return False
    coarse = [image.resize(parts, Image.Resampling.BOX).convert("RGB") for image in (scan, shown)]
    off = ImageChops.difference(*coarse)
    return not any(sum(off.getchannel(colour).histogram()[UNLIKE + 1 :]) for colour in "RGB")
