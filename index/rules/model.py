"""What an office is, as data: its name, its domains, the texts it may issue under. Source of each value: its file."""

from dataclasses import dataclass, field
from datetime import date

from index.calendar import Calendar


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


@dataclass(frozen=True, slots=True)
class Basis:
    """A text under which reports may be issued, both days inclusive; ``effective_to`` None = no end stated."""

    title: str
    document_number: str | None
    effective_from: date
    effective_to: date | None

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


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

    def basis_on(self, day: date) -> Basis | None:
        return next((basis for basis in self.bases if basis.in_force(day)), None)

    def domains_on(self, day: date) -> tuple[Domain, ...]:
        return tuple(domain for domain in self.domains if domain.effective_on <= day)
