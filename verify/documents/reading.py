"""One input of any kind, read: which verification codes it shows, and what document it is.

* The kind is told by content, never by name: docx (zip), PDF, PNG, JPEG, or a short text that is a scanned code.
* A picture and a PDF give their code and no document: what they say is compared by whoever looks at the page.
* Codes that are not ours (a chat group's QR on the same photo) are left aside when one of ours is there.
"""

from dataclasses import dataclass
from pathlib import Path

from verify.binding import DocumentInHand
from verify.documents.pdf import MAGIC, read_pdf
from verify.errors import DocumentError
from verify.reasons import Reason, Rejection
from verify.scanned import TEXT_LIMIT, Scan
from verify.scanned import read as read_code

FILE_LIMIT_BYTES = 20 * 1024 * 1024
_ZIP = b"PK\x03\x04"
_OTHER_FILES = (b"\xd0\xcf\x11\xe0", b"GIF8", b"II*\x00", b"MM\x00*", b"RIFF", b"{\\rtf", b"PK")


@dataclass(frozen=True, slots=True)
class Scanned:
    """``qr_texts``: distinct codes that could be ours, or, when there are none, whatever codes there are.

    ``unread``: the input shows more than codes, and that was not read.
    """

    qr_texts: tuple[str, ...]
    document: DocumentInHand | None = None
    unread: bool = False


def read(source: Path | bytes, name: str) -> Scanned:
    """Raises Rejection for what cannot be read as what it is; DocumentError when the path cannot be opened at all."""
    data = _bytes(source, name) if isinstance(source, Path) else source
    if not data.strip():
        raise Rejection(Reason.EMPTY)
    if len(data) > FILE_LIMIT_BYTES:
        raise Rejection(Reason.FILE_TOO_LARGE)
    if data.startswith(_ZIP):
        return _docx(data)
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        return _picture(data)
    if data.startswith(MAGIC):
        return Scanned(_ours(read_pdf(data)), unread=True)
    return _text(data)


def _bytes(path: Path, name: str) -> bytes:
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
    return Scanned(_ours(found.qr_texts), found.document)


def _picture(data: bytes) -> Scanned:
    from verify.documents.image import read_picture

    return Scanned(_ours(read_picture(data).texts), unread=True)


def _text(data: bytes) -> Scanned:
    if data.startswith(_OTHER_FILES) or b"\x00" in data or len(data) > TEXT_LIMIT:
        raise Rejection(Reason.UNSUPPORTED_FILE)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejection(Reason.UNSUPPORTED_FILE) from error
    return Scanned((text,))


def _ours(texts: tuple[str, ...]) -> tuple[str, ...]:
    """One text per distinct credential; the texts as they are when none can be one."""
    tokens: dict[bytes, str] = {}
    for text in texts:
        scan = _scan(text)
        if scan is not None:
            tokens.setdefault(scan.token, text)
    return tuple(tokens.values()) or texts


def _scan(text: str) -> Scan | None:
    try:
        return read_code(text)
    except Rejection:
        return None
