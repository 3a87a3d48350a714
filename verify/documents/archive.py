"""Opening a zip that an enemy packed: bounded, plain, nothing twice.

* File, member count, member size, total size and ratio are bounded; sizes are measured while reading, not believed.
* Refused: names twice (case ignored), absolute names, ``..`` and backslashes, encryption, other methods than stored and
  deflated, members that overlap.
* Nothing is ever written to disk.
"""

import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

from verify.reasons import Reason, Rejection

FILE_LIMIT_BYTES = 20 * 1024 * 1024
MEMBERS_MAX = 500
MEMBER_LIMIT_BYTES = 16 * 1024 * 1024
TOTAL_LIMIT_BYTES = 48 * 1024 * 1024
RATIO_MAX = 250
RATIO_FREE_BYTES = 1024 * 1024
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_CONTENT_TYPES = "[content_types].xml"
_TELLING = frozenset("\\%#?[]:*\x00")


def members(data: bytes) -> Mapping[str, bytes]:
    """Name → content. Raises Rejection, and nothing else."""
    if len(data) > FILE_LIMIT_BYTES:
        raise Rejection(Reason.FILE_TOO_LARGE)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
            if archive.comment or (infos and min(info.header_offset for info in infos)):
                raise Rejection(Reason.DANGEROUS_FILE, "压缩包前后另有内容")
            _refuse_dangerous(infos, len(data))
            return {info.filename: _content(archive, info) for info in infos}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Rejection(Reason.DAMAGED_FILE) from error


def _refuse_dangerous(infos: list[zipfile.ZipInfo], file_bytes: int) -> None:
    names = [info.filename.lower() for info in infos]
    if len(infos) > MEMBERS_MAX or sum(info.file_size for info in infos) > TOTAL_LIMIT_BYTES:
        raise Rejection(Reason.FILE_TOO_LARGE)
    if len(set(names)) != len(names) or any(_unsafe(name) for name in names):
        raise Rejection(Reason.DANGEROUS_FILE)
    if sum(info.compress_size for info in infos) > file_bytes or any(_suspicious(info) for info in infos):
        raise Rejection(Reason.DANGEROUS_FILE)


def _unsafe(name: str) -> bool:
    if name == _CONTENT_TYPES:
        return False
    outside = not name or name.startswith("/") or ".." in name.split("/")
    return outside or any(character in _TELLING for character in name)


def _suspicious(info: zipfile.ZipInfo) -> bool:
    bomb = info.file_size > RATIO_FREE_BYTES and info.file_size > RATIO_MAX * max(info.compress_size, 1)
    return bomb or info.compress_type not in _METHODS or bool(info.flag_bits & _ENCRYPTED)


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > MEMBER_LIMIT_BYTES:
        raise Rejection(Reason.FILE_TOO_LARGE)
    with archive.open(info) as member:
        content = member.read(MEMBER_LIMIT_BYTES + 1)
    if len(content) != info.file_size:
        raise Rejection(Reason.DANGEROUS_FILE)
    return content
