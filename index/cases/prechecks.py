"""Whether a violation may be repaired on a day, condition by condition, and from which day on it may.

Rules kept (信用修复管理办法, in force 2026-04-01; the numbers are in ``index.rules.repair``):
* The record can be repaired: a violation in effect, published, and neither repaired nor over-age yet.
* Its severity is known: the record's own; else the one named with the application, until the unit confirms it.
* The least publication is over, counted from the day of the document.
* The violation is corrected and the obligations are done, on days that have come; a public 信用承诺 is given.

Pure: nothing is read, and the day is passed in.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from index.records.inclusion import VIOLATION_KINDS
from index.records.model import LegalState, RecordKind, Severity
from index.rules.repair import band_on, first_repair_day, publication_end


class Condition(StrEnum):
    RECORD = "记录"
    SEVERITY = "违法程度"
    LEAST_PUBLICATION = "最短公示期"
    CORRECTED = "纠正违法行为"
    OBLIGATIONS = "履行义务"
    COMMITMENT = "公开信用承诺"


@dataclass(frozen=True, slots=True)
class Violation:
    """What a repair needs to know of a record."""

    kind: RecordKind
    legal_state: LegalState
    published: bool
    severity: Severity | None
    decided_on: date
    corrected_on: date | None
    repaired_on: date | None
    publication_until: date | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What the application says."""

    severity: Severity | None
    corrected_on: date
    obligations_done_on: date
    commitment: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition: met or not, and what it rests on."""

    condition: Condition
    met: bool
    says: str


@dataclass(frozen=True, slots=True)
class PreCheck:
    """All conditions on one day. ``possible_on``: the first day after the least publication; None = not known.

    ``source``: the text the periods are from; None = no rule for this severity and day.
    """

    day: date
    findings: tuple[Finding, ...]
    possible_on: date | None
    source: str | None

    @property
    def is_met(self) -> bool:
        return all(finding.met for finding in self.findings)

    @property
    def unmet(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.met)

    @property
    def only_too_early(self) -> bool:
        """Nothing but time is missing."""
        return [finding.condition for finding in self.unmet] == [Condition.LEAST_PUBLICATION]

    def to_json(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "met": self.is_met,
            "possible_on": self.possible_on.isoformat() if self.possible_on else None,
            "source": self.source,
            "findings": [
                {"condition": finding.condition.value, "met": finding.met, "says": finding.says}
                for finding in self.findings
            ],
        }


def precheck(violation: Violation, claim: Claim, day: date) -> PreCheck:
    """Every condition on ``day``, in the order of ``Condition``."""
    severity = violation.severity or claim.severity
    band = band_on(severity, day)
    possible_on = first_repair_day(violation.decided_on, severity, day)
    findings = (
        _record(violation, day),
        _severity(violation, claim),
        _least_publication(violation, severity, possible_on, day),
        _done(Condition.CORRECTED, "纠正", claim.corrected_on, None, day),
        _done(Condition.OBLIGATIONS, "履行义务", claim.obligations_done_on, violation.decided_on, day),
        _commitment(claim),
    )
    return PreCheck(day, findings, possible_on, band.source if band else None)


def _record(violation: Violation, day: date) -> Finding:
    problem = _why_not(violation, day)
    return Finding(Condition.RECORD, problem is None, problem or f"{violation.kind}，决定于 {violation.decided_on}")


def _why_not(violation: Violation, day: date) -> str | None:
    if violation.kind not in VIOLATION_KINDS:
        return f"“{violation.kind}”不是违法违规记录，无须修复"
    if not violation.published:
        return "未公示，不在报告中显示，无须修复"
    if violation.legal_state is not LegalState.EFFECTIVE:
        return f"法律状态为“{violation.legal_state}”，不在报告中显示，无须修复"
    if violation.repaired_on is not None:
        return f"已于 {violation.repaired_on} 完成修复"
    end = publication_end(
        kind=violation.kind,
        decided_on=violation.decided_on,
        severity=violation.severity,
        corrected_on=violation.corrected_on,
        publication_until=violation.publication_until,
        day=day,
    )
    return f"公示已于 {end} 届满，不再显示，无须修复" if end is not None and end < day else None


def _severity(violation: Violation, claim: Claim) -> Finding:
    if violation.severity is None and claim.severity is None:
        return Finding(Condition.SEVERITY, met=False, says="记录没有写明违法程度，申请也没有说明")
    if violation.severity is None:
        return Finding(Condition.SEVERITY, met=True, says=f"申请说明为“{claim.severity}”，由责任单位确认")
    agrees = claim.severity in (None, violation.severity)
    says = f"记录写明为“{violation.severity}”" + ("" if agrees else f"，申请说明为“{claim.severity}”")
    return Finding(Condition.SEVERITY, agrees, says)


def _least_publication(violation: Violation, severity: Severity | None, possible_on: date | None, day: date) -> Finding:
    if possible_on is None:
        says = "违法程度不明，不能计算" if severity is None else f"{day} 没有生效的公示期规定，不能计算"
        return Finding(Condition.LEAST_PUBLICATION, met=False, says=says)
    if possible_on == violation.decided_on:
        return Finding(Condition.LEAST_PUBLICATION, met=day >= possible_on, says=f"“{severity}”没有最短公示期")
    met = day >= possible_on
    says = f"自 {violation.decided_on} 起算，{'已' if met else '尚未'}届满；自 {possible_on} 起可以修复"
    return Finding(Condition.LEAST_PUBLICATION, met, says)


def _done(condition: Condition, what: str, done_on: date, not_before: date | None, day: date) -> Finding:
    if done_on > day:
        return Finding(condition, met=False, says=f"{what}日期 {done_on} 晚于 {day}")
    if not_before is not None and done_on < not_before:
        return Finding(condition, met=False, says=f"{what}日期 {done_on} 早于决定日期 {not_before}")
    return Finding(condition, met=True, says=f"已于 {done_on} {what}")


def _commitment(claim: Claim) -> Finding:
    given = bool(claim.commitment.strip())
    return Finding(Condition.COMMITMENT, given, "已附全文" if given else "没有承诺内容")
