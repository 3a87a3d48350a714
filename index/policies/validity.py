"""From when to when a text is in force, what it repeals, on what it is based – as it says itself, never guessed.

Rules:
* 自…起施行 counts only where the text speaks of itself (本办法自…), not where it quotes another;
* 自发布（印发、公布）之日起施行 needs the day of issue; without it no day is set;
* 有效期至… is the last day; 有效期, 试行期 of N years or months ends the day before its anniversary; both inclusive;
* 自公布之日起30日后施行 sets no day: whether the thirtieth counts is not said;
* what is repealed, and on what a text rests, is read by ``index.policies.mentions``.
Source: 行政规范性文件管理 practice; design §7.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from index.policies.dates import DATE, day_in, last_day_of_months, last_day_of_years
from index.policies.markers import number_of
from index.policies.mentions import ended_in, rests_on
from index.policies.model import State, Status, Validity
from index.policies.split import TextPart
from index.policies.titles import TRIAL

_SELF = r"本(?:实施)?(?:方案|办法|意见|通知|规定|细则|规则|条例|措施|制度|计划|规程|规范|指引|标准|目录|清单|决定)"
_IN_FORCE = re.compile(rf"[自从于](?:({DATE})|(?:发布|印发|公布|下发)之日)起(?:正式)?(?:施行|实施|执行|生效|试行)")
_ITSELF = re.compile(rf"{_SELF}[^。；\n》]{{0,12}}$")
_NOBODY_ELSE = re.compile(r"(?:^|[。；\n])[^。；\n》]{0,12}$")
_SUBJECT_CHARS = 32
_TERM_CHARS = 200
_LAST_YEAR = 9000
"""Beyond it a term could end after the calendar does."""
_OWN_TERM = re.compile(rf"{_SELF}(?:的)?(?:有效期|试行期|暂行期)")
_UNTIL_DAY = re.compile(
    rf"(?:有效期(?:限)?(?:自|从|为)?(?:{DATE})?起?(?:截止|截至|到|至)(?:为)?|(?:施行|实施|执行|试行)(?:截至|到|至))({DATE})"
)
_FROM_DAY = re.compile(rf"有效期(?:限)?(?:自|从|为)({DATE})起?(?:到|至)")
_TERM = re.compile(
    r"(?:(?<!报告)(?<!核验)有效期|试行期|暂行期)(?:限)?(?:暂定)?(?:为)?([\d一二两三四五六七八九十]{1,3})(年|个月)"
    r"|(?:试行|暂定)([\d一二两三四五六七八九十]{1,3})(年|个月)(?=[。；，]|$)"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A text that another one names; ``title`` is empty where only a number is given."""

    title: str
    number: str | None


def validity(part: TextPart, issued_on: date | None) -> Validity:
    """The validity a text states about itself."""
    effective_from = _effective_from(part.source, issued_on)
    return Validity(
        effective_from=effective_from,
        effective_to=_effective_to(part.source, effective_from),
        trial=TRIAL.search(part.title) is not None,
        repeals=tuple(named.number or named.title for named in repealed_in(part.source)),
        bases=_bases(part),
    )


def _effective_from(source: str, issued_on: date | None) -> date | None:
    statement = next(_statements(source), None)
    if statement is None:
        of_term = (
            _FROM_DAY.search(source, match.start(), match.start() + _TERM_CHARS) for match in _OWN_TERM.finditer(source)
        )
        return next((day_in(match[1]) for match in of_term if match), None)
    return day_in(statement[1]) if statement[1] else issued_on


def _statements(source: str) -> Iterator[re.Match[str]]:
    """Places where the text says of itself from when it is in force."""
    for match in _IN_FORCE.finditer(source):
        subject = source[max(0, match.start() - _SUBJECT_CHARS) : match.start()]
        if _ITSELF.search(subject) or (match[1] and _NOBODY_ELSE.search(subject)):
            yield match


def _effective_to(source: str, effective_from: date | None) -> date | None:
    for line in _term_lines(source):
        until = _UNTIL_DAY.search(line)
        if until:
            return day_in(until[1])
        term = _TERM.search(line)
        if term and effective_from is not None and effective_from.year < _LAST_YEAR:
            length, unit = number_of(term[1] or term[3]), term[2] or term[4]
            return (last_day_of_years if unit == "年" else last_day_of_months)(effective_from, length)
    return None


def _term_lines(source: str) -> Iterator[str]:
    """From the place where it says from when it is in force to the line's end; and where it names its own term."""
    for match in (*_statements(source), *_OWN_TERM.finditer(source)):
        yield source[match.start() : match.start() + _TERM_CHARS].partition("\n")[0]


def repealed_in(source: str) -> tuple[Named, ...]:
    """The texts this one repeals wholly, or takes the place of, in order."""
    whole = (one for one in ended_in(source) if not one.partial)
    return tuple(dict.fromkeys(Named(one.title, one.number) for one in whole))


def _bases(part: TextPart) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.title for one in rests_on(part.source, part.title_end)))


def status_on(validity: Validity, day: date, repealed_by: str | None = None) -> Status:
    """What a text with this validity is on ``day``. ``repealed_by``: the text that has repealed it by then, if any."""
    return Status(_state(validity, day, repealed_by), validity.effective_from, validity.effective_to, repealed_by)


def _state(validity: Validity, day: date, repealed_by: str | None) -> State:
    if repealed_by is not None:
        return State.REPEALED
    if validity.effective_from is None and validity.effective_to is None:
        return State.UNSTATED
    if validity.effective_from is not None and day < validity.effective_from:
        return State.NOT_YET
    if validity.effective_to is not None and day > validity.effective_to:
        return State.EXPIRED
    return State.IN_FORCE
