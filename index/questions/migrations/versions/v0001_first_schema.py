"""The first schema: entries, askings with their clauses, feedback, approvals with theirs, retractions, purges."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEPT = ("approvals", "approval_clauses", "retractions", "purges")
"""Rows of these tables are never deleted."""

PURGED = {
    "askings": "OLD.at < before",
    "asking_clauses": "(SELECT at FROM askings WHERE id = OLD.owner) < before",
    "feedback": "(SELECT at FROM askings WHERE id = OLD.asking) < before",
    "entries": "1",
}
"""Rows of these tables go with a purge that covers them. An entry with askings or approvals is held by its keys."""


def upgrade() -> None:
    create_tables()
    create_triggers()


def create_triggers() -> None:
    for table in (*KEPT, *PURGED):
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} rows never change'); END"
        )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} rows are never deleted'); END"
        )
    for table, covered in PURGED.items():
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} "  # noqa: S608 - names of this file
            f"WHEN NOT EXISTS (SELECT 1 FROM purges WHERE {covered}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} rows are deleted by a purge only'); END"
        )


def create_tables() -> None:
    op.create_table(
        "entries",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="index.questions.sameness"),
        sa.Column("question", sa.Text(), nullable=False, comment="as first asked, masked"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_entries_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "purges",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=False, comment="askings before this moment were deleted"),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purges")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True, comment="last day; None = as long as the source holds"),
        sa.CheckConstraint("by <> ''", name=op.f("ck_approvals_named")),
        sa.CheckConstraint("kind IN ('answer', 'confirm', 'dismiss')", name=op.f("ck_approvals_kind")),
        sa.ForeignKeyConstraint(["entry"], ["entries.number"], name=op.f("fk_approvals_entry_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_approvals_entry"), "approvals", ["entry"], unique=False)
    op.create_table(
        "approval_clauses",
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["approvals.id"], name=op.f("fk_approval_clauses_owner_approvals")),
        sa.PrimaryKeyConstraint("owner", "position", name=op.f("pk_approval_clauses")),
    )
    op.create_table(
        "askings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.String(length=43), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True, comment="None until staff sign in"),
        sa.Column("question", sa.Text(), nullable=False, comment="masked"),
        sa.Column("whole", sa.Text(), nullable=False, comment="made whole from the turns before it, masked"),
        sa.Column("turns", sa.Integer(), nullable=False, comment="how many turns stood before it"),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column(
            "small_talk", sa.Boolean(), nullable=False, comment="asked nothing of the texts: no work for an expert"
        ),
        sa.Column("approval", sa.Integer(), nullable=True, comment="the approved answer given, if one was"),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("notices", sa.Text(), nullable=False, comment="JSON list"),
        sa.Column("suggestions", sa.Text(), nullable=False, comment="JSON list"),
        sa.Column("masked", sa.Text(), nullable=False, comment="JSON list of index.masking.Personal"),
        sa.Column("elapsed_ms", sa.Float(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False, comment="of the program that answered"),
        sa.ForeignKeyConstraint(["approval"], ["approvals.id"], name=op.f("fk_askings_approval_approvals")),
        sa.ForeignKeyConstraint(["entry"], ["entries.number"], name=op.f("fk_askings_entry_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_askings")),
        sa.UniqueConstraint("ticket", name=op.f("uq_askings_ticket")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_askings_at"), "askings", ["at"], unique=False)
    op.create_index(op.f("ix_askings_entry"), "askings", ["entry"], unique=False)
    op.create_table(
        "retractions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("approval", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["approval"], ["approvals.id"], name=op.f("fk_retractions_approval_approvals")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retractions")),
        sa.UniqueConstraint("approval", name=op.f("uq_retractions_approval")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "asking_clauses",
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["askings.id"], name=op.f("fk_asking_clauses_owner_askings")),
        sa.PrimaryKeyConstraint("owner", "position", name=op.f("pk_asking_clauses")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("asking", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("verdict IN ('useful', 'useless')", name=op.f("ck_feedback_verdict")),
        sa.ForeignKeyConstraint(["asking"], ["askings.id"], name=op.f("fk_feedback_asking_askings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_feedback_asking"), "feedback", ["asking"], unique=False)
