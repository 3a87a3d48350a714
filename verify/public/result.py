"""What the result page says about one verification: words, colour and icon, and the rows to compare with the paper.

* Colour follows the verdict only; green is for ``valid`` and nothing else.
* Rows exist only when the signature holds (``Verification.credential``): nothing unsigned is shown as true.
* What was valid at another moment is not called valid without more, and is green only when it is so now as well.
* The last valid second, 23:59:59, is written the way the report prints it: 2026年9月20日24时.
* ``token`` and ``entry`` are for the page's own program, which checks the code again by itself (docs/decisions/0189).
"""

from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from verify.binding import Difference
from verify.check import Verification, conclusion
from verify.credential import Credential
from verify.notices import Notice
from verify.reasons import Verdict
from verify.registration import Registration
from verify.scanned import digits
from verify.validity import SHANGHAI
from verify.verification import VALID_THEN

TONES = MappingProxyType(
    {
        Verdict.VALID: "good",
        Verdict.EXPIRED: "late",
        Verdict.NOT_YET_VALID: "late",
        Verdict.SUPERSEDED: "late",
        Verdict.REVOKED: "bad",
        Verdict.FORGED: "bad",
        Verdict.ALTERED: "changed",
        Verdict.UNREADABLE: "unsure",
        Verdict.INDETERMINATE: "unsure",
    }
)
GISTS = MappingProxyType(
    {
        Verdict.VALID: "真实，在有效期内",
        Verdict.EXPIRED: "是真的，但已经过期",
        Verdict.NOT_YET_VALID: "是真的，但当时还没有开具",
        Verdict.SUPERSEDED: "是真的，但已有更新的报告",
        Verdict.REVOKED: "是真的，但签发机构已经撤销",
        Verdict.FORGED: "不是本机构签发的",
        Verdict.ALTERED: "码是真的，文件不是原样",
        Verdict.UNREADABLE: "没有读到核验码，真伪未知",
        Verdict.INDETERMINATE: "现在不能确认真伪或效力",
    }
)
"""The verdict once more in plain words: what tells expired from altered, and altered from forged, at a glance."""


@dataclass(frozen=True, slots=True)
class Row:
    """``large``: the two that tell whose paper it is; ``code``: set in digits of equal width."""

    name: str
    value: str
    large: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    verdict: str
    reason: str
    tone: str
    headline: str
    gist: str
    message: str
    next_step: str
    asked_at: str
    checked_at: str
    checked_at_iso: str
    report: tuple[Row, ...]
    period: str
    conclusion: str
    has_records: bool
    differences: tuple[Difference, ...]
    notices: tuple[Notice, ...]
    log: str
    token: str
    entry: dict[str, Any]


def result_of(verification: Verification, now: datetime | None = None) -> Result:
    """``now``: the clock, when another moment was asked about."""
    credential = verification.credential
    tone, headline, gist = _look(verification, then=now is not None)
    checked_at = verification.at if now is None else now
    return Result(
        verdict=verification.verdict.value,
        reason=verification.reason.value,
        tone=tone,
        headline=headline,
        gist=gist,
        message=verification.message,
        next_step=verification.next_step,
        asked_at="" if now is None else _moment(verification.at),
        checked_at=_moment(checked_at),
        checked_at_iso=checked_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        report=() if credential is None else rows_of(credential),
        period="" if credential is None else f"查询时间范围 {_period(credential)}",
        conclusion="" if credential is None else conclusion(credential),
        has_records=credential is not None and credential.facts.records > 0,
        differences=verification.differences,
        notices=verification.notices,
        log="" if verification.registration is None else _registered(verification.registration),
        token="" if credential is None else digits(credential.token),
        entry=verification.to_json(),
    )


def _look(verification: Verification, then: bool) -> tuple[str, str, str]:
    """(tone, headline, gist); ``then``: for another moment than now."""
    verdict = verification.verdict
    if verification.then_only:
        return TONES[Verdict.EXPIRED], VALID_THEN, "所问时刻真实有效，现在已经不能用"
    if then and verdict is Verdict.VALID:
        return TONES[verdict], VALID_THEN, "真实；说的是所问时刻，不是现在"
    if verdict is Verdict.VALID and Notice.DATA_CORRECTED in verification.notices:
        return TONES[verdict], verdict.label, "真实，在有效期内；但签发后数据已更正"
    return TONES[verdict], verdict.label, GISTS[verdict]


def _registered(registration: Registration) -> str:
    if not registration.leaves:
        return ""
    first = registration.leaves[0]
    return f"登记日志：{_moment(first.at)} 登记，第 {first.index} 条（共 {registration.tree_size} 条）"


def rows_of(credential: Credential) -> tuple[Row, ...]:
    """The signed facts in the order in which the report's first page prints them, whose it is first."""
    facts = credential.facts
    without = f"（其中 {facts.domains_without_data} 个暂无数据）" if facts.domains_without_data else ""
    return (
        Row("主体名称", facts.subject_name, large=True),
        Row("统一社会信用代码", facts.subject_code, large=True, code=True),
        Row("报告编号", credential.number, code=True),
        Row("查询时间范围", _period(credential)),
        Row("开具时间", _moment(facts.issued_at)),
        Row("核验有效期至", f"{_day(facts.valid_until.astimezone(SHANGHAI).date())}24时"),
        Row("查询领域", f"{facts.domains} 个{without}"),
        Row("违法违规记录", f"{facts.records} 条"),
    )


def _period(credential: Credential) -> str:
    return f"{_day(credential.facts.period_from)}至{_day(credential.facts.period_to)}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _moment(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{_day(local.date())} {local:%H:%M:%S}"
