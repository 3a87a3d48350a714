"""What was given up, and what may have arrived twice, is counted without reading every letter of nine days."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    given_up, doubtful = sa.text("state = 'given_up'"), sa.text("doubtful > 0")
    op.create_index("ix_letters_given_up", "letters", ["done_at"], unique=False, sqlite_where=given_up)
    op.create_index("ix_letters_doubtful", "letters", ["number"], unique=False, sqlite_where=doubtful)
