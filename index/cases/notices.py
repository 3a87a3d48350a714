"""Which issued reports a verifier is told something about: data corrected, a record repaired since it was issued.

Rules kept:
* Touched is a report of the subject that was issued before the case was closed, had not expired then, and shows the
  record – or, for an objection to a whole domain, carries the domain. A domain that the office has dropped since may
  have been carried.
* A report gets each kind of notice once, from the first that touches it. Issued reports are not rewritten.
* What changed without a case, and reports that were being made meanwhile: ``index.cases.changes``.

Reads the cases, ``ledger`` and ``ledger_records``, writes ``report_notices``, all in the caller's transaction.

Source: scheme of 2024, 三（四）; inventory B15, B16.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, Select, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from index.calendar import SHANGHAI
from index.cases import objection, repair
from index.rules.model import Domain
from index.store import tables


class Kind(StrEnum):
    CORRECTED = "corrected"
    REPAIRED = "repaired"


@dataclass(frozen=True, slots=True)
class Closure:
    """A case that changed data: what it was about, and when. ``record_key`` None: the whole domain."""

    kind: Kind
    case_number: str
    at: datetime
    subject_code: str
    record_key: str | None
    domain: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An issued report and the records it shows. ``valid_until``: its last second."""

    number: str
    subject_code: str
    issued_at: datetime
    valid_until: datetime
    records: frozenset[str]

    def is_over(self, moment: datetime) -> bool:
        return moment >= self.valid_until + timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """One row of ``report_notices``. ``case_number``: the case, else the batch or the replaced version (更正 17)."""

    number: str
    kind: Kind
    case_number: str


def touches(closure: Closure, report: Shown, domains: Iterable[Domain]) -> bool:
    """Whether a report that was there when the case was closed shows what it changed, and had not expired."""
    if report.subject_code != closure.subject_code or report.is_over(closure.at):
        return False
    if closure.record_key is not None:
        return closure.record_key in report.records
    issued_on = report.issued_at.astimezone(SHANGHAI).date()
    listed = [domain for domain in domains if domain.number == closure.domain]
    return not listed or any(domain.in_force(issued_on) for domain in listed)


def notify(connection: Connection, closure: Closure, domains: Sequence[Domain], *, actor: str) -> tuple[str, ...]:
    """Writes what a closed case makes due, in the transaction that closes it; the numbers of all reports it touches."""
    reports = shown(connection, tables.ledger.c.subject_code == closure.subject_code)
    touched = [report.number for report in reports if touches(closure, report, domains)]
    notices = [Notice(number, closure.kind, closure.case_number) for number in touched]
    tell(connection, notices, at=closure.at, actor=actor)
    return tuple(sorted(touched))


def tell(connection: Connection, notices: Iterable[Notice], *, at: datetime, actor: str) -> None:
    """Writes notices in the caller's transaction; a report that has a kind already keeps its first."""
    line = {"at": at, "actor": actor}
    lines = [
        line | {"number": notice.number, "kind": notice.kind.value, "case_number": notice.case_number}
        for notice in notices
    ]
    if lines:
        connection.execute(insert(tables.report_notices).on_conflict_do_nothing(), lines)


def flagged(engine: Engine, case_number: str) -> tuple[str, ...]:
    """The reports that were flagged first by this case (batch, amendment)."""
    table = tables.report_notices
    query = select(table.c.number).where(table.c.case_number == case_number).order_by(table.c.number)
    with engine.connect() as connection:
        return tuple(connection.execute(query).scalars())


def shown(connection: Connection, wanted: Any) -> tuple[Shown, ...]:
    """The issued reports ``wanted`` (a condition on the ledger), each with the records it shows."""
    ledger, records = tables.ledger, tables.ledger_records
    rows = connection.execute(select(ledger).where(wanted).order_by(ledger.c.number)).all()
    keys: dict[str, set[str]] = {row.number: set() for row in rows}
    pairs = select(records).join(ledger, ledger.c.number == records.c.number).where(wanted)
    for pair in connection.execute(pairs):
        keys[pair.number].add(pair.record_key)
    return tuple(
        Shown(row.number, row.subject_code, row.issued_at, row.valid_until, frozenset(keys[row.number])) for row in rows
    )


def closures(connection: Connection, subject_code: str) -> tuple[Closure, ...]:
    """The cases of a subject that changed data, oldest first."""
    rows = connection.execute(_corrections(), {"subject": subject_code}).all()
    found = [Closure(Kind.CORRECTED, row.number, row.at, subject_code, row.record_key, row.domain) for row in rows]
    rows = connection.execute(_repairs(), {"subject": subject_code}).all()
    found += [Closure(Kind.REPAIRED, row.number, row.at, subject_code, row.record_key, row.domain) for row in rows]
    return tuple(sorted(found, key=lambda closure: (closure.at, closure.case_number)))


@cache
def _corrections() -> Select[Any]:
    cases, events = tables.objections, tables.case_events
    reached = (events.c.case_number == cases.c.number) & (events.c.after == objection.State.CORRECTED.value)
    return (
        select(cases.c.number, cases.c.record_key, cases.c.domain, events.c.at)
        .join(events, reached)
        .where(cases.c.subject_code == bindparam("subject"))
    )


@cache
def _repairs() -> Select[Any]:
    cases, events, records = tables.repairs, tables.case_events, tables.records
    reached = (events.c.case_number == cases.c.number) & (events.c.after == repair.State.GRANTED.value)
    return (
        select(cases.c.number, cases.c.record_key, records.c.domain, events.c.at)
        .join(events, reached)
        .join(records, records.c.key == cases.c.record_key)
        .where(cases.c.subject_code == bindparam("subject"))
    )
