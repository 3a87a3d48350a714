"""Repairs of an office: checking, filing, each step to the decision, and what a granted one does.

Rules kept:
* An application is taken only when every condition of ``index.cases.prechecks`` is met on the day; 准予修复 needs them
  met again on its own day, with the severity the record states or the unit confirms.
* One open application per record.
* 准予修复 sets the days of correction and repair on the record, with its history: it vanishes from new reports by
  itself. Issued reports are not rewritten; unexpired ones that show it are flagged, and the caller publishes.
* Every act and every look is one transaction with its audit line.

Source: 信用修复管理办法 (2026-04-01); inventory B16. States and who may what: ``index.cases.repair``.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, select
from sqlalchemy.engine import RowMapping

from index.calendar import SHANGHAI
from index.cases.book import Act, Book, CaseStep, Trade, read_reason, steps_of
from index.cases.concerned import concerned, row_of
from index.cases.evidence import Evidence as Evidence
from index.cases.notices import Closure, Kind, notify
from index.cases.prechecks import Claim, PreCheck, Violation, precheck
from index.cases.repair import MACHINE, OPEN, TOLD
from index.cases.repair import Application as Application
from index.cases.repair import Event as Event
from index.cases.repair import Repair as Repair
from index.cases.repair import State as State
from index.cases.routing import acting_for
from index.channel import Channel
from index.errors import CaseError
from index.records.amending import amend
from index.records.model import LegalState, RecordKind, Severity
from index.rules.model import Office
from index.store import tables
from index.store.engine import writing

PURPOSE = "办理信用修复"
TRADE = Trade(tables.repairs, prefix="XF", action="repair", purpose=PURPOSE)
MAX_COMMITMENT = 5000


class Repairs:
    """The repairs of one office."""

    def __init__(self, engine: Engine, office: Office) -> None:
        self._engine = engine
        self._office = office
        self._book: Book[State, Event] = Book(TRADE, MACHINE, State)

    def check(self, application: Application, now: datetime) -> PreCheck:
        """The conditions as they are today, without filing. Raises CaseError for a record that is not the subject's."""
        with writing(self._engine) as connection:
            record = concerned(connection, application.subject_code, application.record_key)
            self._book.note_reading(connection, record["key"], actor=application.filed_by, at=now, detail="预检")
        return precheck(_violation(record), _claim(application), now.astimezone(SHANGHAI).date())

    def file(self, application: Application, files: Sequence[Evidence], now: datetime) -> Repair:
        """Takes an application of the subject. Raises CaseError (REPAIR_TOO_EARLY names the day), AccessDenied."""
        act = Act(Event.FILE, application.filed_by, application.reason, now, tuple(files))
        with writing(self._engine) as connection:
            record = concerned(connection, application.subject_code, application.record_key)
            _refuse_second(connection, record["key"])
            self._book.refuse_flood(connection, application.subject_code, application.channel, now)
            _require(precheck(_violation(record), _claim(application), now.astimezone(SHANGHAI).date()))
            number = self._book.begin(connection, act, _facts(application, record))
            return self._one(connection, number)

    def act(
        self,
        number: str,
        event: Event,
        *,
        actor: str,
        reason: str,
        unit: str | None,
        now: datetime,
        files: Sequence[Evidence] = (),
        severity: Severity | None = None,
        seen: State | None = None,
    ) -> Repair:
        """One step of the staff. ``unit``: for whom they act, None = the credit office; ``seen``: the state they saw.

        ``severity``: the unit's word, with 准予修复 of a record that states none. Raises CaseError, RecordError.
        """
        act: Act[Event] = Act(event, actor, reason, now, tuple(files), acting_for(unit, self._office))
        with writing(self._engine) as connection:
            row = self._book.row(connection, number)
            record = row_of(connection, row["record_key"])
            self._book.ready(row, act, record["source_unit"], seen)
            changes: dict[str, object] = {"outcome": read_reason(reason, "给主体的答复")} if event in TOLD else {}
            if event is Event.GRANT:
                changes["severity"] = self._grant(connection, row, record, act, severity).value
            self._book.step(connection, row, act, changes)
            return self._one(connection, number)

    def get(self, number: str, *, actor: str, now: datetime) -> Repair:
        """Raises UnknownCase."""
        with writing(self._engine) as connection:
            found = self._one(connection, number)
            self._book.note_reading(connection, number, actor=actor, at=now)
            return found

    def recheck(self, number: str, *, actor: str, now: datetime) -> PreCheck:
        """The conditions of a filed application as they are today. Raises UnknownCase."""
        with writing(self._engine) as connection:
            row = self._book.row(connection, number)
            self._book.note_reading(connection, number, actor=actor, at=now, detail="预检")
            violation = _violation(row_of(connection, row["record_key"]))
        return precheck(violation, _claim_of(row, Severity(row["severity"])), now.astimezone(SHANGHAI).date())

    def of_subject(self, code: str, *, actor: str, now: datetime) -> tuple[Repair, ...]:
        """Newest first."""
        return self._listed(code, tables.repairs.c.subject_code == code, actor, now)

    def of_unit(self, unit: str, *, actor: str, now: datetime) -> tuple[Repair, ...]:
        """Applications to repair records of a unit, newest first. Raises CaseError for a unit not of this city."""
        canonical = acting_for(unit, self._office) or self._office.issuer_name
        return self._listed(canonical, tables.records.c.source_unit == canonical, actor, now)

    def open_cases(self, *, actor: str, now: datetime) -> tuple[Repair, ...]:
        """Those that still wait for a step, newest first."""
        waiting = [state.value for state in State if not MACHINE.is_final(state)]
        return self._listed("待办", tables.repairs.c.state.in_(waiting), actor, now)

    def closed_cases(self, *, actor: str, now: datetime) -> tuple[Repair, ...]:
        """Those that are over, newest first."""
        over = [state.value for state in State if MACHINE.is_final(state)]
        return self._listed("已办结", tables.repairs.c.state.in_(over), actor, now)

    def evidence(self, number: str, file_id: int, *, actor: str, now: datetime) -> Evidence:
        """One file, handed out under audit. Raises UnknownCase."""
        with writing(self._engine) as connection:
            return self._book.evidence(connection, number, file_id, actor=actor, at=now)

    def _grant(
        self, connection: Connection, row: RowMapping, record: RowMapping, act: Act[Event], confirmed: Severity | None
    ) -> Severity:
        """Checks the conditions on the day, repairs the record, flags the reports. The severity it rests on."""
        violation, today = _violation(record), act.at.astimezone(SHANGHAI).date()
        severity = violation.severity or confirmed
        if severity is None:
            raise CaseError(
                f"记录没有写明违法程度（申请说明为“{row['severity']}”）。",
                next_step="请责任单位确认违法程度（轻微、一般或严重）后再准予修复。",
                code="SEVERITY_UNCONFIRMED",
            )
        _require(precheck(violation, _claim_of(row, confirmed), today))
        changes = {
            "severity": severity,
            "corrected_on": violation.corrected_on or row["corrected_on"],
            "repaired_on": today,
        }
        reason = f"修复申请 {row['number']} {act.event}：{act.reason.strip()}"
        amend(connection, record["key"], changes, at=act.at, actor=act.by, reason=reason)
        closure = Closure(Kind.REPAIRED, row["number"], act.at, row["subject_code"], record["key"], record["domain"])
        notify(connection, closure, self._office.domains, actor=act.by)
        return severity

    def _one(self, connection: Connection, number: str) -> Repair:
        self._book.row(connection, number)
        return self._read(connection, tables.repairs.c.number == number)[0]

    def _listed(self, target: str, wanted: ColumnElement[bool], actor: str, now: datetime) -> tuple[Repair, ...]:
        with writing(self._engine) as connection:
            found = self._read(connection, wanted)
            self._book.note_reading(connection, target, actor=actor, at=now, detail=f"{len(found)} 件")
        return found

    def _read(self, connection: Connection, wanted: ColumnElement[bool]) -> tuple[Repair, ...]:
        cases, records = tables.repairs, tables.records
        its_record = records.c.key == cases.c.record_key
        query = select(cases, records.c.source_unit.label("unit")).join(records, its_record).where(wanted)
        steps = steps_of(connection, select(cases.c.number).join(records, its_record).where(wanted))
        ordered = query.order_by(cases.c.filed_at.desc(), cases.c.number.desc())
        return tuple(_repair(row, steps[row["number"]]) for row in connection.execute(ordered).mappings())


