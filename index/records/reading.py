"""Reading subjects and records: its own type, which cannot write anything but the audit line of each read.

Rules kept:
* Nobody reads without an entitlement (``index.access.permit``), and only about the subject it is for.
* Each read commits its audit line before the facts are handed out; so does each read that is refused.
* ``subject``, ``records`` and ``material`` are for the rules, which must see everything; ``list_for`` and the histories
  are for eyes: what ``index.records.disclosure`` leaves, masked. What is withheld is counted in the audit line and
  nowhere else (B03).

Source: 个人信息保护法 arts. 5–6, 34–37, 54; scheme of 2024, 二（一）, 三（一）; inventory D06.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, select

from index.access import Entitlement, Ground, Scope, denied
from index.admission import note_denial
from index.audit import append
from index.calendar import SHANGHAI
from index.errors import AccessDenied, RecordError, UnknownSubject
from index.records.disclosure import is_shown, shown_record, shown_subject, shown_subject_version, shown_version
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
from index.records.versions import Version, history_of, newest_version, representatives_of, subject_history_of
from index.store import tables
from index.store.engine import writing


@dataclass(frozen=True, slots=True)
class Listing:
    """What the holder of an entitlement may see of a subject, masked. ``subject`` None: unregistered."""

    subject: Subject | None
    records: tuple[CreditRecord, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a report is made of, as of one moment: for the rules, never for eyes.

    ``persons``: who represents the subject or did before; their names may stand in the records' texts.
    ``version``: the newest line of the history of records then; what was replaced later has a higher one.
    """

    subject: Subject
    records: tuple[CreditRecord, ...]
    feeds: tuple[DomainFeed, ...]
    persons: str
    version: int


class Reader:
    """Reads under one entitlement, at one moment. Every method raises AccessDenied for another subject."""

    def __init__(self, engine: Engine, *, entitlement: Entitlement, now: datetime) -> None:
        self._engine = engine
        self._entitlement = entitlement
        self._now = now

    def subject(self, code: str) -> Subject:
        """The registered subject. Raises UnknownSubject."""
        self._require(code, Scope.REPORT)
        with writing(self._engine) as connection:
            found = _subject(connection, code)
            self._audit(connection, "subject.read", code, "" if found else "未登记")
        return _known(found, code)

    def records(self, code: str) -> tuple[CreditRecord, ...]:
        """Every record of a subject, newest decision first, those that must not be shown included: for the rules."""
        self._require(code, Scope.REPORT)
        with writing(self._engine) as connection:
            found = _records(connection, code)
            self._audit(connection, "records.read", code, f"{len(found)} 条")
        return found

    def material(self, code: str) -> Material:
        """Subject, every record and the feeds, of one moment. Raises UnknownSubject."""
        self._require(code, Scope.REPORT)
        with writing(self._engine) as connection:
            subject, records, feeds = _subject(connection, code), _records(connection, code), _feeds(connection)
            persons, version = representatives_of(connection, code), newest_version(connection)
            told = f"{len(records)} 条，{len(feeds)} 个领域" if subject else "未登记"
            self._audit(connection, "report.material", code, told)
        return Material(_known(subject, code), records, feeds, persons, version)

    def list_for(self, code: str) -> Listing:
        """What the holder may see of a subject."""
        self._require(code, Scope.RECORDS)
        with writing(self._engine) as connection:
            subject, found = _subject(connection, code), _records(connection, code)
            shown = [record for record in found if is_shown(record, self._entitlement, self._today())]
            secret = sum(record.secrecy is not Secrecy.NONE for record in found)
            told = f"显示 {len(shown)} 条，不得公开 {secret} 条，不共享 {len(found) - len(shown) - secret} 条"
            self._audit(connection, "records.list", code, told)
            persons = representatives_of(connection, code)
        records = tuple(shown_record(record, self._entitlement, persons) for record in shown)
        return Listing(shown_subject(subject, self._entitlement) if subject else None, records)

    def history(self, code: str) -> tuple[tuple[CreditRecord, tuple[Version, ...]], ...]:
        """The records the holder sees, each with its earlier versions, newest first; for the office only."""
        self._require(code, Scope.RECORDS)
        self._require_office(code)
        with writing(self._engine) as connection:
            persons, found = representatives_of(connection, code), _records(connection, code)
            shown = [record for record in found if record.secrecy is Secrecy.NONE]
            versions = [history_of(connection, record.key) for record in shown]
            self._audit(connection, "records.history", code, f"{len(shown)} 条，{sum(map(len, versions))} 个旧版本")
        return tuple(
            (shown_record(record, self._entitlement, persons), tuple(shown_version(each, persons) for each in own))
            for record, own in zip(shown, versions, strict=True)
        )

    def subject_history(self, code: str) -> tuple[Version, ...]:
        """Earlier versions of the subject, newest first, masked; for the office only. Raises UnknownSubject."""
        self._require(code, Scope.RECORDS)
        self._require_office(code)
        with writing(self._engine) as connection:
            subject, versions = _subject(connection, code), subject_history_of(connection, code)
            self._audit(connection, "subject.history", code, f"{len(versions)} 个旧版本")
        known = _known(subject, code)
        return tuple(shown_subject_version(version, known) for version in versions)

    def branches(self, parent_code: str) -> tuple[Subject, ...]:
        """The registered branches of a subject, by code."""
        self._require(parent_code, Scope.REPORT)
        table = tables.subjects
        with writing(self._engine) as connection:
            rows = connection.execute(
                select(table).where(table.c.parent_code == parent_code).order_by(table.c.code)
            ).mappings()
            found = tuple(_to_subject(row) for row in rows)
            self._audit(connection, "subject.branches", parent_code, f"{len(found)} 家")
        return found

    def feeds(self) -> tuple[DomainFeed, ...]:
        """The domains whose data reaches us, by number. A domain that is not in it: 暂未接入."""
        with writing(self._engine) as connection:
            found = _feeds(connection)
            self._audit(connection, "feeds.read", "feeds", f"{len(found)} 个领域")
        return found

    def _today(self) -> date:
        return self._now.astimezone(SHANGHAI).date()

    def _require(self, code: str, scope: Scope) -> None:
        try:
            self._entitlement.require(code, scope)
        except AccessDenied as denial:
            self._note_denial(code, denial)
            raise

    def _require_office(self, code: str) -> None:
        if self._entitlement.ground is not Ground.OFFICE:
            denial = denied("旧版本只供信用办查阅。", "请联系信用办。", "ACCESS_OFFICE_ONLY")
            self._note_denial(code, denial)
            raise denial

    def _note_denial(self, code: str, denial: AccessDenied) -> None:
        entitlement = self._entitlement
        detail = f"{entitlement.words}：{denial.code}"
        note_denial(self._engine, entitlement.actor, entitlement.purpose, code, detail, self._now)

    def _audit(self, connection: Connection, action: str, target: str, detail: str) -> None:
        append(
            connection,
            at=self._now,
            actor=self._entitlement.actor,
            purpose=self._entitlement.purpose,
            action=action,
            target=target,
            detail=f"{self._entitlement.words}{'：' if detail else ''}{detail}",
        )


