"""The CSVs of an office folder, each read into its values: domains, bases, units, calendar.

Rules kept:
* What contradicts itself (a domain or a basis twice, an alias of an unknown unit, a basis that ends before it begins)
  is refused.
* A year counts as published through ``calendar.csv`` when a row says so (``2027,published``) and at least
  ``HOLIDAYS_LEAST`` days off of that year stand in the file: a forgotten sheet is no published year.

Source: docs/office.md (the files); 全国年节及纪念日放假办法, art. 2 (holidays); decision: docs/decisions/0131.
"""

import re
from datetime import date, timedelta
from importlib.resources.abc import Traversable
from pathlib import Path

from index.calendar import Calendar, DayKind
from index.errors import RuleError
from index.rules.model import Basis, Domain
from index.rules.sheets import SheetRow, rows

DOMAIN_COLUMNS = ("序号", "领域", "说明", "责任单位", "责任单位原文", "批次", "实施日期")
DOMAIN_OPTIONAL = ("截止日期", "来源")
BASIS_COLUMNS = ("文件名称", "文号", "施行日期", "有效期至")
BASIS_OPTIONAL = ("来源",)
ALIAS_COLUMNS = ("别名", "单位")
KIND_COLUMNS = ("单位", "类别")
MAIN_COLUMNS = ("单位", "领域序号")
CALENDAR_COLUMNS = ("date", "kind")
SOURCE_KINDS = ("行政机关", "法律法规授权的组织", "垂直管理单位", "司法机关", "其他")
PUBLISHED_YEAR = "published"
HOLIDAYS_LEAST = 11
"""Days off of the people as a whole: 13 a year, 11 before 2025."""
HOLIDAY_LONGEST = 30
_YEAR = re.compile(r"20[0-9]{2}")
_QUOTED = re.compile(r"《\s*([^《》]*[^《》\s])\s*》")
"""A title with its marks: a report puts them around it."""

File = Path | Traversable


def read_domains(file: File) -> tuple[Domain, ...]:
    found: list[Domain] = []
    for row in rows(file, DOMAIN_COLUMNS, DOMAIN_OPTIONAL):
        domain = _domain(row)
        if any(domain.number == other.number or domain.name == other.name for other in found):
            raise row.fail("序号", f"领域 {domain.number} {domain.name} 重复", "请删去重复的一行。")
        found.append(domain)
    if not found:
        raise RuleError("domains.csv 没有任何领域", next_step="请至少填写一行。")
    return tuple(found)


def _domain(row: SheetRow) -> Domain:
    number = row.required("序号")
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= 999):
        raise row.fail("序号", f"“{number}”不是 1–999 的整数", "请填写领域的序号。")
    start, end = row.day("实施日期"), row.optional_day("截止日期")
    if end is not None and end < start:
        raise row.fail("截止日期", "早于实施日期", "请核对文件原文。")
    units = tuple(unit.strip() for unit in row.cells["责任单位"].split(";") if unit.strip())
    return Domain(
        number=int(number),
        name=row.required("领域"),
        note=row.cells["说明"],
        units=units,
        unit_text=row.required("责任单位原文"),
        batch=row.required("批次"),
        effective_on=start,
        effective_to=end,
        source=row.cells["来源"],
    )


def read_bases(file: File) -> tuple[tuple[Basis, str], ...]:
    """Each basis with its source, in the order of the file. There may be none yet."""
    found: dict[str, tuple[Basis, str]] = {}
    for row in rows(file, BASIS_COLUMNS, BASIS_OPTIONAL):
        basis, source = _basis(row)
        if basis.title in found:
            raise row.fail("文件名称", f"《{basis.title}》已经写过一行", "一份文件只写一行；延期的，写延期通知的名称。")
        found[basis.title] = basis, source
    return tuple(found.values())


def _basis(row: SheetRow) -> tuple[Basis, str]:
    start, end = row.day("施行日期"), row.optional_day("有效期至")
    if end is not None and end < start:
        raise row.fail("有效期至", "早于施行日期", "请核对文件原文。")
    title = _QUOTED.fullmatch(row.required("文件名称"))
    name = title[1] if title else row.required("文件名称")
    return Basis(name, row.cells["文号"] or None, start, end), row.cells["来源"]


