"""An index for what a member has asked: whoever signs in may look at their own questions."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_askings_actor"), "askings", ["actor"])
