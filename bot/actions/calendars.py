"""Days on which something is due, as an iCalendar file: one all-day event each, with a reminder the day before.

* The same thing has the same UID: imported again, it is the same event.

Source: RFC 5545.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Event

NAME = "诚核 任务期限"
PRODUCT = "-//Chenghe//tasks//ZH"


@dataclass(frozen=True, slots=True)
class Due:
    """``about`` names the thing for good."""

    day: date
    title: str
    text: str
    about: str


def calendar_of(dues: Sequence[Due], now: datetime) -> bytes:
    """``now``: when the list was made."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", NAME)
    for due in dues:
        calendar.add_component(_event(due, now))
    return bytes(calendar.to_ical())


def _event(due: Due, now: datetime) -> "Event":
    from icalendar import Alarm, Event

    event, alarm = Event(), Alarm()
    event.add("uid", f"{sha256(due.about.encode()).hexdigest()[:32]}@chenghe")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", due.day)
    event.add("dtend", due.day + timedelta(days=1))
    event.add("summary", due.title)
    event.add("description", due.text)
    event.add("transp", "TRANSPARENT")
    alarm.add("action", "DISPLAY")
    alarm.add("description", due.title)
    alarm.add("trigger", timedelta(hours=-15))
    event.add_component(alarm)
    return event
