"""A department's CSV: in which encoding, with which delimiter, row by row, whatever an enemy put into it.

Reads a file. Writes nothing.

Rules kept:
* UTF-8 (BOM or not) or GB18030; a file that mixes both, other binary files, an empty file are refused.
* One line and one row hold at most 1 MiB, a row 512 columns, a cell 131,072 characters: a 1 GB cell costs nothing, nor
  does a quote that makes one row of a million lines.
* Cells are parted by commas, tabs or semicolons, told by which of them gives known headings.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

from index.errors import UnreadableImport
from index.records.bounds import MAX_COLUMNS, MAX_ROW_CHARACTERS

MAX_LINE_BYTES = 1 << 20
_CERTAINLY_UTF8 = 12
"""A line of that many non-ASCII bytes that is valid UTF-8 is not GB18030 by accident."""

DELIMITERS = ",\t;"
_HEAD_BYTES = 1 << 16
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD_ROWS = 10

Recognise = Callable[[list[str]], int]
"""How many cells of a row are headings we know."""

SAVE_AS = "请在表格软件中另存为“CSV UTF-8（逗号分隔）”后重试。"


def delimiter_of(handle: BinaryIO, encoding: str, recognise: Recognise) -> str:
    """The delimiter under which some row at the head of the file has the most known headings; the comma, if none."""
    handle.seek(0)
    head = handle.read(_HEAD_BYTES).decode(encoding, errors="ignore")
    return max(DELIMITERS, key=lambda delimiter: _known_headings(head, delimiter, recognise))


def _known_headings(head: str, delimiter: str, recognise: Recognise) -> int:
    rows, most = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), 0
    try:
        for _, cells in zip(range(_HEAD_ROWS), rows, strict=False):
            most = max(most, recognise(cells))
    except csv.Error:  # the head may end inside a quoted cell; what stands above it counts
        return most
    return most


def examine(name: str, handle: BinaryIO) -> tuple[str, str]:
    """One pass over the bytes: digest and encoding."""
    sha256 = _digest_of_plain_utf8(handle)
    if sha256 is not None:
        return sha256, "utf-8-sig"
    handle.seek(0)
    return _examine_lines(name, handle)


def _digest_of_plain_utf8(handle: BinaryIO) -> str | None:
    """The digest of a file that is surely UTF-8 without fault, told block by block; None = look at each line."""
    digest, decoder, first = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), True
    while block := handle.read(MAX_LINE_BYTES // 2):
        if (first and block.startswith(_UTF16)) or b"\x00" in block or b"\n" not in block:
            return None
        digest.update(block)
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            return None
        first = False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return None if first else digest.hexdigest()


def _examine_lines(name: str, handle: BinaryIO) -> tuple[str, str]:
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
    if number == 1 and line.startswith(_UTF16):
        raise UnreadableImport(f"{name} 是 UTF-16 编码。", next_step=SAVE_AS)
    if b"\x00" in line:
        raise UnreadableImport(f"{name} 不是文本文件（第 {number} 行有空字节）。", next_step=SAVE_AS)
    if len(line) >= MAX_LINE_BYTES:
        raise UnreadableImport(f"{name} 第 {number} 行超过 1 MiB。", next_step="请检查该行是否漏了换行或引号。")


def csv_rows(name: str, text: io.TextIOWrapper, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    number, characters = 0, 0

    def lines() -> Iterator[str]:
        nonlocal characters
        for line in text:
            characters += len(line)
            if characters > MAX_ROW_CHARACTERS:
                raise UnreadableImport(
                    f"{name} 第 {number + 1} 行超过 1 MiB。", next_step="请检查该行的双引号是否配对，是否漏了换行。"
                )
            yield line

    try:
        for number, cells in enumerate(csv.reader(lines(), delimiter=delimiter, strict=True), start=1):
            characters = 0
            if len(cells) > MAX_COLUMNS:
                _cut(name, number, cells)
            yield number, cells
    except csv.Error as error:
        raise UnreadableImport(
            f"{name} 第 {number + 1} 行起读不下去：引号不配对，或单元格过长（{error}）。",
            next_step="请检查该行的双引号；单元格内的双引号要写成两个。",
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableImport(f"{name} 第 {number + 1} 行附近不是 GB18030 编码。", next_step=SAVE_AS) from error


def _cut(name: str, number: int, cells: list[str]) -> None:
    """Takes away the empty cells beyond the last column a file may have, which spreadsheets like to write."""
    if any(map(str.strip, cells[MAX_COLUMNS:])):
        raise UnreadableImport(
            f"{name} 第 {number} 行超过 {MAX_COLUMNS} 列。", next_step="请检查该行是否漏了换行或引号。"
        )
    del cells[MAX_COLUMNS:]
