"""Days as texts write them."""

from datetime import date

import pytest

from index.policies.dates import day_in, last_day_of_months, last_day_of_years


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("自2024年9月1日起", date(2024, 9, 1)),
        ("二〇二四年十二月二十一日", date(2024, 12, 21)),
        ("时间：2022-01-07", date(2022, 1, 7)),
        ("2023年2月29日", None),
        ("今年底", None),
    ],
)
def test_a_day_is_read_or_there_is_none(text: str, day: date | None) -> None:
    assert day_in(text) == day


def test_last_day_of_a_term() -> None:
    assert last_day_of_years(date(2024, 9, 1), 5) == date(2029, 8, 31)
    assert last_day_of_years(date(2024, 2, 29), 1) == date(2025, 2, 28)


def test_a_term_of_months_ends_the_day_before_or_at_the_month_s_end() -> None:
    assert last_day_of_months(date(2024, 9, 1), 18) == date(2026, 2, 28)
    assert last_day_of_months(date(2024, 8, 31), 6) == date(2025, 2, 28)
    assert last_day_of_months(date(2024, 5, 15), 12) == date(2025, 5, 14)
