"""The one-month rule, and only it.

* Opening day excluded: the month starts to run on the day after the issue day (civil code, art. 201).
* It ends on the day of the same number in the next month; without such a day, on the month's last day (art. 202).
* That day counts until 24:00 (art. 203). Document validity is not postponed by holidays.
* All of it in Asia/Shanghai, kept as the fixed offset +08:00: China has had one offset since 1992, and a machine
  without time zone data must give the same verdict.

Source: 中华人民共和国民法典 arts. 200–204; ../shared/domain/date_oracle.csv has worked cases.
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
LAST_SECOND = time(23, 59, 59)


@lru_cache(maxsize=4096)
def iso(moment: datetime) -> str:
    """``moment`` as JSON has it: in Shanghai, with its offset. Remembered: a service says the same moments again."""
    return moment.astimezone(SHANGHAI).isoformat()


def same_day_next_month(day: date) -> date:
    """The day of the same number in the next month, clipped to the month's end."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def valid_until(issued_at: datetime) -> datetime:
    """The last second (23:59:59+08:00) in which a report issued at ``issued_at`` may be relied on.

    ``issued_at`` must be aware; its calendar day is taken in Shanghai. Raises ValueError for a naive moment.
    """
    if issued_at.tzinfo is None:
        raise ValueError("issued_at must be an aware datetime")
    return _last_second(issued_at.astimezone(SHANGHAI).date())


@lru_cache(maxsize=4096)
def _last_second(issue_day: date) -> datetime:
    """Remembered: a service is asked about the same few months again and again."""
    return datetime.combine(same_day_next_month(issue_day), LAST_SECOND, SHANGHAI)


def expires_at(issued_at: datetime) -> datetime:
    """24:00 of the last day, CWT's ``exp``: from here on the report is expired."""
    return first_moment_after(valid_until(issued_at))


def first_moment_after(last_second: datetime) -> datetime:
    """24:00 of the last day: from here on the report is expired."""
    return last_second + timedelta(seconds=1)
