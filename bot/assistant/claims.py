"""What a text claims, taken apart so that two wordings of it can be compared: clauses, marks, and the rest.

* A mark is what changes the meaning: a number with its unit, a date, a Latin word, a negation, a duty, a permission, a
  limit. Each way of writing one gives the same mark: 一个月, 1个月; 百分之三十, 30%; 不收取任何费用, 免费.
* A mark is one character of the clause (a private one), so that its place among the words is kept.
* Parties (局, 单位, 企业, 个人 …) are named by their last characters; only their order is compared.
* Quotation marks and brackets say nothing here. The words are data: ``language/claims.toml``.

Source: issue 6 §1 (numbers, dates, names, negation); docs/rephrasing.md.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any

from index.search.analyzer import fold_query
from index.search.numerals import number

_CHINESE = "〇零一二两三四五六七八九十百千万亿"
_VALUE = rf"(?:[0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?\s?[万亿]?|[{_CHINESE}]+|半)"
_UNIT = (
    "个工作日|个自然日|工作日|自然日|个月|个季度|季度|小时|分钟|周岁|平方米|公里|个百分点|年度|"
    "年|月|日|天|号|条|款|项|章|节|编|元|块|倍|岁|周|星期|时|名|户|家|份|期|次|批|级|类|人|位|个|种|件|张|页|成|%|‰"
)
_SAME_UNIT = {
    "个工作日": "工作日", "个自然日": "日", "自然日": "日", "天": "日", "周岁": "岁", "个季度": "季度", "块": "元",
    "星期": "周", "位": "名", "年度": "年",
}  # fmt: skip
_BEHIND = re.compile(r"(?:以|之)([前后上下外])|([前后])(?![往款述续者期])")
_FROM = re.compile("起")
"""Behind a span of time: from its end on. Behind a date it says what the date says."""
_DATE = re.compile(
    rf"(?P<y>(?:19|20)[0-9]{{2}}|[〇零一二三四五六七八九]{{4}})\s?年(?:\s?(?P<m>[0-9]{{1,2}}|[{_CHINESE}]{{1,3}})\s?月"
    rf"(?:\s?(?P<d>[0-9]{{1,2}}|[{_CHINESE}]{{1,3}})\s?[日号])?)?"
    r"|(?P<y2>(?:19|20)[0-9]{2})[-/.](?P<m2>[0-9]{1,2})[-/.](?P<d2>[0-9]{1,2})(?![0-9])"
)
_SHARE = re.compile(rf"百分之(?P<percent>{_VALUE})|(?P<below>[{_CHINESE}]+)分之(?P<above>[{_CHINESE}]+)")
_RANGE = re.compile(rf"(?P<low>{_VALUE})\s?(?:至|到|-|~|～)\s?(?=(?:{_VALUE})\s?(?P<unit>{_UNIT}))")
_NUMBER = re.compile(rf"(?P<th>第)?\s?(?P<value>{_VALUE})\s?(?P<unit>{_UNIT})|(?P<bare>[0-9]+(?:[.,:][0-9]+)*)")
_LATIN = re.compile(r"[a-z]+(?:[-_./:@][a-z0-9]+)*")
_NOT_A_MARK = re.compile(
    "相应|对应|响应|供应|适应|反应|效应|应急|应用|应收|应对|应届|应付|需求|急需|所需|主要|要求|重要|要件|要素|必要|纲要|摘要|只要"
    "|要点|紧要|许可|认可|可靠|可信|可持续|可行|职能|功能|能力|性能|智能|节能|能源|效能|不仅|不但|不断|不同(?!意)|不动产|未来|非常|是否"
    "|能否|可否|否则|一般性|无论|不论|须知|非遗|有权机关"
)
_PARTY = re.compile(
    "[一-鿿]{0,2}?(?:委员会|办公室|部门|法院|银行|中心|单位|机关|机构|政府|企业|公司|主体|个人|法人|组织|协会|申请人|当事人|用人|局|厅|委|办|署)"
)
_BREAK = re.compile(r"[,;:。!?\n]")
_SENTENCE = re.compile(r"(?<=[。!?\n;])")
_EQUALS = re.compile("[为是](?=[\ue100-\uf8ff])")
"""Before an amount 为 says no more than a blank; elsewhere it says for whom."""
_SILENT = re.compile(r"[\s\"'()《》、*#_`>|\-~]+")
_NEGATIONS = frozenset({"forbidden", "cannot", "needless", "no", "not_all", "not_yet", "except"})
_FIRST_MEANING, _FIRST_AMOUNT, _LAST = 0xE000, 0xE100, 0xF8FF
"""The private characters of the marks: meanings first, then amounts."""


@dataclass(frozen=True, slots=True)
class Clause:
    """``text``: folded, each mark one private character. ``marks``: what they are, in order."""

    text: str
    marks: tuple[str, ...]

    @property
    def negations(self) -> tuple[str, ...]:
        return tuple(mark for mark in self.marks if mark in _NEGATIONS)

    @property
    def parties(self) -> tuple[str, ...]:
        return tuple(found[-4:] for found in _PARTY.findall(self.text))


class Marking:
    """Gives each mark its character; the texts that are compared share one."""

    def __init__(self) -> None:
        self._characters: dict[str, str] = {}

    def sentences(self, text: str) -> list[list[Clause]]:
        """The clauses of each sentence, none of them empty."""
        folded = fold_query(text)
        cut = [_BREAK.split(sentence) for sentence in _SENTENCE.split(self._marked(folded))]
        found = [[self._clause(part) for part in parts if _SILENT.sub("", part)] for parts in cut]
        return [clauses for clauses in found if clauses]

    def _clause(self, part: str) -> Clause:
        text = _EQUALS.sub("", _SILENT.sub("", part))
        names = {character: name for name, character in self._characters.items()}
        return Clause(text, tuple(names[character] for character in text if character in names))

    def _marked(self, text: str) -> str:
        for pattern, name in ((_DATE, _date), (_SHARE, _share), (_RANGE, _low), (_NUMBER, _amount), (_LATIN, _word)):
            text = self._replaced(text, pattern, name)
        return self._replaced(text, _words(), _meaning)

    def _replaced(self, text: str, pattern: re.Pattern[str], name: Callable[[re.Match[str]], str | None]) -> str:
        parts, done = [], 0
        for found in pattern.finditer(text):
            named = name(found)
            if found.start() < done or named is None:
                continue
            end = found.end()
            if pattern in (_DATE, _NUMBER) and (behind := _BEHIND.match(text, end)):
                named, end = f"{named}{behind[1] or behind[2]}", behind.end()
            elif pattern is _NUMBER and (behind := _FROM.match(text, end)):
                named, end = f"{named}{behind[0]}", behind.end()
            parts += [text[done : found.start()], self._character(named)]
            done = end
        return "".join((*parts, text[done:]))

    def _character(self, name: str) -> str:
        if name in self._characters:
            return self._characters[name]
        meanings = sum(known in _marks() for known in self._characters)
        amounts = len(self._characters) - meanings
        number = _FIRST_MEANING + meanings if name in _marks() else _FIRST_AMOUNT + amounts
        return self._characters.setdefault(name, chr(min(number, _LAST)))


def is_mark(character: str) -> bool:
    return _FIRST_MEANING <= ord(character) <= _LAST


def is_amount(character: str) -> bool:
    """A number, a date or a Latin word."""
    return _FIRST_AMOUNT <= ord(character) <= _LAST


@cache
def plain_words() -> frozenset[str]:
    """What may be added or left out without changing the meaning."""
    return frozenset(str(_table()["plain"]).split())


def _date(found: re.Match[str]) -> str | None:
    parts = [found[name] or found[f"{name}2"] for name in "ymd"]
    values = [_whole(part) for part in parts if part]
    return None if None in values else "-".join(map(str, values))


def _share(found: re.Match[str]) -> str | None:
    if found["percent"]:
        value = _value(found["percent"])
        return None if value is None else f"{value}%"
    below, above = number(found["below"]), number(found["above"])
    return None if below is None or above is None else f"{above}/{below}"


def _low(found: re.Match[str]) -> str | None:
    """The lower end of a range has the unit of the upper one."""
    value = _value(found["low"])
    return None if value is None else f"{value}{_SAME_UNIT.get(found['unit'], found['unit'])}-"


def _amount(found: re.Match[str]) -> str | None:
    if found["bare"]:
        return found["bare"]
    value, unit = _value(found["value"]), found["unit"]
    return None if value is None else f"{found['th'] or ''}{value}{_SAME_UNIT.get(unit, unit)}"


def _word(found: re.Match[str]) -> str:
    return f"={found[0]}"


def _meaning(found: re.Match[str]) -> str | None:
    return _meanings().get(found[0])


def _value(text: str) -> str | None:
    """One way of writing it, without useless zeros."""
    plain = text.replace(",", "").strip()
    if plain == "半":
        return "0.5"
    if not plain[0].isascii():
        read = number(plain)
        return None if read is None else str(read)
    factor = {"万": 10_000, "亿": 100_000_000}.get(plain[-1], 1)
    try:
        return format((Decimal(plain.rstrip("万亿 ")) * factor).normalize(), "f")
    except InvalidOperation:
        return None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() else number(text)


@cache
def _words() -> re.Pattern[str]:
    """Longest first; what only looks like a mark is passed over."""
    longest_first = sorted(_meanings(), key=len, reverse=True)
    return re.compile(f"{_NOT_A_MARK.pattern}|{'|'.join(map(re.escape, longest_first))}")


@cache
def _meanings() -> dict[str, str]:
    return {word: meaning for meaning, words in _marks().items() for word in words.split()}


def _marks() -> dict[str, str]:
    marks: dict[str, str] = _table()["marks"]
    return marks


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("bot.assistant") / "language" / "claims.toml").read_text("utf-8"))
