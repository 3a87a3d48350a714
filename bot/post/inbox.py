"""What came in: each message once, in the order of its coming, until it is answered.

Operations on an open transaction of ``messages.db``; the moment is passed in.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore

from bot.channels.messages import Incoming
from bot.post.tables import messages

Line = tuple[str, str]
"""The app and the conversation: what is in one line is answered and sent in order."""


@dataclass(frozen=True, slots=True)
class Received:
    """``number``: ours. ``known``: it had come before."""

    number: int
    known: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """A message to be answered. ``before``: how often that was begun and not finished."""

    number: int
    incoming: Incoming
    before: int


def storable(text: str) -> str:
    """Half surrogate pairs, which no UTF-8 can hold, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def accept(connection: Connection, incoming: Incoming, at: datetime) -> Received:
    row = {
        "app": incoming.app,
        "id": storable(incoming.id),
        "conversation": storable(incoming.conversation),
        "received_at": at,
        "begun": 0,
        "content": json.dumps(incoming.to_json()),
    }
    added = connection.execute(insert_or_ignore(messages).values(**row).on_conflict_do_nothing())
    number = select(messages.c.number).where(messages.c.app == row["app"], messages.c.id == row["id"])
    return Received(connection.execute(number).scalar_one(), known=not added.rowcount)


def waiting(connection: Connection) -> list[tuple[Line, int]]:
    """What is to be answered, oldest first."""
    rows = select(messages.c.app, messages.c.conversation, messages.c.number)
    unanswered = rows.where(messages.c.answered_at.is_(None)).order_by(messages.c.number)
    return [((row.app, row.conversation), row.number) for row in connection.execute(unanswered)]


def begin(connection: Connection, number: int) -> Begun | None:
    """Notes that it is being answered; None when it has been."""
    row = connection.execute(
        select(messages.c.content, messages.c.begun, messages.c.answered_at).where(messages.c.number == number)
    ).one()
    if row.answered_at is not None:
        return None
    connection.execute(update(messages).where(messages.c.number == number).values(begun=row.begun + 1))
    return Begun(number, Incoming.from_json(json.loads(row.content)), row.begun)


def answered(connection: Connection, number: int, at: datetime) -> bool:
    """False when it was answered before: nothing may be sent then."""
    unanswered = update(messages).where(messages.c.number == number, messages.c.answered_at.is_(None))
    return bool(connection.execute(unanswered.values(answered_at=at)).rowcount)


def is_answered(connection: Connection, number: int) -> bool:
    return connection.scalar(select(messages.c.answered_at).where(messages.c.number == number)) is not None


def count_waiting(connection: Connection, received_before: datetime) -> int:
    unanswered = select(func.count()).where(messages.c.answered_at.is_(None), messages.c.received_at < received_before)
    return connection.scalar(unanswered) or 0
