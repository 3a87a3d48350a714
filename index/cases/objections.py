"""Objections of an office: filing, each step to the answer, the overdue list.

Rules kept:
* Only the subject's own reports and records; a record must be shown in the report that is named.
* The same request (``Filing.idempotency_key``) again is the same objection.
* One open objection per record (per domain of a subject, where no record is named); the second is told of the first.
* 更正 amends the record with its history and flags the unexpired reports that showed it; the caller publishes.
* 异议处理中 stands on the record while the objection to it is open, and is taken back when it is decided.
* Every act and every look is one transaction with its audit line.

Source: scheme of 2024, 三（四）; inventory B15. States and who may what: ``index.cases.objection``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, select
from sqlalchemy.engine import RowMapping

from index.calendar import SHANGHAI, WorkingDay
from index.cases.book import Act, Book, CaseStep, Trade, read_reason, steps_of
from index.cases.concerned import concerned, row_of, sent_again
from index.cases.corrections import checked_correction
from index.cases.evidence import Evidence as Evidence
from index.cases.notices import Closure, Kind, notify, shown
from index.cases.objection import MACHINE, OPEN, TOLD
from index.cases.objection import Event as Event
from index.cases.objection import Filing as Filing
from index.cases.objection import Objection as Objection
from index.cases.objection import State as State
from index.cases.routing import acting_for, domain_of, responsible_unit, unit_named
from index.channel import Channel
from index.errors import CaseError, UnknownSubject
from index.records.amendable import MAX_DOMAIN
from index.records.amending import amend
from index.rules.model import Office
from index.store import tables
from index.store.engine import writing

PURPOSE = "办理信用异议"
TRADE = Trade(tables.objections, prefix="YY", action="objection", purpose=PURPOSE)


class Objections:
    """The objections of one office."""

    def __init__(self, engine: Engine, office: Office) -> None:
        self._engine = engine
        self._office = office
        self._book: Book[State, Event] = Book(TRADE, MACHINE, State)

    def file(self, filing: Filing, files: Sequence[Evidence], now: datetime) -> Objection:
        """Takes an objection of the subject itself; the one of the same request, if there is one already.

        Raises CaseError, UnknownSubject, AccessDenied.
        """
        act = Act(Event.FILE, filing.filed_by, filing.reason, now, tuple(files))
        with writing(self._engine) as connection:
            before = _made_by(connection, filing.idempotency_key)
            if before is not None:
                self._book.note_reading(connection, before, actor=filing.filed_by, at=now)
                return self._one(connection, before)
            _check_subject(connection, filing.subject_code)
            record = concerned(connection, filing.subject_code, filing.record_key) if filing.record_key else None
            _check_report(connection, filing, record)
            domain = self._domain(filing, record)
            self._book.refuse_flood(connection, filing.subject_code, filing.channel, now)
            _refuse_second(connection, filing.subject_code, record, domain)
            number = self._book.begin(connection, act, self._facts(filing, record, domain))
            if record is not None and not record["under_objection"]:
                _amend(connection, record["key"], {"under_objection": True}, act, number)
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
        correction: Mapping[str, object] | None = None,
        seen: State | None = None,
    ) -> Objection:
        """One step of the staff. ``unit``: for whom they act, None = the credit office; ``seen``: the state they saw.

        ``correction``: the record's right values, with 更正 of a record and only then. Raises CaseError, RecordError.
        """
        if event is Event.ASSIGN:
            raise CaseError("转办须写明转给哪个单位。", next_step="请选择接办单位。", code="UNIT_MISSING")
        act: Act[Event] = Act(event, actor, reason, now, tuple(files), acting_for(unit, self._office))
        with writing(self._engine) as connection:
            row = self._book.row(connection, number)
            after = self._book.ready(row, act, row["unit"], seen)
            changes = {"outcome": read_reason(reason, "给主体的答复")} if event in TOLD else {}
            self._book.step(connection, row, act, changes)
            self._on_record(connection, row, act, after, correction)
            return self._one(connection, number)

    def assign(
        self,
        number: str,
        to_unit: str,
        *,
        actor: str,
        reason: str,
        unit: str | None,
        now: datetime,
        files: Sequence[Evidence] = (),
        seen: State | None = None,
    ) -> Objection:
        """Gives an open objection to another unit; the credit office (``unit`` None) only. Raises CaseError."""
        receiving = unit_named(to_unit, self._office)
        act: Act[Event] = Act(Event.ASSIGN, actor, reason, now, tuple(files), acting_for(unit, self._office))
        with writing(self._engine) as connection:
            row = self._book.row(connection, number)
            self._book.ready(row, act, row["unit"], seen)
            _refuse_same(row, receiving)
            self._book.step(connection, row, act, {"unit": receiving})
            return self._one(connection, number)

    def get(self, number: str, *, actor: str, now: datetime) -> Objection:
        """Raises UnknownCase."""
        with writing(self._engine) as connection:
            found = self._one(connection, number)
            self._book.note_reading(connection, number, actor=actor, at=now)
            return found

    def of_subject(self, code: str, *, actor: str, now: datetime) -> tuple[Objection, ...]:
        """Newest first."""
        return self._listed(code, tables.objections.c.subject_code == code, actor, now)

    def of_unit(self, unit: str, *, actor: str, now: datetime) -> tuple[Objection, ...]:
        """What a unit has to do or has done, newest first. Raises CaseError for a unit that is not of this city."""
        canonical = acting_for(unit, self._office) or self._office.issuer_name
        return self._listed(canonical, tables.objections.c.unit == canonical, actor, now)

    def open_cases(self, *, actor: str, now: datetime) -> tuple[Objection, ...]:
        """Those that still wait for a step, newest first."""
        waiting = [state.value for state in State if not MACHINE.is_final(state)]
        return self._listed("待办", tables.objections.c.state.in_(waiting), actor, now)

    def closed_cases(self, *, actor: str, now: datetime) -> tuple[Objection, ...]:
        """Those that are over, newest first."""
        over = [state.value for state in State if MACHINE.is_final(state)]
        return self._listed("已办结", tables.objections.c.state.in_(over), actor, now)

    def overdue(self, *, actor: str, now: datetime) -> tuple[Objection, ...]:
        """Those past the office's own service level, the longest overdue first."""
        late = [objection for objection in self.open_cases(actor=actor, now=now) if objection.is_overdue(now)]
        return tuple(sorted(late, key=lambda objection: (str(objection.due_on), objection.number)))

    def evidence(self, number: str, file_id: int, *, actor: str, now: datetime) -> Evidence:
        """One file, handed out under audit. Raises UnknownCase."""
        with writing(self._engine) as connection:
            return self._book.evidence(connection, number, file_id, actor=actor, at=now)

    # Filing

    def _domain(self, filing: Filing, record: RowMapping | None) -> int:
        """The number of the domain. What a report of the subject shows may be of a domain that is listed no more."""
        number = filing.domain if record is None else record["domain"]
        if number is None:
            raise CaseError("没有写明异议的领域或记录。", next_step="请写明其中之一。", code="DOMAIN_MISSING")
        if filing.domain not in (None, number):
            raise CaseError(
                f"该记录属于领域 {number}，不是领域 {filing.domain}。", next_step="请核对领域。", code="DOMAIN_UNKNOWN"
            )
        if record is None and not (filing.report_number and 0 < number <= MAX_DOMAIN):
            domain_of(number, self._office)
        return int(number)

    def _facts(self, filing: Filing, record: RowMapping | None, domain: int) -> dict[str, object]:
        return {
            "subject_code": filing.subject_code,
            "report_number": filing.report_number,
            "record_key": record["key"] if record else None,
            "domain": domain,
            "unit": responsible_unit(domain, record["source_unit"] if record else None, self._office),
            "reason": read_reason(filing.reason, "异议理由"),
            "channel": filing.channel.value,
            "filed_by": filing.filed_by.strip(),
            "idempotency_key": filing.idempotency_key,
        }

    # What a step does to the record and to issued reports

    def _on_record(
        self,
        connection: Connection,
        row: RowMapping,
        act: Act[Event],
        after: State,
        correction: Mapping[str, object] | None,
    ) -> None:
        key, changes = row["record_key"], dict[str, object]()
        if act.event is Event.CORRECT and key is not None:
            again = sent_again(connection, key, row["filed_at"])
            changes |= checked_correction(dict(row_of(connection, key)), correction, self._office, sent_again=again)
        elif correction:
            raise CaseError(
                "这一步不能更正记录。", next_step="更正记录请用“更正”，并且异议须指明记录。", code="CORRECTION_UNNEEDED"
            )
        if key is not None and State(row["state"]) in OPEN and after not in OPEN:
            changes["under_objection"] = False
        if changes:
            _amend(connection, key, changes, act, row["number"])
        if act.event is Event.CORRECT:
            closure = Closure(Kind.CORRECTED, row["number"], act.at, row["subject_code"], key, row["domain"])
            notify(connection, closure, self._office.domains, actor=act.by)

    # Reading

    def _one(self, connection: Connection, number: str) -> Objection:
        self._book.row(connection, number)
        return self._read(connection, tables.objections.c.number == number)[0]

    def _listed(self, target: str, wanted: ColumnElement[bool], actor: str, now: datetime) -> tuple[Objection, ...]:
        with writing(self._engine) as connection:
            found = self._read(connection, wanted)
            self._book.note_reading(connection, target, actor=actor, at=now, detail=f"{len(found)} 件")
        return found

    def _read(self, connection: Connection, wanted: ColumnElement[bool]) -> tuple[Objection, ...]:
        table = tables.objections
        query = select(table).where(wanted).order_by(table.c.filed_at.desc(), table.c.number.desc())
        steps = steps_of(connection, select(table.c.number).where(wanted))
        return tuple(self._objection(row, steps[row["number"]]) for row in connection.execute(query).mappings())

    def _objection(self, row: RowMapping, steps: tuple[CaseStep, ...]) -> Objection:
        due = self._due(row["filed_at"])
        facts = {**row, "channel": Channel(row["channel"]), "state": State(row["state"])}
        del facts["idempotency_key"]
        return Objection(
            **facts,
            due_on=due.day if due else None,
            due_published=due is None or due.published,
            steps=steps,
        )

    def _due(self, filed_at: datetime) -> WorkingDay | None:
        days = self._office.objection_days
        return self._office.calendar.working_days_after(filed_at.astimezone(SHANGHAI).date(), days) if days else None


