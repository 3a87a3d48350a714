"""Answers index/calendar.py."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.calendar import (
    FARTHEST,
    Calendar,
    DayKind,
    WorkingDay,
    last_working_day_before,
    published_answer,
    working_days_after,
)


@pytest.mark.parametrize("day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"])
def test_make_up_workdays_of_2026_are_working_days(day: str) -> None:
    answer = published_answer(date.fromisoformat(day))
    assert answer.working
    assert answer.published


def test_last_working_day_is_strictly_before_the_day() -> None:
    assert last_working_day_before(date(2026, 11, 24)) == WorkingDay(date(2026, 11, 23), published=True)


def test_national_day_week_is_skipped() -> None:
    assert last_working_day_before(date(2026, 10, 8)).day == date(2026, 9, 30)


def test_year_without_published_days_uses_weekends_and_says_so() -> None:
    assert last_working_day_before(date(2027, 6, 14)) == WorkingDay(date(2027, 6, 11), published=False)


def test_guessed_day_passed_on_the_way_back_makes_the_answer_a_guess() -> None:
    """2027-01-02/03 are a weekend that might be made up for: the found day of 2026 is not certain."""
    calendar = Calendar({date(2027, 1, 1): DayKind.OFF})
    assert calendar.last_working_day_before(date(2027, 1, 4)) == WorkingDay(date(2026, 12, 31), published=False)


def test_office_day_wins_over_the_published_one() -> None:
    calendar = Calendar({date(2026, 11, 20): DayKind.OFF, date(2026, 11, 21): DayKind.WORK})
    assert not calendar.is_working_day(date(2026, 11, 20))
    assert calendar.last_working_day_before(date(2026, 11, 23)) == WorkingDay(date(2026, 11, 21), published=True)


def test_calendar_that_is_off_for_months_is_an_error_not_a_loop() -> None:
    days = {date.fromordinal(date(2026, 11, 22).toordinal() - back): DayKind.OFF for back in range(1, 61)}
    with pytest.raises(ValueError, match="no working day"):
        Calendar(days).last_working_day_before(date(2026, 11, 22))


@pytest.mark.parametrize(
    ("day", "count", "end"),
    [
        ("2026-11-20", 1, "2026-11-23"),  # Friday: the weekend does not count
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-09-30", 1, "2026-10-08"),  # the National Day week does not count
        ("2026-09-30", 3, "2026-10-10"),  # the make-up Saturday counts
    ],
)
def test_a_term_of_working_days_ends_on_the_last_counted_one(day: str, count: int, end: str) -> None:
    assert working_days_after(date.fromisoformat(day), count) == WorkingDay(date.fromisoformat(end), published=True)


def test_a_term_that_reaches_into_a_year_not_published_says_so() -> None:
    assert working_days_after(date(2026, 12, 31), 2) == WorkingDay(date(2027, 1, 4), published=False)


@pytest.mark.parametrize("count", [0, -1, FARTHEST + 1])
def test_a_term_out_of_range_is_an_error(count: int) -> None:
    with pytest.raises(ValueError, match="count must be"):
        Calendar().working_days_after(date(2026, 11, 20), count)


@given(st.dates(date(2010, 1, 1), date(2040, 1, 1)), st.integers(1, 60))
def test_between_a_day_and_the_end_of_its_term_lie_exactly_that_many_working_days(day: date, count: int) -> None:
    calendar = Calendar()
    end = calendar.working_days_after(day, count).day
    days = [date.fromordinal(number) for number in range(day.toordinal() + 1, end.toordinal() + 1)]
    assert sum(calendar.is_working_day(each) for each in days) == count
    assert calendar.is_working_day(end)


def test_a_year_the_office_entered_whole_is_published() -> None:
    calendar = Calendar({date(2027, 2, 8): DayKind.OFF, date(2027, 2, 14): DayKind.WORK}, frozenset({2027}))
    assert calendar.last_working_day_before(date(2027, 2, 9)) == WorkingDay(date(2027, 2, 5), published=True)
    assert calendar.last_working_day_before(date(2027, 2, 15)) == WorkingDay(date(2027, 2, 14), published=True)
    assert [calendar.is_published(year) for year in (2026, 2027, 2028)] == [True, True, False]
