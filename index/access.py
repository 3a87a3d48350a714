"""Who may read about a subject: the subject itself, whom it has authorised, an agency by duty. All others are denied.

Rules kept:
* Denied by default: ``permit`` is the only way to an ``Entitlement``, and an entitlement is for one subject.
* The subject itself: its identity was checked, and how is said. A legal person may ask for its own branches.
* Authorised: a registered authorisation of this subject, to this grantee, within its term, not revoked, whose scope
  holds what is asked for (a ``report`` says less than the ``records``).
* By duty: unit, matter, handler and purpose are all said; the unit is one of the office's, or the office itself.
* What a claim says is shown in the audit, so it is plain words: no control characters, no invisible ones.
* Whoever presents a number that is not his learns no more than whoever presents one that does not exist.

Source: 信用报告和信用承诺 rules of 2024, arts. 8–9 (inventory D06); scheme of 2024, 二（五）; 个人信息保护法 arts. 5–6,
15, 34–35; 民法典 art. 74 (a branch is part of its legal person).
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from index.calendar import SHANGHAI
from index.errors import AccessDenied
from index.invisible import has_unseen
from index.rules.model import Office
from index.rules.units import canonical_unit

MAX_WORDS = 400


class Scope(StrEnum):
    """What may be read. The records hold what a report says, not the other way round."""

    REPORT = "report"
    RECORDS = "records"

    def holds(self, wanted: "Scope") -> bool:
        return self is Scope.RECORDS or wanted is Scope.REPORT


@dataclass(frozen=True, slots=True)
class Authorisation:
    """A registered authorisation without its file. Both days inclusive; ``revoked_at`` None: never withdrawn."""

    number: str
    subject_code: str
    grantee: str
    scope: Scope
    valid_from: date
    valid_to: date
    file_name: str
    file_sha256: str
    registered_at: datetime
    actor: str
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_reason: str | None = None


@dataclass(frozen=True, slots=True)
class SelfReading:
    """The subject asks about itself. ``identity``: how and as whom it was checked; ``operator``: who serves it."""

    subject_code: str
    identity: str
    purpose: str = "本人查询"
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Authorised:
    """Somebody asks under a registered authorisation; ``operator``: who serves him."""

    number: str
    grantee: str
    purpose: str = "授权查询"
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """An agency asks for a matter it has to decide; ``operator``: who serves the handler, if somebody does."""

    unit: str
    matter: str
    handler: str
    purpose: str
    operator: str = ""


Claim = SelfReading | Authorised | Duty


class Ground(StrEnum):
    """Why somebody may read."""

    SELF = "本人"
    PARENT = "本单位分支机构"
    AUTHORISED = "授权"
    DUTY = "履职"
    OFFICE = "信用办履职"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """May read about one subject. ``words``: the claim as the audit keeps it. Made by ``permit`` only."""

    ground: Ground
    subject_code: str
    scope: Scope
    actor: str
    purpose: str
    words: str
    unit: str | None = None
    """The canonical unit that reads by duty; None for the office itself and everybody else."""

    def require(self, subject_code: str, scope: Scope) -> None:
        """Raises AccessDenied when it is for another subject, or for less."""
        if subject_code != self.subject_code:
            raise denied("只能查询所申请的主体。", "查询其他主体，请另行申请。", "ACCESS_OTHER_SUBJECT")
        if not self.scope.holds(scope):
            raise _out_of_scope()


def permit(
    claim: Claim,
    subject_code: str,
    *,
    scope: Scope,
    now: datetime,
    office: Office,
    parent_code: str | None = None,
    authorisation: Authorisation | None = None,
) -> Entitlement:
    """The entitlement of ``claim`` to read about a subject. Raises AccessDenied, whose code says by which rule.

    ``parent_code``: whose branch the subject is; ``authorisation``: the registered one of the claimed number.
    """
    match claim:
        case SelfReading():
            return _itself(claim, subject_code, parent_code)
        case Authorised():
            return _authorised(claim, subject_code, scope, now, authorisation)
        case Duty():
            return _on_duty(claim, subject_code, office)


def _itself(claim: SelfReading, subject_code: str, parent_code: str | None) -> Entitlement:
    identity, purpose = said(claim.identity, "身份核验方式"), said(claim.purpose, "查询用途")
    if not claim.subject_code or claim.subject_code not in (subject_code, parent_code):
        raise denied("只能查询本单位及其分支机构。", "请用本单位的身份查询，或提交授权书。", "ACCESS_NOT_SELF")
    ground = Ground.SELF if claim.subject_code == subject_code else Ground.PARENT
    words = f"{ground}（{claim.subject_code}，{identity}）"
    actor = said(claim.operator, "经办人") if claim.operator else identity
    return Entitlement(ground, subject_code, Scope.RECORDS, actor, purpose, words)


def _authorised(
    claim: Authorised, subject_code: str, scope: Scope, now: datetime, found: Authorisation | None
) -> Entitlement:
    grantee, purpose = said(claim.grantee, "被授权人"), said(claim.purpose, "查询用途")
    if found is None or (found.number, found.subject_code) != (claim.number, subject_code):
        raise _no_authorisation()
    if plain(found.grantee) != plain(grantee):
        raise _no_authorisation()
    _check_term(found, now)
    if not found.scope.holds(scope):
        raise _out_of_scope()
    words = f"{Ground.AUTHORISED}（{found.number}，{found.grantee}）"
    actor = said(claim.operator, "经办人") if claim.operator else grantee
    return Entitlement(Ground.AUTHORISED, subject_code, found.scope, actor, purpose, words)


def _check_term(found: Authorisation, now: datetime) -> None:
    day = now.astimezone(SHANGHAI).date()
    if found.revoked_at is not None:
        raise denied("授权书已被撤销。", "请由主体重新出具授权书。", "AUTHORISATION_REVOKED")
    if day < found.valid_from:
        raise denied("授权书尚未生效。", f"请在 {found.valid_from} 起查询。", "AUTHORISATION_NOT_YET")
    if day > found.valid_to:
        raise denied("授权书已过期。", "请由主体重新出具授权书。", "AUTHORISATION_EXPIRED")


def _on_duty(claim: Duty, subject_code: str, office: Office) -> Entitlement:
    written = said(claim.unit, "查询单位")
    matter, handler = said(claim.matter, "办理事项"), said(claim.handler, "经办人")
    purpose = said(claim.purpose, "查询用途")
    people = handler if claim.operator in ("", handler) else f"{handler}，操作员 {said(claim.operator, '操作员')}"
    if plain(written) == plain(office.issuer_name):
        words = f"{Ground.OFFICE}（{matter}，{people}）"
        return Entitlement(Ground.OFFICE, subject_code, Scope.RECORDS, handler, purpose, words)
    unit = canonical_unit(written, office)
    if unit is None or not any(unit in domain.units for domain in office.domains):
        raise denied(
            "查询单位不是本市登记的单位。", "请填写 domains.csv 中的责任单位名称，或由主体授权。", "ACCESS_UNIT_UNKNOWN"
        )
    words = f"{Ground.DUTY}（{unit}，{matter}，{people}）"
    return Entitlement(Ground.DUTY, subject_code, Scope.RECORDS, handler, purpose, words, unit)


def said(text: str, what: str) -> str:
    """Words a person can read afterwards. Raises AccessDenied for none, for signs only, for what cannot be seen."""
    words = text.strip()
    kinds = [unicodedata.category(each) for each in words]
    if not any(kind[0] in "LN" for kind in kinds) or len(words) > MAX_WORDS:
        raise denied(f"没有写明{what}。", f"请填写{what}，不超过 {MAX_WORDS} 个字。", "ACCESS_UNSTATED")
    if any(kind[0] == "C" or kind in ("Zl", "Zp") for kind in kinds) or has_unseen(words):
        raise denied(f"{what}中有不可见的字符。", "请重新输入。", "ACCESS_UNSTATED")
    return words


def plain(name: str) -> str:
    """A name for comparison: width variants and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def _no_authorisation() -> AccessDenied:
    return denied("没有该主体给该被授权人的授权书。", "请核对授权书编号、主体和被授权人。", "AUTHORISATION_UNKNOWN")


def _out_of_scope() -> AccessDenied:
    return denied("授权范围不含所查内容。", "授权只限专用信用报告的，请申请报告。", "AUTHORISATION_SCOPE")


def denied(message: str, next_step: str, code: str) -> AccessDenied:
    return AccessDenied(message, next_step=next_step, code=code)
