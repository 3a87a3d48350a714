"""What is told beside a verdict: that data behind a genuine report have changed since it was issued.

* A notice never changes a verdict: issued reports are not rewritten (inventory B15, B16).
* Told only of a report whose signature holds. The bits stand in a second Token Status List, the notice list, at the
  report's own status index: 1 corrected, 2 repaired, 3 both. They are never taken back.
* A notice counts even from a stale list. What a list that is missing, stale or too short does not say is unknown, and
  that is said too – unless the verdict already tells not to rely on the report.

Specified in docs/credential.md §5, §6; decision: docs/decisions/0140.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag, StrEnum
from types import MappingProxyType

from verify.reasons import Verdict
from verify.status import StatusList


class Changed(IntFlag):
    """The two bits of the notice list."""

    CORRECTED = 1
    REPAIRED = 2


class Notice(StrEnum):
    """Codes are stable: they appear in JSON and in tests/vectors."""

    DATA_CORRECTED = "DATA_CORRECTED"
    RECORD_REPAIRED = "RECORD_REPAIRED"
    NOTICES_UNKNOWN = "NOTICES_UNKNOWN"
    STATUS_CHANGED_SINCE = "STATUS_CHANGED_SINCE"
    ASKED_AHEAD = "ASKED_AHEAD"

    @property
    def message(self) -> str:
        return NOTICE_WORDING[self].message

    @property
    def next_step(self) -> str:
        return NOTICE_WORDING[self].next_step

    def to_json(self) -> dict[str, str]:
        return {"code": self.value, "message": self.message, "next_step": self.next_step}


@dataclass(frozen=True, slots=True)
class NoticeWording:
    message: str
    next_step: str


_TABLE = {
    Notice.DATA_CORRECTED: NoticeWording(
        "数据已更正，请重新获取。",
        "签发后，本报告所列数据已经更正（异议成立，或者数据来源单位更正）；请要求对方重新免费下载报告，以新报告为准。",
    ),
    Notice.RECORD_REPAIRED: NoticeWording(
        "签发后有记录完成修复。",
        "已修复的记录不再出现在新报告中；需要最新情况的，请要求对方重新免费下载报告。",
    ),
    Notice.NOTICES_UNKNOWN: NoticeWording(
        "没有最新的更正和修复消息，不能确认签发后数据是否更正。",
        "请联网更新信任文件后再核验一次，或要求对方提供新报告。",
    ),
    Notice.STATUS_CHANGED_SINCE: NoticeWording(
        "所问时刻之后，报告的状态已经改变。", "现在需要报告的，请要求对方重新免费下载。"
    ),
    Notice.ASKED_AHEAD: NoticeWording(
        "所问时刻还没有到。", "这是按现在的状态回答的，到时可能已经改变；请到时再核验一次。"
    ),
}
NOTICE_WORDING: Mapping[Notice, NoticeWording] = MappingProxyType(_TABLE)

_RELIED_ON = (Verdict.VALID, Verdict.INDETERMINATE)
"""Beside any other verdict nobody relies on the report, and what we do not know of it does not matter."""


def notices_of(index: int, changes: StatusList | None, verdict: Verdict, now: datetime) -> tuple[Notice, ...]:
    """What ``changes`` says of the report at ``index``, most serious first."""
    value = None if changes is None else changes.value(index)
    told = _TOLD[value or 0]
    if verdict in _RELIED_ON and (changes is None or value is None or not changes.is_fresh(now)):
        return (*told, Notice.NOTICES_UNKNOWN)
    return told


_TOLD: tuple[tuple[Notice, ...], ...] = (
    (),
    (Notice.DATA_CORRECTED,),
    (Notice.RECORD_REPAIRED,),
    (Notice.DATA_CORRECTED, Notice.RECORD_REPAIRED),
)
"""By the bits of ``Changed``."""
