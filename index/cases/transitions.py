"""One table for every state machine: which event leads from where to where, who may, what it needs.

Rules kept:
* What the table does not hold is refused by name, with what is possible instead; nothing falls through.
* From one state an event leads to one state only; the table is refused otherwise.
* A state that no event leaves is final.

Source: inventory A/B15, B16.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from index.errors import CaseError

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class Role(StrEnum):
    """For whom somebody acts."""

    SUBJECT = "经营主体"
    UNIT = "责任单位"
    OFFICE = "信用办"


STAFF = frozenset({Role.UNIT, Role.OFFICE})


@dataclass(frozen=True, slots=True)
class Transition(Generic[S, E]):
    """``event`` leads from ``sources`` to ``target``. No sources: it begins a case. ``target`` None: it stays."""

    event: E
    sources: tuple[S, ...]
    target: S | None
    by: frozenset[Role] = STAFF
    needs_evidence: bool = False


@dataclass(frozen=True, slots=True)
class Machine(Generic[S, E]):
    """A checked table. ``name`` is what staff call the case, e.g. 异议."""

    name: str
    table: tuple[Transition[S, E], ...]

    def __post_init__(self) -> None:
        known = [(source, row.event) for row in self.table for source in row.sources]
        beginnings = [row for row in self.table if not row.sources]
        if len(set(known)) != len(known) or len(beginnings) != 1 or beginnings[0].target is None:
            raise ValueError(f"the table of {self.name} contradicts itself")

    @property
    def beginning(self) -> Transition[S, E]:
        return next(row for row in self.table if not row.sources)

    @property
    def first(self) -> S:
        """The state a case begins in."""
        target = self.beginning.target
        assert target is not None
        return target

    def find(self, state: S, event: E) -> Transition[S, E] | None:
        """The row for an event in a state; None when the table does not hold it."""
        return next((row for row in self.table if state in row.sources and row.event is event), None)

    def transition(self, state: S, event: E) -> Transition[S, E]:
        """The row for an event in a state. Raises CaseError (CASE_STEP_NOT_ALLOWED) naming what is possible."""
        found = self.find(state, event)
        if found is None:
            raise self._not_allowed(state, event)
        return found

    def after(self, state: S, event: E) -> S:
        """The state an event leads to. Raises CaseError (CASE_STEP_NOT_ALLOWED)."""
        target = self.transition(state, event).target
        return state if target is None else target

    def possible(self, state: S, role: Role) -> tuple[E, ...]:
        """What somebody of ``role`` may do in a state."""
        return tuple(row.event for row in self.table if state in row.sources and role in row.by)

    def is_final(self, state: S) -> bool:
        return not any(state in row.sources for row in self.table)

    def _not_allowed(self, state: S, event: E) -> CaseError:
        events: Iterable[E] = (row.event for row in self.table if state in row.sources)
        possible = "、".join(events)
        return CaseError(
            f"该{self.name}现为“{state}”，不能“{event}”。",
            next_step=f"现在可以：{possible}。" if possible else f"该{self.name}已经办结，不再变动。",
            code="CASE_STEP_NOT_ALLOWED",
        )
