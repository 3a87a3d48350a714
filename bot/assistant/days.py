"""The day for which a question wants to be answered: 2024年8月15日时…, 去年8月的时候…, 今天是…, 下个月还能用吗.

Rules:

* A day is the day of the answer only if it says so: “今天是…”, or a point in time with 时, 的时候, 那会儿, 当时;
  or, in a question about being in force, a point in time that stands by itself (明年还有效吗, 8月31号以后…).
* A day that is the matter stays in the question: 2018年1月18日的会议, 自2024年9月1日起施行, 1月31日开具的报告,
  2024年9月那会儿开的报告.
* A month or a year stands for its last day; for today, if today lies in it. “以后” is the day after, “以前” the day
  before.
* Relative words (去年, 下个月, 明天) count from the day given, never from the clock. A month and day without a year are
  of the year of that day. A day that does not exist is no day.

Source: issue 3 §3 “As-of”.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from index.policies.markers import number_of

_N = r"(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})"
_YEAR = r"(?:(?P<year>[12][0-9]{3}|[一二〇零○三四五六七八九]{4})年|(?P<year_word>大前年|前年|去年|今年|明年|后年)的?)"
_MONTH = rf"(?P<month>{_N})月份?|(?P<month_word>上上个?月|上个?月|这个月|本月|下下个?月|下个?月)"
_DAY = rf"(?P<day>{_N})[日号](?!文|公告|令)"
_DAY_WORD = r"(?P<day_word>今天|今日|现在|昨天|昨日|前天|明天|明日|后天)"
_POINT = rf"(?:{_DAY_WORD}|(?=\S)(?:{_YEAR})?(?:(?:{_MONTH})(?:{_DAY})?)?)"
_WEEKDAY = r"(?:\((?:星期|周)[一二三四五六日天]\)|[,，]?(?:星期|周)[一二三四五六日天])?"
_NO_DIGIT_BEFORE = r"(?<![0-9一二三四五六七八九十年月])"
_SUPPOSED = "(?:假如|假设|如果|若|比如|比方说|要是)?"
_IS_TODAY = re.compile(rf"{_SUPPOSED}(?:今天|今日|现在|当前日期)(?:就?是|为|:){_POINT}{_WEEKDAY}")
_DONE = "(?:开|出|签|发|办|领|做|拿|打|下载|申请|提交|出具|开具|印发|发布|公布|通过|召开|举行|成立|注册|登记)"
_AT_TIME = re.compile(
    rf"(?:在|到|于|当)?{_NO_DIGIT_BEFORE}{_POINT}(?P<side>)"
    r"(?>的?(?:那个|这个)?时候|(?:那|这)(?:个|段)?(?:会儿?|时候|阵子?|时|天|段时间)|当时|当天|之时|时(?![间限刻常机代期]))的?+"
    rf"(?!{_DONE}(?:出来|好|了)?的)"
)
_DEED = "施行|实施|开始|生效|发布|印发|出台|公布|通过|签|开|下载|出具|召开|举行|办(?!法)|申请|提交|成立|注册|报(?!告)"
_BY_ITSELF = re.compile(
    rf"(?:截至|截止到?|到了?|过了?|在|等到?)?{_NO_DIGIT_BEFORE}(?<![自从至]){_POINT}"
    rf"(?P<side>以后|之后|过后|过了|以前|之前)?(?![底末初前后起至到的之日号0-9年月份、和与,]|{_DEED})"
)
_IN_FORCE = re.compile(
    "有效|能用|管用|好使|失效|过期|作废|废止|算数|适用|生效|施行|照着用|继续用|可以用|还在用|到期|执行"
)
_YEARS = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
_MONTHS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下下": 2, "下": 1}
_DAYS = {"前": -2, "昨": -1, "今": 0, "现": 0, "明": 1, "后": 2}
_YEAR_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")


@dataclass(frozen=True, slots=True)
class DayNamed:
    """``day``, said by ``words`` of the question; ``rest`` is the question without them."""

    day: date
    words: str
    rest: str


def day_named(question: str, today: date) -> DayNamed | None:
    """The day for which ``question`` (folded) wants to be answered, if it says so."""
    patterns = [_IS_TODAY, _AT_TIME, *[_BY_ITSELF] * bool(_IN_FORCE.search(question))]
    for pattern in patterns:
        for match in pattern.finditer(question):
            day = _resolved(match, today)
            if day is not None and not _within_name(match, question):
                rest = re.sub(r"^[,，。\s]+", "", question[: match.start()] + question[match.end() :])
                return DayNamed(day, match.group(), rest)
    return None


def _within_name(match: re.Match[str], question: str) -> bool:
    """Inside 《…》 or quotation marks a day belongs to a name."""
    before = question[: match.start()]
    return before.count("《") > before.count("》") or before.count('"') % 2 == 1


def _resolved(match: re.Match[str], today: date) -> date | None:
    found = match.groupdict()
    said = [value for name, value in found.items() if value and name != "side"]
    if not said or said == ["今天"] or said == ["今日"] or said == ["现在"]:
        return None
    try:
        last = _last_day(found, today)
    except (ValueError, OverflowError):
        return None
    side = found.get("side") or ""
    shift = 1 if side in ("以后", "之后", "过后", "过了") or match.group().startswith("过") else -1 if side else 0
    return last + timedelta(days=shift)


def _last_day(found: dict[str, str | None], today: date) -> date:
    """The day itself, or the last day of a month or year; today where it lies in them."""
    if word := found["day_word"]:
        return today + timedelta(days=_DAYS[word[0]])
    year = _year(found, today)
    month = _month(found, today)
    if month is None:
        return today if year == today.year else date(year, 12, 31)
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if found["day"]:
        return date(year, month, number_of(found["day"]))
    return today if (year, month) == (today.year, today.month) else date(year, month, monthrange(year, month)[1])


def _year(found: dict[str, str | None], today: date) -> int:
    if written := found["year"]:
        return int(written.translate(_YEAR_DIGITS))
    return today.year + (_YEARS[found["year_word"]] if found["year_word"] else 0)


def _month(found: dict[str, str | None], today: date) -> int | None:
    """The month; below 1 or above 12 for one of another year."""
    if written := found["month"]:
        month = number_of(written)
        if not 1 <= month <= 12:
            raise ValueError(written)
        return month
    word = found["month_word"]
    return today.month + _MONTHS[word.rstrip("月").rstrip("个")] if word else None
