"""Cases, authorisations, registered bases, notices; what a report shows; branches, severity, channel of issue."""

import sqlalchemy as sa
from alembic import op

from index.store.migrations.versions.v0001_first_schema import LEDGER_MAY_CHANGE

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = (
    "bases",
    "authorisations",
    "objections",
    "repairs",
    "case_events",
    "case_files",
    "report_notices",
    "ledger_records",
)
"""Rows of these tables are never deleted."""

FIXED = ("bases", "case_events", "case_files", "report_notices", "ledger_records")
"""Rows of these tables never change either."""

AUTHORISATION_MAY_CHANGE = ("revoked_at", "revoked_by", "revoked_reason")


def upgrade() -> None:
    create_tables()
    add_columns()
    create_triggers()


def create_triggers() -> None:
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} rows are never deleted'); END"
        )
    for table in FIXED:
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} rows never change'); END"
        )
    op.execute("DROP TRIGGER ledger_signed")
    _fix_columns("ledger", "ledger_signed", LEDGER_MAY_CHANGE, "a signed ledger row changes its state only")
    _fix_columns(
        "authorisations", "authorisations_given", AUTHORISATION_MAY_CHANGE, "an authorisation can only be revoked"
    )


def _fix_columns(table: str, trigger: str, may_change: tuple[str, ...], message: str) -> None:
    columns = [row[1] for row in op.get_bind().exec_driver_sql(f"PRAGMA table_info({table})")]
    fixed = ", ".join(name for name in columns if name not in may_change)
    op.execute(
        f"CREATE TRIGGER {trigger} BEFORE UPDATE OF {fixed} ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def add_columns() -> None:
    op.add_column("ledger", sa.Column("channel", sa.String(length=16), nullable=False, server_default="desk"))
    op.add_column("ledger", sa.Column("identity_check", sa.Text(), nullable=False, server_default=""))
    op.add_column("ledger", sa.Column("request", sa.Text(), nullable=True))
    op.add_column("records", sa.Column("severity", sa.String(length=8), nullable=True))
    op.add_column("records", sa.Column("from_province", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("subjects", sa.Column("parent_code", sa.String(length=18), nullable=True))
    op.create_index(op.f("ix_subjects_parent_code"), "subjects", ["parent_code"], unique=False)


def create_tables() -> None:
    op.create_table(
        "authorisations",
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("subject_code", sa.String(length=18), nullable=False),
        sa.Column("grantee", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.String(length=32), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_authorisations")),
    )
    op.create_index(op.f("ix_authorisations_subject_code"), "authorisations", ["subject_code"], unique=False)
    op.create_table(
        "bases",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.Column("registered_at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bases")),
    )
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=True),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    op.create_index(op.f("ix_case_events_case_number"), "case_events", ["case_number"], unique=False)
    op.create_table(
        "case_numbers",
        sa.Column("prefix", sa.String(length=4), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "day", name=op.f("pk_case_numbers")),
    )
    op.create_table(
        "repairs",
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("subject_code", sa.String(length=18), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("corrected_on", sa.Date(), nullable=False),
        sa.Column("obligations_done_on", sa.Date(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("filed_at", sa.String(length=32), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_changed_at", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_repairs")),
    )
    op.create_index(op.f("ix_repairs_record_key"), "repairs", ["record_key"], unique=False)
    op.create_index(op.f("ix_repairs_state"), "repairs", ["state"], unique=False)
    op.create_index(op.f("ix_repairs_subject_code"), "repairs", ["subject_code"], unique=False)
    op.create_table(
        "case_files",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["event"], ["case_events.id"], name=op.f("fk_case_files_event_case_events")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_files")),
    )
    op.create_index(op.f("ix_case_files_case_number"), "case_files", ["case_number"], unique=False)
    op.create_table(
        "ledger_records",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["ledger.number"], name=op.f("fk_ledger_records_number_ledger")),
        sa.PrimaryKeyConstraint("number", "record_key", name=op.f("pk_ledger_records")),
    )
    op.create_index(op.f("ix_ledger_records_record_key"), "ledger_records", ["record_key"], unique=False)
    op.create_table(
        "objections",
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("subject_code", sa.String(length=18), nullable=False),
        sa.Column("report_number", sa.String(length=32), nullable=True),
        sa.Column("record_key", sa.Text(), nullable=True),
        sa.Column("domain", sa.SmallInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("filed_at", sa.String(length=32), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_changed_at", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_number"], ["ledger.number"], name=op.f("fk_objections_report_number_ledger")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_objections")),
    )
    op.create_index(op.f("ix_objections_record_key"), "objections", ["record_key"], unique=False)
    op.create_index(op.f("ix_objections_state"), "objections", ["state"], unique=False)
    op.create_index(op.f("ix_objections_subject_code"), "objections", ["subject_code"], unique=False)
    op.create_index(op.f("ix_objections_unit"), "objections", ["unit"], unique=False)
    op.create_table(
        "report_notices",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('corrected', 'repaired')", name=op.f("ck_report_notices_kind")),
        sa.ForeignKeyConstraint(["number"], ["ledger.number"], name=op.f("fk_report_notices_number_ledger")),
        sa.PrimaryKeyConstraint("number", "kind", name=op.f("pk_report_notices")),
    )
