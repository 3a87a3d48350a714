"""The office's own side of an audit: every line of the ledger has its leaf, every leaf its line, every change its leaf.

1. The stored leaves are those of the published tree. Some that are not published yet are told as such.
2. Each line of the ledger says what its token says, and stands as its history has it: the status list follows it.
3. Each line and each change has its leaf, and each leaf its line. A report signed before the log's opening has none,
   nor have its changes.

* Whoever edits the database by hand is found, whatever of it: triggers do not stop who may drop them.
* Reading the ledger is an act with an actor and leaves an audit line.

Source: docs/log.md; verify.issuing.registering; verify.transparency.audit.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, Engine, select
from sqlalchemy.engine import RowMapping

from index.audit import append
from index.store import tables
from index.store.engine import writing
from verify.credential import Facts, decode
from verify.issuing.ledger import Doer
from verify.issuing.states import ACTS, Event, State
from verify.reasons import Rejection
from verify.registration import STATUS_AFTER, Act
from verify.transparency.audit import Audit
from verify.transparency.findings import Finding, Kind
from verify.transparency.leaves import opened, ref_of

PURPOSE = "登记日志审计"
_CHUNK = 1000
_SIGNED = ("number", "issued_at", "status_index", "subject_code", "content_root")
"""Columns of the ledger that repeat what the token says."""
_LEDGER, _EVENTS, _LEAVES = tables.ledger, tables.report_events, tables.log_leaves


def against_ledger(engine: Engine, audit: Audit, doer: Doer) -> Iterator[Finding]:
    """What the published log and the ledger say differently."""
    with writing(engine) as connection:
        detail = f"{audit.checkpoint.size} 条"
        append(
            connection, at=doer.now, actor=doer.actor, purpose=PURPOSE, action="log.audit", target="log", detail=detail
        )
    with engine.connect() as connection:
        yield from _rows(connection, audit)
        pending = _pending(connection, audit.checkpoint.size)
        if pending:
            yield Finding(Kind.UNPUBLISHED, detail=f"{len(pending)} 份报告")
        entered = set()
        steps = _steps(connection)
        query = select(*(_LEDGER.c[name] for name in _SIGNED), _LEDGER.c.token, _LEDGER.c.state)
        for row in connection.execution_options(yield_per=_CHUNK).execute(query).mappings():
            ref, done = ref_of(row["token"]), steps.get(row["number"], ())
            entered.add(ref)
            yield from _line(row, done)
            if ref not in pending:
                yield from _registration(row, ref, done, audit)
    for ref, logged in audit.reports.items():
        if ref not in entered:
            yield Finding(Kind.LEAF_NOT_IN_LEDGER, logged.rows[0][0], logged.number)


def _rows(connection: Connection, audit: Audit) -> Iterator[Finding]:
    """1. What will be published next follows from the rows."""
    columns = _LEAVES.c.ref, _LEAVES.c.position, _LEAVES.c.content
    query = (
        select(*columns).where(_LEAVES.c.position < audit.checkpoint.size).order_by(_LEAVES.c.ref, _LEAVES.c.position)
    )
    strange: list[int] = []
    known: set[bytes | None] = set()
    for ref, rows in groupby(connection.execution_options(yield_per=_CHUNK).execute(query), attrgetter("ref")):
        leaves = tuple((row.position, row.content) for row in rows)
        if leaves == _published(audit, ref):
            known.add(ref)
        elif ref is not None and ref not in audit.reports:
            strange.append(leaves[0][0])
    if None not in known:
        strange.append(0)
    yield from (Finding(Kind.ROWS_DIFFER, index) for index in strange)
    for ref, logged in audit.reports.items():
        if ref not in known:
            yield Finding(Kind.ROWS_DIFFER, logged.rows[0][0], logged.number)


def _published(audit: Audit, ref: bytes | None) -> tuple[tuple[int, bytes], ...]:
    """The leaves of one report, or the opening, as the log has them."""
    if ref is None:
        return () if audit.opened_at is None else ((0, opened(audit.opened_at)),)
    return audit.reports[ref].rows if ref in audit.reports else ()


def _line(row: RowMapping, steps: Sequence[Act]) -> Iterator[Finding]:
    """2."""
    facts = _facts(row)
    differing = [name for name in _SIGNED if facts is None or row[name] != _signed(facts, row)[name]]
    if differing:
        yield Finding(Kind.LEDGER_DIFFERS, number=row["number"], detail="、".join(differing))
    stands = State[STATUS_AFTER[steps[-1]].name] if steps else State.VALID
    if row["state"] != stands:
        detail = f"台账现为{State(row['state']).label}，按变动记录应为{stands.label}"
        yield Finding(Kind.STATE_DIFFERS, number=row["number"], detail=detail)


def _facts(row: RowMapping) -> Facts | None:
    try:
        return decode(row["token"]).facts
    except Rejection:
        return None


def _signed(facts: Facts, row: RowMapping) -> Mapping[str, object]:
    """The columns of ``_SIGNED`` as the token has them."""
    return {
        "number": facts.number(row["number"][:4]),
        "issued_at": facts.issued_at,
        "status_index": facts.status_index,
        "subject_code": facts.subject_code,
        "content_root": facts.content_root,
    }


def _registration(row: RowMapping, ref: bytes, steps: Sequence[Act], audit: Audit) -> Iterator[Finding]:
    """3."""
    logged = audit.reports.get(ref)
    if logged is None:
        facts, opening = _facts(row), audit.opened_at
        if opening is not None and (facts is None or facts.issued_at >= opening):
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
