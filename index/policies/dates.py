"""Days as policy texts write them: 2024年7月21日, 2024-07-21, 二〇二四年七月二十一日.

A day that does not exist is no day.
"""

import calendar
import re
from datetime import date, timedelta

from index.policies.markers import number_of

_CN = "〇零○一二三四五六七八九十"
DATE = rf"(?:\d{{4}}|[{_CN}]{{4}})年(?:\d{{1,2}}|[{_CN}]{{1,3}})月(?:\d{{1,2}}|[{_CN}]{{1,3}})日"
_PARTS = re.compile(rf"(\d{{4}}|[{_CN}]{{4}})[年./-](\d{{1,2}}|[{_CN}]{{1,3}})[月./-](\d{{1,2}}|[{_CN}]{{1,3}})日?")
_YEAR_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")


def day_in(text: str) -> date | None:
    """The first day written in ``text``."""
    match = _PARTS.search(text)
    if match is None:
        return None
    year = int(match[1].translate(_YEAR_DIGITS))
    try:
        return date(year, number_of(match[2]), number_of(match[3]))
    except ValueError:
        return None


def last_day_of_months(first: date, months: int) -> date:
    """The last day of a term of whole months that begins on ``first``: 2024-09-01, 18 → 2026-02-28."""
    years, month = divmod(first.month - 1 + months, 12)
    month_end = calendar.monthrange(first.year + years, month + 1)[1]
    if first.day > month_end:
        return date(first.year + years, month + 1, month_end)
    return date(first.year + years, month + 1, first.day) - timedelta(days=1)


def last_day_of_years(first: date, years: int) -> date:
    """The last day of a term of whole years that begins on ``first``: 2024-09-01, 5 → 2029-08-31."""
    try:
        anniversary = first.replace(year=first.year + years)
    except ValueError:  # 29 February
        anniversary = date(first.year + years, 3, 1)
    return anniversary - timedelta(days=1)
