"""Whether each domain's data reaches us, from whom, until when: 谁生成谁提供、谁提供谁负责.

Reads ``feeds`` and ``batches``; every look leaves an audit line.

Rules kept:
* Every domain in force is listed, with its responsible units: one that nobody has sent anything for is 暂未接入.
* A feed that ends ``MAX_LAG_DAYS`` before the window of a report of that day is 未及时更新; a report then says neither.
* A domain taken from ``domains.csv`` takes its records from every report: how many there are is told, not their facts.
* Who sent the last batch answers for it: the unit named with the file, else each row names its own.

Source: inventory B13; scheme of 2024, 三（一）; decision 0055.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Engine, func, select

from index.audit import append
from index.records.window import query_window
from index.rules.model import Office
from index.store.engine import writing
from index.store.tables import batches as batch_table
from index.store.tables import feeds as feed_table
from index.store.tables import records as record_table

MAX_LAG_DAYS = 15
"""A feed that ends this many days before the query window's end still counts as current: departments publish within
7 working days of a decision, and the longest holiday adds 8 days. Decision: docs/decisions/0055."""
PURPOSE = "数据归集检查"


class FeedState(StrEnum):
    CURRENT = "已接入"
    LATE = "未及时更新"
    MISSING = "暂未接入"


@dataclass(frozen=True, slots=True)
class Feed:
    """One domain's feed. ``provider`` None: the last file did not name one unit for all of its rows."""

    domain: int
    name: str
    responsible: str
    """The responsible units as the annex prints them."""
    state: FeedState
    updated_on: date | None
    batch: str | None
    provider: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """One imported file: who provided it, who took it in, what became of its rows."""

    id: str
    kind: str
    file_name: str
    file_sha256: str
    provider: str | None
    received_at: datetime
    actor: str
    row_count: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int


def feed_state(updated_on: date | None, window_end: date) -> FeedState:
    """What a report whose window ends on that day may say of a domain."""
    if updated_on is None:
        return FeedState.MISSING
    return FeedState.CURRENT if (window_end - updated_on).days <= MAX_LAG_DAYS else FeedState.LATE


def all_feeds(engine: Engine, office: Office, *, day: date, actor: str, now: datetime) -> tuple[Feed, ...]:
    """Every domain in force on ``day``, in the order of the annex."""
    joined = select(feed_table.c.domain, feed_table.c.updated_on, feed_table.c.batch, batch_table.c.provider).join(
        batch_table, batch_table.c.id == feed_table.c.batch, isouter=True
    )
    with writing(engine) as connection:
        found = {row.domain: row for row in connection.execute(joined)}
        append(connection, at=now, actor=actor, purpose=PURPOSE, action="feeds.list", target="feeds")
    window = query_window(day, 1, office.calendar)
    told = []
    for domain in office.domains_on(day):
        row = found.get(domain.number)
        updated_on, batch, provider = (row.updated_on, row.batch, row.provider) if row else (None, None, None)
        state = feed_state(updated_on, window.end)
        told.append(Feed(domain.number, domain.name, domain.unit_text, state, updated_on, batch, provider))
    return tuple(told)


def unlisted_domains(engine: Engine, office: Office, *, actor: str, now: datetime) -> tuple[tuple[int, int], ...]:
    """Numbers of domains the office does not have, with how many stored records name each."""
    known = [domain.number for domain in office.domains]
    domain = record_table.c.domain
    wanted = select(domain, func.count()).where(domain.not_in(known)).group_by(domain).order_by(domain)
    with writing(engine) as connection:
        found = tuple((number, count) for number, count in connection.execute(wanted))
        append(connection, at=now, actor=actor, purpose=PURPOSE, action="domains.check", target="records")
    return found


def all_batches(engine: Engine, *, limit: int, actor: str, now: datetime) -> tuple[Batch, ...]:
    """The last imported files, newest first."""
    columns = [batch_table.c[each.name] for each in fields(Batch)]
    wanted = select(*columns).order_by(batch_table.c.received_at.desc(), batch_table.c.id.desc()).limit(limit)
    with writing(engine) as connection:
        found = tuple(Batch(**row) for row in connection.execute(wanted).mappings())
        append(connection, at=now, actor=actor, purpose=PURPOSE, action="batches.list", target="batches")
    return found
