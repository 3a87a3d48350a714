"""What an office is, as data: its name, its domains, the texts it may issue under. Source of each value: its file."""

from dataclasses import dataclass, field
from datetime import date

from index.calendar import Calendar
from index.rules.subject_kinds import SubjectKinds, standard_kinds


@dataclass(frozen=True, slots=True)
class Domain:
    """One row of the scheme's annex. ``effective_on``: reports of earlier days do not carry the domain (B06).

    ``units`` is empty where the annex names no particular unit (具有相关政务服务事项的市直单位).
    """

    number: int
    name: str
    note: str
    units: tuple[str, ...]
    unit_text: str
    """The responsible units as the annex prints them, delegated companies included."""
    batch: str
    effective_on: date
    effective_to: date | None = None
    """The last day; None = no end stated."""
    source: str = ""
    """Where the row stands, e.g. 附件第 13 行."""

    def in_force(self, day: date) -> bool:
        return self.effective_on <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True, slots=True)
class Basis:
    """A text under which reports may be issued, both days inclusive; ``effective_to`` None = no end stated."""

    title: str
    document_number: str | None
    effective_from: date
    effective_to: date | None

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and not self.has_ended(day)

    def has_ended(self, day: date) -> bool:
        return self.effective_to is not None and self.effective_to < day


@dataclass(frozen=True, slots=True)
class Office:
    """A municipal credit office. ``sample`` offices watermark every report "示例 · 非真实报告"."""

    city: str
    """e.g. 盐城市"""
    issuer_name: str
    platform: str
    """The system the statement says was queried."""
    website: str
    """Where companies download and object, e.g. “信用中国（江苏盐城）”."""
    report_title: str
    number_prefix: str
    """Four capital letters, e.g. YCZX."""
    verify_url: str
    """Origin of the verification service, e.g. https://verify.example.gov.cn – no trailing slash."""
    sample: bool
    domains: tuple[Domain, ...]
    unit_aliases: tuple[tuple[str, str], ...]
    """(alias, name used in ``domains``) pairs, e.g. 市住建局 → 市住房和城乡建设局."""
    bases: tuple[Basis, ...]
    purposes: tuple[tuple[str, tuple[str, ...]], ...]
    """(group, purposes) of B08."""
    unit_kinds: tuple[tuple[str, str], ...] = ()
    """(unit, 来源类别) pairs; a unit that is not listed is a 行政机关."""
    main_domains: tuple[tuple[str, int], ...] = ()
    """(unit, number of its main domain) pairs, for units with several: where records without a named domain go."""
    calendar: Calendar = field(default_factory=Calendar)
    """Published working days with the office's own ``calendar.csv`` on top."""
    subject_kinds: SubjectKinds = field(default_factory=standard_kinds)
    """Who may have a report (B04)."""
    sources: tuple[tuple[str, str], ...] = ()
    """(what, source article) of the purposes and the bases, as the files state them."""
    criminal_records_included: bool = True
    """Criminal judgments against units (B02); those against persons never appear."""
    allow_expired_basis: bool = False
    """Issue under the basis that ended last, with a notice in the report, when none is in force."""
    objection_days: int | None = None
    """Working days in which an objection should be answered: a service level of this office, not a term of any law."""
    signing_algorithm: str = "Ed25519"
    """Of the keys that are made from now on: Ed25519, ES256 or SM2 (with SM3)."""

    def basis_on(self, day: date) -> Basis | None:
        """The basis in force on ``day``; of several the one in force since the latest day, then the last named."""
        found = [basis for basis in self.bases if basis.in_force(day)]
        return max(reversed(found), key=lambda basis: basis.effective_from, default=None)

    def last_ended_basis(self, day: date) -> Basis | None:
        """The basis that ended last before ``day``; of several the one that began last."""
        ended = [basis for basis in self.bases if basis.has_ended(day)]
        return max(reversed(ended), key=lambda basis: (basis.effective_to or day, basis.effective_from), default=None)

    def domains_on(self, day: date) -> tuple[Domain, ...]:
        return tuple(domain for domain in self.domains if domain.in_force(day))
