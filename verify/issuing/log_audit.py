"""The office's own side of an audit: every line of the ledger has its leaf, every leaf its line, every change its leaf.

* A report older than the log's opening has no leaf, nor have its changes.
* Leaves that are stored but not yet published are told as such, and nothing else is concluded from them.
* Reading the ledger is an act with an actor and leaves an audit line.

Source: docs/log.md; verify.issuing.registering; verify.transparency.audit.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, Engine, select
from sqlalchemy.engine import RowMapping

from index.audit import append
from index.store import tables
from index.store.engine import writing
from verify.issuing.ledger import Doer
from verify.issuing.states import ACTS, Event
from verify.registration import Act
from verify.transparency.audit import Audit
from verify.transparency.findings import Finding, Kind
from verify.transparency.leaves import ref_of

PURPOSE = "登记日志审计"
_CHUNK = 1000
_LEDGER, _EVENTS, _LEAVES = tables.ledger, tables.report_events, tables.log_leaves


def against_ledger(engine: Engine, audit: Audit, doer: Doer) -> Iterator[Finding]:
    """What the published log and the ledger say differently."""
    with writing(engine) as connection:
        detail = f"{audit.checkpoint.size} 条"
        append(
            connection, at=doer.now, actor=doer.actor, purpose=PURPOSE, action="log.audit", target="log", detail=detail
        )
    with engine.connect() as connection:
        pending = _pending(connection, audit.checkpoint.size)
        if pending:
            yield Finding(Kind.UNPUBLISHED, detail=f"{len(pending)} 份报告")
        entered = set()
        steps = _steps(connection)
        query = select(_LEDGER.c.number, _LEDGER.c.token, _LEDGER.c.issued_at)
        for row in connection.execution_options(yield_per=_CHUNK).execute(query).mappings():
            ref = ref_of(row["token"])
            entered.add(ref)
            if ref not in pending:
                yield from _line(row, ref, steps.get(row["number"], ()), audit)
    for ref, logged in audit.reports.items():
        if ref not in entered:
            yield Finding(Kind.LEAF_NOT_IN_LEDGER, logged.rows[0][0], logged.number)


def _line(row: RowMapping, ref: bytes, steps: Sequence[Act], audit: Audit) -> Iterator[Finding]:
    logged = audit.reports.get(ref)
    if logged is None:
        if audit.opened_at is not None and row["issued_at"] >= audit.opened_at:
            yield Finding(Kind.LEDGER_UNLOGGED, number=row["number"])
    elif logged.acts != (Act.ISSUED, *steps):
        detail = f"台账 {len(steps)} 次变动，日志 {len(logged.acts) - 1} 次"
        yield Finding(Kind.STATE_DIFFERS, logged.rows[-1][0], row["number"], detail)


def _pending(connection: Connection, size: int) -> frozenset[bytes]:
    """The reports with leaves that are not in the published tree yet."""
    query = select(_LEAVES.c.ref).where(_LEAVES.c.position >= size, _LEAVES.c.ref.is_not(None)).distinct()
    return frozenset(connection.execute(query).scalars())


def _steps(connection: Connection) -> Mapping[str, Sequence[Act]]:
    """Number → the acts of its changes, oldest first."""
    found: dict[str, list[Act]] = {}
    for row in connection.execute(select(_EVENTS.c.number, _EVENTS.c.event).order_by(_EVENTS.c.id)):
        found.setdefault(row.number, []).append(ACTS[Event(row.event)])
    return found
