"""The states of an issued report, and how one leads to another.

    有效 ─撤销→ 已撤销      有效 ─暂停→ 已暂停 ─恢复→ 有效
      └─替换→ 已被替换          ├─撤销→ 已撤销
                                └─替换→ 已被替换

Rules kept:
* 已撤销 and 已被替换 are final: what was withdrawn never becomes valid again.
* Every change has a reason. A report is replaced by a newer one of the same subject that is valid itself; nobody
  replaces a report by issuing another: two banks may hold two reports. Decision: docs/decisions/0177.
* Expiry is no state: it follows from the report's last day and the clock.
* What is not in the table is refused by name, with what is possible instead.
* A report has a last suspension: verifiers read no more than ``LEAVES_MAX`` leaves of it, and a final step must fit.

Source: design §4 (status), §6; index.cases.transitions.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from index.cases.transitions import Machine, Role, Transition
from verify.errors import IssuingError, VerifyError
from verify.issuing.orders import LedgerEntry
from verify.registration import Act
from verify.status import CLOCK_TOLERANCE
from verify.transparency.leaves import LEAVES_MAX


class State(StrEnum):
    """As the ledger stores it and JSON says it."""

    VALID = "valid"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"

    @property
    def label(self) -> str:
        return _STATE_LABELS[self]


class Event(StrEnum):
    """What is done with a report. Also the command and the route."""

    ISSUE = "issue"
    REVOKE = "revoke"
    SUPERSEDE = "supersede"
    SUSPEND = "suspend"
    RESUME = "resume"

    @property
    def label(self) -> str:
        return _EVENT_LABELS[self]


_STATE_LABELS = MappingProxyType(
    {State.VALID: "有效", State.REVOKED: "已撤销", State.SUPERSEDED: "已被替换", State.SUSPENDED: "已暂停"}
)
_EVENT_LABELS = MappingProxyType(
    {
        Event.ISSUE: "签发",
        Event.REVOKE: "撤销",
        Event.SUPERSEDE: "替换",
        Event.SUSPEND: "暂停",
        Event.RESUME: "恢复",
    }
)
ACTS = MappingProxyType(
    {
        Event.REVOKE: Act.REVOKED,
        Event.SUPERSEDE: Act.SUPERSEDED,
        Event.SUSPEND: Act.SUSPENDED,
        Event.RESUME: Act.RESUMED,
    }
)
"""How the transparency log calls each change."""

REASON_MAX = 500
_OFFICE = frozenset({Role.OFFICE})
_LIVE = (State.VALID, State.SUSPENDED)
MACHINE = Machine(
    "报告",
    (
        Transition(Event.ISSUE, (), State.VALID, by=_OFFICE),
        Transition(Event.REVOKE, _LIVE, State.REVOKED, by=_OFFICE),
        Transition(Event.SUPERSEDE, _LIVE, State.SUPERSEDED, by=_OFFICE),
        Transition(Event.SUSPEND, (State.VALID,), State.SUSPENDED, by=_OFFICE),
        Transition(Event.RESUME, (State.SUSPENDED,), State.VALID, by=_OFFICE),
    ),
)


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done with a report, and as of when. ``successor``: the report that replaces it."""

    event: Event
    reason: str
    at: datetime
    successor: str | None = None

    def __post_init__(self) -> None:
        """Raises IssuingError (REASON_MISSING, REASON_TOO_LONG, SUCCESSOR_MISSING)."""
        _refuse_bad_reason(self.reason, self.event)
        if self.event is Event.SUPERSEDE and not self.successor:
            raise IssuingError(
                "没有写明用哪一份报告替换。",
                next_step="请写明同一主体后来开具的、现在有效的报告编号；没有的，请先开具，或者改为撤销。",
                code="SUCCESSOR_MISSING",
            )
        if self.event is not Event.SUPERSEDE and self.successor is not None:
            raise ValueError(f"{self.event} has no successor")


@dataclass(frozen=True, slots=True)
class StateChange:
    """One step of a report: who, when, why, from which state to which. ``successor``: the report that replaces it."""

    at: datetime
    actor: str
    event: Event
    before: State
    after: State
    reason: str
    successor: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "actor": self.actor,
            "event": self.event.value,
            "before": self.before.value,
            "after": self.after.value,
            "reason": self.reason,
            "successor": self.successor,
        }


