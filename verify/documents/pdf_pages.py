"""The pages of one PDF, drawn by pdfium, and the codes they show.

* Bounds: pages, and pixels of a page (``pdf_drawing``).
* A page that is a picture – one image over most of it – is looked at as a scan is (``codes``), whatever text an office
  scanner has laid under or over it. A drawn page is crisp: it is looked at once, and once more without its red ink.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from verify.documents.codes import codes_as_is, codes_on, texts_in
from verify.documents.pdf_drawing import drawn
from verify.documents.pdf_scans import codes_of_scan
from verify.reasons import Reason, Rejection

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

PAGES_MAX = 300
"""A report with the most records has some 200; a page takes 15 ms."""
PICTURE_SHARE = 2 / 3
_NESTED_MAX = 3
_PASSWORD = 4


@contextmanager
def opened(data: bytes) -> "Iterator[PdfDocument]":
    """Raises Rejection for what pdfium cannot open, and for what it cannot read while the file is open."""
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(data)
        try:
            if len(document) > PAGES_MAX:
                raise Rejection(Reason.FILE_TOO_LARGE)
            yield document
        finally:
            document.close()
    except PdfiumError as error:
        locked = error.err_code == _PASSWORD
        raise Rejection(Reason.FILE_LOCKED if locked else Reason.DAMAGED_FILE) from error
    except (ValueError, OverflowError, MemoryError) as error:
        raise Rejection(Reason.DAMAGED_FILE) from error


def codes_in_page(page: "PdfPage", *, picture: bool) -> tuple[str, ...]:
    """The QR texts it shows; ``picture``: see ``is_picture``."""
    if picture:
        codes = codes_of_scan(page)
        return codes_as_is(drawn(page)) if codes is None else codes
    return texts_in(drawn(page, grey=True)) or texts_in(drawn(page).getchannel("R"))


def looked_closely(page: "PdfPage") -> tuple[str, ...]:
    """The same, whatever it takes: for a scan of which no page has shown a code."""
    return codes_on(drawn(page)).texts


def is_picture(page: "PdfPage") -> bool:
    """Whether one image covers most of the page, as in a scan."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    width, height = page.get_size()
    for image in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=_NESTED_MAX):
        left, bottom, right, top = image.get_bounds()
        shown = max(0.0, min(right, width) - max(left, 0)) * max(0.0, min(top, height) - max(bottom, 0))
        if shown >= PICTURE_SHARE * width * height:
            return True
    return False
