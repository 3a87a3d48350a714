"""What a member and we have said to each other lately, and what an action waits for. Forgotten soon.

* Kept for each member of each conversation: in a group nobody goes on with another's question.
* Kept with whom it was said to (``bot.actions.standing``): who else holds the account now, or has other duties, begins
  with nothing.
* Lines for ``TURNS_MINUTES``, what an action waits for for ``PENDING_MINUTES`` after the last message.

Operations on an open transaction of ``messages.db``; the moment is passed in.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from bot.actions.said import PENDING_MINUTES, Pending
from bot.assistant.answer import Role, Turn
from bot.channels.messages import Incoming
from bot.post.inbox import storable
from bot.post.tables import memories

TURNS_MINUTES = 60
TURNS_MAX = 12
TURN_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Memory:
    """``turns``: oldest first. ``holder``: to whom it was said."""

    turns: tuple[Turn, ...] = ()
    pending: Pending | None = None
    holder: str = ""

    def of(self, holder: str) -> "Memory":
        """What of it is this holder's: all or nothing."""
        return self if self.holder == holder else Memory(holder=holder)


NOTHING = Memory()


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was said and by which account. A group is never a member's own conversation."""

    app: str
    conversation: str
    sender: str


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A message and what was said to it. ``pending``: what is waited for now; ``holder``: who it was said to."""

    asked: str
    said: str
    pending: Pending | None
    holder: str


def place_of(incoming: Incoming) -> Place:
    """Whatever the platform calls the two, a group is no conversation of one member."""
    conversation = f"group {incoming.conversation}" if incoming.group else incoming.conversation
    return Place(incoming.app, conversation, incoming.sender)


def remembered(connection: Connection, place: Place, at: datetime) -> Memory:
    here = [memories.c[name] == value for name, value in _columns(place).items()]
    row = connection.execute(select(memories).where(*here)).one_or_none()
    if row is None or abs(at - row.at) > timedelta(minutes=TURNS_MINUTES):  # a clock set back keeps nothing alive
        return NOTHING
    turns = tuple(Turn(Role(role), content) for role, content in json.loads(row.turns))
    if row.pending is None or abs(at - row.at) > timedelta(minutes=PENDING_MINUTES):
        return Memory(turns, None, row.holder)
    action, kept = json.loads(row.pending)
    return Memory(turns, Pending(action, kept), row.holder)


def remember(connection: Connection, place: Place, before: Memory, exchanged: Exchanged, at: datetime) -> None:
    """The member's message and what was said to it; what is waited for now."""
    said = [Turn(Role.USER, storable(exchanged.asked)), Turn(Role.ASSISTANT, exchanged.said)]
    pending = exchanged.pending
    values = {
        "at": at,
        "turns": _written([*before.of(exchanged.holder).turns, *said]),
        "pending": None if pending is None else json.dumps([pending.action, dict(pending.kept)]),
        "holder": exchanged.holder,
    }
    here = _columns(place)
    row = insert_or_update(memories).values(**here, **values)
    connection.execute(row.on_conflict_do_update(index_elements=[*here], set_=values))


def forget_old(connection: Connection, at: datetime) -> None:
    connection.execute(delete(memories).where(memories.c.at < at - timedelta(minutes=TURNS_MINUTES)))


def _columns(place: Place) -> dict[str, str]:
    names = {"app": place.app, "conversation": place.conversation, "sender": place.sender}
    return {name: storable(value) for name, value in names.items()}


def _written(turns: Sequence[Turn]) -> str:
    return json.dumps([[turn.role.value, turn.content[:TURN_CHARACTERS]] for turn in turns[-TURNS_MAX:]])
