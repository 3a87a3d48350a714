"""A repair (信用修复): what is applied for, the states it goes through, and who may take each step.

    已提交 ─受理→ 已受理 ─开始审核→ 审核中 ─准予修复→ 准予修复 ─办结→ 已办结
       └─不予受理→ 不予受理              └─不予修复→ 不予修复 ─办结→ 已办结

Rules kept:
* The application comes from the subject, with evidence, a public 信用承诺, and the days of correction and fulfilment.
* What the subject is told (不予受理, 办结) is the reason of that step, kept as ``outcome``.

Source: 信用修复管理办法 (2026-04-01); scheme of 2024, 三（四）; inventory B16. Decision: docs/decisions/0137.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from index.cases.book import CaseStep
from index.cases.objection import steps_json
from index.cases.transitions import Machine, Role, Transition
from index.channel import Channel
from index.records.model import Severity


class State(StrEnum):
    SUBMITTED = "已提交"
    ACCEPTED = "已受理"
    REFUSED = "不予受理"
    REVIEWING = "审核中"
    GRANTED = "准予修复"
    DENIED = "不予修复"
    CLOSED = "已办结"


class Event(StrEnum):
    FILE = "提交"
    ACCEPT = "受理"
    REFUSE = "不予受理"
    REVIEW = "开始审核"
    GRANT = "准予修复"
    DENY = "不予修复"
    CLOSE = "办结"


OPEN = (State.SUBMITTED, State.ACCEPTED, State.REVIEWING)
TOLD = frozenset({Event.REFUSE, Event.CLOSE})
"""The steps whose reason the subject is told."""

MACHINE = Machine(
    "修复申请",
    (
        Transition(Event.FILE, (), State.SUBMITTED, by=frozenset({Role.SUBJECT}), needs_evidence=True),
        Transition(Event.ACCEPT, (State.SUBMITTED,), State.ACCEPTED),
        Transition(Event.REFUSE, (State.SUBMITTED,), State.REFUSED),
        Transition(Event.REVIEW, (State.ACCEPTED,), State.REVIEWING),
        Transition(Event.GRANT, (State.REVIEWING,), State.GRANTED),
        Transition(Event.DENY, (State.REVIEWING,), State.DENIED),
        Transition(Event.CLOSE, (State.GRANTED, State.DENIED), State.CLOSED),
    ),
)


@dataclass(frozen=True, slots=True)
class Application:
    """What a subject applies with. ``record_key``: the record's key or document number.

    ``severity`` is needed where the record states none; the unit confirms it with 准予修复.
    """

    subject_code: str
    record_key: str
    severity: Severity | None
    corrected_on: date
    obligations_done_on: date
    commitment: str
    channel: Channel
    filed_by: str
    reason: str = "申请信用修复"


@dataclass(frozen=True, slots=True)
class Repair:
    """An application as it stands. ``unit``: the record's source unit, which decides."""

    number: str
    subject_code: str
    record_key: str
    severity: Severity
    corrected_on: date
    obligations_done_on: date
    commitment: str
    channel: Channel
    filed_at: datetime
    filed_by: str
    state: State
    state_changed_at: datetime
    outcome: str
    unit: str
    steps: tuple[CaseStep, ...]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_closed(self) -> bool:
        return MACHINE.is_final(self.state)

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "subject_code": self.subject_code,
            "record_key": self.record_key,
            "unit": self.unit,
            "severity": self.severity.value,
            "corrected_on": self.corrected_on.isoformat(),
            "obligations_done_on": self.obligations_done_on.isoformat(),
            "commitment": self.commitment,
            "channel": self.channel.value,
            "filed_at": self.filed_at.isoformat(),
            "filed_by": self.filed_by,
            "state": self.state.value,
            "state_changed_at": self.state_changed_at.isoformat(),
            "outcome": self.outcome,
            "steps": steps_json(self.steps),
        }
