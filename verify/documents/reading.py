"""One input of any kind, read: which verification codes it shows, and what document it is.

* The kind is told by content, never by name: docx (zip), PDF, a picture, or a short text that is a scanned code.
* A picture gives its codes and no document: what it says is compared by whoever looks at it.
* This runs in the process that calls it. Whoever reads files of strangers lets a worker do it (``workers``).
* Codes that are not ours (a chat group's QR on the same photo) are left aside when one of ours is there.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from verify.binding import DocumentInHand
from verify.errors import DocumentError
from verify.reasons import Reason, Rejection
from verify.scanned import TEXT_LIMIT, Scan
from verify.scanned import read as read_code

FILE_LIMIT_BYTES = 20 * 1024 * 1024
_ZIP = b"PK\x03\x04"
_PDF = b"%PDF-"
_OTHER_FILES = (b"\xd0\xcf\x11\xe0", b"GIF8", b"RIFF", b"{\\rtf", b"PK")


@dataclass(frozen=True, slots=True)
class Scanned:
    """``qr_texts``: distinct codes that could be ours, or, when there are none, one that is not.

    ``unread``: the input shows more than codes, and that was not read. ``places``: the page of each code, from 1;
    where it is not told, the first.
    """

    qr_texts: tuple[str, ...]
    document: DocumentInHand | None = None
    unread: bool = False
    places: tuple[int, ...] = ()

    def page_of(self, number: int) -> int:
        """The page of the code ``number`` of ``qr_texts``."""
        return self.places[number] if number < len(self.places) else 1


def read(source: Path | bytes, name: str) -> Scanned:
    """Raises Rejection for what cannot be read as what it is; DocumentError when the path cannot be opened at all."""
    data = bytes_of(source, name) if isinstance(source, Path) else source
    if not data.strip():
        raise Rejection(Reason.EMPTY)
    if len(data) > FILE_LIMIT_BYTES:
        raise Rejection(Reason.FILE_TOO_LARGE)
    return _ours(_read(data))


def _read(data: bytes) -> Scanned:
    from verify.documents.image import is_scan

    if data.startswith(_ZIP):
        return _docx(data)
    if is_scan(data):
        return _picture(data)
    if data.startswith(_PDF):
        return _pdf(data)
    return _text(data)


def bytes_of(path: Path, name: str) -> bytes:
    """The file, one byte more than is allowed if it is too large. Raises DocumentError when it cannot be opened."""
    try:
        with path.open("rb") as file:
            return file.read(FILE_LIMIT_BYTES + 1)
    except OSError as error:
        raise DocumentError(
            f"无法打开 {name}。", next_step="请检查路径是否正确、是否有读取权限。", code="FILE_NOT_OPENED"
        ) from error


def _docx(data: bytes) -> Scanned:
    from verify.documents.archive import members
    from verify.documents.docx import is_docx, read_docx

    parts = members(data)
    if not is_docx(parts):
        raise Rejection(Reason.UNSUPPORTED_FILE)
    found = read_docx(parts)
    return Scanned(found.qr_texts, found.document)


def _pdf(data: bytes) -> Scanned:
    from verify.documents.pdf import read_pdf

    return read_pdf(data)


def _picture(data: bytes) -> Scanned:
    from verify.documents.image import read_scan

    found = read_scan(data)
    if found.damaged:
        raise Rejection(Reason.CODE_DAMAGED)
    return Scanned(tuple(text for text, _ in found.codes), None, True, tuple(page for _, page in found.codes))


def _text(data: bytes) -> Scanned:
    if data.startswith(_OTHER_FILES) or b"\x00" in data or len(data) > TEXT_LIMIT:
        raise Rejection(Reason.UNSUPPORTED_FILE)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejection(Reason.UNSUPPORTED_FILE) from error
    return Scanned((text,))


def _ours(scanned: Scanned) -> Scanned:
    """One text per distinct credential; when none can be one, the first of the texts."""
    tokens: dict[bytes, int] = {}
    for number, text in enumerate(scanned.qr_texts):
        scan = _scan(text)
        if scan is not None:
            tokens.setdefault(scan.token, number)
    kept = list(tokens.values()) or [0][: len(scanned.qr_texts)]
    pages = tuple(scanned.page_of(number) for number in kept) if scanned.places else ()
    return replace(scanned, qr_texts=tuple(scanned.qr_texts[number] for number in kept), places=pages)


def _scan(text: str) -> Scan | None:
    try:
        return read_code(text)
    except Rejection:
        return None
