"""``python -m tests.verify.documents.make_sample``: writes the sample that a worker reads before any other PDF.

One page of one line, certified as reports are, by an office that does not exist, under a key that nobody kept. It need
not be made again unless reports are certified in another way.
"""

import ctypes
import io
from datetime import UTC, datetime

from pypdfium2 import PdfDocument
from pypdfium2.raw import (
    FPDFPage_GenerateContent,
    FPDFPage_InsertObject,
    FPDFPageObj_NewTextObj,
    FPDFPageObj_Transform,
    FPDFText_SetText,
)

from verify.documents.pdf import SAMPLE
from verify.issuing.bench.delivered import new_identity
from verify.issuing.pdf.certifying import Certifier, Statement

WORDS = "A fictional sample: it certifies nothing."
_A4 = 595, 842


def main() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    identity, _ = new_identity(moment)
    SAMPLE.write_bytes(Certifier(identity).certify(_page(), Statement("fictional sample", "nowhere", moment)))


def _page() -> bytes:
    document, out = PdfDocument.new(), io.BytesIO()
    page = document.new_page(*_A4)
    line = FPDFPageObj_NewTextObj(document, b"Helvetica", 14.0)
    words = ctypes.create_string_buffer(WORDS.encode("utf-16-le") + b"\0\0")
    FPDFText_SetText(line, ctypes.cast(words, ctypes.POINTER(ctypes.c_ushort)))
    FPDFPageObj_Transform(line, 1, 0, 0, 1, 72, 760)
    FPDFPage_InsertObject(page, line)
    FPDFPage_GenerateContent(page)
    document.save(out)
    return out.getvalue()


if __name__ == "__main__":
    main()
