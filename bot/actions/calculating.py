"""Calculators: where a term of working days ends, how many working days lie between, when a publication may end.

Rules kept:
* A term of days does not count the day it begins on; a term of months ends on the day of the same number. The rule and
  its source stand in each answer, and so does the year that was taken where none was written.
* Working days by the office's calendar; a year without a published arrangement is counted by weekends and says so.
* A publication counts from the day of the document, not from the day it was put on the web; the band by severity is
  the one in force today (``index.rules.repair``). Without a severity all are told.
* Only what names a day and a term is taken: 几个工作日内答复 asks a policy, and is the assistant's.

Source: 民法典 arts. 201–203; 国务院办公厅 holiday notices; 信用修复管理办法 (index/rules/repair_bands.csv).
"""

import re
from datetime import date, timedelta

from bot.actions.said import Reply, Said
from bot.actions.typed import POLITE, folded
from bot.actions.written_days import DAY, day_of, names_year
from index.calendar import FARTHEST, SHANGHAI, Calendar, WorkingDay
from index.policies.markers import number_of
from index.records.model import Severity
from index.rules.repair import RepairBand, band_on, first_repair_day, last_publication_day

BACK_MAX = 60
SPAN_MAX = 800
_N = r"(?P<count>[0-9]{1,4}|[一二两三四五六七八九十百]{1,5})"
_AHEAD = r"(?:起算|开始算|开始计算|算起|开始|起|之后|以后|后|过)*+"
_WHEN = (
    r"(?:,|的|以?后|之后|内|之内|届满|期满|到期|截止|满|到|是|为|在)*+"
    r"(?:哪一?天|哪一?日|几月几[日号]|几[号日]|什么时候|什么日期|什么日子|何时|几时)?(?:届满|期满|到期|截止|满|结束)?"
)
_FROM = r"(?:从|自|由|算一下|计算一下|计算|算|请问|问一下|问|收到|,|:)*"
_TERM = re.compile(rf"{POLITE}{_FROM}(?P<day>{DAY}){_AHEAD},?的?(?:第|满|数|再过|过)?{_N}个?工作日{_WHEN}[。?!]*")
_FROM_TODAY = re.compile(rf"{POLITE}{_FROM}(?:再过|过)?{_N}个?工作日(?:以后|之后|后){_WHEN}[。?!]*")
_BACK = re.compile(rf"{POLITE}{_FROM}(?P<day>{DAY})(?:之前|以前|前|往前)的?(?:第|数)?{_N}个?工作日{_WHEN}[。?!]*")
_BETWEEN = re.compile(
    rf"{POLITE}{_FROM}(?P<first>{DAY})(?:到|至|-|~|—)+(?P<last>{DAY})(?:之间|期间|止|为止)?,?(?:一共|总共|共|还)?(?:是|有)?"
    r"(?:几|多少)个?工作日[。?!]*"
)
_IS_ONE = re.compile(
    rf"{POLITE}{_FROM}(?P<day>{DAY})(?:是不是|算不算|是|算|要不要|要|用)(?:工作日|上班|放假|休息日?|节假日)(?:吗|么|呢)?[。?!]*"
)
_PUBLISHED = re.compile(
    rf"{POLITE}{_FROM}(?P<day>{DAY})(?P<deed>[^。;]{{0,30}}?(?:公示|公开|作出|做出|决定|处罚|被罚|罚|判决|文书)[^。;]{{0,30}})"
    r"(?P<asked>公示期|公示|修复)[^。;《》]{0,20}[。?!]*"
)
_MOMENT = re.compile(
    r"满|到期|届满|截止|结束|何时|什么时候|哪一?天|几时|几[号日]|几月|多久|最早|可以修复|能修复|能申请|可以申请|停止"
)
_OTHER = re.compile(r"怎么|如何|材料|条件|谁|哪里|流程|办法|规定|方案|单位|部门|收费")
TERM_RULE = "规则：期间开始的当日不计入，自下一日起算（民法典第二百零一条）；工作日按国务院办公厅放假安排和本机构日历。"
MONTH_RULE = "按月计算的，到期月的对应日为最后一日，没有对应日的为月末（民法典第二百零二条）。"
GUESSED = "请注意：{years}年的放假安排没有录入，按周一至周五推算，公布后可能变化。"


def asks(text: str) -> re.Match[str] | None:
    """What is to be calculated."""
    plain = folded(text)
    for pattern in (_TERM, _BACK, _FROM_TODAY, _BETWEEN, _IS_ONE):
        if (found := pattern.fullmatch(plain)) is not None:
            return found
    found = _PUBLISHED.fullmatch(plain)
    return found if found and _MOMENT.search(plain) and not _OTHER.search(plain) else None


