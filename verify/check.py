"""From scanned text to verdict, in nine numbered steps; docs/credential.md §6 has the same numbers.

    1 read          the text or bytes become a token                              unreadable
    2 decode        the token becomes a ClaimedCredential                         unreadable, forged
    3 key           its key is pinned and may have signed it                      forged, indeterminate
    4 signature     the signature holds: from here on we may say whose it is      forged
    5 time          the moment asked about lies within the month                  not_yet_valid, expired
    6 status        the report was not withdrawn                                  revoked, superseded, indeterminate
    7 document      the file in hand shows what was issued                        altered
    8 registration  the log holds it, since its issue                             indeterminate
    9 notices       what was corrected, repaired or changed since: beside the verdict

* ``authenticate`` is steps 1–4, which stop at the first no; ``judge`` is steps 5–9, which are all taken, because a
  document can be expired *and* altered: the most serious finding is the verdict (``SERIOUSNESS``; docs/decisions/0042).
  Between the two a caller may look up what only the credential opens: sealed content, the log's leaves.
* ``at`` is the moment asked about. ``now`` is the wall clock: it judges how fresh key list and status list are, and
  nothing else. What status a report had at an earlier moment, the log knows (docs/decisions/0167).
* Notices (``verify.notices``) never change the verdict.
* "Not valid" is an answer, never an exception. What we cannot know is indeterminate.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from verify.binding import Difference, DocumentInHand
from verify.credential import ClaimedCredential, Credential, decode
from verify.keylist import Issuer, KeyEntry, PinnedKey
from verify.matching import match
from verify.notices import Notice, notices_of
from verify.reasons import WORDING, Reason, Rejection, Verdict
from verify.registration import LogEvidence, Registration, doubts
from verify.scanned import read
from verify.status import CLOCK_TOLERANCE, Status, StatusList
from verify.trust import Trust
from verify.verification import Verification, conclusion, refused, untrusted

__all__ = ["Authentic", "Verification", "authenticate", "check", "conclusion", "judge", "refused", "untrusted"]

SERIOUSNESS = (
    Reason.OTHER_REPORT,
    Reason.PACKAGE_DAMAGED,
    Reason.FIELDS_DIFFER,
    Reason.PACKAGE_MISSING,
    Reason.PDF_OTHER_CERTIFICATE,
    Reason.PDF_SIGNATURE_INVALID,
    Reason.PDF_CHANGED_SINCE,
    Reason.PDF_UNCERTIFIED,
    Reason.WITHDRAWN,
    Reason.LOG_FORKED,
    Reason.LOG_PROOF_INVALID,
    Reason.LOG_BACKDATED,
    Reason.KEY_REVOKED_LATER,
    Reason.PDF_CERTIFICATE_REVOKED,
    Reason.CLOCK_BEHIND,
    Reason.KEY_LIST_EXPIRED,
    Reason.REPLACED,
    Reason.SUSPENDED,
    Reason.PERIOD_OVER,
    Reason.ISSUED_LATER,
    Reason.LOG_NOT_REGISTERED,
    Reason.STATUS_MISSING,
    Reason.STATUS_STALE,
    Reason.STATUS_INDEX_UNKNOWN,
    Reason.PDF_CERTIFICATES_UNKNOWN,
    Reason.OK_THEN,
    Reason.OK_FOREIGN_HOST,
    Reason.OK,
)
"""Most serious first: the verdict is the first of these that was found."""
_RANKS = {reason: rank for rank, reason in enumerate(SERIOUSNESS)}

_STATUS_REASONS = {
    Status.REVOKED: Reason.WITHDRAWN,
    Status.SUPERSEDED: Reason.REPLACED,
    Status.SUSPENDED: Reason.SUSPENDED,
}
_VALID, _IN_FORCE = Verdict.VALID, Status.VALID
"""At hand: until Python 3.12 the member of an enum is looked up by a function each time, and nearly all are these."""


class Authentic(NamedTuple):
    """What steps 1–4 found: a credential whose signature holds, its key, and the origin its QR named (if a link)."""

    credential: Credential
    key: KeyEntry
    origin: str | None


def check(
    scanned: str | bytes, *, trust: Trust, at: datetime, now: datetime, document: DocumentInHand | None = None
) -> Verification:
    """The verdict on ``scanned`` at the moment ``at``. Raises nothing for any scanned bytes."""
    try:
        authentic = authenticate(scanned, trust, now)
    except Rejection as rejection:
        return refused(rejection, at)
    return judge(authentic, trust=trust, at=at, now=now, document=document)


def authenticate(scanned: str | bytes, trust: Trust, now: datetime) -> Authentic:
    """Steps 1–4. Raises Rejection, and nothing else."""
    scan = read(scanned)  # 1
    claimed = decode(scan.token)  # 2
    key = _key(claimed, trust, now)  # 3
    return Authentic(_signature(claimed, key, trust.keys.issuer), key.entry, scan.origin)  # 4


def authenticate_all(scans: Sequence[str | bytes], trust: Trust, now: datetime) -> Sequence[Authentic | Rejection]:
    """``authenticate`` of each, all signatures in a row: a processor does the same work again sooner."""
    claims = [_claim(each, trust, now) for each in scans]
    return [each if isinstance(each, Rejection) else _believed(*each, trust) for each in claims]


def _claim(
    scanned: str | bytes, trust: Trust, now: datetime
) -> tuple[ClaimedCredential, PinnedKey, str | None] | Rejection:
    """Steps 1–3."""
    try:
        scan = read(scanned)
        claimed = decode(scan.token)
        return claimed, _key(claimed, trust, now), scan.origin
    except Rejection as rejection:
        return rejection


def _believed(claimed: ClaimedCredential, key: PinnedKey, origin: str | None, trust: Trust) -> Authentic | Rejection:
    try:
        return Authentic(_signature(claimed, key, trust.keys.issuer), key.entry, origin)
    except Rejection as rejection:
        return rejection


def judge(
    authentic: Authentic,
    *,
    trust: Trust,
    at: datetime,
    now: datetime,
    document: DocumentInHand | None = None,
    log: LogEvidence | None = None,
) -> Verification:
    """Steps 5–9. Raises nothing."""
    credential, key, origin = authentic
    claimed = credential.claimed
    listed = None if trust.statuses is None else trust.statuses.status(claimed.status_index)
    status, since = (listed, False) if log is None else _status_asked(listed, at, now, log)
    found = [
        *_trust_freshness(key, trust, now),
        *_time(claimed, at),  # 5
        *_status(trust.statuses, now, listed, status),  # 6
    ]
    differences: tuple[Difference, ...] = ()
    if document is not None:
        faults, differences = match(document, credential, trust.keys.certificates)  # 7
        found += faults
    if log is not None:
        found += doubts(log, claimed.issued_at)  # 8
    if found:
        reason = min(found, key=_RANKS.__getitem__)
        verdict = WORDING[reason].verdict
    else:
        reason, verdict = _good(since, origin, trust.keys.issuer), _VALID
    told = notices_of(claimed.status_index, trust.changes, verdict, now)  # 9
    notices = (*_moment_asked(verdict, since, at, now), *told) if since or at > now else told
    registration = None if log is None or not isinstance(log, Registration) else log
    return Verification(reason, at, credential, differences, notices, registration)


def _key(claimed: ClaimedCredential, trust: Trust, now: datetime) -> PinnedKey:
    """3. The key is pinned, of this algorithm and report type, and was in force when the report says it was issued."""
    signed, issued_at = claimed.signed, claimed.issued_at
    key = trust.pinned.get(signed.kid)
    if key is None:
        stale = now >= trust.keys.expires_at
        raise Rejection(Reason.KEY_LIST_EXPIRED if stale else Reason.KEY_UNKNOWN, signed.kid.hex())
    entry = key.entry
    if signed.algorithm != entry.algorithm:
        raise Rejection(Reason.KEY_ALGORITHM_MISMATCH)
    if claimed.report_type not in entry.report_types:
        raise Rejection(Reason.KEY_REPORT_TYPE)
    if issued_at < entry.not_before:
        raise Rejection(Reason.KEY_NOT_YET_VALID)
    if issued_at > entry.not_after:
        raise Rejection(Reason.KEY_EXPIRED)
    if claimed.valid_until > entry.not_after:
        raise Rejection(Reason.KEY_OUTLIVED)
    if entry.revoked_at is not None and issued_at >= entry.revoked_at:
        raise Rejection(Reason.KEY_REVOKED)
    return key


def _signature(claimed: ClaimedCredential, key: PinnedKey, issuer: Issuer) -> Credential:
    """4. The only place where a ClaimedCredential becomes a Credential."""
    if not claimed.signed.holds(key.holds):
        raise Rejection(Reason.SIGNATURE_INVALID)
    return Credential(claimed, issuer)


def _trust_freshness(entry: KeyEntry, trust: Trust, now: datetime) -> Sequence[Reason]:
    """What makes every further answer doubtful. A clock behind the status list's issue (6) is one behind it all."""
    found: Sequence[Reason] = ()
    if entry.revoked_at is not None:
        found = (Reason.KEY_REVOKED_LATER,)
    if now + CLOCK_TOLERANCE < trust.published_at:
        found = (*found, Reason.CLOCK_BEHIND)
    if now >= trust.keys.expires_at:
        found = (*found, Reason.KEY_LIST_EXPIRED)
    return found


