"""Calendar files that other programs read."""

from datetime import date, datetime, timedelta

import icalendar

from bot.actions.calendars import Due, calendar_of
from index.calendar import SHANGHAI

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)


def test_a_due_day_is_one_whole_day_with_a_reminder_before() -> None:
    due = Due(date(2026, 12, 31), "【牵头】" + "归集示例数据，" * 20, "第一行\n第二行；有逗号, 有分号;", "d:1:2")
    content = calendar_of([due], NOW)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    calendar = icalendar.Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (date(2026, 12, 31), date(2027, 1, 1))
    assert str(event["summary"]) == due.title
    assert str(event["description"]) == due.text
    assert event.decoded("dtstamp") == NOW
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(hours=-15)


def test_the_same_thing_has_the_same_uid_and_another_has_another() -> None:
    due, other = Due(date(2026, 12, 31), "一", "", "a"), Due(date(2026, 12, 31), "一", "", "b")

    def uids(*dues: Due) -> list[str]:
        return [str(event["uid"]) for event in icalendar.Calendar.from_ical(calendar_of(dues, NOW)).walk("VEVENT")]

    assert uids(due) == uids(due)
    assert len({*uids(due, other)}) == 2
