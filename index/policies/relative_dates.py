"""Days and periods as texts write them relative to their own day: 今年底, 去年, 本年度, 年底前, 明年6月.

Rules:
* relative words count from the day the text was issued; without that day they are not resolved;
* 2018年年底前, 2024年上半年, 2026年6月底 name their year themselves and need no day of issue;
* a period is its first and last day, both inclusive; with 前 or 以前 only its last day counts, that day included
  (civil code art. 1259: 以内, 届满 include the number itself);
* 次年, 当年, 每年, 第二年 count from something else than the text's day: they are left alone; so is a month without a
  year.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date

from index.policies.markers import number_of


@dataclass(frozen=True, slots=True)
class Resolved:
    """``text`` at ``[start, end)`` means the days from ``first`` to ``last``; no ``first`` where it says until."""

    text: str
    start: int
    end: int
    first: date | None
    last: date


_YEARS = {
    "前年": -2,
    "去年": -1,
    "上一年度": -1,
    "上一年": -1,
    "上年度": -1,
    "上年": -1,
    "今年": 0,
    "本年度": 0,
    "本年": 0,
    "明年": 1,
    "下一年度": 1,
    "下年度": 1,
    "后年": 2,
}
_CN = "一二三四五六七八九十"
_PART = (
    r"(?:年?年?底|年末|年内|[上下]半年|第?[一二三四1-4]季度|"
    rf"(?:\d{{1,2}}|[{_CN}]{{1,3}})月(?:份)?(?:(?:\d{{1,2}}|[{_CN}]{{1,3}})日|[上中下]旬|底|末|初)?)"
)
_EXPRESSION = re.compile(
    rf"(?:(?P<word>{'|'.join(_YEARS)})|(?P<year>\d{{4}})年)(?P<part>{_PART})?(?P<until>(?:之?前|以前))?"
    rf"|(?<![\d年次当每第]年)(?<![\d年次当每])(?P<alone>年底|年末)(?P<alone_until>(?:之?前|以前))?"
)
_MONTH = re.compile(rf"(\d{{1,2}}|[{_CN}]{{1,3}})月(?:份)?(?:(\d{{1,2}}|[{_CN}]{{1,3}})日|([上中下]旬|底|末|初))?")
_NOT_BEFORE = re.compile(r"[\d每\u4e00-\u9fff]?[每次当两三几\d]$|目$|以$")
_THIRDS = {"上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (31, 31), "末": (31, 31)}
_QUARTERS = {char: number for number, char in enumerate("一二三四", 1)} | {str(n): n for n in range(1, 5)}


def resolve(text: str, issued_on: date | None) -> list[Resolved]:
    """Every expression in ``text`` that means days, in order; relative ones only if the text has a day of issue."""
    return list(_resolved(text, issued_on))


def _resolved(text: str, issued_on: date | None) -> Iterator[Resolved]:
    for match in _EXPRESSION.finditer(text):
        year = _year(match, issued_on)
        if year is None or (match["word"] and _NOT_BEFORE.search(text[: match.start()][-2:])):
            continue
        if match["year"] and not match["part"]:
            continue  # a bare year says nothing relative, and a full date is index.policies.dates'
        period = _period(year, match["alone"] or match["part"] or "")
        if period is None:
            continue
        until = match["until"] or match["alone_until"]
        first = None if until else period[0]
        yield Resolved(match[0], match.start(), match.end(), first, period[1])


def _year(match: re.Match[str], issued_on: date | None) -> int | None:
    if match["year"]:
        year = int(match["year"])
    elif issued_on is not None:
        year = issued_on.year + _YEARS.get(match["word"] or "", 0)
    else:
        return None
    return year if MINYEAR <= year <= MAXYEAR else None


def _period(year: int, part: str) -> tuple[date, date] | None:
    if part in ("", "年内"):
        return date(year, 1, 1), date(year, 12, 31)
    if part.endswith(("年底", "年末")) or part == "底":
        return date(year, 12, 31), date(year, 12, 31)
    if part.endswith("半年"):
        return (date(year, 1, 1), date(year, 6, 30)) if part[0] == "上" else (date(year, 7, 1), date(year, 12, 31))
    if part.endswith("季度"):
        last = _QUARTERS[part.removesuffix("季度")[-1]] * 3
        return date(year, last - 2, 1), _month_end(year, last)
    return _in_month(year, part)


def _in_month(year: int, part: str) -> tuple[date, date] | None:
    match = _MONTH.fullmatch(part)
    if match is None or not 1 <= number_of(match[1]) <= 12:
        return None
    month = number_of(match[1])
    end = _month_end(year, month)
    if match[2]:
        day = number_of(match[2])
        return (date(year, month, day),) * 2 if 1 <= day <= end.day else None
    if match[3]:
        first, last = _THIRDS[match[3]]
        return date(year, month, min(first, end.day)), date(year, month, min(last, end.day))
    return date(year, month, 1), end


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
