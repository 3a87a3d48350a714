"""Landing checked rows in the store: new, changed, unchanged – and nothing lost.

Writes ``records`` or ``subjects``, and the history of what they replace, in the caller's transaction.

Rules kept:
* A row equal to the stored one changes nothing; a different one replaces it, and the replaced row goes to the history
  with who, when and why.
* What the file says nothing about keeps its stored value: a department's raw file does not undo a repair.
* What the office has amended is not set back by a file, and no unit replaces another's record (``settling``).
* The same record twice in one file with different facts: the second is refused, not silently the winner.

Why rows of plain values, and which of them were seen told by their place in the table: docs/decisions/0121.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, insert

from index.records.bulk import stored as stored_value
from index.records.settling import (
    is_of_another,
    refusal,
    refusal_of_another,
    refusal_of_early_repair,
    settled,
    stays,
    too_early,
)
from index.records.versions import amended_fields, row_json
from index.store import tables
from index.store.columns import fact_of, moment_text

Facts = dict[str, Any]
Values = tuple[Any, ...]

_BLOCK = 4096
CACHE_KIB = 128 * 1024


@dataclass(frozen=True, slots=True)
class Target:
    """A table that is landed in: its key, its history, and what this file leaves as it is."""

    table: Table
    key: str
    history: Table
    history_key: str
    kept: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The values of a row: the facts in the order of the table, then the mark of the import."""
        return (*(column.name for column in self.table.c if column.name not in MARK), *MARK)


