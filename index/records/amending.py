"""Amending one stored record by a decision of the office: an upheld objection, a repair. What was before is kept.

Reads and writes ``records``; writes ``record_history`` and an audit line, all in the caller's transaction.

Rules kept:
* Nothing changes without who, when and why; the replaced row goes whole into the history, without a batch: that is how
  an amendment is told from a file that was sent again (``index.records.versions``).
* Provider, batch and time of receipt stay: who provided the record still answers for it (B13).
* Amending to what already stands changes nothing and leaves no line.

Source: scheme of 2024, 三（四）; inventory B13, B15, B16.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from index.audit import append, require_duty
from index.calendar import SHANGHAI
from index.errors import RecordError
from index.records.amendable import LABELS, check_together, checked
from index.records.versions import row_json
from index.store import tables

PURPOSE = "信用记录更正"


def amend(
    connection: Connection, key: str, changes: Mapping[str, object], *, at: datetime, actor: str, reason: str
) -> None:
    """Sets fields of a record. Raises RecordError for an unknown key or field or a wrong value, AccessDenied."""
    require_duty(actor, PURPOSE)
    if not reason.strip():
        raise RecordError("没有写明更正原因。", next_step="请写明原因，它记入历史。", code="REASON_MISSING")
    row = _row(connection, key)
    wanted = {name: checked(name, value) for name, value in changes.items()}
    new = {name: value for name, value in wanted.items() if row[name] != value}
    if not new:
        return
    check_together({**row, **new}, new.keys(), at.astimezone(SHANGHAI).date())
    connection.execute(
        insert(tables.record_history).values(
            record_key=key, changed_at=at, actor=actor.strip(), reason=reason.strip(), before=row_json(row)
        )
    )
    connection.execute(update(tables.records).where(tables.records.c.key == key).values(**new))
    append(
        connection,
        at=at,
        actor=actor,
        purpose=PURPOSE,
        action="records.amend",
        target=key,
        detail=f"{'、'.join(LABELS[name] for name in new)}：{reason.strip()}",
    )


def _row(connection: Connection, key: str) -> Mapping[str, object]:
    row = connection.execute(select(tables.records).where(tables.records.c.key == key)).mappings().first()
    if row is None:
        raise RecordError(f"没有这条记录：{key}。", next_step="请核对记录编号。", code="RECORD_UNKNOWN")
    return dict(row)
