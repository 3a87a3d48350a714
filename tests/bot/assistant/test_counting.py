from datetime import date

import pytest

from bot.assistant.counting import counted, relative_year

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("clause", "start", "last"),
    [
        ("开具之日1个月内有效", date(2026, 1, 31), date(2026, 2, 28)),
        ("自受理之日起三个月内", date(2026, 11, 30), date(2027, 2, 28)),
        ("签发之日起一年内", date(2024, 2, 29), date(2025, 2, 28)),
        ("送达之日起15日内", date(2026, 12, 20), date(2027, 1, 4)),
    ],
)
def test_a_period_counts_from_the_given_day_and_clips_to_the_month(clause: str, start: date, last: date) -> None:
    result = counted("哪天到期", clause, start, TODAY)
    assert result is not None
    assert result.day == last
    assert f"{last.month}月{last.day}日" in result.sentence


def test_the_working_day_before_a_saturday_is_friday() -> None:
    result = counted("查询范围截止到哪一天", "当前日期前1个工作日起的三年内", None, TODAY)
    assert result is not None
    assert result.day == date(2026, 11, 20)


def test_without_a_day_to_count_from_nothing_is_counted() -> None:
    assert counted("哪天到期", "开具之日1个月内有效", None, TODAY) is None


def test_this_year_of_a_report_is_the_year_of_the_report() -> None:
    result = relative_year("今年是哪一年", "到今年底建成", date(2018, 2, 25))
    assert result is not None
    assert "2018年" in result.sentence
    assert relative_year("今年是哪一年", "到今年底建成", None) is None
