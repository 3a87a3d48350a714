"""Working days of the State Council's calendar, make-up workdays (调休) included.

Rules kept:
* An office's own ``calendar.csv`` (date,kind: off|work) wins, then the published arrangement
  (chinesecalendar: 2004–2026).
* A year the office has entered whole (``2027,published``) is its own: the file's days, Monday–Friday for the rest.
* A year without a published arrangement falls back to Monday–Friday, and the answer says so: ``published`` is False.

Source: 国务院办公厅 yearly holiday notices, as data of the library chinesecalendar 1.11; scheme 二（六） (前一工作日);
decision: docs/decisions/0131.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone
from enum import StrEnum

SHANGHAI = timezone(timedelta(hours=8))
"""China has kept one offset since 1992; a machine without tzdata must give the same answer."""

FARTHEST = 366
"""Working days that can be counted ahead: a service level is weeks, not years."""


class DayKind(StrEnum):
    """The two words of ``calendar.csv``."""

    OFF = "off"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """A working day that was looked for. ``published`` is False when any day on the way was only guessed."""

    day: date
    published: bool


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """Whether a day is a working day, and whether that was published or guessed from the weekday."""

    working: bool
    published: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days an office keeps: published days, with the office's own days on top."""

    overrides: Mapping[date, DayKind] = field(default_factory=dict)
    own_years: frozenset[int] = frozenset()
    """Years whose whole arrangement stands in ``overrides``."""

    def answer(self, day: date) -> DayAnswer:
        """Is ``day`` a working day, and do we know or guess?"""
        own = self.overrides.get(day)
        if own is not None:
            return DayAnswer(own is DayKind.WORK, published=True)
        if day.year in self.own_years:
            return DayAnswer(_is_weekday(day), published=True)
        return published_answer(day)

    def is_published(self, year: int) -> bool:
        """Whether the arrangement of the whole year is known."""
        return year in self.own_years or published_answer(date(year, 1, 1)).published

    def is_working_day(self, day: date) -> bool:
        return self.answer(day).working

    def last_working_day_before(self, day: date) -> WorkingDay:
        """The last working day strictly before ``day``."""
        return last_working_day_before(day, self.answer)

    def working_days_after(self, day: date, count: int) -> WorkingDay:
        """The ``count``-th working day after ``day``, which itself does not count: where a term of working days ends.

        Raises ValueError for a count below 1 or above ``FARTHEST``.
        """
        return working_days_after(day, count, self.answer)


PUBLISHED = Calendar()
"""The published arrangement alone, without an office's own days."""


def published_answer(day: date) -> DayAnswer:
    """The published arrangement, or the weekend rule where none is published."""
    from chinese_calendar import is_workday

    try:
        return DayAnswer(bool(is_workday(day)), published=True)
    except NotImplementedError:
        return DayAnswer(_is_weekday(day), published=False)


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5


def last_working_day_before(day: date, answer: Callable[[date], DayAnswer] = published_answer) -> WorkingDay:
    """The last working day strictly before ``day``, by ``answer``. Looks back at most 60 days."""
    published = True
    for back in range(1, 61):
        candidate = day - timedelta(days=back)
        found = answer(candidate)
        published = published and found.published
        if found.working:
            return WorkingDay(candidate, published)
    raise ValueError(f"no working day in the 60 days before {day.isoformat()}")


def working_days_after(day: date, count: int, answer: Callable[[date], DayAnswer] = published_answer) -> WorkingDay:
    """The ``count``-th working day after ``day`` (not counted), by ``answer``. Raises ValueError."""
    if not 1 <= count <= FARTHEST:
        raise ValueError(f"count must be 1–{FARTHEST}, not {count}")
    published, left = True, count
    for ahead in range(1, 3 * FARTHEST):
        candidate = day + timedelta(days=ahead)
        found = answer(candidate)
        published = published and found.published
        left -= found.working
        if left == 0:
            return WorkingDay(candidate, published)
    raise ValueError(f"fewer than {count} working days in the {3 * FARTHEST} days after {day.isoformat()}")
