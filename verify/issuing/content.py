"""What one report says: a frozen value computed from records, rules and a moment. No I/O, no clock, no randomness.

Rules kept (inventory A):
* Only kinds of B04 may have a report; years are 1, 2 or 3 (B09); a purpose is one of the office's (B08) or none.
* Some basis is in force on the issue day, or there is no report (B19, "Expired basis"); an office that allows it
  issues under the basis that ended last, and the report says so.
* A record appears if and only if ``index.records.inclusion`` names no reason against it (B01–B03, B16). A criminal
  judgment counts where the subject itself can be convicted (单位犯罪), so not for an individual
  business, which is a person, and not where the office has decided so (``criminal_records_included``).
* Domains not in force on the issue day are absent (B06); a domain without current data gets no conclusion (B13).
* A report carries at most ``RECORDS_MAX`` records: what verifiers can read is bounded. Decision: docs/decisions/0164.
* People are masked; an individual business's place (often a home) is not printed. Decision: docs/decisions/0055.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from index.errors import SubjectRefused
from index.masking import mask_name, mask_persons
from index.records.feeds import FeedState, feed_state
from index.records.inclusion import exclusion
from index.records.model import CreditRecord, DomainFeed, RecordKind, Subject, SubjectKind
from index.records.window import YEARS_ALLOWED, Window, query_window
from index.rules.model import Basis, Domain, Office
from verify.errors import BasisExpired, IssuingError
from verify.issuing.wording import Gap, day_text, printable
from verify.validity import SHANGHAI, valid_until

RECORDS_MAX = 600


@dataclass(frozen=True, slots=True)
class Signature:
    """What page 1 says about the electronic signature; the key is chosen before the content is frozen."""

    algorithm: str
    key_id: str


@dataclass(frozen=True, slots=True)
class PrintedSubject:
    """The subject as printed: people masked."""

    code: str
    name: str
    type_name: str
    person_title: str
    person: str | None
    established_on: date | None
    address: str | None
    address_printed: bool
    registration_state: str | None
    registration_authority: str | None


@dataclass(frozen=True, slots=True)
class DomainResult:
    """One row of part one. ``current``: its data reaches us and is up to date."""

    number: int
    name: str
    note: str
    unit_text: str
    updated_on: date | None
    current: bool
    record_count: int
    objection_count: int

    @property
    def is_gap(self) -> bool:
        """Neither a record nor current data: nothing may be concluded."""
        return self.record_count == 0 and not self.current


@dataclass(frozen=True, slots=True)
class Detail:
    """One violation record as printed in part two."""

    number: int
    kind: RecordKind
    domain: str
    document_number: str
    violation: str
    facts: str
    legal_basis: str
    category: str
    content: str
    fine_wan: Decimal | None
    confiscated_wan: Decimal | None
    decided_on: date
    decided_by: str
    source_unit: str
    publication_until: date | None
    under_objection: bool
    record_key: str = ""
    """Which record it is, for the ledger; never printed. Empty in drafts of before migration 0003."""


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything a report says. ``years`` is 1, 2 or 3; moments are aware, Asia/Shanghai."""

    number: str
    typed_code: str
    issued_at: datetime
    valid_until: datetime
    years: int
    period_from: date
    period_to: date
    calendar_published: bool
    purpose: str
    city: str
    issuer_name: str
    platform: str
    website: str
    report_title: str
    verify_url: str
    sample: bool
    basis: Basis
    signature: Signature
    subject: PrintedSubject
    domains: tuple[DomainResult, ...]
    details: tuple[Detail, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(Gap(domain.name, domain.updated_on) for domain in self.domains if domain.is_gap)

    @property
    def basis_has_ended(self) -> bool:
        """Issued after its basis had ended, as an office may allow itself; printed."""
        return self.basis.has_ended(self.issued_at.date())

    @property
    def involved_count(self) -> int:
        return sum(domain.record_count > 0 for domain in self.domains)


@dataclass(frozen=True, slots=True)
class Known:
    """What the office knows about one subject at the moment of issue."""

    subject: Subject
    records: tuple[CreditRecord, ...]
    feeds: tuple[DomainFeed, ...]
    persons: str = ""
    """Who represents the subject or did before, as a name field; empty: whom the subject names."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: whose years, what for, and the marks the report will carry."""

    years: int
    purpose: str
    moment: datetime
    number: str
    typed_code: str
    signature: Signature


def compose(known: Known, office: Office, order: Order) -> ReportContent:
    """The content of one report.

    Raises SubjectRefused (B04), IssuingError (years, purpose, too many records), BasisExpired (no basis that day).
    """
    moment = order.moment.astimezone(SHANGHAI)
    issue_day = moment.date()
    admit(known.subject, office, order.years)
    basis = basis_for(office, issue_day)
    window = query_window(issue_day, order.years, office.calendar)
    domains = office.domains_on(issue_day)
    shown = shown_records(known, window, issue_day, domains, criminal_included=office.criminal_records_included)
    _refuse_too_many(len(shown))
    return ReportContent(
        number=order.number,
        typed_code=order.typed_code,
        issued_at=moment,
        valid_until=valid_until(moment),
        years=order.years,
        period_from=window.start,
        period_to=window.end,
        calendar_published=window.calendar_published,
        purpose=purpose_in(office, order.purpose),
        city=office.city,
        issuer_name=office.issuer_name,
        platform=office.platform,
        website=office.website,
        report_title=office.report_title,
        verify_url=office.verify_url,
        sample=office.sample,
        basis=basis,
        signature=order.signature,
        subject=printed_subject(known.subject),
        domains=tuple(domain_results(domains, shown, known.feeds, window)),
        details=tuple(details(domains, shown, known.persons or known.subject.legal_representative)),
    )


def admit(subject: Subject, office: Office, years: int) -> None:
    """Refuses the kinds the office does not serve (B04) and ranges other than 1, 2, 3 years (B09)."""
    rule = office.subject_kinds.rules[subject.kind]
    if not rule.served:
        served = "、".join(office.subject_kinds.served)
        raise SubjectRefused(
            f"“{subject.name}”属于{subject.kind.value}，不在专用信用报告的适用对象之内：{rule.reason}（{rule.source}）。",
            next_step=f"专用信用报告面向{served}；其他主体请按原有渠道办理证明。",
        )
    if years not in YEARS_ALLOWED:
        raise IssuingError(
            f"查询年限只能是近一年、近两年或近三年，不能是 {years} 年。",
            next_step="请把年限写成 1、2 或 3。",
            code="YEARS_REFUSED",
        )


def _refuse_too_many(count: int) -> None:
    if count > RECORDS_MAX:
        raise IssuingError(
            f"查询范围内有 {count} 条违法违规记录，一份报告最多列 {RECORDS_MAX} 条。",
            next_step="请缩短查询年限；近一年仍超过的，请由签发机构另行书面答复。",
            code="RECORDS_TOO_MANY",
        )


def basis_for(office: Office, day: date) -> Basis:
    """The basis of a report of ``day``: one in force, or the last one where the office allows that.

    Raises BasisExpired with what ended when and what the operator can do.
    """
    basis = office.basis_on(day)
    if basis is not None:
        return basis
    last = office.last_ended_basis(day)
    if last is not None and office.allow_expired_basis:
        return last
    coming = min((known for known in office.bases if known.effective_from > day), key=_start, default=None)
    reason = f"{day_text(day)}没有现行有效的签发依据，不能签发"
    if last is not None:
        reason += f"；《{last.title}》有效期至{day_text(last.effective_to)}，已届满"
    if coming is not None:
        reason += f"；《{coming.title}》{day_text(coming.effective_from)}起施行"
    raise BasisExpired(f"{reason}。", next_step=_AFTER_THE_BASIS)


def _start(basis: Basis) -> date:
    return basis.effective_from


_AFTER_THE_BASIS = (
    "请向发文机关核实有无延期或新文件，不能推定延期。确有新依据的，由负责人登记后重新签发："
    "chenghe bases register 文件名称 --number 文号 --from 施行日期 --to 有效期至 --evidence 在何处核实；"
    "已登记的依据用 chenghe bases list 查看。已签发的报告不受影响，仍可核验。"
)


def purpose_in(office: Office, purpose: str) -> str:
    """The purpose as printed, 组—用途; empty stays empty. Accepts the bare purpose or the printed form (B08)."""
    wanted = purpose.strip()
    if not wanted:
        return ""
    for group, names in office.purposes:
        for name in names:
            if wanted in (name, f"{group}—{name}"):
                return f"{group}—{name}"
    known = "；".join(f"{group}：{'、'.join(names)}" for group, names in office.purposes)
    raise IssuingError(
        f"用途“{wanted}”不在适用场景之内。",
        next_step=f"请从下列用途中选择一个，或不填。{known}。",
        code="PURPOSE_UNKNOWN",
    )


def printed_subject(subject: Subject) -> PrintedSubject:
    individual = subject.kind is SubjectKind.INDIVIDUAL_BUSINESS
    person = subject.legal_representative
    return PrintedSubject(
        code=subject.code,
        name=printable(subject.name),
        type_name=printable(subject.type_name or subject.kind.value),
        person_title=_PERSON_TITLES.get(subject.kind, "法定代表人"),
        person=mask_name(printable(person)) if person else None,
        established_on=subject.established_on,
        address=None if individual else _optional(subject.address),
        address_printed=not individual,
        registration_state=_optional(subject.registration_state),
        registration_authority=_optional(subject.registration_authority),
    )


def _optional(text: str | None) -> str | None:
    return printable(text) if text else None


_PERSON_TITLES = {
    SubjectKind.INDIVIDUAL_BUSINESS: "经营者",
    SubjectKind.SOLE_PROPRIETORSHIP: "投资人",
    SubjectKind.PARTNERSHIP: "执行事务合伙人",
    SubjectKind.BRANCH: "负责人",
    SubjectKind.FOREIGN_BRANCH: "负责人",
}


def shown_records(
    known: Known, window: Window, issue_day: date, domains: tuple[Domain, ...], *, criminal_included: bool
) -> tuple[CreditRecord, ...]:
    """The violation records, newest decision first; same day: by domain, then document number."""
    subject = known.subject
    shown = [
        record
        for record in known.records
        if exclusion(
            record,
            subject_code=subject.code,
            window=window,
            issue_day=issue_day,
            domains=domains,
            criminal_included=criminal_included and subject.kind is not SubjectKind.INDIVIDUAL_BUSINESS,
        )
        is None
    ]
    return tuple(sorted(shown, key=lambda record: (-record.decided_on.toordinal(), record.domain, record.key)))


def domain_results(
    domains: Iterable[Domain], shown: tuple[CreditRecord, ...], feeds: Iterable[DomainFeed], window: Window
) -> Iterable[DomainResult]:
    updated = {feed.domain: feed.updated_on for feed in feeds}
    for domain in domains:
        own = [record for record in shown if record.domain == domain.number]
        day = updated.get(domain.number)
        yield DomainResult(
            number=domain.number,
            name=domain.name,
            note=domain.note,
            unit_text=domain.unit_text,
            updated_on=day,
            current=feed_state(day, window.end) is FeedState.CURRENT,
            record_count=len(own),
            objection_count=sum(record.under_objection for record in own),
        )


def details(domains: Iterable[Domain], shown: tuple[CreditRecord, ...], person: str | None) -> Iterable[Detail]:
    """``person``: the representatives or operators, whose names may stand in the texts."""
    names = {domain.number: domain.name for domain in domains}
    for number, record in enumerate(shown, start=1):
        yield Detail(
            number=number,
            kind=record.kind,
            domain=names[record.domain],
            document_number=printable(record.document_number),
            violation=mask_persons(printable(record.violation), person),
            facts=mask_persons(printable(record.facts), person),
            legal_basis=mask_persons(printable(record.legal_basis), person),
            category=mask_persons(printable(record.category), person),
            content=mask_persons(printable(record.content), person),
            fine_wan=record.fine_wan,
            confiscated_wan=record.confiscated_wan,
            decided_on=record.decided_on,
            decided_by=mask_persons(printable(record.decided_by), None),
            source_unit=printable(record.source_unit),
            publication_until=record.publication_until,
            under_objection=record.under_objection,
            record_key=record.key,
        )
