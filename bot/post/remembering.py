"""What a member and we have said to each other lately, and what an action waits for. Forgotten soon.

* Kept for each member of each conversation: in a group nobody goes on with another's question.
* Lines for ``TURNS_MINUTES``, what an action waits for for ``PENDING_MINUTES`` after the last message.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select
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
    """``turns``: oldest first."""

    turns: tuple[Turn, ...] = ()
    pending: Pending | None = None


NOTHING = Memory()


def remembered(connection: Connection, incoming: Incoming, at: datetime) -> Memory:
    here = [memories.c[name] == value for name, value in _place(incoming).items()]
    row = connection.execute(select(memories).where(*here)).one_or_none()
    if row is None or at - row.at > timedelta(minutes=TURNS_MINUTES):
        return NOTHING
    turns = tuple(Turn(Role(role), content) for role, content in json.loads(row.turns))
    if row.pending is None or at - row.at > timedelta(minutes=PENDING_MINUTES):
        return Memory(turns)
    action, kept = json.loads(row.pending)
    return Memory(turns, Pending(action, kept))


def remember(
    connection: Connection, incoming: Incoming, before: Memory, said: str, pending: Pending | None, at: datetime
) -> None:
    """The member's message and what was said to it; what is waited for now."""
    turns = [*before.turns, Turn(Role.USER, storable(incoming.text)), Turn(Role.ASSISTANT, said)]
    values = {
        "at": at,
        "turns": _written(turns),
        "pending": None if pending is None else json.dumps([pending.action, dict(pending.kept)]),
    }
    row = insert_or_update(memories).values(**_place(incoming), **values)
    connection.execute(row.on_conflict_do_update(index_elements=[*_place(incoming)], set_=values))


def _place(incoming: Incoming) -> dict[str, str]:
    """A group is never a member's own conversation, whatever the platform calls the two."""
    conversation = f"group {incoming.conversation}" if incoming.group else incoming.conversation
    names = {"app": incoming.app, "conversation": conversation, "sender": incoming.sender}
    return {name: storable(value) for name, value in names.items()}


def _written(turns: Sequence[Turn]) -> str:
    return json.dumps([[turn.role.value, turn.content[:TURN_CHARACTERS]] for turn in turns[-TURNS_MAX:]])
