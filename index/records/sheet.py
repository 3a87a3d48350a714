"""Opening a department's file: what it is – told by its content, never by its name – and its rows.

Reads a file. Writes nothing.

Rules kept:
* A CSV (``csv_sheet``) of at most 4 GiB or a workbook (``xlsx``); an encrypted workbook, an old .xls and anything else
  is refused with the next step.
* Of a workbook the first visible sheet with known headings is read; hidden sheets never are; what is left out is said.
* Titles and blank rows above the heading row are skipped, five at most.
* A file that is written to while it is read lands nothing: what it is was told from other bytes.
* Rows are counted as a spreadsheet counts them: the file begins with row 1, blank rows count.
"""

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from index.errors import UnreadableImport
from index.records.cells import CellError, visible
from index.records.csv_sheet import Recognise, csv_rows, delimiter_of, examine

MAX_BYTES = 4 << 30
MAX_TITLES = 5
_BLOCK = 1 << 20
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_OLE_BLOCKS = 64
_PASSWORD_STREAM = "EncryptedPackage".encode("utf-16-le")
XLSX = "xlsx"

Row = tuple[int, list[str]]
Faults = Mapping[int, CellError]


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened file: its digest and encoding are known, its rows are read once."""

    name: str
    sha256: str
    encoding: str
    """utf-8-sig or gb18030; ``xlsx`` for a workbook."""
    size_bytes: int
    headings: list[str]
    rows: Iterator[tuple[int, list[str]]]
    share: Callable[[], float]
    """How much of the file has been read, from 0 to 1."""
    faults: dict[int, Faults] = field(default_factory=dict)
    """Of the rows read so far: cells of a workbook that may not be trusted, by row; take them out as you go."""
    notices: tuple[str, ...] = ()
    """What was left out, and should be looked at."""


@contextmanager
def open_sheet(path: Path, recognise: Recognise = len) -> Iterator[Sheet]:
    """The file at ``path`` with its heading row read. Raises UnreadableImport, also while the rows are read."""
    name = visible(path.name)
    if not path.is_file():
        raise UnreadableImport(f"找不到文件：{name}", next_step="请核对路径；文件夹请逐个文件导入。")
    with _open(path, name) as handle:
        before = _state(handle)
        if before.size > MAX_BYTES:
            raise UnreadableImport(f"{name} 超过 4 GiB。", next_step="请分成几个文件导入。")
        start = handle.read(len(_OLE))
        handle.seek(0)
        if start == _OLE:
            raise _old(name, handle)
        with _workbook(name, handle, recognise) if start == _ZIP else _csv(name, handle, recognise) as sheet:
            yield replace(sheet, rows=_unless_changed(name, handle, before, sheet.rows))


def _open(path: Path, name: str) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UnreadableImport(f"无法读取 {name}：{error.strerror}", next_step="请检查文件权限。") from error


@dataclass(frozen=True, slots=True)
class _State:
    """What changes with a file's content."""

    size: int
    written_ns: int


def _state(handle: BinaryIO) -> _State:
    found = os.fstat(handle.fileno())
    return _State(found.st_size, found.st_mtime_ns)


def _unless_changed(name: str, handle: BinaryIO, before: _State, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows; at their end the file must be as it was when its digest was taken."""
    yield from rows
    if _state(handle) != before:
        raise UnreadableImport(
            f"{name} 在读取时被改动了。",
            next_step="请保存并关闭该文件，等它复制、下载完，再重新导入。",
            code="IMPORT_CHANGED",
        )


def _old(name: str, handle: BinaryIO) -> UnreadableImport:
    if _holds(handle, _PASSWORD_STREAM):
        from index.records.xlsx.package import encrypted

        return encrypted(name)
    return UnreadableImport(
        f"{name} 是旧版 Excel 文件（.xls）。", next_step="请用表格软件打开，另存为“Excel 工作簿（.xlsx）”后重试。"
    )


def _holds(handle: BinaryIO, mark: bytes) -> bool:
    """Whether ``mark`` stands in the first 64 MiB."""
    end = b""
    for _ in range(_OLE_BLOCKS):
        block = handle.read(_BLOCK)
        if mark in end + block:
            return True
        end = block[-len(mark) :]
    return False


@contextmanager
def _csv(name: str, handle: BinaryIO, recognise: Recognise) -> Iterator[Sheet]:
    sha256, encoding = examine(name, handle)
    delimiter = delimiter_of(handle, encoding, recognise)
    size = handle.seek(0, io.SEEK_END)
    handle.seek(0)
    with io.TextIOWrapper(handle, encoding=encoding, newline="") as text:
        rows = csv_rows(name, text, delimiter)
        _, headings = headings_of(rows, recognise)
        if not headings:
            raise without_headings(name)
        yield Sheet(name, sha256, encoding, size, headings, rows, lambda: handle.tell() / size)


@contextmanager
def _workbook(name: str, handle: BinaryIO, recognise: Recognise) -> Iterator[Sheet]:
    from index.records.xlsx.reading import open_workbook

    sha256, size = _digest(handle), handle.tell()
    with open_workbook(name, handle, recognise) as found:
        yield Sheet(name, sha256, XLSX, size, found.headings, found.rows, found.share, found.faults, found.notices)


def _digest(handle: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := handle.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def headings_of(rows: Iterable[tuple[int, list[str]]], recognise: Recognise) -> tuple[int, list[str]]:
    """The first row with two known headings; without one the first row that says anything, to be complained about."""
    first: tuple[int, list[str]] = (0, [])
    titles = 0
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if recognise(cells) > 1:
            return number, cells
        first, titles = first if first[1] else (number, cells), titles + 1
        if titles > MAX_TITLES:
            break
    return first


def without_headings(name: str) -> UnreadableImport:
    return UnreadableImport(f"{name} 没有表头。", next_step="请在数据上方写一行列名，见 docs/records.md。")