def _made_by(connection: Connection, idempotency_key: str | None) -> str | None:
    """The objection that this request has made."""
    if idempotency_key is None:
        return None
    table = tables.objections
    return connection.execute(select(table.c.number).where(table.c.idempotency_key == idempotency_key)).scalar()


def _check_subject(connection: Connection, code: str) -> None:
    if connection.execute(select(tables.subjects.c.code).where(tables.subjects.c.code == code)).first() is None:
        raise UnknownSubject(
            f"没有统一社会信用代码为 {code} 的经营主体。", next_step="请核对代码；异议只能由主体本人提出。"
        )


def _check_report(connection: Connection, filing: Filing, record: RowMapping | None) -> None:
    """The report is the subject's own and shows the record. Another's report and an unknown one get one answer."""
    if filing.report_number is None:
        return
    of_subject = tables.ledger.c.subject_code == filing.subject_code
    found = shown(connection, of_subject & (tables.ledger.c.number == filing.report_number))
    if not found:
        raise CaseError(
            f"该主体没有编号为 {filing.report_number[:40]} 的报告。",
            next_step="请核对报告首页的编号；不针对某份报告的，可以不填。",
            code="CASE_REPORT_UNKNOWN",
        )
    if record is not None and record["key"] not in found[0].records:
        raise CaseError(
            f"报告 {filing.report_number} 没有显示这条记录。",
            next_step="请核对报告编号和记录；不针对某份报告的，可以不填报告编号。",
            code="CASE_RECORD_NOT_SHOWN",
        )


