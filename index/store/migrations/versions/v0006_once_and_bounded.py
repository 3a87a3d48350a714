"""An objection knows the request it was made by; refusals of strangers are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.Column(
        "idempotency_key", sa.String(length=64), nullable=True, comment="the same request again is this one"
    )
    op.add_column("objections", key)
    op.create_index(op.f("ix_objections_idempotency_key"), "objections", ["idempotency_key"], unique=True)
    op.create_table(
        "refusals",
        sa.Column("account", sa.Text(), nullable=False, comment="of nobody in the directory"),
        sa.Column("hour", sa.String(length=32), nullable=False, comment="its first moment"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "hour", name=op.f("pk_refusals")),
    )
