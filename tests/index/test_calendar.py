"""Answers index/calendar.py."""

from datetime import date

import pytest

from index.calendar import Calendar, DayKind, WorkingDay, last_working_day_before, published_answer


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