def _time(claimed: ClaimedCredential, at: datetime) -> Sequence[Reason]:
    """5. Valid from the second of issue through 24:00 of the last day."""
    if at < claimed.issued_at:
        return (Reason.ISSUED_LATER,)
    return (Reason.PERIOD_OVER,) if at >= claimed.expires_at else ()


def _status_asked(listed: Status | None, at: datetime, now: datetime, log: LogEvidence) -> tuple[Status | None, bool]:
    """The status to judge by (None when unknown), and whether it is an earlier one than today's.

    A withdrawal counts when list or log has it. The log's history counts for an earlier moment only when its newest
    entry is what the list says (otherwise a leaf may have been held back) and not of a moment after the checkpoint (it
    would put a withdrawal off).
    """
    newest = log.status if isinstance(log, Registration) else None
    if newest is None or not isinstance(log, Registration):
        return listed, False
    if listed is newest and at < now and log.leaves[-1].at <= log.checkpoint_at:
        then = log.status_at(at) or Status.VALID
        return then, then is not listed
    return (newest if listed is None or listed is Status.VALID else listed), False


def _status(
    statuses: StatusList | None, now: datetime, listed: Status | None, asked: Status | None
) -> Sequence[Reason]:
    """6. A withdrawal counts even from a stale list: it is not taken back. A stale "valid" counts for nothing."""
    found: Sequence[Reason] = ()
    if statuses is None:
        found = (Reason.STATUS_MISSING,)
    elif now >= statuses.expires_at:
        found = (Reason.STATUS_STALE,)
    if statuses is not None and listed is None:
        found = (*found, Reason.STATUS_INDEX_UNKNOWN)
    if asked is not None and asked is not _IN_FORCE:
        found = (*found, _STATUS_REASONS[asked])
    return found


def _moment_asked(verdict: Verdict, since: bool, at: datetime, now: datetime) -> Sequence[Notice]:
    """9. What the reader must know of the moment asked about."""
    if since:
        return (Notice.STATUS_CHANGED_SINCE,)
    return (Notice.ASKED_AHEAD,) if verdict is _VALID and at > now + CLOCK_TOLERANCE else ()


def _good(since: bool, origin: str | None, issuer: Issuer) -> Reason:
    """Nothing was found."""
    if since:
        return Reason.OK_THEN
    return Reason.OK if origin is None or origin == issuer.verify_url else Reason.OK_FOREIGN_HOST
