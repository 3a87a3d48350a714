"""The child process of ``pdf``: bounds itself, draws the pages of one PDF, and answers with the codes they show.

python -m verify.documents.pdf_pages < file      → {"texts": […]} or {"reason": "DAMAGED_FILE"}

* Bounds: address space, processor time, no file written, no core file; pages, and pixels of a page, whatever its size.
* A red seal over the code turns into paper in the red channel (as in ``image``).
"""

import json
import sys
from typing import TYPE_CHECKING

from verify.reasons import Reason, Rejection

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

MEMORY_BYTES = 1024 * 1024 * 1024
PROCESSOR_SECONDS = 30
PAGES_MAX = 300
"""A report with the most records has some 200; a page takes 25 ms."""
PIXELS_MAX = 3_000_000
SCALE = 2.0
"""144 dots an inch: a module of half a millimetre is nearly three wide, an A4 page 2 million pixels."""
_PASSWORD = 4


def main() -> int:
    _bound()
    try:
        answer: dict[str, object] = {"texts": texts_of(sys.stdin.buffer.read())}
    except Rejection as rejection:
        answer = {"reason": rejection.reason.value}
    json.dump(answer, sys.stdout)
    return 0


def texts_of(data: bytes) -> list[str]:
    """The QR texts of all pages in reading order, none twice. Raises Rejection."""
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(data)
        if len(document) > PAGES_MAX:
            raise Rejection(Reason.FILE_TOO_LARGE)
        found = [text for page in document for text in _texts(_drawn(page))]
    except PdfiumError as error:
        locked = error.err_code == _PASSWORD
        raise Rejection(Reason.FILE_NOT_OPENED if locked else Reason.DAMAGED_FILE) from error
    except (ValueError, OverflowError, MemoryError) as error:
        raise Rejection(Reason.DAMAGED_FILE) from error
    return list(dict.fromkeys(found))


def _drawn(page: "PdfPage") -> "Image":
    width, height = page.get_size()
    area = max(1.0, width * height)
    drawn: Image = page.render(scale=min(SCALE, (PIXELS_MAX / area) ** 0.5)).to_pil()
    return drawn.convert("RGB")


def _texts(picture: "Image") -> list[str]:
    from verify.documents.image import codes_in

    codes = codes_in(picture.convert("L")) or codes_in(picture.getchannel("R"))
    return [code.text for code in codes]


def _bound() -> None:
    """What the system does not offer is left out."""
    try:
        import resource
    except ImportError:
        return
    limits = (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    )
    for which, most in limits:
        _, hard = resource.getrlimit(which)
        resource.setrlimit(which, (most, most) if hard == resource.RLIM_INFINITY else (min(most, hard),) * 2)


if __name__ == "__main__":
    sys.exit(main())
