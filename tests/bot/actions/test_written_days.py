"""Days as members write them."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.written_days import DAY, day_of, names_year

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("5月6日", date(2026, 5, 6)),
        ("5月6号", date(2026, 5, 6)),
        ("五月六日", date(2026, 5, 6)),
        ("十二月三十一日", date(2026, 12, 31)),
        ("二〇二五年十二月三十一日", date(2025, 12, 31)),
        ("2025-1-2", date(2025, 1, 2)),
        ("2025/01/02", date(2025, 1, 2)),
        ("2025.1.2", date(2025, 1, 2)),
        ("去年3月1日", date(2025, 3, 1)),
        ("明年3月1日", date(2027, 3, 1)),
        ("今天", TODAY),
        ("后天", date(2026, 11, 24)),
        ("前天", date(2026, 11, 20)),
        ("2月29日", None),
        ("2028年2月29日", date(2028, 2, 29)),
        ("0月1日", None),
        ("2026年13月1日", None),
        ("下周一", None),
    ],
)
def test_a_day_as_it_is_written(written: str, day: date | None) -> None:
    assert day_of(written, TODAY, year=2026) == day
    assert (re.fullmatch(DAY, written) is not None) is (written != "下周一")


@given(day=st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_in_every_form(day: date) -> None:
    full = f"{day.year}年{day.month}月{day.day}日"
    assert day_of(full, TODAY, year=2000) == day_of(day.isoformat(), TODAY, year=2000) == day
    assert day_of(f"{day.month}月{day.day}日", TODAY, year=day.year) == day
    assert names_year(full)
    assert names_year(day.isoformat())
    assert not names_year(f"{day.month}月{day.day}日")