MARK = ("batch", "received_at")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who lands what, when and why: stands on every row and in the history."""

    batch: str
    now: datetime
    actor: str
    reason: str

    @property
    def mark(self) -> Mapping[str, str]:
        """What stands on every row, as it is stored."""
        return dict(zip(MARK, (self.batch, moment_text(self.now)), strict=True))


@dataclass(slots=True)
class Counts:
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class NotLanded:
    """A row that was not taken: ``row`` its number; what a clerk is told."""

    row: int
    shown: str
    code: str
    message: str
    next_step: str


class _RowNumbers:
    """Which row of the file stands at which place of the table: four bytes each, in blocks that are touched."""

    def __init__(self) -> None:
        self._blocks: dict[int, array[int]] = {}

    def set(self, rowid: int, numbers: Sequence[int]) -> None:
        """Consecutive places from ``rowid`` on."""
        done = 0
        while done < len(numbers):
            block, start = divmod(rowid + done, _BLOCK)
            piece = array("I", numbers[done : done + _BLOCK - start])
            self._block(block)[start : start + len(piece)] = piece
            done += len(piece)

    def put(self, rowid: int, number: int) -> None:
        self._block(rowid // _BLOCK)[rowid % _BLOCK] = number

    def _block(self, number: int) -> "array[int]":
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = array("I", bytes(4 * _BLOCK))
        return block

    def get(self, rowid: int) -> int:
        """0 for a place this file has not named."""
        block = self._blocks.get(rowid // _BLOCK)
        return 0 if block is None else block[rowid % _BLOCK]


class _Known(NamedTuple):
    """A stored row: its place and its values."""

    rowid: int
    values: Values


@dataclass(slots=True)
class _Plan:
    """What the rows of one chunk that are in the store already will write. ``stored`` follows what is planned."""

    stored: dict[str, _Known]
    updates: dict[str, Values] = field(default_factory=dict)
    replaced: list[Facts] = field(default_factory=list)
    refused: list[NotLanded] = field(default_factory=list)
    amended: Mapping[str, frozenset[str]] | None = None
    """Looked up when the first row differs."""


@contextmanager
def roomy(connection: Connection) -> Iterator[None]:
    """More of the index in memory while a file lands: keys come in any order, and each page would be read again."""
    (before,) = connection.exec_driver_sql("PRAGMA cache_size").one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


class Landing:
    """Lands one file, chunk by chunk. Rows come as stored values in the order of ``Target.names``."""

    def __init__(self, connection: Connection, target: Target, receipt: Receipt) -> None:
        self._connection, self._target, self._receipt = connection, target, receipt
        self._names = target.names
        self._facts = len(self._names) - len(MARK)
        self._key = self._names.index(target.key)
        self._types = {column.name: column.type for column in target.table.c}
        self._numbers = _RowNumbers()
        self._last = self._last_place()
        self._repeats = False
        """Whether the rows before were all in the store: then these will be too, and are looked up first."""
        self.counts = Counts()

    def land(self, numbers: Sequence[int], rows: Sequence[Values]) -> list[NotLanded]:
        """Lands rows. Returns those that are not taken: they contradict an earlier row, or what the office amended."""
        last = self._last
        inserted, stored = self._insert_new(rows)
        self.counts.inserted += inserted
        self._last += inserted
        if inserted == len(rows):
            self._numbers.set(last + 1, numbers)
            return []
        plan = _Plan(stored)
        for number, row in zip(numbers, rows, strict=True):
            known = plan.stored[row[self._key]]
            if known.rowid > last and not self._numbers.get(known.rowid):
                self._numbers.put(known.rowid, number)
            else:
                self._meet(plan, number, row, known)
        self._write(plan)
        return plan.refused

    def _insert_new(self, rows: Sequence[Values]) -> tuple[int, dict[str, _Known]]:
        """How many rows went in; and, unless that was all of them, what the store holds of all."""
        keys = [row[self._key] for row in rows]
        if self._repeats and (stored := self._stored(keys)).keys() >= set(keys):
            return 0, stored
        inserted = self._insert(rows)
        self._repeats = not inserted
        return inserted, {} if inserted == len(rows) else self._stored(keys)

    def _meet(self, plan: _Plan, number: int, row: Values, known: _Known) -> None:
        """A row of a record that is in the store: from before, or from an earlier row of this file."""
        first = self._numbers.get(known.rowid)
        if not first:
            self._numbers.put(known.rowid, number)
        if row[: self._facts] == known.values[: self._facts]:
            self.counts.unchanged += 1
            return
        was, sent = self._as_facts(known.values), self._as_facts(row)
        merged = {**sent, **{name: was[name] for name in self._kept(was, sent)}}
        if _same(merged, was):
            self.counts.unchanged += 1
        elif first:
            plan.refused.append(_contradiction(number, first, row[self._key]))
        else:
            self._change(plan, number, known, was, merged)

    def _change(self, plan: _Plan, number: int, known: _Known, was: Facts, merged: Facts) -> None:
        key = str(was[self._target.key])
        if self._target.table is tables.records and is_of_another(was, merged):
            plan.refused.append(NotLanded(number, key, "RECORD_OF_ANOTHER", *refusal_of_another(was)))
            return
        merged, against = self._settled(plan, key, was, merged)
        early = too_early(was, merged) if self._target.table is tables.records else None
        if against:
            plan.refused.append(NotLanded(number, key, "RECORD_AMENDED", *refusal(against)))
        elif early is not None:
            plan.refused.append(NotLanded(number, key, "REPAIR_TOO_EARLY", *refusal_of_early_repair(early)))
        elif _same(merged, was):
            self.counts.unchanged += 1
        else:
            facts = (stored_value(merged[name]) for name in self._names[: self._facts])
            values = (*facts, *self._receipt.mark.values())
            plan.updates[key] = values
            plan.replaced.append(was)
            plan.stored[key] = _Known(known.rowid, values)
            self.counts.updated += 1

    def _settled(self, plan: _Plan, key: str, was: Facts, merged: Facts) -> tuple[Facts, tuple[str, ...]]:
        if self._target.table is not tables.records:
            return merged, ()
        if plan.amended is None:
            plan.amended = amended_fields(self._connection, list(plan.stored))
        fields = plan.amended.get(key)
        return settled(was, merged, fields) if fields else (merged, ())

    def _kept(self, was: Facts, sent: Facts) -> Iterator[str]:
        """What the file does not say stays."""
        if self._target.table is not tables.records:
            return iter(self._target.kept)
        return (name for name in self._target.kept if stays(name, was, sent))

    def _as_facts(self, values: Values) -> Facts:
        """Stored values as facts; amounts compare by what they are worth."""
        return {name: fact_of(self._types[name], value) for name, value in zip(self._names, values, strict=True)}

    def _stored(self, keys: list[str]) -> dict[str, _Known]:
        marks = ", ".join("?" * len(keys))
        rows = self._connection.exec_driver_sql(
            f"SELECT rowid, {', '.join(self._names)} FROM {self._target.table.name} "  # noqa: S608 - our names
            f"WHERE {self._target.key} IN ({marks})",
            tuple(keys),
        )
        return {row[self._key + 1]: _Known(row[0], row[1:]) for row in rows}

    def _insert(self, rows: Sequence[Values]) -> int:
        """Inserts the rows whose key is new; returns how many."""
        if not rows:
            return 0
        marks = ", ".join("?" * len(self._names))
        return self._connection.exec_driver_sql(
            f"INSERT INTO {self._target.table.name} ({', '.join(self._names)}) VALUES ({marks}) "  # noqa: S608
            f"ON CONFLICT ({self._target.key}) DO NOTHING",
            list(rows),
        ).rowcount

    def _write(self, plan: _Plan) -> None:
        if not plan.updates:
            return
        self._connection.execute(insert(self._target.history), [self._history_line(row) for row in plan.replaced])
        changes = ", ".join(f"{name} = ?" for name in self._names)
        self._connection.exec_driver_sql(
            f"UPDATE {self._target.table.name} SET {changes} WHERE {self._target.key} = ?",  # noqa: S608 - our names
            [(*row, key) for key, row in plan.updates.items()],
        )

    def _history_line(self, replaced: Facts) -> Facts:
        return {
            self._target.history_key: replaced[self._target.key],
            "changed_at": self._receipt.now,
            "actor": self._receipt.actor,
            "reason": self._receipt.reason,
            "batch": self._receipt.batch,
            "before": row_json({column.name: replaced[column.name] for column in self._target.table.c}),
        }

    def _last_place(self) -> int:
        statement = f"SELECT max(rowid) FROM {self._target.table.name}"  # noqa: S608 - our name
        return int(self._connection.exec_driver_sql(statement).scalar_one() or 0)


def _contradiction(number: int, first: int, key: str) -> NotLanded:
    return NotLanded(
        number, key, "DUPLICATE_IN_FILE", f"与第 {first} 行是同一条记录，内容却不同。", "请只保留正确的一行。"
    )


def _same(one: Facts, other: Facts) -> bool:
    """Whether two rows say the same, whichever import they came with."""
    return all(value == other[name] for name, value in one.items() if name not in MARK)
