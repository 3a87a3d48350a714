"""Reading subjects and records: its own type, which cannot write anything but the audit line of each read.

Rules kept:
* Nobody reads without a name and a purpose; each read commits its audit line before the facts are handed out.
* Records that must not be made public are for the inclusion rule only; ``list_for`` leaves them out, counts them in
  the audit line and nowhere else (B03), and masks natural persons.

Source: 个人信息保护法 arts. 5–6, 34–37; scheme of 2024, 二（一）, 三（一）.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, Select, select

from index.audit import append, require_duty
from index.errors import UnknownSubject
from index.masking import mask_name
from index.records.model import (
    CreditRecord,
    DomainFeed,
    LegalState,
    RecordKind,
    Secrecy,
    Severity,
    SourceKind,
    Subject,
    SubjectKind,
)
from index.store import tables
from index.store.engine import writing


@dataclass(frozen=True, slots=True)
class Listing:
    """What staff may see of a subject: masked, without what must not be made public. ``subject`` None: unregistered."""

    subject: Subject | None
    records: tuple[CreditRecord, ...]


class Reader:
    """Reads for one actor, one purpose, at one moment. Raises AccessDenied without actor or purpose."""

    def __init__(self, engine: Engine, *, actor: str, purpose: str, now: datetime) -> None:
        require_duty(actor, purpose)
        self._engine = engine
        self._actor = actor
        self._purpose = purpose
        self._now = now

    def subject(self, code: str) -> Subject:
        """The registered subject. Raises UnknownSubject."""
        with writing(self._engine) as connection:
            found = _subject(connection, code)
            self._audit(connection, "subject.read", code, "" if found else "未登记")
        if found is None:
            raise UnknownSubject(
                f"没有统一社会信用代码为 {code} 的经营主体。",
                next_step="请核对代码，或先用 chenghe subjects import 导入主体信息。",
            )
        return found

    def records(self, code: str) -> tuple[CreditRecord, ...]:
        """Every record of a subject, newest decision first, those that must not be shown included: for the rules."""
        with writing(self._engine) as connection:
            found = _records(connection, code)
            self._audit(connection, "records.read", code, f"{len(found)} 条")
        return found

    def list_for(self, code: str) -> Listing:
        """What staff may see of a subject."""
        with writing(self._engine) as connection:
            subject, found = _subject(connection, code), _records(connection, code)
            shown = tuple(record for record in found if record.secrecy is Secrecy.NONE)
            withheld = len(found) - len(shown)
            self._audit(connection, "records.list", code, f"显示 {len(shown)} 条，不得公开 {withheld} 条")
        return Listing(_masked(subject) if subject else None, shown)

    def feeds(self) -> tuple[DomainFeed, ...]:
        """The domains whose data reaches us, by number. A domain that is not in it: 暂未接入."""
        with writing(self._engine) as connection:
            rows = connection.execute(select(tables.feeds).order_by(tables.feeds.c.domain)).all()
            self._audit(connection, "feeds.read", "feeds", f"{len(rows)} 个领域")
        return tuple(DomainFeed(row.domain, row.updated_on) for row in rows)

    def _audit(self, connection: Connection, action: str, target: str, detail: str) -> None:
        append(
            connection,
            at=self._now,
            actor=self._actor,
            purpose=self._purpose,
            action=action,
            target=target,
            detail=detail,
        )


def _subject(connection: Connection, code: str) -> Subject | None:
    row = connection.execute(select(tables.subjects).where(tables.subjects.c.code == code)).mappings().first()
    return None if row is None else _to_subject(row)


def _records(connection: Connection, code: str) -> tuple[CreditRecord, ...]:
    return tuple(_to_record(row) for row in connection.execute(_records_of(code)).mappings())


def _records_of(code: str) -> Select[tuple[object, ...]]:
    table = tables.records
    return select(table).where(table.c.subject_code == code).order_by(table.c.decided_on.desc(), table.c.key)


def _masked(subject: Subject) -> Subject:
    name = subject.legal_representative
    return replace(subject, legal_representative=mask_name(name) if name else name)


def _to_subject(row: RowMapping) -> Subject:
    facts = {name: value for name, value in row.items() if name not in {"batch", "received_at"}}
    return Subject(**{**facts, "kind": SubjectKind(row["kind"])})


def _to_record(row: RowMapping) -> CreditRecord:
    return CreditRecord(
        **{
            **row,
            "kind": RecordKind(row["kind"]),
            "source_kind": SourceKind(row["source_kind"]),
            "legal_state": LegalState(row["legal_state"]),
            "secrecy": Secrecy(row["secrecy"]),
            "severity": Severity(row["severity"]) if row["severity"] else None,
        }
    )
