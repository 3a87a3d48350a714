"""The end of a batch as bytes: one JSON document, a workbook, CSV."""

from base64 import b64encode
from typing import Any

import orjson

from verify.batch.results import Table
from verify.batch.tables import csv_of, told, xlsx_of
from verify.documents.examine import Means
from verify.public.batch_asking import Form
from verify.validity import SHANGHAI


def end_of(table: Table, means: Means) -> bytes:
    """The last line of NDJSON: rows are not told again, only what the whole shows of them."""
    marks = {str(row.number): [each.to_json() for each in row.marks] for row in table.rows if row.marks}
    files = {"xlsx": _base64(_xlsx(table, means)), "csv": _base64(csv_of(table))}
    name = _name(means)
    return orjson.dumps({"type": "end", **_whole(table, means), "marks": marks, "files": files, "name": name})


def document_of(table: Table, means: Means) -> bytes:
    return orjson.dumps({**_whole(table, means), "rows": [row.to_json() for row in table.rows]})


def file_of(form: Form, table: Table, means: Means) -> tuple[bytes, str]:
    """The file and its name."""
    if form is Form.CSV:
        return csv_of(table), f"{_name(means)}.csv"
    return _xlsx(table, means), f"{_name(means)}.xlsx"


def _whole(table: Table, means: Means) -> dict[str, Any]:
    return {
        "checked_at": means.at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "now": means.now.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "counts": table.counts(),
        "bidders": [each.to_json() for each in table.attendance],
    }


def _xlsx(table: Table, means: Means) -> bytes:
    return xlsx_of(table, told(means.trust, at=means.at, now=means.now))


def _name(means: Means) -> str:
    return f"verification-{means.now.astimezone(SHANGHAI):%Y%m%d-%H%M%S}"


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
