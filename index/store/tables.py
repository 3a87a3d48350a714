"""The tables of ``office.db`` and what their rows mean; ``index/store/migrations`` makes them, and the triggers.

Rules kept (held by triggers in the database, whoever writes):
* ``audit``, histories, batches, bases, authorisations, cases with their events and files, notices, ``staff``: never
  deleted. An audit line stands behind the last one and carries its hash.
* Audit, histories, bases, case events and files, notices, ``ledger_records`` and batch requests never change.
* ``report_events`` and ``log_leaves`` are only added to; a leaf's position is the number of leaves before it.
* An authorisation changes its ``revoked…`` columns only.
* A ``ledger`` row is never deleted, and only its ``state…`` columns may change: what was signed stays as signed.

Source: design §6 (issuing order), inventory A/B13 (谁生成谁提供、谁提供谁负责: provider, batch, received at).
Days are calendar days in Asia/Shanghai, moments are aware (``Moment``), amounts are 万元 (``Amount``).
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from index.store.columns import Amount, Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

batches = Table(
    "batches",
    metadata,
    Column("id", String(16), primary_key=True, comment="day and running number, e.g. 20261122-0001"),
    Column("kind", String(16), nullable=False, comment="subjects | records"),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("provider", Text, nullable=True, comment="the unit named with the import; None = each row names its own"),
    Column("received_at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("row_count", Integer, nullable=False, default=0),
    Column("inserted", Integer, nullable=False, default=0),
    Column("updated", Integer, nullable=False, default=0),
    Column("unchanged", Integer, nullable=False, default=0),
    Column("rejected", Integer, nullable=False, default=0),
    CheckConstraint("kind IN ('subjects', 'records')", name="kind"),
)
"""One imported file. Counts are final when the import's transaction commits."""

subjects = Table(
    "subjects",
    metadata,
    Column("code", String(18), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False, comment="index.records.model.SubjectKind"),
    Column("type_name", Text),
    Column("legal_representative", Text, comment="in full; masked wherever it leaves the office"),
    Column("established_on", Date),
    Column("address", Text),
    Column("registration_state", Text),
    Column("registration_authority", Text),
    Column("parent_code", String(18), index=True, comment="隶属主体: whose branch it is, None = nobody's"),
    Column("batch", ForeignKey("batches.id"), nullable=False, comment="the batch that last changed the row"),
    Column("received_at", Moment, nullable=False),
)
"""The registered subjects, as last provided."""

