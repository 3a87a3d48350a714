"""The record a case is about: found by its key or its document number, and only among those of the subject.

Rules kept:
* A record of another subject, an unknown one, and one that must not be made public (B03) get one and the same answer.

Reads ``records`` and their history in the caller's transaction, whose audit line names the case.
"""

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.engine import RowMapping

from index.errors import CaseError
from index.records.model import Secrecy
from index.records.versions import OBJECTION, history_of
from index.store.tables import records


def concerned(connection: Connection, subject_code: str, named: str) -> RowMapping:
    """The stored row of ``named``: a key or a document number. Raises CaseError (CASE_RECORD_UNKNOWN)."""
    own = (records.c.subject_code == subject_code) & (records.c.secrecy == Secrecy.NONE.value)
    wanted = named.strip()
    found = connection.execute(
        select(records).where(own & ((records.c.key == wanted) | (records.c.document_number == wanted))).limit(2)
    ).mappings()
    rows = found.all()
    if len(rows) == 1:
        return rows[0]
    problem = "有多条记录" if rows else "没有可以办理的记录"
    raise CaseError(
        f"该主体名下{problem}：“{wanted[:60]}”。",
        next_step="请核对决定文书号，或填写记录编号（主体代码/文书号/决定日期）。",
        code="CASE_RECORD_UNKNOWN",
    )


def sent_again(connection: Connection, key: str, since: datetime) -> bool:
    """Whether a department's file has changed a fact of the record since then."""
    later = [version for version in history_of(connection, key) if version.batch and version.replaced_at >= since]
    return any(change.field != OBJECTION for version in later for change in version.changes)


def row_of(connection: Connection, key: str) -> RowMapping:
    """The record of a case that was taken. Records are never deleted."""
    return connection.execute(select(records).where(records.c.key == key)).mappings().one()
