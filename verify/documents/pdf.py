"""A PDF in hand: its verification codes, the field package it carries, its words, and what its signature says.

* A PDF that was made as one – drawn words or lines to be seen, a form, a script, a field package, anything of a
  signature – is a document, and is compared. One that shows nothing but pictures is a scan: like a photo, it has its
  code and nothing else.
* A file whose signature covers all of it shows what was signed, so it is drawn only up to its first page with a code.
  Any other one is drawn to the end, since two codes are refused.
* The package is the attachment ``ATTACHMENT``; two of them, or a broken one, is a damaged package.
* pdfium must not run in two threads at once: files wait for each other here. Files of strangers are read in the bounded
  child of a worker (``workers``), as all files are.

Source: docs/credential.md §4, §6 step 7. Decisions: docs/decisions/0196, 0197.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from verify.binding import Certification, Difference, DocumentInHand, FieldPackage, VisibleLine
from verify.documents.docx import package_in
from verify.documents.pdf_changes import came_after
from verify.documents.pdf_only_pictures import acts, more_than_pictures
from verify.documents.pdf_pages import codes_in_page, is_picture, looked_closely, opened
from verify.documents.pdf_signature import PdfSignature, signatures_in
from verify.documents.pdf_text import lines_on, visible
from verify.documents.reading import Scanned
from verify.documents.wordml import parse
from verify.reasons import Reason, Rejection

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

SAMPLE = Path(__file__).with_name("sample.pdf")
"""A page certified as reports are, fictional; tests/verify/documents/make_sample.py made it."""
ATTACHMENT = "chenghe-fields.xml"
ATTACHMENTS_MAX = 100
CHARACTERS_MAX = 1_000_000
"""Of a file; the longest report has some 300,000."""
_MADE = (b"/ByteRange", b"/JavaScript")
"""Names in every signature, one that we cannot read as well, and in every script: no scanner writes them."""
_UNFIT = Difference("电子签名", "", "‹签名的范围（ByteRange）与文件不符：有内容没有被签，或被签了两次›")
_ONE_AT_A_TIME = Lock()


def read_pdf(data: bytes) -> Scanned:
    """Raises Rejection for what cannot be opened, and nothing else."""
    with _ONE_AT_A_TIME:
        return _read(data)


def warm() -> None:
    """Loads what takes long to load, and does once what is done at the first signature, for a process that is going to
    read many. Our own file, no stranger's: what it leaves behind every child may find."""
    import pypdfium2.raw  # noqa: F401

    read_pdf(SAMPLE.read_bytes())


def _read(data: bytes) -> Scanned:
    signatures = list(signatures_in(data))
    first, later = (signatures[0], signatures[1:]) if signatures else (None, [])
    with opened(data) as document:
        package, damaged = _package(document)
        look = _looked_at(document, as_signed=first is not None and _covers(first, data))
        made = look.drawn or package is not None or damaged or acts(document)
        made = made or any(name in data for name in _MADE)
    if not made:
        return Scanned(tuple(look.codes), None, True, tuple(look.codes.values()))
    certification = _certification(data, first, later, package)
    found = DocumentInHand(package, tuple(look.lines), damaged, certification)
    return Scanned(tuple(look.codes), found, False, tuple(look.codes.values()))


@dataclass(slots=True)
class _Look:
    """``codes``: QR text → the page where it stands first, from 1. ``drawn``: a page shows more than pictures."""

    codes: dict[str, int] = field(default_factory=dict)
    lines: list[VisibleLine] = field(default_factory=list)
    drawn: bool = False


def _looked_at(document: "PdfDocument", *, as_signed: bool) -> _Look:
    look, room = _Look(), CHARACTERS_MAX
    for number, page in enumerate(document, start=1):
        picture = not as_signed and is_picture(page)
        if not (as_signed and look.codes):
            for text in codes_in_page(page, picture=picture):
                look.codes.setdefault(text, number)
        lines = lines_on(page, as_signed=as_signed)
        room -= sum(len(line.text) for line in lines)
        if room < 0:
            raise Rejection(Reason.FILE_TOO_LARGE)
        look.lines += visible(number, lines)
        if not (as_signed or look.drawn):
            look.drawn = (not picture and any(line.seen for line in lines)) or more_than_pictures(page)
        page.close()
    if not look.codes and not look.drawn and len(document):
        look.codes.update((text, 1) for text in looked_closely(document[0]))
    return look


def _covers(signature: PdfSignature, data: bytes) -> bool:
    return signature.intact and signature.end == len(data)


def _certification(
    data: bytes, first: PdfSignature | None, later: Sequence[PdfSignature], package: FieldPackage | None
) -> Certification:
    if first is None:
        return Certification(None, intact=False, whole_file=False)
    if _covers(first, data):
        return Certification(first.certificate, intact=True, whole_file=True)
    if first.intact:
        return Certification(first.certificate, True, False, came_after(data, first, later, package))
    return Certification(first.certificate, False, False, () if first.fits else (_UNFIT,))


def _package(document: "PdfDocument") -> tuple[FieldPackage | None, bool]:
    attached = (document.get_attachment(number) for number in range(document.count_attachments()))
    found = [each for each in islice(attached, ATTACHMENTS_MAX) if each.get_name() == ATTACHMENT]
    try:
        return package_in([parse(bytes(each.get_data())) for each in found])
    except Rejection:
        return None, True
