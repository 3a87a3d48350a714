"""The book of one kind of case: every step of every case, with its reason and evidence, and the state it led to.

Reads and writes ``case_events``, ``case_files``, ``case_numbers``, the table of the kind (``objections``, ``repairs``)
and the audit log, in the caller's transaction: an act and its audit line land together or not at all.

Rules kept:
* Who acts is named, every step has a reason, and the table of the kind says who may and what a step needs.
* What a subject files online is bounded by the day; evidence is bounded by the case.
* A step is taken from the state the case is in; who has seen another one is told that it moved on, nothing happens.
* Steps chain without a gap: the first begins at no state, each later one begins where the one before it ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Generic

from sqlalchemy import Connection, Select, Table, func, insert, select, update
from sqlalchemy.engine import CursorResult, RowMapping

from index.audit import append, require_duty
from index.calendar import SHANGHAI
from index.cases.evidence import Evidence, checked
from index.cases.numbers import next_number
from index.cases.transitions import E, Machine, Role, S, Transition
from index.channel import Channel
from index.errors import CaseError, UnknownCase
from index.records.cells import CellError, read_line, read_text
from index.store.tables import case_events, case_files

MAX_REASON = 2000
MAX_ACTOR = 200
MAX_OF_A_DAY = 20
"""Cases of one kind that a subject may file online on a day, each with its evidence; the desk may take more."""


@dataclass(frozen=True, slots=True)
class Trade:
    """What tells one kind of case from another: ``action`` stands in the audit log, ``prefix`` in the numbers."""

    table: Table
    prefix: str
    action: str
    purpose: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Evidence as listed; ``Book.evidence`` hands out the content."""

    id: int
    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One step: who, when, why, from which state to which. ``before`` None: the case began."""

    at: datetime
    actor: str
    event: str
    before: str | None
    after: str
    reason: str
    files: tuple[CaseFile, ...]


@dataclass(frozen=True, slots=True)
class Act(Generic[E]):
    """What somebody is about to do. ``unit``: the unit they act for; None = the credit office."""

    event: E
    actor: str
    reason: str
    at: datetime
    files: tuple[Evidence, ...] = ()
    unit: str | None = None

    @property
    def role(self) -> Role:
        return Role.OFFICE if self.unit is None else Role.UNIT

    @property
    def by(self) -> str:
        """The actor as the book names them."""
        return self.actor.strip() if self.unit is None else f"{self.unit} {self.actor.strip()}"


class Book(Generic[S, E]):
    """The cases of one kind."""

    def __init__(self, trade: Trade, machine: Machine[S, E], states: type[S]) -> None:
        self.trade = trade
        self.machine = machine
        self._states = states

    def begin(self, connection: Connection, act: Act[E], facts: Mapping[str, object]) -> str:
        """Opens a case of the subject with its first step; returns its number. Raises CaseError, AccessDenied."""
        state = self.machine.first
        reason, files = self._checked(act, self.machine.beginning, already=0)
        number = next_number(connection, self.trade.prefix, act.at.astimezone(SHANGHAI).date())
        line = {"number": number, "filed_at": act.at, "state": state.value, "state_changed_at": act.at}
        connection.execute(insert(self.trade.table).values(**facts, **line))
        self._write(connection, number, act, (None, state.value), reason, files)
        return number

    def refuse_flood(self, connection: Connection, subject_code: str, channel: Channel, at: datetime) -> None:
        """Raises CaseError (CASES_TOO_MANY) for what a subject files online beyond ``MAX_OF_A_DAY``."""
        if channel is not Channel.SELF:
            return
        table, today = self.trade.table, at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        of_today = (
            (table.c.subject_code == subject_code) & (table.c.channel == channel.value) & (table.c.filed_at >= today)
        )
        if connection.execute(select(func.count()).select_from(table).where(of_today)).scalar_one() >= MAX_OF_A_DAY:
            raise CaseError(
                f"今天在线提交的{self.machine.name}已有 {MAX_OF_A_DAY} 件。",
                next_step="请明天再提交，或到窗口办理。",
                code="CASES_TOO_MANY",
            )

    def row(self, connection: Connection, number: str) -> RowMapping:
        """The case as it stands. Raises UnknownCase."""
        table = self.trade.table
        row = connection.execute(select(table).where(table.c.number == number)).mappings().first()
        if row is None:
            raise UnknownCase(f"没有编号为 {number[:40]} 的{self.machine.name}。", next_step="请核对编号。")
        return row

    def ready(self, row: RowMapping, act: Act[E], unit: str, seen: S | None) -> S:
        """The state the act will lead to, without doing it. ``unit``: who is responsible. Raises CaseError."""
        state = self._states(row["state"])
        if seen is not None and seen is not state:
            raise self._moved_on(row["number"], state)
        transition = self.machine.transition(state, act.event)
        if act.role not in transition.by:
            raise _not_yours(act, "、".join(sorted(transition.by)))
        if act.unit is not None and act.unit != unit:
            raise _not_yours(act, unit)
        return self.machine.after(state, act.event)

    def step(self, connection: Connection, row: RowMapping, act: Act[E], changes: Mapping[str, object]) -> None:
        """Takes a step that is ``ready``: the event, its files, the new state with ``changes``, the audit line."""
        table, number = self.trade.table, row["number"]
        before = self._states(row["state"])
        after = self.machine.after(before, act.event)
        reason, files = self._checked(act, self.machine.transition(before, act.event), _count(connection, number))
        moved: CursorResult[Any] = connection.execute(
            update(table)
            .where(table.c.number == number, table.c.state == before.value)
            .values(**changes, state=after.value, state_changed_at=act.at)
        )
        if moved.rowcount != 1:
            raise self._moved_on(number, self._states(self.row(connection, number)["state"]))
        self._write(connection, number, act, (before.value, after.value), reason, files)

    def note_reading(self, connection: Connection, target: str, *, actor: str, at: datetime, detail: str = "") -> None:
        """The audit line of a look at cases."""
        self._audit(connection, "read", target, actor=actor, at=at, detail=detail)

    def evidence(self, connection: Connection, number: str, file_id: int, *, actor: str, at: datetime) -> Evidence:
        """One file of a case of this kind, handed out with an audit line. Raises UnknownCase."""
        wanted = (case_files.c.case_number == self.row(connection, number)["number"]) & (case_files.c.id == file_id)
        found = connection.execute(select(case_files.c.name, case_files.c.content).where(wanted)).first()
        if found is None:
            raise UnknownCase(f"{number} 没有编号为 {file_id} 的材料。", next_step="请核对材料编号。")
        self.note_reading(connection, number, actor=actor, at=at, detail=f"材料 {file_id} {found.name}")
        return Evidence(found.name, found.content)

    def _checked(self, act: Act[E], transition: Transition[S, E], already: int) -> tuple[str, tuple[Evidence, ...]]:
        require_duty(act.actor, self.trade.purpose)
        _require_plain(act.actor)
        files = checked(act.files, already)
        if transition.needs_evidence and not files:
            raise CaseError(
                f"“{act.event}”须附材料。",
                next_step="请附上证明材料（例如责任单位的核实意见）。",
                code="EVIDENCE_MISSING",
            )
        return read_reason(act.reason, f"“{act.event}”的理由"), files

    def _write(
        self,
        connection: Connection,
        number: str,
        act: Act[E],
        states: tuple[str | None, str],
        reason: str,
        files: Sequence[Evidence],
    ) -> None:
        before, after = states
        line = {"case_number": number, "at": act.at, "actor": act.by, "event": act.event.value, "reason": reason}
        event = connection.execute(
            insert(case_events).values(**line, before=before, after=after).returning(case_events.c.id)
        ).scalar_one()
        if files:
            connection.execute(insert(case_files), [_file_line(number, event, file) for file in files])
        detail = f"{act.event}：{before or '—'} → {after}，材料 {len(files)} 个"
        self._audit(connection, "step" if before else "file", number, actor=act.by, at=act.at, detail=detail)

    def _audit(self, connection: Connection, what: str, target: str, *, actor: str, at: datetime, detail: str) -> None:
        action = f"{self.trade.action}.{what}"
        append(connection, at=at, actor=actor, purpose=self.trade.purpose, action=action, target=target, detail=detail)

    def _moved_on(self, number: str, state: S) -> CaseError:
        return CaseError(
            f"{self.machine.name} {number} 已由他人处理，现为“{state}”。",
            next_step="本次没有改动。请重新查看后再处理。",
            code="CASE_MOVED_ON",
        )


def steps_of(connection: Connection, numbers: Select[tuple[str]]) -> Mapping[str, tuple[CaseStep, ...]]:
    """Every step of the cases that ``numbers`` selects, oldest first."""
    of_cases = select(case_events).where(case_events.c.case_number.in_(numbers))
    events = connection.execute(of_cases.order_by(case_events.c.case_number, case_events.c.id)).all()
    files = _files_of(connection, numbers)
    return {
        number: tuple(
            CaseStep(row.at, row.actor, row.event, row.before, row.after, row.reason, tuple(files.get(row.id, ())))
            for row in own
        )
        for number, own in groupby(events, lambda row: str(row.case_number))
    }


def _files_of(connection: Connection, numbers: Select[tuple[str]]) -> Mapping[int, list[CaseFile]]:
    """The evidence of these cases without its content, by event."""
    listed = [column for column in case_files.c if column.name != "content"]
    query = select(*listed).where(case_files.c.case_number.in_(numbers)).order_by(case_files.c.id)
    files: dict[int, list[CaseFile]] = {}
    for row in connection.execute(query):
        files.setdefault(row.event, []).append(CaseFile(row.id, row.name, row.sha256, row.size_bytes))
    return files


def read_reason(text: str, what: str, limit: int = MAX_REASON) -> str:
    """A text somebody gives, trimmed and bounded. Raises CaseError (REASON_MISSING, REASON_UNREADABLE)."""
    try:
        reason = read_text(text.strip(), limit)
    except CellError as error:
        raise CaseError(f"{what}{error.message}。", next_step=error.next_step, code="REASON_UNREADABLE") from error
    if not reason:
        raise CaseError(f"没有填写{what}。", next_step="请写明后重试。", code="REASON_MISSING")
    return reason


def _require_plain(actor: str) -> None:
    """Names are shown in lists and on terminals. Raises CaseError (ACTOR_UNREADABLE)."""
    try:
        read_line(actor.strip(), MAX_ACTOR)
    except CellError as error:
        raise CaseError(f"经办人姓名{error.message}。", next_step=error.next_step, code="ACTOR_UNREADABLE") from error


def _count(connection: Connection, number: str) -> int:
    of_case = case_files.c.case_number == number
    return connection.execute(select(func.count()).select_from(case_files).where(of_case)).scalar_one()


def _file_line(number: str, event: int, file: Evidence) -> dict[str, object]:
    size = len(file.content)
    line = {"case_number": number, "event": event, "name": file.name, "sha256": file.sha256, "size_bytes": size}
    return line | {"content": file.content}


def _not_yours(act: Act[Any], whose: str) -> CaseError:
    who = act.unit or str(Role.OFFICE)
    return CaseError(
        f"{who}不能办理这一步（“{act.event}”应由{whose}办理）。",
        next_step=f"请由{whose}办理。" if whose == Role.OFFICE else f"请由{whose}或{Role.OFFICE}办理。",
        code="CASE_NOT_YOURS",
    )
