"""What a database restored from a backup lacks of the published log, taken back from it.

Rules kept:
* A published tree is never contradicted: a log that went on from an older database would be a fork, and every report
  would be doubted. So its leaves become our rows again – only those of a tree that our own key signed and that begins
  with the rows we have, each proven to stand in it.
* With the leaves come back the numbers given out (none is given out twice) and the withdrawals of reports we know.
  Reports that only the log knows stay registered; what they said is in their sealed contents, not with us.
* One transaction, with its audit line.

Source: docs/serving.md (Keeping copies); RFC 6962. Decision: docs/decisions/0180.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Engine, insert, select, update

from index.store import tables
from index.store.engine import writing
from verify.issuing.ledger import Doer, entry_in, note
from verify.issuing.registering import write_leaf
from verify.issuing.standing import write_change
from verify.issuing.states import ACTS, State, StateChange, target_of
from verify.transparency.leaves import Leaf, read_leaf

ACTOR = "登记日志"
REASON = "由登记日志恢复：数据库备份里没有这一次变动"
_LEAVES = tables.log_leaves
_EVENTS = {act: event for event, act in ACTS.items()}


def adopt(engine: Engine, start: int, leaves: Sequence[bytes], now: datetime) -> None:
    """Stores the proven ``leaves`` that stand in the published log from position ``start`` on."""
    with writing(engine) as connection:
        for position, content in enumerate(leaves, start):
            leaf = read_leaf(content)
            number = _number(connection, leaf)
            write_leaf(connection, content, leaf.at, position, leaf.ref or None, number)
            _keep_number_taken(connection, leaf)
            if number is not None:
                _repeat(connection, number, leaf)
        note(connection, Doer(ACTOR, now), "log.adopt", "log", f"{start}–{start + len(leaves) - 1}")


def _number(connection: Connection, leaf: Leaf) -> str | None:
    """The report, if our ledger has it."""
    query = select(_LEAVES.c.number).where(_LEAVES.c.ref == leaf.ref).order_by(_LEAVES.c.position).limit(1)
    return connection.execute(query).scalar()


def _keep_number_taken(connection: Connection, leaf: Leaf) -> None:
    if leaf.iat is None or leaf.sequence is None:
        return
    day, table = leaf.iat.date(), tables.report_numbers
    last = _last_number(connection, day)
    if last is None:
        connection.execute(insert(table).values(day=day, last=leaf.sequence))
    elif last < leaf.sequence:
        connection.execute(update(table).where(table.c.day == day).values(last=leaf.sequence))


def _last_number(connection: Connection, day: date) -> int | None:
    table = tables.report_numbers
    return connection.execute(select(table.c.last).where(table.c.day == day)).scalar()


def _repeat(connection: Connection, number: str, leaf: Leaf) -> None:
    """The change that the log has of a report in our ledger."""
    entry = entry_in(connection, number)
    event = _EVENTS[leaf.act]
    change = StateChange(leaf.at, ACTOR, event, State(entry.state), target_of(entry, event), REASON)
    write_change(connection, number, change)
