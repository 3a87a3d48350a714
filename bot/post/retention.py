"""What the post office forgets, and when.

* What was said and answered, by whom, and how to answer: ``TEXT_HOURS`` after it was answered and sent. Until then a
  platform that lost our answer may ask for it again. What is left is numbers, moments and the platform's id.
* A letter given up keeps its text as long as its row: an administrator may have to tell the member.
* That a message came: after ``KNOWN_DAYS``. No platform repeats one for so long (Feishu: 7.1 hours).
* What is not answered or sent for ``UNDONE_DAYS``, because its app is no more: then.
* Memories of conversations, stated duties: when they are no more used (``remembering``, ``duties``).

Source: issue 6 §2; 个人信息保护法 art. 19; docs/decisions/0213.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from bot.post import duties, remembering
from bot.post.outbox import GIVEN_UP, QUEUED, SENT
from bot.post.tables import attempts, letters, memories, messages

TEXT_HOURS = 24
KNOWN_DAYS = 9
UNDONE_DAYS = 30
GONE = "null"
"""Of a route."""


def purge(connection: Connection, at: datetime) -> None:
    remembering.forget_old(connection, at)
    duties.forget_old(connection, at)
    _forget_texts(connection, at - timedelta(hours=TEXT_HOURS))
    _forget_undone(connection, at - timedelta(days=UNDONE_DAYS), at)
    _forget_rows(connection, at - timedelta(days=KNOWN_DAYS))


def probe(connection: Connection, at: datetime) -> None:
    """Whether anything can be written at all."""
    nobody = {"app": "", "conversation": "", "sender": ""}
    connection.execute(insert(memories).values(**nobody, at=at, turns="[]", holder=""))
    connection.execute(delete(memories).where(memories.c.app == ""))


def _forget_texts(connection: Connection, before: datetime) -> None:
    old = update(letters).where(letters.c.state == SENT, letters.c.done_at < before, letters.c.route != GONE)
    nobody = {"recipient": "", "conversation": "", "route": GONE, "fault": None}
    connection.execute(old.values(text=None, file_name=None, file=None, **nobody))
    said = update(messages).where(messages.c.answered_at < before, messages.c.content.is_not(None))
    connection.execute(said.values(content=None, conversation=""))
    called = update(attempts).where(attempts.c.begun_at < before, attempts.c.recipient != "")
    connection.execute(called.values(recipient=""))


def _forget_undone(connection: Connection, before: datetime, at: datetime) -> None:
    """As answered with nothing, and given up: old enough for ``_forget_rows``, or soon."""
    unanswered = update(messages).where(messages.c.answered_at.is_(None), messages.c.received_at < before)
    connection.execute(unanswered.values(answered_at=at, content=None, conversation=""))
    unsent = update(letters).where(letters.c.state == QUEUED, letters.c.written_at < before)
    connection.execute(unsent.values(state=GIVEN_UP, done_at=at, text=None, file=None, fault="nobody sent it"))


def _forget_rows(connection: Connection, before: datetime) -> None:
    """Messages that are answered, with letters that are all done."""
    unsent = select(letters.c.message).where(letters.c.state == QUEUED)
    old = select(messages.c.number).where(
        messages.c.received_at < before, messages.c.answered_at < before, messages.c.number.not_in(unsent)
    )
    theirs = select(letters.c.number).where(letters.c.message.in_(old))
    connection.execute(delete(attempts).where(attempts.c.letter.in_(theirs)))
    connection.execute(delete(letters).where(letters.c.message.in_(old)))
    connection.execute(delete(messages).where(messages.c.number.in_(old)))
