"""What there is to verify: files, folders and zips, as a list of named contents that are read when their turn comes.

* Hidden files and what systems leave behind (``__MACOSX``, ``Thumbs.db``, ``~$…``) are passed over; links are not
  followed.
* A zip comes from an enemy: its directory is bounded before it is read, sizes are measured and not believed, members
  that
  lie in each other refuse the whole. A member that is locked, too large or a zip itself is an answer of its own.
* Names in old zips are GBK or UTF-8 without saying so. A name is shown, never a path that anything is written to.

Source: PKWARE APPNOTE 4.3.16, 4.4.4, appendix D; cases 74, 77 of verify-cases.
"""

import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO

from verify.documents.reading import FILE_LIMIT_BYTES, bytes_of
from verify.errors import DocumentError
from verify.reasons import Reason, Rejection

FILES_MAX = 10_000
ZIP_LIMIT_BYTES = 4 * 1024 * 1024 * 1024 - 1
UNPACKED_LIMIT_BYTES = 8 * 1024 * 1024 * 1024
DIRECTORY_LIMIT_BYTES = 4 * 1024 * 1024
RATIO_MAX, RATIO_FREE_BYTES = 250, 1024 * 1024
NAME_CHARACTERS_MAX = 200
ZIP = b"PK\x03\x04"
_OFFICE_DOCUMENT = "[Content_Types].xml"
_ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
_LEFT_BEHIND = frozenset({"thumbs.db", "desktop.ini"})
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _SAYS_UTF8 = 0x1, 0x800
_END, _ZIP64 = b"PK\x05\x06", b"PK\x06\x07"
_HEADER_BYTES = 30
_END_BYTES, _COMMENT_MAX, _ZIP64_BYTES = 22, 65535, 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Item:
    """One file. ``content`` reads it and raises Rejection when that cannot be."""

    name: str
    content: Callable[[], bytes]


def too_many(count: int, most: int = FILES_MAX) -> DocumentError:
    return DocumentError(
        f"一共有 {count} 个文件，一次最多核验 {most} 个。", next_step="请分成几批，分别核验。", code="TOO_MANY_FILES"
    )


def item_of(path: Path, name: str) -> Item:
    return Item(name, lambda: _opened(path, name))


def items_of_folder(folder: Path) -> list[Item]:
    """Regular files below ``folder``, sorted by name. Raises DocumentError beyond ``FILES_MAX``."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    names = [(path, path.relative_to(folder).as_posix()) for path in found]
    items = [item_of(path, name) for path, name in names if not _left_behind(name)]
    if len(items) > FILES_MAX:
        raise too_many(len(items))
    return items


def items_of_zip(file: IO[bytes]) -> list[Item] | None:
    """The members in the zip's own order; ``file`` stays open until they are read. None for an office document.

    Raises Rejection for a zip that is refused as a whole, DocumentError beyond ``FILES_MAX``.
    """
    try:
        size = _refuse_directory(file)
        archive = zipfile.ZipFile(file)
        infos = [info for info in archive.infolist() if not info.is_dir()]
    except _BROKEN as error:
        raise Rejection(Reason.DAMAGED_FILE) from error
    if any(info.filename == _OFFICE_DOCUMENT for info in infos):
        return None
    if len(infos) > FILES_MAX:
        raise too_many(len(infos))
    if sum(info.file_size for info in infos) > UNPACKED_LIMIT_BYTES:
        raise Rejection(Reason.FILE_TOO_LARGE)
    if _overlap(infos, size):
        raise Rejection(Reason.DANGEROUS_FILE)
    named = [(_name(info), info) for info in infos]
    return [Item(shown(name), _member(archive, info, name)) for name, info in named if not _left_behind(name)]


def nothing_in(name: str) -> Item:
    """In the place of an archive or a folder without a file: nobody shall think that it was verified."""

    def content() -> bytes:
        raise Rejection(Reason.NO_CODE_FOUND)

    return Item(shown(name), content)


def _overlap(infos: list[zipfile.ZipInfo], size: int) -> bool:
    """Whether members lie in each other, or beyond the end."""
    starts = sorted((info.header_offset, info.header_offset + _HEADER_BYTES + info.compress_size) for info in infos)
    return any(end > start for (_, end), (start, _) in pairwise([*starts, (size, size)]))


def is_archive(name: str) -> bool:
    return name.lower().endswith(_ARCHIVES)


def shown(name: str) -> str:
    """``name`` for people: no control or invisible characters, and not without end."""
    text = name.encode("utf-8", "replace").decode("utf-8")
    plain = "".join("\ufffd" if unicodedata.category(c) in _NOT_SHOWN else c for c in text)
    return plain if len(plain) <= NAME_CHARACTERS_MAX else f"…{plain[1 - NAME_CHARACTERS_MAX :]}"


_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _opened(path: Path, name: str) -> bytes:
    try:
        return bytes_of(path, name)
    except DocumentError as error:
        raise Rejection(Reason.FILE_NOT_OPENED) from error


def _left_behind(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return parts[-1].lower() in _LEFT_BEHIND or any(_is_hidden(part) for part in parts)


def _is_hidden(part: str) -> bool:
    return part not in {".", ".."} and part.startswith((".", "~$", "__MACOSX"))


def _refuse_directory(file: IO[bytes]) -> int:
    """The size of the file; its directory is not larger than one of so many files may be. Raises Rejection."""
    size = file.seek(0, 2)
    if size > ZIP_LIMIT_BYTES:
        raise Rejection(Reason.FILE_TOO_LARGE)
    file.seek(max(0, size - _END_BYTES - _COMMENT_MAX - _ZIP64_BYTES))
    tail = file.read()
    for end in _ends(tail):
        if len(tail) - end < _END_BYTES:
            continue
        (directory_bytes,) = struct.unpack_from("<I", tail, end + 12)
        zip64 = tail[max(0, end - _ZIP64_BYTES) : end].startswith(_ZIP64)
        if zip64 or directory_bytes > DIRECTORY_LIMIT_BYTES:
            raise Rejection(Reason.DANGEROUS_FILE)
    return size


def _ends(tail: bytes) -> Iterator[int]:
    """Wherever the record that ends a zip may begin: none of them may lie."""
    place = tail.find(_END)
    while place >= 0:
        yield place
        place = tail.find(_END, place + 1)


def _name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _SAYS_UTF8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Callable[[], bytes]:
    def content() -> bytes:
        if is_archive(name):
            raise Rejection(Reason.NESTED_ARCHIVE)
        if info.flag_bits & _ENCRYPTED:
            raise Rejection(Reason.FILE_LOCKED)
        if info.file_size > FILE_LIMIT_BYTES:
            raise Rejection(Reason.FILE_TOO_LARGE)
        if info.compress_type not in _METHODS or _is_bomb(info):
            raise Rejection(Reason.DANGEROUS_FILE)
        return _unpacked(archive, info)

    return content


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    return info.file_size > RATIO_FREE_BYTES and info.file_size > RATIO_MAX * max(info.compress_size, 1)


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as member:
            content = member.read(FILE_LIMIT_BYTES + 1)
    except _BROKEN as error:
        raise Rejection(Reason.DAMAGED_FILE) from error
    if len(content) != info.file_size:
        raise Rejection(Reason.DANGEROUS_FILE)
    return content