def possible(state: State) -> tuple[Event, ...]:
    """What may be done with a report in this state."""
    return MACHINE.possible(state, Role.OFFICE)


def target_of(entry: LedgerEntry, event: Event) -> State:
    """The state an event leads to. Raises IssuingError (REPORT_ALREADY_REVOKED, REPORT_STEP_NOT_ALLOWED)."""
    row = MACHINE.find(State(entry.state), event)
    if row is None or row.target is None:
        raise _not_allowed(entry, event)
    return row.target


def refuse_chosen_moment(at: datetime, now: datetime) -> None:
    """Nobody chooses when something was done. Raises IssuingError (MOMENT_IN_FUTURE, MOMENT_BACKDATED)."""
    if abs(at - now) > CLOCK_TOLERANCE:
        late = at > now
        raise IssuingError(
            f"办理时间{'晚于' if late else '早于'}当前时间，不能{'预填' if late else '倒填'}。",
            next_step="请核对本机时间；正式机构不要指定 --now。",
            code="MOMENT_IN_FUTURE" if late else "MOMENT_BACKDATED",
        )


def changed_unpublished(entry: LedgerEntry, problem: VerifyError) -> IssuingError:
    """The change stands, but verifiers do not know yet: the disk is full, no key may sign."""
    return IssuingError(
        f"报告 {entry.number} {State(entry.state).label}，已记入台账，但没有公布，核验方还不知道。{problem.message}",
        next_step=f"{problem.next_step}然后执行 chenghe keys export 公布（签发服务每小时自动公布），不要重复办理。",
        code="CHANGED_UNPUBLISHED",
    )


def refuse_endless(entry: LedgerEntry, leaves: int) -> None:
    """Raises IssuingError (REPORT_CHANGED_TOO_OFTEN) unless a suspension leaves room for its end and one final step."""
    if leaves + 3 > LEAVES_MAX:
        raise IssuingError(
            f"报告 {entry.number} 已经变动 {leaves - 1} 次，不能再暂停。",
            next_step="请作出最终决定：撤销，或重新签发并替换它。",
            code="REPORT_CHANGED_TOO_OFTEN",
        )


def refuse_as_successor(entry: LedgerEntry, newer: LedgerEntry) -> None:
    """Raises IssuingError (SUCCESSOR_REFUSED) unless ``newer`` can take the place of ``entry``."""
    if newer.number == entry.number:
        raise _no_successor(newer, "就是这份报告自己")
    if newer.subject_code != entry.subject_code:
        raise _no_successor(newer, "是另一个主体的报告")
    if newer.state != State.VALID:
        raise _no_successor(newer, f"本身{State(newer.state).label}")
    if (newer.issued_at, newer.number) <= (entry.issued_at, entry.number):
        raise _no_successor(newer, "开具得更早")


def _refuse_bad_reason(reason: str, event: Event) -> None:
    if not reason.strip():
        raise IssuingError(
            f"没有填写{event.label}原因。", next_step=f"请写明{event.label}原因。", code="REASON_MISSING"
        )
    if len(reason) > REASON_MAX:
        raise IssuingError(
            f"{event.label}原因超过 {REASON_MAX} 字。", next_step="请写得简短一些。", code="REASON_TOO_LONG"
        )


def _no_successor(newer: LedgerEntry, why: str) -> IssuingError:
    return IssuingError(
        f"不能用报告 {newer.number} 替换：它{why}。",
        next_step="请写明同一主体后来开具的、现在有效的报告编号；没有的，请先开具，或者改为撤销。",
        code="SUCCESSOR_REFUSED",
    )


def _not_allowed(entry: LedgerEntry, event: Event) -> IssuingError:
    state = State(entry.state)
    since = f"{entry.state_changed_at:%Y-%m-%d %H:%M} " if entry.state_changed_at else ""
    steps = "、".join(each.label for each in possible(state))
    revoked_again = event is Event.REVOKE and state is State.REVOKED
    reason = f"，原因：{entry.state_reason}" if entry.state_reason else ""
    return IssuingError(
        f"报告 {entry.number} {since}{state.label}{reason}；不能{'再次' if revoked_again else ''}{event.label}。",
        next_step=f"现在可以：{steps}。" if steps else "这是最终状态，不再变动；需要新报告的，请重新签发。",
        code="REPORT_ALREADY_REVOKED" if revoked_again else "REPORT_STEP_NOT_ALLOWED",
    )
