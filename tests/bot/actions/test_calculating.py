"""Calculators: terms of working days and periods of publication, each with its rule."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.calculating import Calculating, asks
from bot.actions.said import Said
from index.calendar import PUBLISHED, SHANGHAI, Calendar, DayKind
from index.records.model import Severity
from index.rules.repair import band_on
from tests.bot.actions.conftest import Talk, alone

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def talk() -> Talk:
    return Talk(Calculating(PUBLISHED), alone(None), NOW)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("5月6日起20个工作日是哪天", "2026年6月2日（周二）"),
        ("从2026年5月6日起算 20 个工作日到哪一天？", "2026年6月2日（周二）"),
        ("２０２６－０５－０６后第20个工作日", "2026年6月2日（周二）"),
        ("五月六日起二十个工作日是几号", "2026年6月2日（周二）"),
        ("请问今天起5个工作日内是哪天", "2026年11月27日（周五）"),
        ("10个工作日后是哪天？", "2026年12月4日（周五）"),
        ("2026年2月13日起3个工作日", "2026年2月25日（周三）"),
        ("2026年11月23日前第1个工作日是哪天", "2026年11月20日（周五）"),
    ],
)
def test_a_term_of_working_days_ends(talk: Talk, text: str, day: str) -> None:
    told = talk.told(text)
    assert day in told
    assert "民法典第二百零一条" in told
    assert "推算" not in told


def test_a_term_into_a_year_without_calendar_says_that_it_guessed(talk: Talk) -> None:
    told = talk.told("2026年12月30日起5个工作日是哪天")
    assert "2027年1月6日" in told
    assert "2027年的放假安排没有录入" in told


def test_the_offices_own_days_count() -> None:
    own = Calendar({date(2026, 5, 7): DayKind.OFF})
    assert "2026年6月3日" in Talk(Calculating(own), alone(None), NOW).told("5月6日起20个工作日是哪天")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10月1日到10月11日有几个工作日", "共 3 个工作日"),
        ("12月31日至1月4日之间有多少个工作日？", "共 3 个工作日"),
        ("2026年10月10日要上班吗", "（周六）是工作日"),
        ("10月1日是工作日吗", "（周四）不是工作日"),
    ],
)
def test_days_between_and_single_days(talk: Talk, text: str, told: str) -> None:
    assert told in talk.told(text)


@pytest.mark.parametrize(
    "text", ["2月30日起5个工作日", "5月6日起0个工作日", "5月6日起900个工作日是哪天", "2026年13月1日是工作日吗"]
)
def test_what_cannot_be_counted_is_told_with_the_next_step(talk: Talk, text: str) -> None:
    assert "下一步：" in talk.told(text)


@pytest.mark.parametrize(
    "text",
    [
        "3月1日公示，最短公示期几时满",
        "2026年3月1日作出的处罚决定，什么时候可以申请修复？",
        "2026-03-01处罚的最短公示期到哪天",
    ],
)
def test_all_bands_are_told_without_a_severity(talk: Talk, text: str) -> None:
    told = talk.told(text)
    assert "2026年3月1日（周日）作出的处罚决定等文书起算" in told
    assert "一般：最短公示期 3 个月，2026年6月1日（周一）期满，最早2026年6月2日（周二）可以申请修复" in told
    assert "最长公示期 12 个月，到2027年3月1日（周一）止" in told
    assert "严重：最短公示期 12 个月，2027年3月1日（周一）期满" in told
    assert "轻微：没有最短公示期，原则上不公示" in told
    assert "信用修复管理办法" in told
    assert ("不从上网公示之日起算" in told) is ("公示，" in text)


def test_a_severity_that_is_said_is_the_only_one(talk: Talk) -> None:
    told = talk.told("2026年3月1日决定的一般失信行为，最短公示期哪天满")
    assert "一般：" in told
    assert "严重：" not in told


def test_without_a_year_the_last_such_day_is_meant(talk: Talk) -> None:
    assert "自2025年12月1日" in talk.told("12月1日作出的处罚决定，最短公示期哪天满")


@pytest.mark.parametrize(
    "text",
    [
        "企业提交异议后，责任单位必须在几个工作日内答复？",
        "个人公共信用信息报告几个工作日能拿到？",
        "今天是2026年11月21日星期六，按规定报告的查询时间范围截止到哪一天？",
        "2026年1月31日开具的专用信用报告，最晚哪天还能核验有效？",
        "2026年3月1日处罚的，信用修复要什么材料，什么时候申请",
        "最短公示期满了怎么修复",
        "20个工作日",
    ],
)
def test_questions_of_policy_are_left_alone(text: str) -> None:
    assert asks(text) is None


@given(day=st.dates(date(2020, 1, 1), date(2026, 6, 30)), count=st.integers(1, 60))
def test_the_day_told_is_the_count_of_working_days_away(day: date, count: int) -> None:
    text = f"{day.year}年{day.month}月{day.day}日起{count}个工作日是哪天"
    reply = Calculating(PUBLISHED).answers(Said(text, alone(None), NOW, key="1"))
    assert reply is not None
    end = PUBLISHED.working_days_after(day, count).day
    assert f"{end.year}年{end.month}月{end.day}日" in reply.text
    between = sum(PUBLISHED.is_working_day(day + timedelta(days=each)) for each in range(1, (end - day).days + 1))
    assert between == count


def test_before_there_was_a_rule_nothing_is_counted() -> None:
    early = Talk(Calculating(PUBLISHED), replace(alone(None)), datetime(2024, 1, 2, 9, 0, tzinfo=SHANGHAI))
    assert band_on(Severity.GENERAL, date(2024, 1, 2)) is None
    assert "没有录入现行的公示期规定" in early.told("2023年3月1日处罚决定的最短公示期哪天满")
