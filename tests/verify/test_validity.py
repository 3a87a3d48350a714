import csv
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.validity import SHANGHAI, first_moment_after, same_day_next_month, valid_until


def test_every_worked_case_of_the_date_oracle(shared: Path) -> None:
    text = (shared / "domain" / "date_oracle.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 25
    for row in rows:
        issued = datetime.combine(date.fromisoformat(row["issue_date"]), datetime.min.time(), SHANGHAI)
        assert valid_until(issued).isoformat() == f"{row['valid_until_inclusive']}T23:59:59+08:00", row


def test_the_day_is_taken_in_shanghai_whatever_the_offset_of_the_moment() -> None:
    assert valid_until(datetime(2026, 8, 20, 16, 0, 0, tzinfo=UTC)).date() == date(2026, 9, 21)
    assert valid_until(datetime(2026, 8, 20, 15, 59, 59, tzinfo=UTC)).date() == date(2026, 9, 20)


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        valid_until(datetime(2026, 8, 20, 10, 0))


days = st.dates(date(1970, 1, 1), date(2400, 12, 31))


@given(days)
def test_the_last_day_has_the_same_number_or_is_the_end_of_the_next_month(day: date) -> None:
    last = same_day_next_month(day)
    months = (last.year - day.year) * 12 + last.month - day.month
    assert months == 1
    assert last.day == day.day or (last.day < day.day and last.day == monthrange(last.year, last.month)[1])


@given(days, days)
def test_a_later_issue_day_never_ends_earlier(one: date, other: date) -> None:
    early, late = sorted((one, other))
    assert same_day_next_month(early) <= same_day_next_month(late)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)))
def test_the_month_ends_at_midnight_in_shanghai(naive: datetime) -> None:
    end = first_moment_after(valid_until(naive.replace(tzinfo=SHANGHAI)))
    assert (end.hour, end.minute, end.second) == (0, 0, 0)
    assert timedelta(days=28) < end - naive.replace(tzinfo=SHANGHAI) <= timedelta(days=32)
