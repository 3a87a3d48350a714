"""Every change of an issued report's state, and the leaves of the transparency log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FIXED = ("report_events", "log_leaves")
"""Rows of these tables are never deleted and never change."""


def upgrade() -> None:
    create_tables()
    create_triggers()
    op.execute(
        "INSERT INTO report_events (number, at, actor, event, before, after, reason) "
        "SELECT number, state_changed_at, coalesce(state_actor, ''), 'revoke', 'valid', 'revoked', "
        "coalesce(state_reason, '') FROM ledger WHERE state = 'revoked' ORDER BY state_changed_at, number"
    )


def create_triggers() -> None:
    for table in FIXED:
        for act, when, message in (("DELETE", "kept", "are never deleted"), ("UPDATE", "fixed", "never change")):
            op.execute(
                f"CREATE TRIGGER {table}_{when} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} rows {message}'); END"
            )
    op.execute(
        "CREATE TRIGGER log_leaves_in_order BEFORE INSERT ON log_leaves "
        "WHEN NEW.position <> (SELECT coalesce(max(position) + 1, 0) FROM log_leaves) "
        "BEGIN SELECT RAISE(ABORT, 'a leaf of the log stands behind the last one'); END"
    )


def create_tables() -> None:
    op.create_table(
        "report_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=False),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("successor", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "event IN ('revoke', 'supersede', 'suspend', 'resume')", name=op.f("ck_report_events_event")
        ),
        sa.ForeignKeyConstraint(["number"], ["ledger.number"], name=op.f("fk_report_events_number_ledger")),
        sa.ForeignKeyConstraint(["successor"], ["ledger.number"], name=op.f("fk_report_events_successor_ledger")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_events")),
    )
    op.create_index(op.f("ix_report_events_number"), "report_events", ["number"], unique=False)
    op.create_table(
        "log_leaves",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("ref", sa.LargeBinary(length=32), nullable=True),
        sa.Column("number", sa.String(length=32), nullable=True),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["ledger.number"], name=op.f("fk_log_leaves_number_ledger")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_log_leaves")),
    )
    op.create_index(op.f("ix_log_leaves_ref"), "log_leaves", ["ref"], unique=False)
