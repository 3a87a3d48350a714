"""Whether a credit record appears in a report as a violation record, and if not, by which rule.

A record is a violation record only when every condition holds; they are tried in the order of ``Exclusion``, which is
the order of inventory B01. A record that fails is as if it did not exist: the report says nothing about it.

Rules kept:
* Publication ends with the unit's own last day or with the longest period of the severity, whichever
  ``index.rules.repair.publication_end`` says; the record is gone from the next day on, by itself, whoever does nothing.
* Without a stated severity no longest period can be computed: then only the unit's own last day counts.
* A repair hides from its day on; only a violation that is both corrected and repaired is repaired.

Source: scheme of 2024, 二（一）（三）, 三（一）（四）; 行政处罚法 arts. 33, 48; 信用修复管理办法 (2026-04-01).
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import Enum
from itertools import chain

from index.records.model import CreditRecord, LegalState, RecordKind, Secrecy, SourceKind
from index.records.window import Window
from index.rules.model import Domain
from index.rules.repair import publication_end

VIOLATION_KINDS = frozenset(
    {
        RecordKind.PENALTY,
        RecordKind.COMPULSION,
        RecordKind.ENFORCEMENT,
        RecordKind.SERIOUS_LIST,
        RecordKind.CRIMINAL,
    }
)
WITHDRAWN = frozenset({LegalState.REVOKED, LegalState.CHANGED, LegalState.UNLAWFUL, LegalState.VOID})


class Exclusion(Enum):
    """Why a record does not appear: rule of the inventory, and the reason staff read."""

    SOURCE = ("B01", "来源单位不是出证机关")
    NOT_PUBLISHED = ("B01", "未公示")
    PUBLICATION_OVER = ("B01", "公示期已届满")
    LONGEST_OVER = ("B16", "最长公示期已届满，自动停止公示")
    OTHER_SUBJECT = ("B01", "不是该经营主体的记录")
    NOT_EFFECTIVE = ("B01", "法律文书尚未生效")
    NO_PENALTY = ("B01", "依法不予行政处罚")
    SECRET = ("B03", "依法不得公开")
    REPAIRED = ("B16", "已纠正违法行为并完成信用修复")
    WITHDRAWN = ("B01", "决定已被撤销、变更、确认违法或确认无效")
    OUTSIDE_WINDOW = ("B01", "决定日期不在查询时间范围内")
    DOMAIN = ("B06", "签发日该领域尚未实施")
    NOT_A_VIOLATION = ("B01", "不属于违法违规记录的种类")
    CRIMINAL = ("B02", "按本机构规定，刑事裁判不列入")

    @property
    def rule(self) -> str:
        return self.value[0]

    @property
    def reason(self) -> str:
        return self.value[1]


def exclusion(
    record: CreditRecord,
    *,
    subject_code: str,
    window: Window,
    issue_day: date,
    domains: Iterable[Domain],
    criminal_included: bool = True,
) -> Exclusion | None:
    """The first condition that ``record`` fails, or None when it appears in the report."""
    return (
        next(_unpublished(record, issue_day), None)
        or _of_another(record, subject_code)
        or next(_without_effect(record, issue_day), None)
        or _out_of_scope(record, window, issue_day, domains)
        or _not_a_violation(record, criminal_included)
    )


def not_shared(record: CreditRecord, day: date) -> Exclusion | None:
    """Why nobody but the office and the unit itself is shown a record on ``day``, whatever the window; None: shown.

    A repair ends publication and sharing alike (信用修复管理办法).
    """
    return next(why_not_shared(record, day), None)


def why_not_shared(record: CreditRecord, day: date) -> Iterator[Exclusion]:
    """Every reason of ``not_shared``, in the order of ``Exclusion``."""
    return chain(_unpublished(record, day), _without_effect(record, day))


def _unpublished(record: CreditRecord, issue_day: date) -> Iterator[Exclusion]:
    if record.source_kind is SourceKind.OTHER:
        yield Exclusion.SOURCE
    if not record.published:
        yield Exclusion.NOT_PUBLISHED
    if record.publication_until is not None and record.publication_until < issue_day:
        yield Exclusion.PUBLICATION_OVER
    last = publication_end(
        kind=record.kind,
        decided_on=record.decided_on,
        severity=record.severity,
        corrected_on=record.corrected_on,
        publication_until=record.publication_until,
        day=issue_day,
    )
    if last is not None and last < issue_day:
        yield Exclusion.LONGEST_OVER


def _of_another(record: CreditRecord, subject_code: str) -> Exclusion | None:
    return None if record.subject_code == subject_code else Exclusion.OTHER_SUBJECT


def _without_effect(record: CreditRecord, issue_day: date) -> Iterator[Exclusion]:
    if record.legal_state is LegalState.NOT_EFFECTIVE:
        yield Exclusion.NOT_EFFECTIVE
    if record.kind is RecordKind.NO_PENALTY:
        yield Exclusion.NO_PENALTY
    if record.secrecy is not Secrecy.NONE:
        yield Exclusion.SECRET
    if _by(record.corrected_on, issue_day) and _by(record.repaired_on, issue_day):
        yield Exclusion.REPAIRED
    if record.legal_state in WITHDRAWN:
        yield Exclusion.WITHDRAWN


def _out_of_scope(record: CreditRecord, window: Window, issue_day: date, domains: Iterable[Domain]) -> Exclusion | None:
    if not window.holds(record.decided_on):
        return Exclusion.OUTSIDE_WINDOW
    if not any(domain.number == record.domain and domain.in_force(issue_day) for domain in domains):
        return Exclusion.DOMAIN
    return None


def _not_a_violation(record: CreditRecord, criminal_included: bool) -> Exclusion | None:
    if record.kind not in VIOLATION_KINDS:
        return Exclusion.NOT_A_VIOLATION
    if record.kind is RecordKind.CRIMINAL and not criminal_included:
        return Exclusion.CRIMINAL
    return None


def _by(happened: date | None, day: date) -> bool:
    return happened is not None and happened <= day
