"""The rows of the transparency log: one leaf for every issue and every change of a state, in the act's transaction.

Rules kept:
* A leaf commits with the ledger line or the change it registers, or neither does. Positions have no gaps.
* The first leaf says when the log was opened. A report issued before that has no place in it, nor have its changes.
* A real office registers by the wall clock, never before the leaf before: a clock set back a little is waited for. One
  that ran far ahead is not followed for ever; the step back stays in the log for every auditor to see.
* A sample office may choose the moment of a report. Such a report lives in its own time: its leaf has its own moment, a
  change of it the moment chosen for the change, or where none was chosen that of its leaf before. The log of a sample
  office may go back in time, as its reports do. Decision: docs/decisions/0178.

Source: docs/credential.md §10; RFC 6962 §2.1; verify.transparency.leaves.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, Select, func, insert, select

from index.store import tables
from verify.credential import decode
from verify.issuing.orders import LedgerEntry
from verify.registration import Act
from verify.status import CLOCK_TOLERANCE
from verify.transparency.leaves import changed, issued, opened, ref_of

_LEAVES = tables.log_leaves
_INSERT = insert(_LEAVES)
_NEWEST = select(_LEAVES.c.position, _LEAVES.c.at).order_by(_LEAVES.c.position.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when something was registered."""

    index: int
    at: datetime

    def to_json(self) -> dict[str, object]:
        return {"index": self.index, "logged_at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Registrar:
    """Writes the leaves of one office. ``chooses_moments``: a sample office, whose reports may have any moment."""

    chooses_moments: bool

    def issued(self, connection: Connection, entry: LedgerEntry, now: datetime) -> None:
        """The leaf of a report that is entered in this transaction."""
        facts = decode(entry.token).facts
        last = _place(connection, _NEWEST)
        at = self._moment(facts.issued_at, now, last)
        if last is None:
            write_leaf(connection, opened(at), at, 0)
        place = 1 if last is None else last.index + 1
        leaf = issued(at, entry.token, facts.issued_at, facts.sequence)
        write_leaf(connection, leaf, at, place, ref_of(entry.token), entry.number)

    def changed(self, connection: Connection, entry: LedgerEntry, act: Act, done: datetime, now: datetime) -> None:
        """The leaf of a change that counts as ``done`` then; none for a report older than the log."""
        last = _place(connection, _NEWEST)
        own = _place(connection, _NEWEST.where(_LEAVES.c.ref == ref_of(entry.token)))
        if last is not None and own is not None:
            own_time = abs(done - now) <= CLOCK_TOLERANCE and _has_chosen_moment(connection, entry)
            at = max(own.at, self._moment(own.at if own_time else done, done, last))
            ref = ref_of(entry.token)
            write_leaf(connection, changed(act, at, ref, own.index), at, last.index + 1, ref, entry.number)

    def _moment(self, chosen: datetime, now: datetime, last: Place | None) -> datetime:
        """``chosen``: the act's own moment, where the office chooses it."""
        if self.chooses_moments:
            return chosen.replace(microsecond=0)
        whole = now.replace(microsecond=0)
        return max(whole, last.at) if last is not None and last.at <= now + CLOCK_TOLERANCE else whole


class Leaves:
    """What stands in the log, read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def size(self) -> int:
        """How many there are: positions have no gaps."""
        with self._engine.connect() as connection:
            last = connection.execute(select(func.max(_LEAVES.c.position))).scalar()
        return 0 if last is None else last + 1

    def since(self, start: int) -> Sequence[bytes]:
        """The leaves from position ``start`` on."""
        query = select(_LEAVES.c.content).where(_LEAVES.c.position >= start).order_by(_LEAVES.c.position)
        with self._engine.connect() as connection:
            return connection.execute(query).scalars().all()

    def touched_since(self, start: int) -> frozenset[bytes]:
        """The refs of the reports that leaves from position ``start`` on are about."""
        query = select(_LEAVES.c.ref).where(_LEAVES.c.position >= start, _LEAVES.c.ref.is_not(None)).distinct()
        with self._engine.connect() as connection:
            return frozenset(connection.execute(query).scalars())

    def of(self, refs: Collection[bytes]) -> Mapping[bytes, list[tuple[int, bytes]]]:
        """For each report its leaves with their positions, oldest first."""
        columns = _LEAVES.c.ref, _LEAVES.c.position, _LEAVES.c.content
        found: dict[bytes, list[tuple[int, bytes]]] = {ref: [] for ref in refs}
        with self._engine.connect() as connection:
            for ref in refs:
                query = select(*columns).where(_LEAVES.c.ref == ref).order_by(_LEAVES.c.position)
                found[ref] = [(row.position, row.content) for row in connection.execute(query)]
        return found


def place_of(connection: Connection, entry: LedgerEntry) -> Place | None:
    """Where the report's issue is registered; None for one older than the log."""
    query = select(_LEAVES.c.position, _LEAVES.c.at).where(_LEAVES.c.ref == ref_of(entry.token))
    return _place(connection, query.order_by(_LEAVES.c.position).limit(1))


def leaves_of(connection: Connection, entry: LedgerEntry) -> int:
    """How many leaves are about the report."""
    return connection.execute(select(func.count()).where(_LEAVES.c.ref == ref_of(entry.token))).scalar_one()


def _has_chosen_moment(connection: Connection, entry: LedgerEntry) -> bool:
    """Whether a moment was chosen for the report, other than that in which it was issued."""
    query = select(tables.intents.c.created_at).where(tables.intents.c.number == entry.number)
    intended = connection.execute(query).scalar()
    return intended is not None and abs(intended - entry.issued_at) > CLOCK_TOLERANCE


def _place(connection: Connection, query: Select[tuple[int, datetime]]) -> Place | None:
    row = connection.execute(query).first()
    return None if row is None else Place(row.position, row.at)


def write_leaf(
    connection: Connection,
    leaf: bytes,
    at: datetime,
    position: int,
    ref: bytes | None = None,
    number: str | None = None,
) -> None:
    """One row, in the caller's transaction. ``ref`` None: the opening; ``number`` None: no report of our ledger."""
    row = {"position": position, "content": leaf, "at": at, "ref": ref, "number": number}
    connection.execute(_INSERT, row)
