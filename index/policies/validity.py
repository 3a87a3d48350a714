"""From when to when a text is in force, what it repeals, on what it is based – as it says itself, never guessed.

Rules:
* 自…起施行 counts only where the text speaks of itself (本办法自…), not where it quotes another;
* 自发布（印发、公布）之日起施行 needs the day of issue; without it no day is set;
* 有效期至… is the last day; 有效期N年 ends the day before its anniversary; both days inclusive;
* 《甲》（文号）同时废止 names what is repealed: the number, or the title where no number is given.
Source: 行政规范性文件管理 practice; design §7.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from index.policies.dates import DATE, day_in, last_day_of_years
from index.policies.markers import Style, marker, number_of
from index.policies.model import State, Status, Validity
from index.policies.split import TextPart
from index.policies.titles import DOCUMENT_NUMBER, TRIAL

_SELF = r"本(?:实施)?(?:方案|办法|意见|通知|规定|细则|规则|条例|措施|制度|计划|规程|规范|指引|标准|目录|清单|决定)"
_IN_FORCE = re.compile(rf"自(?:({DATE})|(?:发布|印发|公布|下发)之日)起(?:正式)?(?:施行|实施|执行|生效)")
_ITSELF = re.compile(rf"{_SELF}[^。；\n》]{{0,12}}$")
_NOBODY_ELSE = re.compile(r"(?:^|[。；\n])[^。；\n》]{0,12}$")
_SUBJECT_CHARS = 32
_TERM_CHARS = 200
_OWN_TERM = re.compile(rf"{_SELF}(?:的)?有效期")
_UNTIL_DAY = re.compile(rf"有效期(?:限)?(?:截止|截至|到|至)(?:为)?({DATE})")
_YEARS = re.compile(r"(?<!报告)(?<!核验)有效期(?:限)?(?:为)?([\d一二两三四五六七八九十]{1,3})年")
_REPEALED = re.compile(r"(?:同时|即行|自行|予以|相应)废止")
_REPEALS = re.compile(r"(?:^|[。；，])(?:同时)?废止(?=《)", re.MULTILINE)
_SENTENCE_CHARS = 600
_SENTENCE_BREAK = re.compile(r"[。\n]")
_NAMED = re.compile(r"《((?:[^《》]|《[^《》]*》)+)》(?:（([^（）]*[〔\[（]?\d{4}[^（）]*号)）)?")
_BASIS = re.compile(
    r"(?:根据|依据|按照|遵照|贯彻落实|为贯彻|落实|依照)([^。\n]{1,600}?)(?:制定|提出|结合|现就|现将|要求|精神|，加强|。|$)"
)
_GIVES_REASONS = re.compile(r"(?:第一条 ?(?:（[^）]{1,12}）|【[^】]{1,12}】)? ?)?(?:为|根据|依据|按照|遵照)")
_OPENING_LINES = 5


@dataclass(frozen=True, slots=True)
class Named:
    """A text that another one names."""

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
        bases=_bases(part.body),
    )


def _effective_from(source: str, issued_on: date | None) -> date | None:
    statement = next(_statements(source), None)
    if statement is None:
        return None
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
        years = _YEARS.search(line)
        if years and effective_from is not None:
            return last_day_of_years(effective_from, number_of(years[1]))
    return None


def _term_lines(source: str) -> Iterator[str]:
    """From the place where it says from when it is in force to the line's end; and where it names its own term."""
    for match in (*_statements(source), *_OWN_TERM.finditer(source)):
        yield source[match.start() : match.start() + _TERM_CHARS].partition("\n")[0]


def repealed_in(source: str) -> tuple[Named, ...]:
    """The texts this one repeals, in order."""
    before = (source[max(0, match.start() - _SENTENCE_CHARS) : match.start()] for match in _REPEALED.finditer(source))
    after = (source[match.end() : match.end() + _SENTENCE_CHARS] for match in _REPEALS.finditer(source))
    passages = [
        *(_SENTENCE_BREAK.split(text)[-1] for text in before),
        *(_SENTENCE_BREAK.split(text)[0] for text in after),
    ]
    return tuple(dict.fromkeys(named for passage in passages for named in _named(passage)))


def _named(passage: str) -> list[Named]:
    found = []
    for match in _NAMED.finditer(passage):
        number = DOCUMENT_NUMBER.search(match[2]) if match[2] else None
        found.append(Named(match[1], number[0] if number else None))
    return found


def _bases(body: str) -> tuple[str, ...]:
    """Titles named after 根据, 为贯彻落实 … in the opening: the first paragraphs, or the first article."""
    for line in _opening(body):
        named = [named.title for match in _BASIS.finditer(line) for named in _named(match[1])]
        if named:
            return tuple(dict.fromkeys(named))
    return ()


def _opening(body: str) -> Iterator[str]:
    for line in body.split("\n")[:_OPENING_LINES]:
        found = marker(line)
        if found is not None and found.style > Style.ARTICLE:
            return
        if _GIVES_REASONS.match(line):
            yield line


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