class Calculating:
    name = "calculating"

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def answers(self, said: Said) -> Reply | None:
        found = asks(said.text)
        if found is None:
            return None
        today = said.now.astimezone(SHANGHAI).date()
        if found.re is _PUBLISHED:
            return _of_publication(found, today)
        if found.re is _BETWEEN:
            return self._between(found, today)
        written = found.groupdict().get("day") or "今天"
        day = day_of(written, today, year=today.year)
        if day is None:
            return _no_day(written)
        if found.re is _IS_ONE:
            return self._is_one(day)
        count = number_of(found["count"])
        if found.re is _BACK:
            return self._back(day, count)
        return self._term(day, count)

    def _term(self, day: date, count: int) -> Reply:
        if not 1 <= count <= FARTHEST:
            return Reply(f"工作日数应为 1 至 {FARTHEST}。下一步：请改一个数再问。")
        end = self._calendar.working_days_after(day, count)
        text = f"{_named(day)}起 {count} 个工作日（当日不计），最后一日是{_named(end.day)}。"
        return self._told(text, end, day)

    def _back(self, day: date, count: int) -> Reply:
        if not 1 <= count <= BACK_MAX:
            return Reply(f"往前数的工作日数应为 1 至 {BACK_MAX}。下一步：请改一个数再问。")
        found, published = day, True
        for _ in range(count):
            before = self._calendar.last_working_day_before(found)
            found, published = before.day, published and before.published
        return self._told(f"{_named(day)}前第 {count} 个工作日是{_named(found)}。", WorkingDay(found, published), day)

    def _told(self, text: str, end: WorkingDay, day: date) -> Reply:
        return Reply("\n".join([text, TERM_RULE, *self._warning(end.published, day, end.day)]))

    def _warning(self, published: bool, one: date, other: date) -> list[str]:
        if published:
            return []
        first, last = min(one, other), max(one, other)
        years = [year for year in range(first.year, last.year + 1) if not self._calendar.is_published(year)]
        return [GUESSED.format(years="、".join(map(str, years)))]

    def _between(self, found: re.Match[str], today: date) -> Reply:
        first = day_of(found["first"], today, year=today.year)
        last = day_of(found["last"], today, year=first.year if first else today.year)
        if first is None or last is None:
            return _no_day(found["first"] if first is None else found["last"])
        if last < first and not names_year(found["last"]):
            last = day_of(found["last"], today, year=first.year + 1) or last
        if not 0 <= (last - first).days <= SPAN_MAX:
            return Reply(f"后一天应不早于前一天，相隔不超过 {SPAN_MAX} 天。下一步：请写明年份再问。")
        answers = [self._calendar.answer(first + timedelta(days=each)) for each in range((last - first).days + 1)]
        count, published = sum(each.working for each in answers), all(each.published for each in answers)
        text = f"{_named(first)}至{_named(last)}（两端都算）共 {count} 个工作日。"
        rule = "工作日按国务院办公厅放假安排和本机构日历。"
        return Reply("\n".join([text, rule, *self._warning(published, first, last)]))

    def _is_one(self, day: date) -> Reply:
        found = self._calendar.answer(day)
        text = f"{_named(day)}{'是' if found.working else '不是'}工作日。"
        rule = "工作日按国务院办公厅放假安排和本机构日历。"
        return Reply("\n".join([text, rule, *self._warning(found.published, day, day)]))


def _of_publication(found: re.Match[str], today: date) -> Reply:
    """Without a year the last such day is meant: what is published was decided before."""
    written = found["day"]
    day = day_of(written, today, year=today.year)
    if day is not None and day > today and not names_year(written):
        day = day_of(written, today, year=today.year - 1)
    if day is None:
        return _no_day(written)
    severities = [each for each in Severity if f"{each}" in found["deed"] + found[0]] or list(Severity)
    bands = [band for each in severities if (band := band_on(each, today)) is not None]
    if not bands:
        return Reply("没有录入现行的公示期规定，不能计算。下一步：请管理员核对公示期数据。")
    lines = [f"自{_named(day)}作出的处罚决定等文书起算（当日不计）："]
    lines += [_of_band(band, day, today) for band in bands]
    if "公示" in found["deed"]:
        lines.append("公示期从文书作出之日起算，不从上网公示之日起算；两者不同的，请用文书日期再问。")
    lines.append("最短期满只是条件之一：还须纠正违法行为、履行义务，由责任单位审核。")
    lines.append(f"依据：{'；'.join(dict.fromkeys(band.source for band in bands))}。{MONTH_RULE}")
    return Reply("\n".join(lines))


def _of_band(band: RepairBand, day: date, today: date) -> str:
    first, last = first_repair_day(day, band.severity, today), last_publication_day(day, band.severity, today)
    assert first is not None
    assert last is not None
    most = f"最长公示期 {band.most_months} 个月，到{_named(last)}止"
    if band.least_months is None:
        return f"{band.severity}：没有最短公示期，原则上不公示；{most}。"
    least = (
        f"最短公示期 {band.least_months} 个月，{_named(first - timedelta(days=1))}期满，最早{_named(first)}可以申请修复"
    )
    return f"{band.severity}：{least}；{most}。"


def _named(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"


def _no_day(written: str) -> Reply:
    return Reply(f"没有“{written}”这一天。下一步：请核对日期，例如“2026年5月6日起20个工作日是哪天”。")
