"""From scanned text to verdict, in nine numbered steps; docs/credential.md §6 has the same numbers.

    1 read          the text or bytes become a token                              unreadable
    2 decode        the token becomes a ClaimedCredential                         unreadable, forged
    3 key           its key is pinned and may have signed it                      forged, indeterminate
    4 signature     the signature holds: from here on we may say whose it is      forged
    5 time          the moment asked about lies within the month                  not_yet_valid, expired
    6 status        the report was not withdrawn                                  revoked, superseded, indeterminate
    7 document      the file in hand shows what was issued                        altered
    8 notices       what was corrected or repaired since: beside the verdict
    9 registration  the log holds it, since its issue                             indeterminate

* ``authenticate`` is steps 1–4, which stop at the first no; ``judge`` is steps 5–9, which are all taken, because a
  document can be expired *and* altered: the most serious finding is the verdict (``SERIOUSNESS``; docs/decisions/0042).
  Between the two a caller may look up what only the credential opens: sealed content, the log's leaves.
* ``at`` is the moment asked about. ``now`` is the wall clock: it judges how fresh key list and status list are, and
  nothing else. What status a report had at an earlier moment, the log knows (docs/decisions/0167).
* Notices (``verify.notices``) never change the verdict.
* "Not valid" is an answer, never an exception. What we cannot know is indeterminate.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from verify.binding import Certification, Difference, DocumentInHand, FieldPackage, compare
from verify.credential import ClaimedCredential, Credential, decode
from verify.errors import TrustError
from verify.keylist import Issuer, KeyEntry, ListedCertificate, PinnedKey
from verify.notices import Notice, notices_of
from verify.reasons import WORDING, Reason, Rejection, Verdict
from verify.registration import LogEvidence, Registration, doubts
from verify.scanned import read
from verify.status import CLOCK_TOLERANCE, Status
from verify.trust import Trust
from verify.validity import SHANGHAI, first_moment_after

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

_STATUS_REASONS = {
    Status.REVOKED: Reason.WITHDRAWN,
    Status.SUPERSEDED: Reason.REPLACED,
    Status.SUSPENDED: Reason.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer. ``credential`` is None unless the signature holds; ``at`` is the moment the verdict speaks of."""

    reason: Reason
    message: str
    next_step: str
    at: datetime
    credential: Credential | None = None
    differences: tuple[Difference, ...] = ()
    notices: tuple[Notice, ...] = ()
    registration: Registration | None = None

    @property
    def verdict(self) -> Verdict:
        return WORDING[self.reason].verdict

    @property
    def conclusion(self) -> str | None:
        """What the report says, in one sentence; None when nothing may be said."""
        return None if self.credential is None else conclusion(self.credential)

    def to_json(self) -> dict[str, Any]:
        """The design's JSON of one entry, without ``input``."""
        return {
            "verdict": self.verdict.value,
            "reason": self.reason.value,
            "message": self.message,
            "next_step": self.next_step,
            "checked_at": self.at.astimezone(SHANGHAI).isoformat(),
            "report": None if self.credential is None else _report_json(self.credential),
            "differences": [difference.to_json() for difference in self.differences],
            "notices": [notice.to_json() for notice in self.notices],
            "log": None if self.registration is None else self.registration.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Authentic:
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
    credential, issuer = authentic.credential, trust.keys.issuer
    differences = _differences(document, credential)
    then, since = _status_asked(credential, trust, at, now, log)
    found = [
        *_trust_freshness(authentic.key, trust, now),
        *_time(credential, at),  # 5
        *_status(credential, trust, now, then),  # 6
        *_document(document, credential, differences, trust.keys.certificates),  # 7
        *doubts(log, credential.facts.issued_at),  # 9
        Reason.OK_THEN if since else Reason.OK,
        Reason.OK if authentic.origin in (None, issuer.verify_url) else Reason.OK_FOREIGN_HOST,
    ]
    reason = min(found, key=SERIOUSNESS.index)
    answer = _answer(reason, credential, issuer, at, differences)
    notices = [Notice.STATUS_CHANGED_SINCE] if since else []
    notices += notices_of(credential.facts.status_index, trust.changes, answer.verdict, now)  # 8
    registration = log if isinstance(log, Registration) else None
    return replace(answer, notices=tuple(notices), registration=registration)


def refused(rejection: Rejection, at: datetime) -> Verification:
    """The answer of a reader or decoder that stopped."""
    return Verification(rejection.reason, rejection.message, rejection.next_step, at)


def untrusted(error: TrustError, at: datetime) -> Verification:
    """The answer when there is no usable trust: we cannot know."""
    return refused(Rejection(Reason.TRUST_UNUSABLE, str(error).rstrip("。")), at)


def _key(claimed: ClaimedCredential, trust: Trust, now: datetime) -> PinnedKey:
    """3. The key is pinned, of this algorithm and report type, and was in force when the report says it was issued."""
    signed, facts = claimed.signed, claimed.facts
    key = trust.pinned.get(signed.kid)
    if key is None:
        stale = now >= trust.keys.expires_at
        raise Rejection(Reason.KEY_LIST_EXPIRED if stale else Reason.KEY_UNKNOWN, signed.kid.hex())
    entry = key.entry
    if signed.algorithm != entry.algorithm:
        raise Rejection(Reason.KEY_ALGORITHM_MISMATCH)
    if facts.report_type not in entry.report_types:
        raise Rejection(Reason.KEY_REPORT_TYPE)
    if facts.issued_at < entry.not_before:
        raise Rejection(Reason.KEY_NOT_YET_VALID)
    if facts.issued_at > entry.not_after:
        raise Rejection(Reason.KEY_EXPIRED)
    if facts.valid_until > entry.not_after:
        raise Rejection(Reason.KEY_OUTLIVED)
    if entry.revoked_at is not None and facts.issued_at >= entry.revoked_at:
        raise Rejection(Reason.KEY_REVOKED)
    return key


def _signature(claimed: ClaimedCredential, key: PinnedKey, issuer: Issuer) -> Credential:
    """4. The only place where a ClaimedCredential becomes a Credential."""
    if not claimed.signed.holds(key.holds):
        raise Rejection(Reason.SIGNATURE_INVALID)
    facts = claimed.facts
    return Credential(facts, facts.number(issuer.number_prefix), claimed.signed.kid, claimed.token)


def _trust_freshness(entry: KeyEntry, trust: Trust, now: datetime) -> Iterator[Reason]:
    """What makes every further answer doubtful."""
    if entry.revoked_at is not None:
        yield Reason.KEY_REVOKED_LATER
    if now < trust.keys.issued_at - CLOCK_TOLERANCE:
        yield Reason.CLOCK_BEHIND
    if now >= trust.keys.expires_at:
        yield Reason.KEY_LIST_EXPIRED


def _time(credential: Credential, at: datetime) -> Iterator[Reason]:
    """5. Valid from the second of issue through 24:00 of the last day."""
    if at < credential.facts.issued_at:
        yield Reason.ISSUED_LATER
    if at >= first_moment_after(credential.facts.valid_until):
        yield Reason.PERIOD_OVER


def _status_asked(
    credential: Credential, trust: Trust, at: datetime, now: datetime, log: LogEvidence | None
) -> tuple[Status | None, bool]:
    """The status to judge by (None when unknown), and whether it is an earlier one than today's.

    A withdrawal counts when list or log has it. The log's history counts for an earlier moment only when its newest
    entry is what the list says: otherwise a leaf may have been held back.
    """
    statuses = trust.statuses
    listed = None if statuses is None else statuses.status(credential.facts.status_index)
    if not isinstance(log, Registration) or log.status is None:
        return listed, False
    if listed is log.status and at < now:
        then = log.status_at(at) or Status.VALID
        return then, then is not listed
    return (log.status if listed in (None, Status.VALID) else listed), False


def _status(credential: Credential, trust: Trust, now: datetime, status: Status | None) -> Iterator[Reason]:
    """6. A withdrawal counts even from a stale list: it is not taken back. A stale "valid" counts for nothing."""
    statuses = trust.statuses
    if statuses is None:
        yield Reason.STATUS_MISSING
    else:
        if now < statuses.issued_at - CLOCK_TOLERANCE:
            yield Reason.CLOCK_BEHIND
        if now >= statuses.expires_at:
            yield Reason.STATUS_STALE
        if statuses.status(credential.facts.status_index) is None:
            yield Reason.STATUS_INDEX_UNKNOWN
    if status is not None and status is not Status.VALID:
        yield _STATUS_REASONS[status]


def _differences(document: DocumentInHand | None, credential: Credential) -> tuple[Difference, ...]:
    """Only a package that was signed is compared; another one says nothing about this report.

    A PDF whose certification is sound is, byte for byte, what was certified: its words need no second look.
    """
    if document is None or document.package is None or not _signed_package(document.package, credential):
        return ()
    certification = document.certification
    if certification is None:
        return tuple(compare(document.package, document.lines))
    return () if certification.sound else (*compare(document.package, document.lines), *certification.since)


def _signed_package(package: FieldPackage, credential: Credential) -> bool:
    return package.root() == credential.facts.content_root


def _document(
    document: DocumentInHand | None,
    credential: Credential,
    differences: tuple[Difference, ...],
    certificates: tuple[ListedCertificate, ...] | None,
) -> Iterator[Reason]:
    """7. The package is the one that was signed, the document shows exactly its lines, and a PDF is certified by us."""
    if document is None:
        return
    if document.package is None:
        yield Reason.PACKAGE_DAMAGED if document.package_damaged else Reason.PACKAGE_MISSING
    elif not _signed_package(document.package, credential):
        yield Reason.OTHER_REPORT
    elif differences:
        yield Reason.FIELDS_DIFFER
    if document.certification is not None:
        yield from _certified(document.certification, credential.facts.issued_at, certificates)


def _certified(
    certification: Certification, issued_at: datetime, certificates: tuple[ListedCertificate, ...] | None
) -> Iterator[Reason]:
    """A PDF's own signature: there, by a listed certificate in force at the issue, over the whole file as it is."""
    if certification.certificate is None:
        yield Reason.PDF_UNCERTIFIED
        return
    if certificates is None:
        yield Reason.PDF_CERTIFICATES_UNKNOWN
    elif not any(_is_listed(each, certification.certificate, issued_at) for each in certificates):
        yield Reason.PDF_OTHER_CERTIFICATE
    if not certification.intact:
        yield Reason.PDF_SIGNATURE_INVALID
    elif not certification.sound:
        yield Reason.PDF_CHANGED_SINCE


def _is_listed(listed: ListedCertificate, fingerprint: bytes, issued_at: datetime) -> bool:
    in_force = listed.not_before <= issued_at <= listed.not_after
    withdrawn = listed.revoked_at is not None and listed.revoked_at <= issued_at
    return listed.fingerprint == fingerprint and in_force and not withdrawn


def _answer(
    reason: Reason, credential: Credential, issuer: Issuer, at: datetime, differences: tuple[Difference, ...]
) -> Verification:
    facts, wording = credential.facts, WORDING[reason]
    message = wording.message.format(
        issuer=issuer.name,
        subject=facts.subject_name,
        number=credential.number,
        issued_at=_moment_in_words(facts.issued_at),
        valid_until=f"{_day_in_words(facts.valid_until)} 24 时",
        count=len(differences),
        at=_moment_in_words(at),
        detail="",
    )
    return Verification(reason, message, wording.next_step, at, credential, differences)


def conclusion(credential: Credential) -> str:
    """What the report concluded, from the signed facts alone: about the domains with data, and no others."""
    facts = credential.facts
    gaps, answered = facts.domains_without_data, facts.domains - facts.domains_without_data
    if not answered:
        return f"全部 {gaps} 个领域数据缺失，不作有无违法违规记录的结论。"
    found = f"查询到违法违规记录 {facts.records} 条" if facts.records else "未查询到违法违规记录"
    return f"在 {answered} 个领域内{found}{f'；另有 {gaps} 个领域数据缺失，不作结论' if gaps else ''}。"


def _report_json(credential: Credential) -> dict[str, Any]:
    facts = credential.facts
    return {
        "number": credential.number,
        "type": facts.report_type.slug,
        "subject_name": facts.subject_name,
        "subject_code": facts.subject_code,
        "period_from": facts.period_from.isoformat(),
        "period_to": facts.period_to.isoformat(),
        "issued_at": facts.issued_at.isoformat(),
        "valid_until": facts.valid_until.isoformat(),
        "domains": facts.domains,
        "records": facts.records,
        "domains_without_data": facts.domains_without_data,
    }


def _day_in_words(moment: datetime) -> str:
    day = moment.astimezone(SHANGHAI)
    return f"{day.year}年{day.month}月{day.day}日"


def _moment_in_words(moment: datetime) -> str:
    return f"{_day_in_words(moment)} {moment.astimezone(SHANGHAI):%H:%M:%S}"
