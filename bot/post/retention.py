"""What the post office forgets, and when.

* What was said and answered: ``TEXT_HOURS`` after it was answered and sent. Until then a platform that lost our answer
  may ask for it again.
* A letter given up keeps its text as long as its row: an administrator may have to tell the member.
* That a message came: after ``KNOWN_DAYS``. No platform repeats one for so long (Feishu: 7.1 hours).
* Memories of conversations: when they are no more used (``remembering``).

Source: issue 6 §2; 个人信息保护法 art. 19; docs/decisions/0213.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from bot.post.outbox import QUEUED, SENT
from bot.post.remembering import TURNS_MINUTES
from bot.post.tables import attempts, letters, memories, messages

TEXT_HOURS = 24
KNOWN_DAYS = 9


def purge(connection: Connection, at: datetime) -> None:
    connection.execute(delete(memories).where(memories.c.at < at - timedelta(minutes=TURNS_MINUTES)))
    _forget_texts(connection, at - timedelta(hours=TEXT_HOURS))
    _forget_rows(connection, at - timedelta(days=KNOWN_DAYS))


def _forget_texts(connection: Connection, before: datetime) -> None:
    old = update(letters).where(letters.c.state == SENT, letters.c.done_at < before)
    connection.execute(old.where(letters.c.text.is_not(None)).values(text=None))
    connection.execute(old.where(letters.c.file.is_not(None)).values(file=None))
    said = update(messages).where(messages.c.answered_at < before, messages.c.content.is_not(None))
    connection.execute(said.values(content=None))


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
