"""The cells of a list that somebody sent beside the reports: CSV or a workbook's first sheet, as texts.

* Told by content: a zip is a workbook, anything else is text: UTF-8 or GB18030, cells parted by comma, semicolon or
  tab.
* Bounded: bytes, rows, columns, characters of a cell. Formulas are not calculated: what was saved as their value
  counts.
* Hostile zips and XML as in ``archive``; this runs in the bounded child of a worker.

Source: RFC 4180; GB 18030-2022; ECMA-376 part 1, SpreadsheetML.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice

from verify.documents.archive import members
from verify.encoding import dumps, loads
from verify.reasons import Reason, Rejection

LIST_LIMIT_BYTES = 5 * 1024 * 1024
ROWS_MAX, COLUMNS_MAX, CELL_MAX = 10_000, 64, 500
_ZIP = b"PK\x03\x04"
Rows = tuple[tuple[str, ...], ...]


def rows_of(data: bytes) -> Rows:
    """Rows that say anything. Raises Rejection, and nothing else."""
    if len(data) > LIST_LIMIT_BYTES:
        raise Rejection(Reason.FILE_TOO_LARGE)
    rows = _workbook(data) if data.startswith(_ZIP) else _text(data)
    found = [tuple(cell.strip()[:CELL_MAX] for cell in row[:COLUMNS_MAX]) for row in islice(rows, ROWS_MAX + 1)]
    if len(found) > ROWS_MAX:
        raise Rejection(Reason.FILE_TOO_LARGE)
    return tuple(row for row in found if any(row))


def written_rows(data: bytes) -> bytes:
    """``rows_of`` for another process."""
    return dumps([list(row) for row in rows_of(data)])


def opened_rows(data: bytes) -> Rows:
    """What ``written_rows`` wrote, or the refusal in its place. Raises Rejection, and nothing else."""
    match loads(data):
        case [1, str(reason), str(detail)] if reason in Reason.__members__:
            raise Rejection(Reason[reason], detail)
        case list(rows) if all(_is_row(row) for row in rows):
            return tuple(tuple(row) for row in rows)
    raise Rejection(Reason.DANGEROUS_FILE)


def _is_row(row: object) -> bool:
    return isinstance(row, list) and all(isinstance(cell, str) for cell in row)


def _text(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    if "\x00" in text:
        raise Rejection(Reason.UNSUPPORTED_FILE)
    head = text[:4096]
    separator = max(",;\t，", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
    except csv.Error as error:
        raise Rejection(Reason.DAMAGED_FILE) from error


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: Iterable[str] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Rejection(Reason.UNSUPPORTED_FILE)


def _workbook(data: bytes) -> Iterator[list[str]]:
    parts = members(data)
    if "xl/workbook.xml" not in parts:
        raise Rejection(Reason.UNSUPPORTED_FILE)
    if any(_has_document_type(content) for name, content in parts.items() if name.endswith((".xml", ".rels"))):
        raise Rejection(Reason.DANGEROUS_FILE, "DTD")
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for row in book.worksheets[0].iter_rows(max_col=COLUMNS_MAX, values_only=True):
            yield ["" if value is None else _cell(value) for value in row]
    except (InvalidFileException, ValueError, KeyError, IndexError, TypeError, AttributeError, SyntaxError) as error:
        raise Rejection(Reason.DAMAGED_FILE) from error


def _has_document_type(content: bytes) -> bool:
    """In any encoding: letters with zero bytes between them read the same without."""
    return b"<!DOCTYPE" in content.replace(b"\x00", b"").upper()


def _cell(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
