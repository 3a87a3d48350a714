"""The peers of the benchmark of files: a few lines around Pillow, zxing-cpp and pypdfium2, in some processes.

* ``usual``: every dot and every page once, and the red channel where grey shows nothing.
* ``quickest``: a JPEG of more than 5 megapixels in grey and half its size first, of a PDF nothing after the first code.

Neither checks a signature, a file's bounds or anything else; the processes are forked with the libraries loaded.
"""

import io
import os
import struct
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

Decode = Callable[[bytes], int]
PDF_SCALE = 2.0
_HALF_FROM_PIXELS = 5_000_000


def decode_all(files: Sequence[bytes], decode: Decode, processes: int) -> int:
    """How many codes are found in all, each process at every so-manieth file."""
    shares = [_forked(files[share::processes], decode) for share in range(processes)]
    return sum(_found(child, reading) for child, reading in shares)


def usual(data: bytes) -> int:
    """How many codes a file shows."""
    from PIL import Image
    from pypdfium2 import PdfDocument

    if data.startswith(b"%PDF-"):
        return sum(_codes(page.render(scale=PDF_SCALE).to_pil().convert("L")) for page in PdfDocument(data))
    with Image.open(io.BytesIO(data)) as picture:
        return _codes(picture.convert("L")) or _codes(picture.getchannel("R"))


def quickest(data: bytes) -> int:
    from PIL import Image
    from pypdfium2 import PdfDocument

    if data.startswith(b"%PDF-"):
        pages = (page.render(scale=PDF_SCALE, grayscale=True).to_pil() for page in PdfDocument(data))
        return next((found for found in map(_codes, pages) if found), 0)
    with Image.open(io.BytesIO(data)) as picture:
        if picture.format == "JPEG" and picture.width * picture.height >= _HALF_FROM_PIXELS:
            picture.draft("L", (picture.width // 2, picture.height // 2))
            return _codes(picture) or usual(data)
    return usual(data)


def _codes(picture: "Image") -> int:
    import zxingcpp

    return len(zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])))


def _forked(files: Sequence[bytes], decode: Decode) -> tuple[int, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, struct.pack("<Q", sum(map(decode, files))))
        os._exit(0)
    os.close(writing)
    return child, reading


def _found(child: int, reading: int) -> int:
    told = os.read(reading, 8)
    os.close(reading)
    if os.waitpid(child, 0)[1] or len(told) != 8:
        sys.exit("a bare process failed: nothing was measured")
    return int(struct.unpack("<Q", told)[0])
