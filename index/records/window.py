"""The query window: the one, two or three years that end on the last working day before the issue day.

Rules kept:
* end = the last working day strictly before the issue day; start = the same day N years earlier, plus one day.
* Only 近一年, 近两年, 近三年 can be chosen.

Source: scheme of 2024, 二（五）（六）; worked cases: domain/date_oracle.csv.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from index.calendar import PUBLISHED, Calendar
from index.errors import RecordError

YEARS_ALLOWED = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Window:
    """``start`` to ``end``, both inclusive. ``calendar_published`` False: the weekend rule was used – say so."""

    start: date
    end: date
    years: int
    calendar_published: bool

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end


def query_window(issue_day: date, years: int, calendar: Calendar = PUBLISHED) -> Window:
    """The window of a report issued on ``issue_day``. Raises RecordError for any other number of years."""
    if years not in YEARS_ALLOWED:
        raise RecordError(
            f"查询时间范围不能是 {years} 年。", next_step="请选择近一年、近两年或近三年。", code="WINDOW_YEARS"
        )
    end = calendar.last_working_day_before(issue_day)
    start = add_years(end.day, -years) + timedelta(days=1)
    return Window(start, end.day, years, end.published)


def add_years(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes 28 February where there is none."""
    year = day.year + years
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)
