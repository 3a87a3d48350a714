"""Opening a department's CSV: what it is, in which encoding, row by row, whatever an enemy put into it.

Reads a file. Writes nothing.

Rules kept:
* UTF-8 (BOM or not) or GB18030; a file that mixes both, a spreadsheet or other binary file, an empty file is refused.
* One line holds at most 1 MiB, one cell at most 131,072 characters, one file at most 4 GiB: a 1 GB cell costs nothing.
* Rows are counted as a spreadsheet counts them: the heading is row 1, blank rows count.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.errors import UnreadableImport

MAX_BYTES = 4 << 30
MAX_LINE_BYTES = 1 << 20
_CERTAINLY_UTF8 = 12
"""A line of that many non-ASCII bytes that is valid UTF-8 is not GB18030 by accident."""

SAVE_AS = "请在表格软件中另存为“CSV UTF-8（逗号分隔）”后重试。"


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened file: its digest and encoding are known, its rows are read once."""

    name: str
    sha256: str
    encoding: str
    headings: list[str]
    rows: Iterator[tuple[int, list[str]]]


@contextmanager
def open_sheet(path: Path) -> Iterator[Sheet]:
    """The file at ``path`` with its heading row read. Raises UnreadableImport, also while the rows are read."""
    if not path.is_file():
        raise UnreadableImport(f"找不到文件：{path.name}", next_step="请核对路径；文件夹请逐个文件导入。")
    with _open(path) as handle:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableImport(f"{path.name} 超过 4 GiB。", next_step="请分成几个文件导入。")
        sha256, encoding = _examine(path.name, handle)
        handle.seek(0)
        with io.TextIOWrapper(handle, encoding=encoding, newline="") as text:
            yield _sheet(path.name, sha256, encoding, text)


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UnreadableImport(f"无法读取 {path.name}：{error.strerror}", next_step="请检查文件权限。") from error


def _sheet(name: str, sha256: str, encoding: str, text: io.TextIOWrapper) -> Sheet:
    rows = _rows(name, text)
    first = next(rows, None)
    if first is None or not any(cell.strip() for cell in first[1]):
        raise UnreadableImport(f"{name} 的第一行没有表头。", next_step="第一行应为列名，见 docs/records.md。")
    return Sheet(name, sha256, encoding, first[1], rows)


def _examine(name: str, handle: BinaryIO) -> tuple[str, str]:
    """One pass over the bytes: digest and encoding."""
    digest, utf8_line, other_line = hashlib.sha256(), 0, 0
    number = 0
    while line := handle.readline(MAX_LINE_BYTES):
        number += 1
        _refuse_binary(name, number, line)
        digest.update(line)
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            other_line = other_line or number
        else:
            utf8_line = utf8_line or (number if sum(byte > 127 for byte in line) >= _CERTAINLY_UTF8 else 0)
    if number == 0:
        raise UnreadableImport(f"{name} 是空文件。", next_step="请检查导出是否成功。")
    if utf8_line and other_line:
        raise UnreadableImport(
            f"{name} 混用了两种编码：第 {utf8_line} 行是 UTF-8，第 {other_line} 行不是。",
            next_step=SAVE_AS,
            code="IMPORT_MIXED_ENCODING",
        )
    return digest.hexdigest(), "gb18030" if other_line else "utf-8-sig"


def _refuse_binary(name: str, number: int, line: bytes) -> None:
    if number == 1 and line.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableImport(f"{name} 是 Excel 文件，不是 CSV。", next_step=SAVE_AS)
    if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableImport(f"{name} 是 UTF-16 编码。", next_step=SAVE_AS)
    if b"\x00" in line:
        raise UnreadableImport(f"{name} 不是文本文件（第 {number} 行有空字节）。", next_step=SAVE_AS)
    if len(line) >= MAX_LINE_BYTES:
        raise UnreadableImport(f"{name} 第 {number} 行超过 1 MiB。", next_step="请检查该行是否漏了换行或引号。")


def _rows(name: str, text: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
    number = 0
    reader = csv.reader(text, strict=True)
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableImport(
                f"{name} 第 {number} 行起读不下去：引号不配对，或单元格过长（{error}）。",
                next_step="请检查该行的双引号；单元格内的双引号要写成两个。",
            ) from error
        except UnicodeDecodeError as error:
            raise UnreadableImport(f"{name} 第 {number} 行附近不是 GB18030 编码。", next_step=SAVE_AS) from error
        if cells is None:
            return
        yield number, cells
