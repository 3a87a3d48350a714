"""The zip of a workbook: opened by its directory, bounded before a byte is unpacked.

Rules kept:
* At most 256 MiB packed, 2,000 parts, one entry per name, no zip64 directory; a part that unpacks to more than its
  bound or, above 16 MiB, to more than 200 times its packed size is refused.
* Parts are found by name in the directory and never written anywhere: names that climb out of a folder name nothing.
* A part with a password, an unknown packing, a wrong checksum, a broken directory: refused with the next step.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from index.errors import UnreadableImport

MAX_PACKED_BYTES = 256 << 20
MAX_PARTS = 2000
MAX_RATIO = 200
RATIO_FROM_BYTES = 16 << 20
_END = struct.Struct("<4s4H2LH")
_END_MARK, _END64_MARK, _END64_BYTES = b"PK\x05\x06", b"PK\x06\x07", 20
_TAIL_BYTES = (1 << 16) + _END.size + _END64_BYTES
_ENTRY_BYTES = 1 << 10
"""A directory longer than this per part is no workbook's."""

_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Those of ECMA-376 part 2; others would be unpacked without a bound on what comes out at a time."""

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)
"""What reading a damaged zip raises."""

SAVE_AGAIN = "请用表格软件打开，另存为“Excel 工作簿（.xlsx）”后重试。"


def broken(name: str, what: str = "已损坏，打不开") -> UnreadableImport:
    return UnreadableImport(f"{name} 像是 Excel 文件，但{what}。", next_step=SAVE_AGAIN, code="IMPORT_BROKEN")


def hostile(name: str, what: str) -> UnreadableImport:
    return UnreadableImport(
        f"{name} {what}，已拒绝读取。",
        next_step="请核对文件来源；确为报送数据的，请把数据复制到新的工作簿，或另存为“CSV UTF-8（逗号分隔）”。",
        code="IMPORT_HOSTILE",
    )


class Package:
    """The parts of one workbook."""

    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        self.name = name
        self._archive = archive
        self._parts = {part.filename: part for part in archive.infolist()}
        if len(self._parts) != len(archive.infolist()):
            raise hostile(name, "里有同名的部件")

    def has(self, part: str) -> bool:
        return part in self._parts

    def size_bytes(self, part: str) -> int:
        """What the directory says of a part that is there."""
        return self._parts[part].file_size

    def label(self) -> bytes:
        """The ``mimetype`` of an OpenDocument file, if it is one."""
        part = self._parts.get("mimetype")
        return b"" if part is None or part.file_size > _ENTRY_BYTES else self._archive.read(part)

    @contextmanager
    def part(self, part: str, most_bytes: int) -> Iterator[IO[bytes]]:
        """One part, unpacked as it is read. Raises UnreadableImport, also while it is read."""
        entry = self._parts.get(part)
        if entry is None:
            raise broken(self.name, f"缺少 {part[:60]}")
        if entry.flag_bits & 1:
            raise encrypted(self.name)
        if entry.compress_type not in _PACKINGS:
            raise broken(self.name, f"打包方式不认识（{part[:60]}）")
        if entry.file_size > most_bytes:
            raise hostile(self.name, f"解压后过大（{part[:60]} 有 {entry.file_size >> 20} MiB）")
        if entry.file_size > max(RATIO_FROM_BYTES, MAX_RATIO * entry.compress_size):
            raise hostile(self.name, "的压缩比异常")
        try:
            unpacked = self._archive.open(entry)
        except BROKEN as error:
            raise broken(self.name) from error
        with unpacked:
            yield unpacked


@contextmanager
def open_package(name: str, handle: BinaryIO) -> Iterator[Package]:
    """The workbook behind ``handle``. Raises UnreadableImport."""
    _examine_directory(name, handle)
    try:
        archive = zipfile.ZipFile(handle)
    except BROKEN as error:
        raise broken(name) from error
    with archive:
        yield Package(name, archive)


def encrypted(name: str) -> UnreadableImport:
    return UnreadableImport(
        f"{name} 有密码。",
        next_step="请用表格软件打开，取消密码（文件 → 信息 → 保护工作簿），保存后重试。",
        code="IMPORT_ENCRYPTED",
    )


def _examine_directory(name: str, handle: BinaryIO) -> None:
    """The end record, before ``zipfile`` builds an object for each entry it claims."""
    size = handle.seek(0, 2)
    if size > MAX_PACKED_BYTES:
        raise UnreadableImport(
            f"{name} 超过 {MAX_PACKED_BYTES >> 20} MiB。", next_step="请分成几个文件，或另存为“CSV UTF-8（逗号分隔）”。"
        )
    handle.seek(max(0, size - _TAIL_BYTES))
    tail = handle.read(_TAIL_BYTES)
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        raise broken(name)
    parts, directory_bytes = _END.unpack_from(tail, at)[4:6]
    if tail[max(0, at - _END64_BYTES) : at].startswith(_END64_MARK) or parts > MAX_PARTS:
        raise hostile(name, f"的部件超过 {MAX_PARTS} 个")
    if directory_bytes > MAX_PARTS * _ENTRY_BYTES:
        raise hostile(name, "的目录异常")
    handle.seek(0)
