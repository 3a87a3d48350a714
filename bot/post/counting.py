"""Figures of the post office for the administrators' page: what waits, what is late, what was given up and why.

No text of a member and no answer is in them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from bot.post.outbox import GIVEN_UP, QUEUED
from bot.post.tables import letters, messages

LATE_SECONDS = 60
GIVEN_UP_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one moment. ``late``: messages and letters that wait for more than ``LATE_SECONDS``.

    ``waiting`` are messages not answered yet, ``unsent`` and ``given_up`` letters; the last of the days that are kept.
    """

    waiting: int
    unsent: int
    late: int
    given_up: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A letter that was not sent. ``fault``: what the platform said last."""

    app: str
    recipient: str
    written_at: datetime
    given_up_at: datetime
    tries: int
    fault: str


def counts(connection: Connection, at: datetime) -> Counts:
    early = at - timedelta(seconds=LATE_SECONDS)
    unanswered, unsent = messages.c.answered_at.is_(None), letters.c.state == QUEUED
    return Counts(
        _count(connection, messages, unanswered),
        _count(connection, letters, unsent),
        _count(connection, messages, unanswered, messages.c.received_at < early)
        + _count(connection, letters, unsent, letters.c.written_at < early),
        _count(connection, letters, letters.c.state == GIVEN_UP),
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
