"""Figures of the post office for the administrators' page: what waits, what is late, what was given up and why.

No text of a member and no answer is in them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from bot.post.outbox import GIVEN_UP, QUEUED, SENT
from bot.post.tables import letters, messages

LATE_SECONDS = 60
GIVEN_UP_SHOWN = 100
_PERHAPS_TWICE = (letters.c.state == SENT, letters.c.doubtful > 0)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one moment. ``late``: messages and letters that wait for more than ``LATE_SECONDS``.

    ``waiting`` are messages not answered yet; ``unsent``, ``given_up`` and ``perhaps_twice`` letters, the last two
    of the days that are kept.
    """

    waiting: int
    unsent: int
    late: int
    given_up: int
    perhaps_twice: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A letter that was not sent. ``fault``: what the platform said last."""

    app: str
    recipient: str
    written_at: datetime
    given_up_at: datetime
    tries: int
    fault: str


@dataclass(frozen=True, slots=True)
class AppCounts:
    """Of one app. ``last_at``: when its latest message came; ``fault``: what the platform said last of a letter that
    waits or was given up."""

    last_at: datetime | None
    waiting: int
    unsent: int
    given_up: int
    perhaps_twice: int
    fault: str


def app_counts(connection: Connection, app: str) -> AppCounts:
    last_at = connection.scalar(select(func.max(messages.c.received_at)).where(messages.c.app == app))
    own = letters.c.app == app
    faults = select(letters.c.fault).where(own, letters.c.state != SENT, letters.c.fault.is_not(None))
    return AppCounts(
        last_at,
        _count(connection, messages, messages.c.app == app, messages.c.answered_at.is_(None)),
        _count(connection, letters, own, letters.c.state == QUEUED),
        _count(connection, letters, own, letters.c.state == GIVEN_UP),
        _count(connection, letters, own, *_PERHAPS_TWICE),
        connection.scalar(faults.order_by(letters.c.number.desc()).limit(1)) or "",
    )


def counts(connection: Connection, at: datetime) -> Counts:
    early = at - timedelta(seconds=LATE_SECONDS)
    unanswered, unsent = messages.c.answered_at.is_(None), letters.c.state == QUEUED
    return Counts(
        _count(connection, messages, unanswered),
        _count(connection, letters, unsent),
        _count(connection, messages, unanswered, messages.c.received_at < early)
        + _count(connection, letters, unsent, letters.c.written_at < early),
        _count(connection, letters, letters.c.state == GIVEN_UP),
        _count(connection, letters, *_PERHAPS_TWICE),
    )


def given_up(connection: Connection) -> tuple[GivenUp, ...]:
    """The latest, newest first."""
    columns = ("app", "recipient", "written_at", "done_at", "tries", "fault")
    rows = select(*(letters.c[name] for name in columns)).where(letters.c.state == GIVEN_UP)
    return tuple(
        GivenUp(*row) for row in connection.execute(rows.order_by(letters.c.done_at.desc()).limit(GIVEN_UP_SHOWN))
    )


def _count(connection: Connection, table: Table, *where: ColumnElement[Any]) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0
