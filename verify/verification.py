"""The answer of a check: the reason, what it speaks of, and how that is said – in Chinese, and as the design's JSON.

* Nothing of a report is told unless its signature holds (``credential``).
* Sentences and JSON are made when somebody asks for them: a verdict costs no more than the check.
* The message of a refused code names what was found (``detail``); every other is filled from the signed facts.

Source: design §4, §8; docs/credential.md §6, §8.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from string import Formatter
from types import MappingProxyType
from typing import Any, NamedTuple

from verify.binding import Difference
from verify.credential import Credential
from verify.errors import TrustError
from verify.notices import Notice
from verify.reasons import CODE_ALONE, COMPARE, WORDING, Reason, Rejection, Verdict
from verify.registration import Registration
from verify.validity import SHANGHAI, iso

VALID_THEN = "所问时刻有效"


class Verification(NamedTuple):
    """``credential`` is None unless the signature holds; ``at`` is the moment the verdict speaks of.

    ``code_alone``: of a picture or scan only the code was read; the next step says so.
    """

    reason: Reason
    at: datetime
    credential: Credential | None = None
    differences: tuple[Difference, ...] = ()
    notices: tuple[Notice, ...] = ()
    registration: Registration | None = None
    detail: str = ""
    code_alone: bool = False

    @property
    def verdict(self) -> Verdict:
        return WORDING[self.reason].verdict

    @property
    def then_only(self) -> bool:
        """Valid at the moment asked about, and of no use now: never to be passed off as valid without more."""
        return self.reason is Reason.OK_THEN

    @property
    def label(self) -> str:
        """The verdict in a word."""
        return VALID_THEN if self.then_only else self.verdict.label

    @property
    def message(self) -> str:
        wording = WORDING[self.reason].message
        if "{" not in wording:
            return wording
        return wording.replace("{detail}", self.detail) if self.credential is None else self._filled(self.credential)

    @property
    def next_step(self) -> str:
        step = WORDING[self.reason].next_step
        return step.removesuffix(COMPARE) + CODE_ALONE if self.code_alone and self.verdict is Verdict.VALID else step

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
            "checked_at": iso(self.at),
            "report": None if self.credential is None else _report_json(self.credential),
            "differences": [difference.to_json() for difference in self.differences],
            "notices": [notice.to_json() for notice in self.notices],
            "log": None if self.registration is None else self.registration.to_json(),
        }

    def _filled(self, credential: Credential) -> str:
        sentence = WORDING[self.reason].message
        return sentence.format_map({name: _FILLING[name](self, credential) for name in _named_in(sentence)})


def refused(rejection: Rejection, at: datetime) -> Verification:
    """The answer of a reader or decoder that stopped."""
    return Verification(rejection.reason, at, detail=rejection.detail)


def untrusted(error: TrustError, at: datetime) -> Verification:
    """The answer when there is no usable trust: we cannot know."""
    return Verification(Reason.TRUST_UNUSABLE, at, detail=str(error).rstrip("。"))


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
        "issued_at": iso(facts.issued_at),
        "valid_until": iso(credential.claimed.valid_until),
        "domains": facts.domains,
        "records": facts.records,
        "domains_without_data": facts.domains_without_data,
    }


def _day_in_words(moment: datetime) -> str:
    day = moment.astimezone(SHANGHAI)
    return f"{day.year}年{day.month}月{day.day}日"


def _moment_in_words(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{_day_in_words(moment)} {local.hour:02}:{local.minute:02}:{local.second:02}"


_FILLING: Mapping[str, Callable[[Verification, Credential], str]] = MappingProxyType(
    {
        "issuer": lambda _, credential: credential.issuer.name,
        "subject": lambda _, credential: credential.facts.subject_name,
        "number": lambda _, credential: credential.number,
        "issued_at": lambda _, credential: _moment_in_words(credential.claimed.issued_at),
        "valid_until": lambda _, credential: f"{_day_in_words(credential.claimed.valid_until)} 24 时",
        "count": lambda answer, _: str(len(answer.differences)),
        "at": lambda answer, _: _moment_in_words(answer.at),
    }
)
"""What stands in the sentences of a credential that holds."""


@lru_cache(maxsize=len(WORDING))
def _named_in(sentence: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(sentence) if name)