def read_aliases(file: File, domains: tuple[Domain, ...]) -> tuple[tuple[str, str], ...]:
    units = {unit for domain in domains for unit in domain.units}
    found: dict[str, str] = {}
    for row in rows(file, ALIAS_COLUMNS):
        alias, unit = row.required("别名"), row.required("单位")
        if unit not in units:
            raise row.fail("单位", f"domains.csv 中没有“{unit}”", "请改为 domains.csv 中的责任单位名称。")
        if alias in units or alias in found:
            raise row.fail("别名", f"“{alias}”已经登记过", "请删去重复的一行。")
        found[alias] = unit
    return tuple(found.items())


def read_unit_kinds(file: File) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for row in rows(file, KIND_COLUMNS):
        unit, kind = row.required("单位"), row.required("类别")
        if kind not in SOURCE_KINDS:
            raise row.fail("类别", f"“{kind}”不是来源类别", f"可用：{'、'.join(SOURCE_KINDS)}。")
        if unit in found:
            raise row.fail("单位", f"“{unit}”已经登记过", "请删去重复的一行。")
        found[unit] = kind
    return tuple(found.items())


def read_main_domains(file: File, domains: tuple[Domain, ...]) -> tuple[tuple[str, int], ...]:
    owned = {(unit, domain.number) for domain in domains for unit in domain.units}
    found: dict[str, int] = {}
    for row in rows(file, MAIN_COLUMNS):
        unit, number = row.required("单位"), row.required("领域序号")
        if not number.isdecimal() or (unit, int(number)) not in owned:
            raise row.fail("领域序号", f"“{number}”不是{unit}负责的领域", "请填 domains.csv 中由该单位负责的序号。")
        if unit in found:
            raise row.fail("单位", f"“{unit}”已经登记过", "请删去重复的一行。")
        found[unit] = int(number)
    return tuple(found.items())


def read_calendar(file: File) -> Calendar:
    days: dict[date, DayKind] = {}
    years: dict[int, SheetRow] = {}
    for row in rows(file, CALENDAR_COLUMNS):
        if row.required("kind") == PUBLISHED_YEAR:
            years[_year(row)] = row
        else:
            _add_day(days, row)
    for year, row in years.items():
        _refuse_half_entered(year, row, days)
    calendar = Calendar(days, frozenset(years))
    _refuse_endless(calendar)
    return calendar


def _year(row: SheetRow) -> int:
    text = row.required("date")
    if not _YEAR.fullmatch(text):
        raise row.fail("date", f"“{text}”不是年份", f"整年已录入的写成“2027,{PUBLISHED_YEAR}”。")
    return int(text)


def _add_day(days: dict[date, DayKind], row: SheetRow) -> None:
    day, kind = row.day("date"), row.required("kind")
    if kind not in {DayKind.OFF, DayKind.WORK}:
        raise row.fail("kind", f"“{kind}”不认识", f"休息填 off，上班填 work，整年已录入填 {PUBLISHED_YEAR}。")
    if day in days:
        raise row.fail("date", f"{day.isoformat()} 重复", "请删去重复的一行。")
    days[day] = DayKind(kind)


def _refuse_endless(calendar: Calendar) -> None:
    """A window ends on the last working day before: there has to be one within a month."""
    for day in calendar.overrides:
        run = (day - timedelta(days=back) for back in range(HOLIDAY_LONGEST))
        if day.toordinal() > HOLIDAY_LONGEST and not any(_works(calendar, each) for each in run):
            raise RuleError(
                f"calendar.csv 到 {day.isoformat()} 为止连续 {HOLIDAY_LONGEST} 天没有工作日",
                next_step="请核对 off 的各行；放假不会这么长。",
            )


def _works(calendar: Calendar, day: date) -> bool:
    own = calendar.overrides.get(day)
    return own is DayKind.WORK if own is not None else day.weekday() < 5


def _refuse_half_entered(year: int, row: SheetRow, days: dict[date, DayKind]) -> None:
    off = sum(day.year == year and kind is DayKind.OFF for day, kind in days.items())
    if off < HOLIDAYS_LEAST:
        raise row.fail(
            "date",
            f"{year} 年只录入了 {off} 个休息日，不像整年的放假安排",
            "请按国务院办公厅的通知录全放假和调休上班的日子；没有录全的，请删去这一行。",
        )