def _repair(row: RowMapping, steps: tuple[CaseStep, ...]) -> Repair:
    kinds = {
        "channel": Channel(row["channel"]),
        "state": State(row["state"]),
        "severity": Severity(row["severity"]),
    }
    return Repair(**{**row, **kinds}, steps=steps)


def _refuse_second(connection: Connection, key: str) -> None:
    table = tables.repairs
    is_open = table.c.state.in_([state.value for state in OPEN])
    first = connection.execute(select(table.c.number).where((table.c.record_key == key) & is_open)).scalar()
    if first is not None:
        raise CaseError(
            f"对这条记录已有修复申请正在办理：{first}。",
            next_step=f"请等待 {first} 的结果；有新材料的，请交给责任单位。",
            code="REPAIR_OPEN",
        )


def _require(found: PreCheck) -> None:
    """Raises CaseError unless every condition is met; when only time is missing, with the day on which it is not."""
    if found.is_met:
        return
    problems = "；".join(f"{finding.condition}：{finding.says}" for finding in found.unmet)
    if found.only_too_early and found.possible_on is not None:
        raise CaseError(
            f"现在还不能修复。{problems}。", next_step=f"请于 {found.possible_on} 起申请。", code="REPAIR_TOO_EARLY"
        )
    raise CaseError(f"不符合修复条件。{problems}。", next_step="请核对记录和申请内容。", code="REPAIR_NOT_POSSIBLE")


def _facts(application: Application, record: RowMapping) -> dict[str, object]:
    return {
        "subject_code": application.subject_code,
        "record_key": record["key"],
        "severity": record["severity"] or application.severity,
        "corrected_on": application.corrected_on,
        "obligations_done_on": application.obligations_done_on,
        "commitment": read_reason(application.commitment, "信用承诺", MAX_COMMITMENT),
        "channel": application.channel.value,
        "filed_by": application.filed_by.strip(),
    }


def _violation(record: RowMapping) -> Violation:
    return Violation(
        kind=RecordKind(record["kind"]),
        legal_state=LegalState(record["legal_state"]),
        published=record["published"],
        severity=Severity(record["severity"]) if record["severity"] else None,
        decided_on=record["decided_on"],
        corrected_on=record["corrected_on"],
        repaired_on=record["repaired_on"],
        publication_until=record["publication_until"],
    )


def _claim(application: Application) -> Claim:
    return Claim(
        application.severity, application.corrected_on, application.obligations_done_on, application.commitment
    )


def _claim_of(row: RowMapping, severity: Severity | None) -> Claim:
    return Claim(severity, row["corrected_on"], row["obligations_done_on"], row["commitment"])
