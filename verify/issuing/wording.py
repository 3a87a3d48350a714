"""The sentences and notations a report prints. Generated from values, never typed by anyone.

Rules kept:
* Days are written 2026年8月20日, moments 2026年8月20日 10:32:05, the end of validity 2026年9月20日24时 (layout, 通用).
* A domain without data is never said to have no record (B13); a conclusion counts only domains that have data.
* What comes from outside is printed without invisible characters: nothing can hide in a report that was issued.
* Amounts are 万元, exact, without trailing zeros.

Source: report layout, 首页 3, 5; inventory A/B01, B10, B11, B13.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from unicodedata import category, normalize

NOT_GIVEN = "—"
MAX_NAMED_GAPS = 4
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_YEARS = {1: "近一年", 2: "近两年", 3: "近三年"}


@dataclass(frozen=True, slots=True)
class Gap:
    """A domain about which the report says nothing. ``updated_on`` None = 暂未接入."""

    domain: str
    updated_on: date | None


def printable(text: str) -> str:
    """Text from outside as it is printed: NFC, one space for any white space, nothing invisible."""
    visible = "".join(each for each in text if each.isspace() or category(each) not in _INVISIBLE)
    return " ".join(normalize("NFC", visible).split())


def day_text(day: date | None) -> str:
    return NOT_GIVEN if day is None else f"{day.year}年{day.month}月{day.day}日"


def moment_text(moment: datetime) -> str:
    return f"{day_text(moment.date())} {moment:%H:%M:%S}"


def end_of_day_text(day: date) -> str:
    return f"{day_text(day)}24时"


def period_text(years: int, start: date, end: date) -> str:
    return f"{_YEARS[years]}（{day_text(start)}至{day_text(end)}）"


def amount_text(amount: Decimal | None) -> str:
    """万元, as a plain decimal: 2.50 → 2.5, 10 → 10."""
    if amount is None:
        return NOT_GIVEN
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def conclusion_text(
    platform: str, as_of: date, *, domain_count: int, record_count: int, involved_count: int, gaps: Sequence[Gap]
) -> str:
    """The conclusion of page 1. ``involved_count``: domains with a violation record; ``gaps`` are other domains."""
    answered = domain_count - len(gaps)
    opening = f"经查询{platform}，截至{day_text(as_of)}，"
    if answered == 0:
        return f"{opening}所查 {domain_count} 个领域数据均暂未接入或未及时更新，本报告不作出有无结论。"
    with_data = "有数据的 " if gaps else " "
    scope = f"{opening}在上述查询时间范围和{with_data}{answered} 个领域内，"
    if record_count == 0:
        finding = "未查询到该经营主体被公示且经生效法律文书确认的违法违规记录。"
    else:
        finding = f"查询到违法违规记录 {record_count} 条，涉及 {involved_count} 个领域；"
        if answered > involved_count:
            finding += f"其余 {answered - involved_count} 个领域未查询到违法违规记录。"
        finding = finding.removesuffix("；").removesuffix("。") + "。明细见第二部分。"
    return scope + finding + (gap_text(gaps) if gaps else "")


def gap_text(gaps: Sequence[Gap]) -> str:
    """Which domains have no (current) data. Up to four are named; more are counted and left to part one's table."""
    if len(gaps) > MAX_NAMED_GAPS:
        return f"另有 {len(gaps)} 个领域数据暂未接入或未及时更新，本报告不对这些领域作出有无结论，详见第一部分。"
    missing = [gap.domain for gap in gaps if gap.updated_on is None]
    parts = [f"{'、'.join(missing)}数据暂未接入"] if missing else []
    parts += [f"{gap.domain}数据更新至{day_text(gap.updated_on)}" for gap in gaps if gap.updated_on is not None]
    those = "该领域" if len(gaps) == 1 else "上述领域"
    return f"另有{'，'.join(parts)}，本报告不对{those}作出有无结论。"