def subject_of(engine: Engine, key: str) -> str:
    """Whose record a key names, to ask for admission to it. Raises RecordError."""
    records = tables.records
    with engine.connect() as connection:
        found: str | None = connection.execute(select(records.c.subject_code).where(records.c.key == key)).scalar()
    if found is None:
        raise RecordError(f"没有这条记录：{key[:100]}。", next_step="请核对记录编号。", code="RECORD_UNKNOWN")
    return found


def _known(found: Subject | None, code: str) -> Subject:
    if found is None:
        raise UnknownSubject(
            f"没有统一社会信用代码为 {code} 的经营主体。",
            next_step="请核对代码，或先用 chenghe subjects import 导入主体信息。",
        )
    return found


def _subject(connection: Connection, code: str) -> Subject | None:
    row = connection.execute(select(tables.subjects).where(tables.subjects.c.code == code)).mappings().first()
    return None if row is None else _to_subject(row)


def _records(connection: Connection, code: str) -> tuple[CreditRecord, ...]:
    return tuple(to_record(row) for row in connection.execute(_records_of(code)).mappings())


def _records_of(code: str) -> Select[tuple[object, ...]]:
    table = tables.records
    return select(table).where(table.c.subject_code == code).order_by(table.c.decided_on.desc(), table.c.key)


def _feeds(connection: Connection) -> tuple[DomainFeed, ...]:
    rows = connection.execute(select(tables.feeds).order_by(tables.feeds.c.domain)).all()
    return tuple(DomainFeed(row.domain, row.updated_on) for row in rows)


def _to_subject(row: RowMapping) -> Subject:
    facts = {name: value for name, value in row.items() if name not in {"batch", "received_at"}}
    return Subject(**{**facts, "kind": SubjectKind(row["kind"])})


def to_record(row: RowMapping | Mapping[str, Any]) -> CreditRecord:
    """A stored row, every column of it, as a record."""
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
