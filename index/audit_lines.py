"""Reading the audit: its lines as bytes for the chain, the check of the whole, and its lines for people.

Rules kept:
* For the check a line is read as the bytes that are stored, whatever somebody has made of them: a text that is no
  UTF-8, a number where a text should be, all are findings, never faults of ours.
* Everything is read in one snapshot: who writes meanwhile does not disturb.
* Who looks at lines leaves a line himself; a check shows no line and leaves none.
* The guards in the database (no change, no deletion, in order) are part of what is checked, and that there is no other
  trigger on the audit: one could keep lines from landing.

Source: issue 6 §3; docs/audit.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from sqlite3 import Error as DriverError
from typing import Any

from sqlalchemy import Connection, Engine, Select, select
from sqlalchemy.exc import DatabaseError

from index.audit import append
from index.audit_chain import FIELDS, START, ChainedLine, Fault, Head, Walk
from index.errors import AuditError
from index.store.audit_guards import GUARDS
from index.store.engine import writing
from index.store.tables import audit

MAX_SHOWN = 10_000
LOWEST = -(1 << 63)
"""The lowest number SQLite gives a row."""
_LINES = """
SELECT id,
    CASE typeof(at) WHEN 'text' THEN CAST(at AS BLOB) END,
    CASE typeof(actor) WHEN 'text' THEN CAST(actor AS BLOB) END,
    CASE typeof(purpose) WHEN 'text' THEN CAST(purpose AS BLOB) END,
    CASE typeof(action) WHEN 'text' THEN CAST(action AS BLOB) END,
    CASE typeof(target) WHEN 'text' THEN CAST(target AS BLOB) END,
    CASE typeof(detail) WHEN 'text' THEN CAST(detail AS BLOB) END,
    CASE typeof(hash) WHEN 'blob' THEN hash END
FROM audit WHERE id >= ? ORDER BY id
"""
"""The columns in the order of ``FIELDS``."""
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = 'audit'"
"""SQLite keeps the table's name as the trigger was written: ON AUDIT too."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    number: int
    at: datetime
    actor: str
    purpose: str
    action: str
    target: str
    detail: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: the newest ``last`` of those that fit. ``action`` may be its beginning: ``records.`` is all of them.

    ``since`` is included, ``until`` is not.
    """

    last: int = 50
    actor: str | None = None
    action: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def chained_lines(connection: Connection, first: int = LOWEST) -> Iterator[ChainedLine]:
    """The lines from ``first`` on, in order, as they are stored; before line 1 there should be none, and may be."""
    driver: Any = connection.connection.driver_connection
    for number, *fields, stored in driver.execute(_LINES, (first,)):
        yield ChainedLine(number, tuple(fields), stored)


def check_store(engine: Engine, expected: tuple[Head, ...] = ()) -> Walk:
    """Follows the whole chain of the store. ``expected``: heads kept elsewhere. Raises AuditError if it cannot."""
    walk = Walk(START, expected)
    with read(engine) as connection:
        walk.follow(chained_lines(connection))
        guards: dict[str, str] = dict(connection.exec_driver_sql(_TRIGGERS).all())
    walk.end()
    for name in (name for name, statement in GUARDS.items() if guards.get(name) != statement):
        walk.find(Fault.UNGUARDED, 0, f"数据库里保护审计的触发器 {name} 不见了或被改动")
    for name in sorted(guards.keys() - GUARDS.keys()):
        walk.find(Fault.UNGUARDED, 0, f"审计表上有不是本程序的触发器 {name!r}：它可能拦下或改动新的行")
    return walk


def show(engine: Engine, wanted: Wanted, *, actor: str, purpose: str, now: datetime) -> tuple[AuditLine, ...]:
    """The lines wanted, newest first; leaves a line itself. Raises AuditError, AccessDenied."""
    with writing(engine) as connection:
        detail = "，".join(f"{name}={value}" for name, value in asdict(wanted).items() if value is not None)
        append(connection, at=now, actor=actor, purpose=purpose, action="audit.read", target="audit", detail=detail)
    with read(engine) as connection:
        return tuple(AuditLine(*row) for row in connection.execute(_fitting(wanted)))


def unanswered(connection: Connection, begun: str, family: str) -> int | None:
    """The number of the newest line whose action is ``begun``, unless one of ``family`` (its beginning) came after."""
    last = connection.scalar(select(audit.c.id).where(audit.c.action == begun).order_by(audit.c.id.desc()).limit(1))
    if last is None:
        return None
    after = select(audit.c.id).where(audit.c.id > last, audit.c.action.startswith(family, autoescape=True)).limit(1)
    return last if connection.scalar(after) is None else None


def _fitting(wanted: Wanted) -> Select[Any]:
    lines = select(audit.c.id, *(audit.c[name] for name in FIELDS))
    if wanted.actor is not None:
        lines = lines.where(audit.c.actor == wanted.actor)
    if wanted.action is not None:
        lines = lines.where(audit.c.action.startswith(wanted.action, autoescape=True))
    if wanted.target is not None:
        lines = lines.where(audit.c.target == wanted.target)
    if wanted.since is not None:
        lines = lines.where(audit.c.at >= wanted.since)
    if wanted.until is not None:
        lines = lines.where(audit.c.at < wanted.until)
    return lines.order_by(audit.c.id.desc()).limit(min(wanted.last, MAX_SHOWN))


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """One snapshot. Raises AuditError for what the database, or a line in it, does not give."""
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except (DatabaseError, DriverError, ValueError) as error:
        raise AuditError(
            "审计记录读不出来，可能已经损坏或被改动。",
            next_step="请用 chenghe audit verify 核对；核对也读不出来的，请保留文件并用备份恢复。",
            code="AUDIT_UNREADABLE",
        ) from error
