"""Answers index/records/window.py."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.calendar import Calendar, DayKind
from index.errors import RecordError
from index.records.window import add_years, query_window

DAYS = st.dates(date(2007, 1, 1), date(2026, 12, 31))


def test_all_25_worked_cases(shared: Path) -> None:
    with (shared / "domain" / "date_oracle.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 25
    for row in rows:
        for years in (1, 2, 3):
            window = query_window(date.fromisoformat(row["issue_date"]), years)
            found = (window.start.isoformat(), window.end.isoformat(), window.calendar_published)
            assert found == (row[f"start_{years}y"], row["window_end"], True), row["issue_date"]


@pytest.mark.parametrize("years", [0, 4, -1, 10])
def test_b09_only_one_two_or_three_years_can_be_chosen(years: int) -> None:
    with pytest.raises(RecordError) as caught:
        query_window(date(2026, 11, 22), years)
    assert caught.value.code == "WINDOW_YEARS"


def test_b10_window_of_today() -> None:
    window = query_window(date(2026, 11, 22), 3)
    assert (window.start, window.end) == (date(2023, 11, 21), date(2026, 11, 20))


def test_unpublished_year_is_said() -> None:
    assert not query_window(date(2027, 6, 14), 1).calendar_published


def test_office_calendar_moves_the_end() -> None:
    calendar = Calendar({date(2026, 11, 20): DayKind.OFF})
    assert query_window(date(2026, 11, 22), 1, calendar).end == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("day", "years", "result"),
    [("2024-02-29", -1, "2023-02-28"), ("2024-02-29", -4, "2020-02-29"), ("2026-02-28", -2, "2024-02-28")],
)
def test_29_february_becomes_the_28th_where_there_is_none(day: str, years: int, result: str) -> None:
    assert add_years(date.fromisoformat(day), years).isoformat() == result


@given(DAYS, st.sampled_from([1, 2, 3]))
def test_window_ends_before_the_issue_day_and_is_n_years_long(day: date, years: int) -> None:
    window = query_window(day, years)
    assert window.end < day
    assert 365 * years <= (window.end - window.start).days + 1 <= 366 * years
    assert window.holds(window.start)
    assert window.holds(window.end)
    assert not window.holds(window.start - timedelta(days=1))
    assert not window.holds(window.end + timedelta(days=1))


@given(DAYS)
def test_longer_windows_hold_the_shorter_ones(day: date) -> None:
    one, two, three = (query_window(day, years) for years in (1, 2, 3))
    assert three.start < two.start < one.start
    assert one.end == two.end == three.end
