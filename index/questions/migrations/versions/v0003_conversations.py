"""Conversations at the page: which conversation an asking belongs to, what else was wished in it, what was put away."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PURGED = ("acts", "removals")
"""Rows of these tables go with a purge that covers them, and never change."""


def upgrade() -> None:
    op.add_column("askings", sa.Column("conversation", sa.String(length=43), nullable=True))
    op.create_index(op.f("ix_askings_conversation"), "askings", ["conversation"])
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("conversation", sa.String(length=43), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False, comment="bot.actions: the name of the action"),
        sa.Column("text", sa.Text(), nullable=False, comment="masked"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_acts_actor"), "acts", ["actor"])
    op.create_table(
        "removals",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("conversation", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removals")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_removals_actor"), "removals", ["actor"])
    for table in PURGED:
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} rows never change'); END"
        )
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} "  # noqa: S608 - names of this file
            f"WHEN NOT EXISTS (SELECT 1 FROM purges WHERE OLD.at < before) "
            f"BEGIN SELECT RAISE(ABORT, '{table} rows are deleted by a purge only'); END"
        )
