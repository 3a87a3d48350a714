"""Figures of the post office for the administrators' page: what waits, what is late, what was given up and why.

* No text of a member and no answer is in them.
* Anybody may ask for ``counts`` (``GET /health/messages``): each figure has an index of its own, so that asking costs
  the post office nothing, however many letters of nine days there are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, literal_column, select

from bot.post.outbox import GIVEN_UP, QUEUED, SENT
from bot.post.tables import letters, messages

LATE_SECONDS = 60
GIVEN_UP_SHOWN = 100
_UNSENT = letters.c.state == literal_column(f"'{QUEUED}'")
_GIVEN_UP = letters.c.state == literal_column(f"'{GIVEN_UP}'")
"""In the words of the index that holds them: what is bound to a parameter is not seen to be there."""
_PERHAPS_TWICE = (letters.c.state == SENT, letters.c.doubtful > literal_column("0"))


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
        _count(connection, letters, own, _UNSENT),
        _count(connection, letters, own, _GIVEN_UP),
        _count(connection, letters, own, *_PERHAPS_TWICE),
        connection.scalar(faults.order_by(letters.c.number.desc()).limit(1)) or "",
    )


def counts(connection: Connection, at: datetime) -> Counts:
    early = at - timedelta(seconds=LATE_SECONDS)
    waiting, unread = _waiting(connection, messages.c.answered_at.is_(None), messages.c.received_at < early)
    unsent, late = _waiting(connection, _UNSENT, letters.c.written_at < early)
    return Counts(
        waiting,
        unsent,
        unread + late,
        _count(connection, letters, _GIVEN_UP),
        _count(connection, letters, *_PERHAPS_TWICE),
    )


def given_up(connection: Connection) -> tuple[GivenUp, ...]:
    """The latest, newest first."""
    columns = ("app", "recipient", "written_at", "done_at", "tries", "fault")
    rows = select(*(letters.c[name] for name in columns)).where(_GIVEN_UP)
    return tuple(
        GivenUp(*row) for row in connection.execute(rows.order_by(letters.c.done_at.desc()).limit(GIVEN_UP_SHOWN))
    )


def _waiting(connection: Connection, waits: ColumnElement[bool], is_late: ColumnElement[bool]) -> tuple[int, int]:
    """How many wait, and how many of them too long: only what waits is read, never what is done."""
    found = connection.execute(select(func.count(), func.count().filter(is_late)).where(waits)).one()
    return found[0], found[1]


def _count(connection: Connection, table: Table, *where: ColumnElement[Any]) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0
