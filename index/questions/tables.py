"""The tables of ``questions.db`` and what their rows mean; ``index/questions/migrations`` makes them, and the triggers.

Rules kept (held by triggers in the database, whoever writes):
* No row ever changes: a second feedback, a new approval, a retraction is a row of its own.
* Approvals, their clauses and retractions are never deleted; askings, feedback, acts and removals only by a purge that
  has left its own line, and only those older than the day it names.

Source: issue 3 §3; 个人信息保护法 arts. 6, 19 (no more than needed, no longer than needed).
"""

from pathlib import Path

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Float, ForeignKey, Integer, MetaData, String, Table, Text

from index.store.columns import Moment
from index.store.schema import Schema
from index.store.tables import metadata as office

QUESTIONS = Schema(("0001", "0002", "0003"), Path(__file__).with_name("migrations"))

metadata = MetaData(naming_convention=office.naming_convention)

entries = Table(
    "entries",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True, comment="index.questions.sameness"),
    Column("question", Text, nullable=False, comment="as first asked, masked"),
    sqlite_autoincrement=True,
)
"""One question in all wordings that count as the same."""

askings = Table(
    "askings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("entry", ForeignKey("entries.number"), nullable=False, index=True),
    Column("ticket", String(43), nullable=False, unique=True),
    Column("at", Moment, nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("actor", Text, index=True, comment="None for whoever did not sign in"),
    Column("question", Text, nullable=False, comment="masked"),
    Column("whole", Text, nullable=False, comment="made whole from the turns before it, masked"),
    Column("turns", Integer, nullable=False, comment="how many turns stood before it"),
    Column("as_of", Date, nullable=False),
    Column("answered", Boolean, nullable=False),
    Column("small_talk", Boolean, nullable=False, comment="asked nothing of the texts: no work for an expert"),
    Column("approval", ForeignKey("approvals.id"), comment="the approved answer given, if one was"),
    Column("answer", Text, nullable=False),
    Column("notices", Text, nullable=False, comment="JSON list"),
    Column("suggestions", Text, nullable=False, comment="JSON list"),
    Column("masked", Text, nullable=False, comment="JSON list of index.masking.Personal"),
    Column("elapsed_ms", Float, nullable=False),
    Column("version", String(40), nullable=False, comment="of the program that answered"),
    Column("conversation", String(43), index=True, comment="None: a conversation of its own, named by its ticket"),
    sqlite_autoincrement=True,
)

acts = Table(
    "acts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("actor", Text, nullable=False, index=True),
    Column("conversation", String(43), nullable=False),
    Column("action", String(32), nullable=False, comment="bot.actions: the name of the action"),
    Column("text", Text, nullable=False, comment="masked"),
    sqlite_autoincrement=True,
)
"""What a member wished to have done, in their words. What was answered is not kept here."""

removals = Table(
    "removals",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False, index=True),
    Column("conversation", String(43), nullable=False),
    sqlite_autoincrement=True,
)
"""What a member has put out of their history: everything of the conversation up to then."""


def _clauses(name: str, owner: str) -> Table:
    """Cited clauses of the row ``owner``, in order."""
    return Table(
        name,
        metadata,
        Column("owner", ForeignKey(owner), primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("document_id", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("start", Integer, nullable=False),
        Column("end", Integer, nullable=False),
        Column("quote", Text, nullable=False),
    )


asking_clauses = _clauses("asking_clauses", "askings.id")

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("asking", ForeignKey("askings.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text),
    Column("verdict", String(16), nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("verdict IN ('useful', 'useless')", name="verdict"),
    sqlite_autoincrement=True,
)
"""What readers said. Of one asking the last counts."""

approvals = Table(
    "approvals",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("entry", ForeignKey("entries.number"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("until", Date, comment="last day; None = as long as the source holds"),
    CheckConstraint("kind IN ('answer', 'confirm', 'dismiss')", name="kind"),
    CheckConstraint("by <> ''", name="named"),
    sqlite_autoincrement=True,
)

approval_clauses = _clauses("approval_clauses", "approvals.id")

retractions = Table(
    "retractions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("approval", ForeignKey("approvals.id"), nullable=False, unique=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_autoincrement=True,
)

purges = Table(
    "purges",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("before", Moment, nullable=False, comment="askings before this moment were deleted"),
    Column("deleted", Integer, nullable=False),
    sqlite_autoincrement=True,
)
