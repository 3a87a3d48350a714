"""A day as a member writes it to the calculators: 5月6日, 2026-05-06, 二〇二六年五月六日, 今天, 下周一 is none.

* Without a year it is of the year that the caller says; a day that does not exist is no day.
"""

import re
from datetime import date, timedelta

from index.policies.markers import number_of

_N = r"(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})"
_WORDS = {"今天": 0, "今日": 0, "即日": 0, "明天": 1, "明日": 1, "后天": 2, "昨天": -1, "昨日": -1, "前天": -2}
_YEARS = {"今": 0, "本": 0, "去": -1, "明": 1, "前": -2, "后": 2}
_YEAR_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
DAY = (
    rf"(?:(?:(?:(?:[12][0-9]{{3}}|[一二〇零○三四五六七八九]{{4}})年|[今本去明前后]年)?{_N}月{_N}[日号]?)"
    rf"|[12][0-9]{{3}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}|{'|'.join(_WORDS)})"
)
_CHINESE = re.compile(
    rf"(?:(?P<year>[12][0-9]{{3}}|[一二〇零○三四五六七八九]{{4}})年|(?P<word>[今本去明前后])年)?(?P<month>{_N})月(?P<day>{_N})[日号]?"
)
_PLAIN = re.compile(r"([12][0-9]{3})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")


def day_of(written: str, today: date, *, year: int) -> date | None:
    """``written`` matches ``DAY``; ``year``: where none is written."""
    if written in _WORDS:
        return today + timedelta(days=_WORDS[written])
    plain, chinese = _PLAIN.fullmatch(written), _CHINESE.fullmatch(written)
    try:
        if plain is not None:
            return date(int(plain[1]), int(plain[2]), int(plain[3]))
        if chinese is not None:
            return date(_year(chinese, today, year), number_of(chinese["month"]), number_of(chinese["day"]))
    except ValueError:
        pass
    return None


def names_year(written: str) -> bool:
    return "年" in written or _PLAIN.fullmatch(written) is not None or written in _WORDS


def _year(match: re.Match[str], today: date, year: int) -> int:
    if match["year"]:
        return int(match["year"].translate(_YEAR_DIGITS))
    return today.year + _YEARS[match["word"]] if match["word"] else year
