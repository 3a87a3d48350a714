"""A member's own conversations: which there are, what was said in one, and putting one away.

Rules:

* A conversation is what was asked and wished under its name; an asking without one is a conversation of its own, named
  by its ticket, until it is gone on with.
* Of what an action was asked for the member's words are kept, masked, and not what was answered.
* Putting away leaves a line; what was said up to then is listed no more, and stays in the log until its purge
  (网络安全法: six months at least). What is said afterwards is listed.

Source: issue 6 §1, §3; decision: docs/decisions/0242.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Subquery, func, insert, literal, select, union_all

from index.errors import UnknownQuestion
from index.masking import mask_text
from index.questions.listing import read_askings
from index.questions.log import QUESTION_MAX, storable
from index.questions.model import Act, Asking, Channel, Conversation
from index.questions.store import QuestionStore
from index.questions.tables import acts, askings, removals

SAID_MAX = 200
"""So many askings and acts of one conversation are shown: the newest."""


def record_act(store: QuestionStore, act: Act) -> None:
    text = mask_text(storable(act.text[:QUESTION_MAX])).text
    row = {"at": act.at, "channel": act.channel, "actor": act.actor, "conversation": act.conversation}
    with store.writing() as connection:
        connection.execute(insert(acts).values(**row, action=act.action, text=text))


def conversations_by(
    store: QuestionStore, actor: str, *, limit: int, before: datetime | None = None
) -> tuple[Conversation, ...]:
    """Newest first; ``before``: those whose last word is older."""
    said = _said_by(actor)
    began, last = func.min(said.c.at), func.max(said.c.at)
    ends = select(said.c.conversation, began.label("began"), last.label("last"), func.count().label("turns"))
    ends = ends.group_by(said.c.conversation).order_by(last.desc()).limit(limit)
    listed = (ends if before is None else ends.having(last < before)).subquery()
    first = select(listed, said.c.channel, said.c.text).join(
        said, (said.c.conversation == listed.c.conversation) & (said.c.at == listed.c.began)
    )
    with store.reading() as connection:
        if connection is None:
            return ()
        rows = connection.execute(first.order_by(listed.c.last.desc())).all()
    found = {row.conversation: _conversation(row) for row in reversed(rows)}  # two in one moment: either is the first
    return tuple(reversed(found.values()))


def conversation_of(store: QuestionStore, actor: str, name: str) -> tuple[Asking | Act, ...]:
    """What ``actor`` said in one conversation, oldest first. Raises UnknownQuestion, for somebody else's too."""
    with store.reading() as connection:
        found = () if connection is None else _all_of(connection, actor, name)
    if not found:
        raise _unknown()
    return found


def remove(store: QuestionStore, actor: str, name: str, now: datetime) -> None:
    """Out of the member's history. Raises UnknownQuestion."""
    conversation_of(store, actor, name)
    with store.writing() as connection:
        connection.execute(insert(removals).values(at=now, actor=actor, conversation=name))


def _said_by(actor: str) -> Subquery:
    """conversation, at, channel, text of everything that is listed."""
    named = func.coalesce(askings.c.conversation, askings.c.ticket).label("conversation")
    asked = select(named, askings.c.at, askings.c.channel, askings.c.question.label("text"))
    wished = select(acts.c.conversation, acts.c.at, acts.c.channel, acts.c.text)
    said = union_all(asked.where(askings.c.actor == actor), wished.where(acts.c.actor == actor)).subquery()
    gone = select(removals.c.conversation, func.max(removals.c.at).label("at")).where(removals.c.actor == actor)
    gone_at = gone.group_by(removals.c.conversation).subquery()
    joined = select(said).outerjoin(gone_at, gone_at.c.conversation == said.c.conversation)
    return joined.where(said.c.at > func.coalesce(gone_at.c.at, literal(""))).subquery()


def _conversation(row: Any) -> Conversation:
    return Conversation(row.conversation, Channel(row.channel), row.text, row.began, row.last, row.turns)


def _all_of(connection: Connection, actor: str, name: str) -> tuple[Asking | Act, ...]:
    since = connection.scalar(
        select(func.max(removals.c.at)).where(removals.c.actor == actor, removals.c.conversation == name)
    )
    named = func.coalesce(askings.c.conversation, askings.c.ticket)
    asked: Select[Any] = select(askings).where(askings.c.actor == actor, named == name)
    wished: Select[Any] = select(acts).where(acts.c.actor == actor, acts.c.conversation == name)
    if since is not None:
        asked, wished = asked.where(askings.c.at > since), wished.where(acts.c.at > since)
    found: list[Asking | Act] = [*read_askings(connection, asked.order_by(askings.c.id.desc()).limit(SAID_MAX))]
    for row in connection.execute(wished.order_by(acts.c.id.desc()).limit(SAID_MAX)):
        found.append(Act(row.at, Channel(row.channel), row.actor, row.conversation, row.action, row.text))
    return tuple(sorted(found, key=_moment)[-SAID_MAX:])


def _moment(said: Asking | Act) -> datetime:
    return said.line.at if isinstance(said, Asking) else said.at


def _unknown() -> UnknownQuestion:
    return UnknownQuestion("没有找到这次对话。", next_step="请回到“我的提问”查看列表。", code="ASKING_UNKNOWN")
