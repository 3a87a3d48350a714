"""How issued reports stand: every change of a state, and what of it is published.

Rules kept:
* A change is one transaction: the report's state, the line of its history, the leaf of the transparency log, the audit
  line. The history is only added to.
* What a report shows never changes; its ``state…`` columns and the notices behind it do.

Source: design §4 (status), §6; verify.issuing.states; index.store.tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update
from sqlalchemy.engine import RowMapping

from index.store import tables
from index.store.engine import writing
from verify.issuing.ledger import Doer, entry_in, note
from verify.issuing.orders import LedgerEntry
from verify.issuing.registering import Place, Registrar, leaves_of, place_of
from verify.issuing.states import (
    ACTS,
    Event,
    State,
    StateChange,
    Step,
    refuse_as_successor,
    refuse_endless,
    target_of,
)
from verify.notices import Changed
from verify.status import Status

_CHANGES = {"corrected": Changed.CORRECTED, "repaired": Changed.REPAIRED}
_STATUSES = {
    State.REVOKED: Status.REVOKED,
    State.SUPERSEDED: Status.SUPERSEDED,
    State.SUSPENDED: Status.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """One report as the ledger has it: its line, every change of its state (oldest first), its place in the log."""

    entry: LedgerEntry
    changes: tuple[StateChange, ...]
    place: Place | None

    def to_json(self) -> dict[str, Any]:
        log = None if self.place is None else self.place.to_json()
        return self.entry.to_json() | {"changes": [change.to_json() for change in self.changes], "log": log}


class Standing:
    """The states of one office's reports."""

    def __init__(self, engine: Engine, registrar: Registrar) -> None:
        self._engine = engine
        self._registrar = registrar

    def change(self, number: str, step: Step, doer: Doer) -> LedgerEntry:
        """The report after ``step``. Raises IssuingError when it is unknown or the step is not allowed."""
        with writing(self._engine) as connection:
            entry = entry_in(connection, number)
            target = target_of(entry, step.event)
            if step.successor is not None:
                refuse_as_successor(entry, entry_in(connection, step.successor))
            if step.event is Event.SUSPEND:
                refuse_endless(entry, leaves_of(connection, entry))
            change = _change_by(step, doer.actor, State(entry.state), target)
            write_change(connection, number, change)
            self._registrar.changed(connection, entry, ACTS[step.event], step.at, doer.now)
            note(connection, doer, f"report.{step.event}", number, f"{step.successor or ''}　{step.reason}".strip())
            return entry_in(connection, number)

    def page(self, number: str, doer: Doer) -> LedgerPage:
        """Under audit. Raises IssuingError (REPORT_UNKNOWN)."""
        table = tables.report_events
        with writing(self._engine) as connection:
            entry = entry_in(connection, number)
            rows = connection.execute(select(table).where(table.c.number == number).order_by(table.c.id)).mappings()
            changes = tuple(_change(row) for row in rows)
            note(connection, doer, "report.read", number)
            return LedgerPage(entry, changes, place_of(connection, entry))

    def withdrawn(self) -> Mapping[int, Status]:
        """Status index → status, for every report that is not simply valid."""
        table = tables.ledger
        with self._engine.connect() as connection:
            rows = connection.execute(select(table.c.status_index, table.c.state).where(table.c.state != State.VALID))
            return {row.status_index: _STATUSES[State(row.state)] for row in rows}

    def changed(self) -> Mapping[int, Changed]:
        """Status index → what was corrected or repaired behind a report since it was issued."""
        ledger, notices = tables.ledger, tables.report_notices
        query = select(ledger.c.status_index, notices.c.kind).join_from(ledger, notices)
        found: dict[int, Changed] = {}
        with self._engine.connect() as connection:
            for index, kind in connection.execute(query):
                found[index] = found.get(index, Changed(0)) | _CHANGES[kind]
        return found

    def mark(self) -> tuple[object, ...]:
        """Another value whenever ``withdrawn`` or ``changed`` may be: rows are only added behind both."""
        with self._engine.connect() as connection:
            return (_last(connection), connection.execute(_NOTICES).scalar_one())


_NOTICES = select(func.count()).select_from(tables.report_notices)


def write_change(connection: Connection, number: str, change: StateChange) -> None:
    """The state and the line of the history, in the caller's transaction."""
    table = tables.ledger
    connection.execute(update(table).where(table.c.number == number).values(_columns(change)))
    connection.execute(insert(tables.report_events).values(_row(number, change)))


def _last(connection: Connection) -> int | None:
    return connection.execute(select(func.max(tables.report_events.c.id))).scalar()


def _change_by(step: Step, actor: str, before: State, after: State) -> StateChange:
    return StateChange(step.at, actor, step.event, before, after, step.reason.strip(), step.successor)


def _columns(change: StateChange) -> dict[str, object]:
    """What the ledger's line says of its newest change."""
    return {
        "state": change.after.value,
        "state_reason": change.reason,
        "state_changed_at": change.at,
        "state_actor": change.actor,
    }


def _row(number: str, change: StateChange) -> dict[str, object]:
    return {
        "number": number,
        "at": change.at,
        "actor": change.actor,
        "event": change.event.value,
        "before": change.before.value,
        "after": change.after.value,
        "reason": change.reason,
        "successor": change.successor,
    }


def _change(row: RowMapping) -> StateChange:
    return StateChange(
        at=row["at"],
        actor=row["actor"],
        event=Event(row["event"]),
        before=State(row["before"]),
        after=State(row["after"]),
        reason=row["reason"],
        successor=row["successor"],
    )
