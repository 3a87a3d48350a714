"""judge() under every combination of trust, status, log and moments: nothing is valid that should not be.

What is asked of it is written here anew, as what must be true whenever the answer is ``valid``.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.sample import ENTRY, FACTS, ISSUED, KEYS, NOW, QR, STATUSES, TRUST, Office
from verify.check import Authentic, authenticate, judge
from verify.notices import Notice
from verify.reasons import Reason, Verdict
from verify.registration import Act, LogEvidence, LogFault, Registered, Registration
from verify.status import Status, StatusList, pack
from verify.transparency.leaves import MAY_FOLLOW
from verify.trust import Trust

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
TOLERANCE = timedelta(minutes=5)
END = FACTS.valid_until + SECOND
AFTER = {Act.ISSUED: 0, Act.REVOKED: 1, Act.SUSPENDED: 2, Act.SUPERSEDED: 3, Act.RESUMED: 0}
LISTS: dict[int | None, StatusList | None] = {
    value: replace(STATUSES, packed=pack({FACTS.status_index: Status(value)}, 1 << 14)) for value in range(4)
}
LISTS[None] = None
SHORT = replace(STATUSES, packed=b"\0")
Question = tuple[StatusList | None, datetime | None, LogEvidence | None, datetime, datetime]
EDGES = [
    *(each + around for each in (ISSUED, NOW, END, STATUSES.expires_at) for around in (-SECOND, 0 * DAY, SECOND)),
    STATUSES.issued_at - TOLERANCE,
    STATUSES.issued_at - TOLERANCE - SECOND,
    KEYS.expires_at,
]
MOMENTS = st.sampled_from(EDGES) | st.integers(-40, 60).map(lambda days: NOW + days * DAY)
AUTHENTIC = authenticate(QR, TRUST, NOW)


@st.composite
def registrations(draw: st.DrawFn) -> Registration:
    """What proven leaves can say, times that lie ahead of the checkpoint among them."""
    checkpoint, opened = draw(MOMENTS), draw(st.sampled_from([ISSUED - DAY, ISSUED, ISSUED + SECOND]))
    leaves: list[Registered] = []
    for place in range(draw(st.integers(0, 4))):
        acts = [Act.ISSUED] if not leaves else sorted(MAY_FOLLOW[leaves[-1].act])
        if not acts:
            break
        at = draw(st.sampled_from([ISSUED, ISSUED + HOUR, ISSUED + HOUR + SECOND])) if not leaves else draw(MOMENTS)
        leaves.append(Registered(place + 1, draw(st.sampled_from(acts)), max([at, *(leaf.at for leaf in leaves)])))
    return Registration("a fictional log", 9, checkpoint, opened, tuple(leaves))


LOGS = (
    st.none()
    | st.sampled_from([LogFault(Reason.LOG_PROOF_INVALID), LogFault(Reason.LOG_FORKED)])
    | registrations()
    | registrations()
)
STATUS_LISTS = st.sampled_from([*LISTS.values(), SHORT])
REVOKED = st.sampled_from([None, None, None, ISSUED + SECOND, NOW + DAY])


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Status list, when the key was revoked, log, ``at``, ``now``; often with a list that agrees with the log."""
    log, statuses = draw(LOGS), draw(STATUS_LISTS)
    if isinstance(log, Registration) and log.leaves and draw(st.booleans()):
        statuses = LISTS[AFTER[log.leaves[-1].act]]
    now = draw(st.just(NOW) | MOMENTS)
    return statuses, draw(REVOKED), log, draw(st.just(now) | MOMENTS), now


@cache
def trust_of(statuses: StatusList | None, revoked_at: datetime | None) -> tuple[Trust, Authentic]:
    trust = Office(entry=replace(ENTRY, revoked_at=revoked_at), statuses=statuses).trust()
    return trust, AUTHENTIC._replace(key=trust.keys.keys[0])


def said_at(log: Registration, moment: datetime) -> int:
    """0 before the first leaf."""
    return next((AFTER[leaf.act] for leaf in reversed(log.leaves) if leaf.at <= moment), 0)


@settings(deadline=None, max_examples=1000)
@given(questions())
def test_what_is_valid_was_so_by_every_witness(question: Question) -> None:
    statuses, revoked_at, log, at, now = question
    trust, authentic = trust_of(statuses, revoked_at)
    answer = judge(authentic, trust=trust, at=at, now=now, log=log)
    if answer.verdict is not Verdict.VALID:
        return
    assert ISSUED <= at < END
    assert revoked_at is None
    assert KEYS.issued_at - TOLERANCE <= now < KEYS.expires_at
    assert statuses is not None
    assert statuses.issued_at - TOLERANCE <= now < statuses.expires_at
    listed = statuses.value(FACTS.status_index)
    assert listed is not None
    assert (Notice.ASKED_AHEAD in answer.notices) == (at > now + TOLERANCE)
    if log is None:
        assert listed == 0
        return
    assert isinstance(log, Registration)
    if not log.leaves:
        assert listed == 0
        assert log.opened_at > ISSUED or log.checkpoint_at < ISSUED + HOUR
        return
    assert log.leaves[0].at <= ISSUED + HOUR
    newest = AFTER[log.leaves[-1].act]
    assert newest == listed, "list and log agree on what the report is now"
    assert said_at(log, at) == 0 or at >= now or log.leaves[-1].at > log.checkpoint_at
    if newest != 0:
        assert at < now
        assert log.leaves[-1].at <= log.checkpoint_at
        assert log.leaves[-1].at > at
        assert answer.reason is Reason.OK_THEN
        assert answer.notices[0] is Notice.STATUS_CHANGED_SINCE
    else:
        assert answer.reason is Reason.OK


@settings(deadline=None, max_examples=1000)
@given(questions())
def test_a_status_of_another_day_is_always_told(question: Question) -> None:
    statuses, revoked_at, log, at, now = question
    trust, authentic = trust_of(statuses, revoked_at)
    answer = judge(authentic, trust=trust, at=at, now=now, log=log)
    today = judge(authentic, trust=trust, at=now, now=now, log=log)
    withdrawn = {Verdict.REVOKED, Verdict.SUPERSEDED}
    if today.verdict in withdrawn and answer.verdict is Verdict.VALID:
        assert answer.reason is Reason.OK_THEN
        assert Notice.STATUS_CHANGED_SINCE in answer.notices
    if Notice.STATUS_CHANGED_SINCE in answer.notices:
        assert at < now
