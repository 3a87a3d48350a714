"""Days that follow from a quoted clause: “开具之日1个月内” from a given day, “当前日期前1个工作日” from today.

Rules: a month ends on the same day of a later month, clipped to its end (civil code art. 201–203); working days follow
the State Council calendar (``index.calendar``). The clause is quoted beside the result, so that a reader can check it.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.assistant.wording import chinese_day
from index.calendar import last_working_day_before
from index.policies.relative_dates import resolve

_NUMBERS = {character: number for number, character in enumerate("零一二三四五六七八九十")} | {"两": 2}
_WITHIN = re.compile(r"之?日起?(?P<number>[0-9]{1,3}|[一二三四五六七八九十两])个?(?P<unit>月|年|日|天)(?:之内|以内|内)")
_WHICH_YEAR = re.compile(r"(?P<word>[今去明]年).{0,6}(?:哪一?年|哪个年份|几几年)")
_BEFORE = re.compile(r"当前日期前(?P<number>[0-9]{1,2}|[一二三四五六七八九十两])个工作日")
_ASKS_BEFORE = re.compile(r"(?:截止|截至|范围|查到|工作日).{0,8}(?:哪|几号|何|什么时候)")
"""Only who asks up to which day records are looked at wants the working day before today."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A day and how it was counted, in Chinese."""

    day: date
    sentence: str


def relative_year(asked: str, folded: str, issued_on: date | None) -> Counted | None:
    """Which year 今年 or 去年 of a dated text is, when that is asked."""
    match = _WHICH_YEAR.search(asked)
    if match is None or issued_on is None:
        return None
    word = match.group("word")
    year = next((one.last.year for one in resolve(folded, issued_on) if one.text.startswith(word)), None)
    if year is None:
        return None
    return Counted(date(year, 1, 1), f"该文日期为{chinese_day(issued_on)}，文中“{word}”指{year}年。")


def counted(asked: str, folded: str, count_from: date | None, today: date) -> Counted | None:
    """The day that follows from the clause, when that day is ``asked`` for and it counts from a known day."""
    if count_from is not None and (match := _WITHIN.search(folded)):
        last = _after(count_from, _number(match), match.group("unit"))
        length = f"{match.group('number')}{'个' if match.group('unit') == '月' else ''}{match.group('unit')}"
        return Counted(
            last, f"按此计算，自{chinese_day(count_from)}起{length}，最后一天为{chinese_day(last)}（至当日24时）。"
        )
    if _ASKS_BEFORE.search(asked) and (match := _BEFORE.search(folded)):
        day = today
        for _ in range(_number(match)):
            day = last_working_day_before(day).day
        span = f"前{match.group('number')}个工作日"
        return Counted(day, f"按此计算，以{chinese_day(today)}为当前日期，{span}为{chinese_day(day)}。")
    return None


def _number(match: re.Match[str]) -> int:
    text = match.group("number")
    return int(text) if text.isdigit() else _NUMBERS[text]


def _after(day: date, number: int, unit: str) -> date:
    if unit in ("日", "天"):
        return day + timedelta(days=number)
    months = day.month - 1 + number * (12 if unit == "年" else 1)
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
