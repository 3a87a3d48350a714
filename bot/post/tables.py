"""The tables of ``messages.db`` and what their rows mean; ``bot/post/migrations`` makes them.

Rules kept:

* A message is known by the app and the platform's id for ``retention.KNOWN_DAYS``: no platform repeats one for so long.
* What was said is deleted much sooner (``retention.TEXT_HOURS``); the rows stay as bare numbers and moments.
* A letter is one text or file to one recipient. It is queued, then sent or given up; no other step back.
* ``attempts`` says when a platform was called: the limits of messages in a time hold across restarts.

Source: issue 6 §2; docs/decisions/0213; 个人信息保护法 arts. 6, 19.
"""

from pathlib import Path

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from index.store.columns import Moment
from index.store.schema import Schema
from index.store.tables import metadata as office

MESSAGES = Schema(("0001", "0002", "0003", "0004"), Path(__file__).with_name("migrations"))

metadata = MetaData(naming_convention=office.naming_convention)

DOUBTFUL = "tries of which nobody knows whether the platform took it, where it recognises no repetition"
"""One that was sent after such a try has perhaps arrived twice."""

messages = Table(
    "messages",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("app", Text, nullable=False),
    Column("id", Text, nullable=False, comment="the platform's"),
    Column("conversation", Text, nullable=False),
    Column("received_at", Moment, nullable=False, index=True),
    Column("begun", Integer, nullable=False, comment="how often answering it has begun"),
    Column("answered_at", Moment),
    Column("content", Text, comment="JSON of bot.channels.messages.Incoming; None: purged"),
    UniqueConstraint("app", "id"),
    sqlite_autoincrement=True,
)
Index("ix_messages_waiting", messages.c.number, sqlite_where=text("answered_at IS NULL"))

letters = Table(
    "letters",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("message", ForeignKey("messages.number"), nullable=False, index=True),
    Column("app", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("recipient", Text, nullable=False, comment="whom the platform counts: the member, or the group"),
    Column("key", String(32), nullable=False, unique=True),
    Column("route", Text, nullable=False, comment="JSON"),
    Column("text", Text, comment="None: a file, or purged"),
    Column("file_name", Text),
    Column("file", LargeBinary, comment="None: a text, or purged"),
    Column("state", String(8), nullable=False),
    Column("passive", Boolean, nullable=False, comment="went as the answer to the platform's own call"),
    Column("written_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before", Moment, comment="of the next try"),
    Column("done_at", Moment, index=True),
    Column("fault", Text, comment="of the last try"),
    Column("doubtful", Integer, nullable=False, server_default=text("0"), comment=DOUBTFUL),
    CheckConstraint("state IN ('queued', 'sent', 'given_up')", name="state"),
    CheckConstraint("(state = 'queued') = (done_at IS NULL)", name="done"),
    sqlite_autoincrement=True,
)
Index("ix_letters_queued", letters.c.number, sqlite_where=text("state = 'queued'"))
Index("ix_letters_given_up", letters.c.done_at, sqlite_where=text("state = 'given_up'"))
Index("ix_letters_doubtful", letters.c.number, sqlite_where=text("doubtful > 0"))

attempts = Table(
    "attempts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("letter", ForeignKey("letters.number"), nullable=False, index=True),
    Column("app", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("begun_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment, comment="None: the process ended during it"),
    sqlite_autoincrement=True,
)

memories = Table(
    "memories",
    metadata,
    Column("app", Text, primary_key=True),
    Column("conversation", Text, primary_key=True),
    Column("sender", Text, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("turns", Text, nullable=False, comment="JSON list of [role, content]"),
    Column("pending", Text, comment="JSON of bot.actions.said.Pending"),
    Column(
        "holder", Text, nullable=False, server_default=text("''"), comment="bot.actions.standing; '' = nobody known"
    ),
)
"""What a member and we have said to each other lately, and what an action waits for."""

stated_duties = Table(
    "stated_duties",
    metadata,
    Column("app", Text, primary_key=True),
    Column("conversation", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("matter", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("stated_at", Moment, nullable=False, index=True),
    Column("holder", Text, nullable=False, comment="bot.actions.standing of the member"),
    Column("current", Boolean, nullable=False, comment="the matter that look-ups are for now"),
)
"""What members look up records for: bot.post.duties."""
