"""How many tries of a letter the platform may have taken without our knowing, where it recognises no repetition."""

import sqlalchemy as sa
from alembic import op

from bot.post.tables import DOUBTFUL

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    doubtful = sa.Column("doubtful", sa.Integer(), server_default=sa.text("0"), nullable=False, comment=DOUBTFUL)
    op.add_column("letters", doubtful)