def _refuse_second(connection: Connection, code: str, record: RowMapping | None, domain: int) -> None:
    table = tables.objections
    if record is not None:
        first = _open_on(connection, record["key"])
    else:
        whole = (table.c.subject_code == code) & table.c.record_key.is_(None) & (table.c.domain == domain)
        first = connection.execute(select(table.c.number).where(whole & _is_open())).scalar()
    if first is not None:
        raise CaseError(
            f"对{'这条记录' if record is not None else '该领域'}已有异议正在办理：{first}。",
            next_step=f"请等待 {first} 的结果；有新材料的，请交给责任单位。",
            code="OBJECTION_OPEN",
        )


def _refuse_same(row: RowMapping, receiving: str) -> None:
    """A form sent twice hands nothing on twice."""
    if row["unit"] == receiving:
        raise CaseError(
            f"{row['number']} 已由{receiving}办理，无须转办。", next_step="本次没有改动。", code="UNIT_UNCHANGED"
        )


def _open_on(connection: Connection, key: str) -> str | None:
    table = tables.objections
    return connection.execute(select(table.c.number).where((table.c.record_key == key) & _is_open())).scalar()


def _is_open() -> ColumnElement[bool]:
    return tables.objections.c.state.in_([state.value for state in OPEN])


def _amend(connection: Connection, key: str, changes: Mapping[str, object], act: Act[Event], number: str) -> None:
    reason = f"异议 {number} {act.event}：{act.reason.strip()}"
    amend(connection, key, changes, at=act.at, actor=act.by, reason=reason)
