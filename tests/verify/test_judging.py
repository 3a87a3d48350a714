"""judge() under every combination of trust, status, log and moments: nothing is valid that should not be.

What is asked of it is written here anew, as what must be true whenever the answer is ``valid``.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import NamedTuple

from tests.verify.sample import ENTRY, FACTS, ISSUED, KEYS, NOW, QR, STATUSES, TRUST, Office
from verify.check import Authentic, Verification, authenticate, judge
from verify.notices import Notice
from verify.reasons import Reason, Verdict
from verify.registration import Act, LogEvidence, LogFault, Registered, Registration
from verify.status import Status, pack
from verify.transparency.leaves import MAY_FOLLOW
from verify.trust import Trust

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
TOLERANCE = timedelta(minutes=5)
END = FACTS.valid_until + SECOND
CHECKPOINT = NOW - HOUR
REGISTERED = (ISSUED, ISSUED + HOUR, ISSUED + HOUR + SECOND)
CHANGED = tuple(ISSUED + days * DAY for days in (2, 4, 6))
AHEAD = CHECKPOINT + SECOND
AFTER = {Act.ISSUED: 0, Act.REVOKED: 1, Act.SUSPENDED: 2, Act.SUPERSEDED: 3, Act.RESUMED: 0}
ATS = (
    *(each + around for each in (ISSUED, *CHANGED) for around in (-SECOND, 0 * DAY)),
    *(NOW - SECOND, NOW, NOW + TOLERANCE, NOW + TOLERANCE + SECOND, END - SECOND, END),
)
NOWS = (
    *(NOW, STATUSES.issued_at - TOLERANCE - SECOND, STATUSES.issued_at - TOLERANCE),
    *(STATUSES.expires_at - SECOND, STATUSES.expires_at, KEYS.expires_at),
)


class Asked(NamedTuple):
    """One question. ``listed``: what the status list says of the report; None when nothing."""

    listed: int | None
    revoked_at: datetime | None
    log: LogEvidence | None
    at: datetime
    now: datetime
    answer: Verification


def chains(*acts: Act) -> Iterator[tuple[Act, ...]]:
    """All that can happen to a report, in up to four leaves."""
    yield acts
    for act in MAY_FOLLOW[acts[-1]] if len(acts) < 4 else ():
        yield from chains(*acts, act)


def registrations() -> Iterator[Registration]:
    """Registered in time or late, the last change in time or of a moment after the checkpoint; and not registered."""
    for acts, first, ahead in product(chains(Act.ISSUED), REGISTERED, (False, True)):
        moments = (first, *CHANGED)[: len(acts)]
        moments = (*moments[:-1], AHEAD) if ahead else moments
        leaves = tuple(Registered(place, *leaf) for place, leaf in enumerate(zip(acts, moments, strict=True), 1))
        yield Registration("a fictional log", 9, CHECKPOINT, ISSUED - DAY, leaves)
    for opened, signed in product((ISSUED - DAY, ISSUED, ISSUED + SECOND), (ISSUED + HOUR - SECOND, ISSUED + HOUR)):
        yield Registration("a fictional log", 9, signed, opened, ())


LOGS = (None, LogFault(Reason.LOG_PROOF_INVALID), LogFault(Reason.LOG_FORKED), *registrations())


def trusts() -> Iterator[tuple[int | None, datetime | None, Trust, Authentic]]:
    authentic = authenticate(QR, TRUST, NOW)
    index = FACTS.status_index
    lists = [(value, replace(STATUSES, packed=pack({index: Status(value)}, 1 << 14))) for value in range(4)]
    for (listed, statuses), revoked_at in product(
        [*lists, (None, None), (None, replace(STATUSES, packed=b"\0"))], (None, ISSUED + SECOND)
    ):
        trust = Office(entry=replace(ENTRY, revoked_at=revoked_at), statuses=statuses).trust()
        yield listed, revoked_at, trust, authentic._replace(key=trust.keys.keys[0])


def questions() -> Iterator[Asked]:
    for (listed, revoked_at, trust, authentic), log, at, now in product(trusts(), LOGS, ATS, NOWS):
        yield Asked(listed, revoked_at, log, at, now, judge(authentic, trust=trust, at=at, now=now, log=log))


def value_at(log: Registration, moment: datetime) -> int:
    """0 before the first leaf."""
    return next((AFTER[leaf.act] for leaf in reversed(log.leaves) if leaf.at <= moment), 0)


def may_be_valid(asked: Asked) -> bool:
    """The moment is in the month, the lists are fresh, list and log agree; what is withdrawn now was not then."""
    listed, revoked_at, log, at, now, _ = asked
    fresh = revoked_at is None and STATUSES.issued_at - TOLERANCE <= now < min(STATUSES.expires_at, KEYS.expires_at)
    if listed is None or not fresh or not ISSUED <= at < END or isinstance(log, LogFault):
        return False
    if log is None or not log.leaves:
        registered = log is None or log.opened_at > ISSUED or log.checkpoint_at < ISSUED + HOUR
        return listed == 0 and registered
    last = log.leaves[-1]
    if log.leaves[0].at > ISSUED + HOUR or AFTER[last.act] != listed:
        return False
    return listed == 0 if at >= now or last.at > log.checkpoint_at else value_at(log, at) == 0


def test_what_is_valid_may_be_and_what_may_be_is() -> None:
    answers = [(asked.answer.verdict is Verdict.VALID, may_be_valid(asked), asked) for asked in questions()]
    assert [asked for valid, may_be, asked in answers if valid != may_be] == []
    assert sum(valid for valid, _, _ in answers) > 400


def test_a_status_of_another_day_and_a_moment_to_come_are_told() -> None:
    for asked in questions():
        valid = asked.answer.verdict is Verdict.VALID
        another = valid and asked.listed != 0
        assert (asked.answer.reason is Reason.OK_THEN) == another
        assert not another or asked.answer.notices[0] is Notice.STATUS_CHANGED_SINCE
        assert asked.at < asked.now or Notice.STATUS_CHANGED_SINCE not in asked.answer.notices
        assert (Notice.ASKED_AHEAD in asked.answer.notices) == (valid and asked.at > asked.now + TOLERANCE)
