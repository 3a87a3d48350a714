"""An objection (异议): what it is, the states it goes through, and who may take each step.

    已提交 ─受理→ 已受理 ─开始核实→ 核实中 ─更正→ 更正 ─反馈→ 已反馈
       └─不予受理→ 不予受理            └─维持→ 维持 ─反馈→ 已反馈

Rules kept:
* While it is open (已提交, 已受理, 核实中) the record shows 异议处理中.
* 更正 needs evidence. What the subject is told (不予受理, 反馈) is the reason of that step, kept as ``outcome``.
* ``due_on`` is the office's own service level in working days from the day of filing, never called a term of law.

Source: scheme of 2024, 三（四）; inventory B15. Decision: docs/decisions/0136.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from index.calendar import SHANGHAI
from index.cases.book import CaseStep
from index.cases.transitions import Machine, Role, Transition
from index.channel import Channel


class State(StrEnum):
    SUBMITTED = "已提交"
    ACCEPTED = "已受理"
    REFUSED = "不予受理"
    VERIFYING = "核实中"
    CORRECTED = "更正"
    MAINTAINED = "维持"
    ANSWERED = "已反馈"


class Event(StrEnum):
    FILE = "提交"
    ACCEPT = "受理"
    REFUSE = "不予受理"
    VERIFY = "开始核实"
    CORRECT = "更正"
    MAINTAIN = "维持"
    FEEDBACK = "反馈"
    ASSIGN = "转办"


OPEN = (State.SUBMITTED, State.ACCEPTED, State.VERIFYING)
TOLD = frozenset({Event.REFUSE, Event.FEEDBACK})
"""The steps whose reason the subject is told."""

MACHINE = Machine(
    "异议",
    (
        Transition(Event.FILE, (), State.SUBMITTED, by=frozenset({Role.SUBJECT})),
        Transition(Event.ACCEPT, (State.SUBMITTED,), State.ACCEPTED),
        Transition(Event.REFUSE, (State.SUBMITTED,), State.REFUSED),
        Transition(Event.VERIFY, (State.ACCEPTED,), State.VERIFYING),
        Transition(Event.CORRECT, (State.VERIFYING,), State.CORRECTED, needs_evidence=True),
        Transition(Event.MAINTAIN, (State.VERIFYING,), State.MAINTAINED),
        Transition(Event.FEEDBACK, (State.CORRECTED, State.MAINTAINED), State.ANSWERED),
        Transition(Event.ASSIGN, OPEN, None, by=frozenset({Role.OFFICE})),
    ),
)


@dataclass(frozen=True, slots=True)
class Filing:
    """What a subject objects to. ``record_key``: the record's key or document number; None = the whole ``domain``.

    ``domain`` may be left to the record. ``filed_by``: who filed for the subject, as the channel has proved it.
    ``idempotency_key``: the same for the same request, up to 64 characters.
    """

    subject_code: str
    report_number: str | None
    record_key: str | None
    domain: int | None
    reason: str
    channel: Channel
    filed_by: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection as it stands. ``due_on`` None: the office has set no service level.

    ``due_published`` False: working days of an unpublished year were guessed from the weekday; say so.
    """

    number: str
    subject_code: str
    report_number: str | None
    record_key: str | None
    domain: int
    unit: str
    reason: str
    channel: Channel
    filed_at: datetime
    filed_by: str
    state: State
    state_changed_at: datetime
    outcome: str
    due_on: date | None
    due_published: bool
    steps: tuple[CaseStep, ...]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_closed(self) -> bool:
        return MACHINE.is_final(self.state)

    def is_overdue(self, now: datetime) -> bool:
        return not self.is_closed and self.due_on is not None and self.due_on < now.astimezone(SHANGHAI).date()

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "subject_code": self.subject_code,
            "report_number": self.report_number,
            "record_key": self.record_key,
            "domain": self.domain,
            "unit": self.unit,
            "reason": self.reason,
            "channel": self.channel.value,
            "filed_at": self.filed_at.isoformat(),
            "filed_by": self.filed_by,
            "state": self.state.value,
            "state_changed_at": self.state_changed_at.isoformat(),
            "outcome": self.outcome,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "due_published": self.due_published,
            "steps": steps_json(self.steps),
        }


def steps_json(steps: Sequence[CaseStep]) -> list[dict[str, Any]]:
    """Steps as JSON, evidence by id, name, digest and size."""
    return [
        {
            "at": step.at.isoformat(),
            "actor": step.actor,
            "event": step.event,
            "before": step.before,
            "after": step.after,
            "reason": step.reason,
            "files": [
                {"id": file.id, "name": file.name, "sha256": file.sha256, "size_bytes": file.size_bytes}
                for file in step.files
            ],
        }
        for step in steps
    ]
