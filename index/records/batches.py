"""The line of an imported file: which file, from whom, when, and what became of its rows.

Writes ``batches`` in the caller's transaction.
"""

from datetime import datetime
from unicodedata import normalize

from sqlalchemy import Connection, func, insert, select, text, update

from index.calendar import SHANGHAI
from index.records.landing import Counts
from index.store import tables


def open_batch(
    connection: Connection, *, kind: str, file_name: str, sha256: str, provider: str | None, now: datetime, actor: str
) -> str:
    """Adds the batch line of a file and returns its number: the day and a running number."""
    day = f"{now.astimezone(SHANGHAI):%Y%m%d}"
    batches = tables.batches
    count = connection.execute(
        select(func.count()).select_from(batches).where(batches.c.id.startswith(day, autoescape=True))
    ).scalar_one()
    batch = f"{day}-{count + 1:04d}"
    line = {"id": batch, "kind": kind, "file_name": file_name, "file_sha256": sha256, "provider": provider}
    connection.execute(insert(batches).values(**line, received_at=now, actor=actor))
    return batch


MAX_NOTICES = 20


def other_names(connection: Connection, batch: str) -> tuple[str, ...]:
    """The landed records of a batch whose subject is registered under another name: renamed, or a wrong code (B01)."""
    records, subjects = tables.records, tables.subjects
    rows = connection.execute(
        select(records.c.document_number, records.c.subject_code, records.c.subject_name, subjects.c.name)
        .join(subjects, subjects.c.code == records.c.subject_code)
        .where(records.c.batch == batch, records.c.subject_name != subjects.c.name)
        .order_by(text("records.rowid"))  # as they landed: in order of the key each would be fetched from elsewhere
        .limit(MAX_NOTICES)
    )
    return tuple(
        f"{row.document_number}：{row.subject_code} 登记的名称是“{row.name}”，文件中写“{row.subject_name}”。"
        "更名的可以不改；代码写错的请更正后重新导入。"
        for row in rows
        if _comparable(row.name) != _comparable(row.subject_name)
    )


def _comparable(name: str) -> str:
    return "".join(normalize("NFKC", name).split())


def close_batch(connection: Connection, batch: str, *, rows: int, counts: Counts, rejected: int) -> None:
    """Writes the final counts of a batch."""
    connection.execute(
        update(tables.batches)
        .where(tables.batches.c.id == batch)
        .values(
            row_count=rows,
            inserted=counts.inserted,
            updated=counts.updated,
            unchanged=counts.unchanged,
            rejected=rejected,
        )
    )
