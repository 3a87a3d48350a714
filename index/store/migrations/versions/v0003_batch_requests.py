"""Batch requests, and indexes for what issuing asks of its own tables at each report."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_requests",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("subject_codes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_report_requests")),
    )
    for act, when, message in (("DELETE", "kept", "are never deleted"), ("UPDATE", "fixed", "never change")):
        op.execute(
            f"CREATE TRIGGER report_requests_{when} BEFORE {act} ON report_requests "
            f"BEGIN SELECT RAISE(ABORT, 'report_requests rows {message}'); END"
        )
    create_indexes()


def create_indexes() -> None:
    op.create_index("ix_intents_open", "intents", ["created_at"], sqlite_where=sa.text("state = 'open'"))
    op.create_index("ix_ledger_issued_at", "ledger", ["issued_at"])
    op.create_index("ix_ledger_request", "ledger", ["request"], sqlite_where=sa.text("request IS NOT NULL"))
    op.create_index(
        "ix_ledger_withdrawn", "ledger", ["status_index", "state"], sqlite_where=sa.text("state <> 'valid'")
    )