records = Table(
    "records",
    metadata,
    Column("key", Text, primary_key=True, comment="subject code + document number + decision day"),
    Column("subject_code", String(18), nullable=False, index=True),
    Column("subject_name", Text, nullable=False),
    Column("kind", String(16), nullable=False, comment="RecordKind"),
    Column("domain", SmallInteger, nullable=False),
    Column("source_unit", Text, nullable=False),
    Column("source_kind", String(16), nullable=False, comment="SourceKind"),
    Column("document_number", Text, nullable=False),
    Column("violation", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("licence", Text, nullable=False, comment="证照暂扣或吊销: name and number"),
    Column("fine_wan", Amount),
    Column("confiscated_wan", Amount),
    Column("decided_on", Date, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("penalty_until", Date, comment="处罚有效期; None = no end or not stated"),
    Column("publication_until", Date, comment="None = no end (长期)"),
    Column("published", Boolean, nullable=False),
    Column("legal_state", String(16), nullable=False, comment="LegalState"),
    Column("secrecy", String(16), nullable=False, comment="Secrecy"),
    Column("corrected_on", Date),
    Column("repaired_on", Date),
    Column("under_objection", Boolean, nullable=False),
    Column("note", Text, nullable=False, comment="备注: for the office only, never printed"),
    Column("severity", String(8), comment="Severity: 轻微 | 一般 | 严重; None = not stated"),
    Column("from_province", Boolean, nullable=False, default=False, comment="省级数据回流"),
    Column("provider", Text, nullable=False),
    Column("batch", ForeignKey("batches.id"), nullable=False, comment="the batch that last changed the row"),
    Column("received_at", Moment, nullable=False),
)
"""Credit records as last provided. A record may arrive before its subject is registered, so there is no key to it."""


def _history(name: str, key_name: str) -> Table:
    """Earlier versions of a row: what it was, who replaced it, when and why."""
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column(key_name, Text, nullable=False, index=True),
        Column("changed_at", Moment, nullable=False),
        Column("actor", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("batch", ForeignKey("batches.id"), comment="the batch that replaced the row, if an import did"),
        Column("before", Text, nullable=False, comment="the replaced row as JSON, column → stored text"),
    )


record_history = _history("record_history", "record_key")
subject_history = _history("subject_history", "subject_code")

feeds = Table(
    "feeds",
    metadata,
    Column("domain", SmallInteger, primary_key=True, autoincrement=False),
    Column("updated_on", Date, nullable=False),
    Column("batch", ForeignKey("batches.id")),
)
"""Domains whose data reaches us. No row = 暂未接入."""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("action", String(40), nullable=False, comment="e.g. records.read, records.import, report.issue"),
    Column("target", Text, nullable=False, index=True, comment="subject code, report number, batch …"),
    Column("detail", Text, nullable=False, default=""),
    Column("hash", LargeBinary(32), nullable=False, comment="index.audit_chain: over this line and the one before"),
    CheckConstraint("actor <> '' AND purpose <> '' AND action <> ''", name="named"),
)
"""Who read or did what, when and why. Append-only and chained; ``index.audit.append`` writes it."""

staff = Table(
    "staff",
    metadata,
    Column("id", String(64), primary_key=True, comment="工号; never given to somebody else"),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("roles", Text, nullable=False, default="", comment="index.directory.model.Role, sorted, parted by spaces"),
    Column("matters", Text, nullable=False, default="[]", comment="JSON list"),
    Column("active", Boolean, nullable=False, default=True),
    Column("source", Text, nullable=False, default="", comment="'' = a list; else the platform and tenant synced from"),
    Column("changed_at", Moment, nullable=False),
    CheckConstraint("id <> '' AND name <> '' AND unit <> ''", name="named"),
)
"""Who works here. Never deleted: who has left is not active."""

refusals = Table(
    "refusals",
    metadata,
    Column("account", Text, primary_key=True, comment="of nobody in the directory"),
    Column("hour", Moment, primary_key=True, comment="its first moment"),
    Column("count", Integer, nullable=False),
)
"""How often strangers were refused in the hours that are not in the audit as a whole yet (``index.refusals``)."""

staff_accounts = Table(
    "staff_accounts",
    metadata,
    Column("platform", String(16), primary_key=True),
    Column("tenant", Text, primary_key=True),
    Column("account", Text, primary_key=True, comment="as index.directory.accounts.key_of compares it"),
    Column("staff", ForeignKey("staff.id"), nullable=False, index=True),
)
"""Under which accounts a member is known; each account is one member's."""

report_numbers = Table(
    "report_numbers",
    metadata,
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)
"""The last sequence number given out on a day. A number is never given out twice, even when its report failed."""

intents = Table(
    "intents",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("idempotency_key", Text, nullable=False),
    Column("subject_code", String(18), nullable=False),
    Column("content", LargeBinary, nullable=False, comment="the frozen content, exactly as rehearsed"),
    Column("content_digest", LargeBinary(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("state", String(16), nullable=False, comment="open | done | abandoned"),
    Column("state_changed_at", Moment, nullable=False),
    CheckConstraint("state IN ('open', 'done', 'abandoned')", name="state"),
)
"""What was about to be signed. After a crash the open rows are all that may exist beside the ledger."""

Index(
    "uq_intents_live_idempotency_key",
    intents.c.idempotency_key,
    unique=True,
    sqlite_where=text("state <> 'abandoned'"),
    postgresql_where=text("state <> 'abandoned'"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("idempotency_key", Text, nullable=False, unique=True),
    Column("subject_code", ForeignKey("subjects.code"), nullable=False, index=True),
    Column("issued_at", Moment, nullable=False),
    Column("valid_until", Moment, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("years", SmallInteger, nullable=False),
    Column("calendar_published", Boolean, nullable=False, default=True, comment="False: weekend rule was used"),
    Column("purpose", Text, nullable=False),
    Column("basis_title", Text, nullable=False),
    Column("status_index", Integer, nullable=False, unique=True),
    Column("token", LargeBinary, nullable=False, comment="the signed credential"),
    Column("content_root", LargeBinary(32), nullable=False),
    Column("kid", LargeBinary(8), nullable=False),
    Column("typed_code_digest", LargeBinary(32), nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("channel", String(16), nullable=False, default="desk", comment="Channel: desk | self | service"),
    Column("identity_check", Text, nullable=False, default="", comment="how the applicant's identity was checked"),
    Column("request", Text, comment="the batch request this report belongs to; None = asked for alone"),
    Column("state", String(16), nullable=False, default="valid"),
    Column("state_reason", Text),
    Column("state_changed_at", Moment),
    Column("state_actor", Text),
    CheckConstraint("state IN ('valid', 'revoked', 'superseded', 'suspended')", name="state"),
)
"""One line per issued report. Expiry is not a state: it follows from ``valid_until`` and the clock."""

Index("ix_intents_open", intents.c.created_at, sqlite_where=text("state = 'open'"))
Index("ix_ledger_issued_at", ledger.c.issued_at)
Index("ix_ledger_request", ledger.c.request, sqlite_where=text("request IS NOT NULL"))
Index("ix_ledger_withdrawn", ledger.c.status_index, ledger.c.state, sqlite_where=text("state <> 'valid'"))
"""What issuing asks at each report: what is open, what is newest, what is withdrawn."""

report_events = Table(
    "report_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("number", ForeignKey("ledger.number"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("event", String(16), nullable=False, comment="revoke | supersede | suspend | resume"),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("successor", ForeignKey("ledger.number"), comment="the report that replaces this one"),
    CheckConstraint("event IN ('revoke', 'supersede', 'suspend', 'resume')", name="event"),
)
"""Every change of a report's state: who, when, why, from which to which. Append-only; the ledger has the newest."""

log_leaves = Table(
    "log_leaves",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False, comment="the leaf's index in the tree, from 0"),
    Column("content", LargeBinary, nullable=False, comment="the leaf's bytes: docs/credential.md §10"),
    Column("ref", LargeBinary(32), index=True, comment="SHA-256 of the report's token; None: the log's opening"),
    Column("number", ForeignKey("ledger.number"), comment="the report; None: the log's opening"),
    Column("at", Moment, nullable=False, comment="when it was registered"),
)
"""The transparency log: every issue and every change of state, in order and without gaps. Append-only."""

report_requests = Table(
    "report_requests",
    metadata,
    Column("key", Text, primary_key=True, comment="the idempotency key of the whole request"),
    Column("asked", Text, nullable=False, comment="what was asked for, as canonical JSON"),
    Column("subject_codes", Text, nullable=False, comment="whom it stood for on that day, JSON list in order"),
    Column("created_at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
)
"""Requests for many reports at once. A repeated request gets the reports of the subjects written down here."""

ledger_records = Table(
    "ledger_records",
    metadata,
    Column("number", ForeignKey("ledger.number"), primary_key=True),
    Column("record_key", Text, primary_key=True, index=True),
)
"""Which records an issued report shows: who must be told when one of them is corrected or repaired."""

report_notices = Table(
    "report_notices",
    metadata,
    Column("number", ForeignKey("ledger.number"), primary_key=True),
    Column("kind", String(16), primary_key=True, comment="corrected | repaired"),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("case_number", Text, nullable=False, comment="the case, batch or amendment that led to it"),
    CheckConstraint("kind IN ('corrected', 'repaired')", name="kind"),
)
"""What a verifier is told beside the verdict. A notice is not a state: the report stays as valid as it was."""

bases = Table(
    "bases",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("title", Text, nullable=False),
    Column("document_number", Text),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date, comment="None = no end stated"),
    Column("replaces", Text, comment="title of the text it follows or extends"),
    Column("registered_at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("evidence", Text, nullable=False, comment="where the text was checked: file, address, letter"),
)
"""Texts under which reports may be issued, registered beside those of ``bases.csv``. Rows are never changed."""

authorisations = Table(
    "authorisations",
    metadata,
    Column("number", String(24), primary_key=True, comment="SQ + day + running number"),
    Column("subject_code", String(18), nullable=False, index=True),
    Column("grantee", Text, nullable=False, comment="who may read: name and code or staff id"),
    Column("scope", String(16), nullable=False, comment="Scope: report | records"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("file", LargeBinary, nullable=False, comment="the signed authorisation"),
    Column("registered_at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("revoked_at", Moment),
    Column("revoked_by", Text),
    Column("revoked_reason", Text),
)
"""Signed authorisations of subjects (inventory D06): scope, term, revocable. Only the ``revoked…`` columns change."""

objections = Table(
    "objections",
    metadata,
    Column("number", String(24), primary_key=True, comment="YY + day + running number"),
    Column("subject_code", String(18), nullable=False, index=True),
    Column("report_number", ForeignKey("ledger.number")),
    Column("record_key", Text, index=True, comment="None: the objection is to a whole domain"),
    Column("domain", SmallInteger, nullable=False),
    Column("unit", Text, nullable=False, index=True, comment="the responsible unit it is routed to"),
    Column("reason", Text, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("filed_at", Moment, nullable=False),
    Column("filed_by", Text, nullable=False),
    Column("state", String(16), nullable=False, index=True, comment="index.cases.objections.State"),
    Column("state_changed_at", Moment, nullable=False),
    Column("outcome", Text, nullable=False, default="", comment="what the subject is told"),
    Column("idempotency_key", String(64), index=True, unique=True, comment="the same request again is this one"),
)
"""Objections (B15). ``case_events`` has every step."""

repairs = Table(
    "repairs",
    metadata,
    Column("number", String(24), primary_key=True, comment="XF + day + running number"),
    Column("subject_code", String(18), nullable=False, index=True),
    Column("record_key", Text, nullable=False, index=True),
    Column("severity", String(8), nullable=False),
    Column("corrected_on", Date, nullable=False),
    Column("obligations_done_on", Date, nullable=False),
    Column("commitment", Text, nullable=False, comment="the public 信用承诺, as given"),
    Column("channel", String(16), nullable=False),
    Column("filed_at", Moment, nullable=False),
    Column("filed_by", Text, nullable=False),
    Column("state", String(16), nullable=False, index=True, comment="index.cases.repairs.State"),
    Column("state_changed_at", Moment, nullable=False),
    Column("outcome", Text, nullable=False, default=""),
)
"""Applications for 信用修复 (B16)."""

case_events = Table(
    "case_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("case_number", Text, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("event", String(24), nullable=False),
    Column("before", String(16), comment="None: the case began"),
    Column("after", String(16), nullable=False),
    Column("reason", Text, nullable=False),
)
"""Every step of every case: who, when, why, from which state to which. Append-only."""

case_files = Table(
    "case_files",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("case_number", Text, nullable=False, index=True),
    Column("event", ForeignKey("case_events.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Evidence handed in with a step. Append-only."""

case_numbers = Table(
    "case_numbers",
    metadata,
    Column("prefix", String(4), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)
"""The last running number given out per kind (YY, XF, SQ) and day."""
