"""The first schema: messages received, letters to be sent, attempts at sending them, memories of conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "memories",
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("turns", sa.Text(), nullable=False, comment="JSON list of [role, content]"),
        sa.Column("pending", sa.Text(), nullable=True, comment="JSON of bot.actions.said.Pending"),
        sa.PrimaryKeyConstraint("app", "conversation", "sender", name=op.f("pk_memories")),
    )
    op.create_index(op.f("ix_memories_at"), "memories", ["at"], unique=False)
    op.create_table(
        "messages",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False, comment="the platform's"),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("received_at", sa.String(length=32), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False, comment="how often answering it has begun"),
        sa.Column("answered_at", sa.String(length=32), nullable=True),
        sa.Column("content", sa.Text(), nullable=True, comment="JSON of bot.channels.messages.Incoming; None: purged"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_messages")),
        sa.UniqueConstraint("app", "id", name=op.f("uq_messages_app_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_messages_received_at"), "messages", ["received_at"], unique=False)
    op.create_index(
        "ix_messages_waiting", "messages", ["number"], unique=False, sqlite_where=sa.text("answered_at IS NULL")
    )
    op.create_table(
        "letters",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False, comment="whom the platform counts: the member, or the group"),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("route", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("text", sa.Text(), nullable=True, comment="None: a file, or purged"),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("file", sa.LargeBinary(), nullable=True, comment="None: a text, or purged"),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("passive", sa.Boolean(), nullable=False, comment="went as the answer to the platform's own call"),
        sa.Column("written_at", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.String(length=32), nullable=True, comment="of the next try"),
        sa.Column("done_at", sa.String(length=32), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True, comment="of the last try"),
        sa.CheckConstraint("(state = 'queued') = (done_at IS NULL)", name=op.f("ck_letters_done")),
        sa.CheckConstraint("state IN ('queued', 'sent', 'given_up')", name=op.f("ck_letters_state")),
        sa.ForeignKeyConstraint(["message"], ["messages.number"], name=op.f("fk_letters_message_messages")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_letters")),
        sa.UniqueConstraint("key", name=op.f("uq_letters_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_letters_done_at"), "letters", ["done_at"], unique=False)
    op.create_index(op.f("ix_letters_message"), "letters", ["message"], unique=False)
    op.create_index("ix_letters_queued", "letters", ["number"], unique=False, sqlite_where=sa.text("state = 'queued'"))
    op.create_table(
        "attempts",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("letter", sa.Integer(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True, comment="None: the process ended during it"),
        sa.ForeignKeyConstraint(["letter"], ["letters.number"], name=op.f("fk_attempts_letter_letters")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_attempts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_attempts_begun_at"), "attempts", ["begun_at"], unique=False)
    op.create_index(op.f("ix_attempts_letter"), "attempts", ["letter"], unique=False)
