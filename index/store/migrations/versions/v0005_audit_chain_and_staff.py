"""The audit becomes a chain, lines that were there are chained as they are; the directory of the staff."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from index.audit_chain import START, line_hash
from index.store.audit_guards import GUARDS

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

READ = "SELECT id, at, actor, purpose, action, target, detail FROM audit ORDER BY id"
WRITE = (
    "INSERT INTO audit_chained (id, at, actor, purpose, action, target, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def upgrade() -> None:
    create_chained_audit()
    create_audit_triggers()
    create_staff()


def create_chained_audit() -> None:
    """A new table with the old lines: SQLite cannot add a column that must not be empty."""
    op.create_table(
        "audit_chained",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("actor <> '' AND purpose <> '' AND action <> ''", name=op.f("ck_audit_named")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.executemany(WRITE, _chained(driver.execute(READ)))
    op.drop_table("audit")
    op.rename_table("audit_chained", "audit")
    op.create_index(op.f("ix_audit_target"), "audit", ["target"], unique=False)


def _chained(rows: Iterator[tuple[int, str, str, str, str, str, str]]) -> Iterator[tuple[object, ...]]:
    """Each old line with its hash; a missing number stays missing, and is found by every check."""
    previous = START.hash
    for row in rows:
        previous = line_hash(previous, row[0], [str(text).encode() for text in row[1:]])
        yield (*row, previous)


def create_audit_triggers() -> None:
    for statement in GUARDS.values():
        op.execute(statement)


def create_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("matters", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.String(length=32), nullable=False),
        sa.CheckConstraint("id <> '' AND name <> '' AND unit <> ''", name=op.f("ck_staff_named")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    op.execute(
        "CREATE TRIGGER staff_kept BEFORE DELETE ON staff "
        "BEGIN SELECT RAISE(ABORT, 'staff rows are never deleted'); END"
    )
    op.create_table(
        "staff_accounts",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("staff", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_staff_accounts_staff_staff")),
        sa.PrimaryKeyConstraint("platform", "tenant", "account", name=op.f("pk_staff_accounts")),
    )
    op.create_index(op.f("ix_staff_accounts_staff"), "staff_accounts", ["staff"], unique=False)
