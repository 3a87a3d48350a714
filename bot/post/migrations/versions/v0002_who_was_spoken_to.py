"""To whom it was said that a dialogue waits; what members have stated to look up records for.

Memories of before name nobody, so that nobody may go on with them: they last an hour and are forgotten.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM memories")
    holder = "bot.actions.standing; '' = nobody known"
    op.add_column(
        "memories", sa.Column("holder", sa.Text(), server_default=sa.text("''"), nullable=False, comment=holder)
    )
    op.create_table(
        "stated_duties",
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("stated_at", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False, comment="bot.actions.standing of the member"),
        sa.Column("current", sa.Boolean(), nullable=False, comment="the matter that look-ups are for now"),
        sa.PrimaryKeyConstraint("app", "conversation", "member", "matter", name=op.f("pk_stated_duties")),
    )
    op.create_index(op.f("ix_stated_duties_stated_at"), "stated_duties", ["stated_at"], unique=False)
