"""Landing checked rows in the store: new, changed, unchanged – and nothing lost.

Writes ``batches``, ``records`` or ``subjects``, and the history of what they replace, in the caller's transaction.

Rules kept:
* A row equal to the stored one changes nothing; a different one replaces it, and the replaced row goes to the history
  with who, when and why.
* What the file says nothing about keeps its stored value: a department's raw file does not undo a repair.
* The same record twice in one file with different facts: the second is refused, not silently the winner.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any
from unicodedata import normalize

from sqlalchemy import Connection, Table, bindparam, func, insert, select, update

from index.calendar import SHANGHAI
from index.store import tables

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """A table that is landed in: its key, its history, and what this file leaves as it is."""

    table: Table
    key: str
    history: Table
    history_key: str
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who lands what, when and why: stands on every row and in the history."""

    batch: str
    now: datetime
    actor: str
    reason: str


@dataclass(slots=True)
class Counts:
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A row that names the record of an earlier row of the same file, and says something else about it."""

    row: int
    first_row: int
    key: str


@dataclass(slots=True)
class _Plan:
    """What one chunk will write."""

    inserts: dict[str, Facts] = field(default_factory=dict)
    updates: dict[str, Facts] = field(default_factory=dict)
    replaced: list[Facts] = field(default_factory=list)


class Landing:
    """Lands one file, chunk by chunk."""

    def __init__(self, connection: Connection, target: Target, receipt: Receipt) -> None:
        self._connection = connection
        self._target = target
        self._receipt = receipt
        self._seen: dict[bytes, int] = {}
        self.counts = Counts()

    def land(self, chunk: Sequence[tuple[int, Facts]]) -> list[Contradiction]:
        """Lands rows (number, facts). Returns those that contradict an earlier row of this file."""
        stored = self._stored([facts[self._target.key] for _, facts in chunk])
        plan, contradictions = _Plan(), []
        for number, facts in chunk:
            first = self._first_row(facts[self._target.key], number)
            if not self._place(plan, stored, facts, repeated=first != number):
                contradictions.append(Contradiction(number, first, facts[self._target.key]))
        self._write(plan)
        return contradictions

    def _first_row(self, key: str, number: int) -> int:
        return self._seen.setdefault(blake2b(key.encode(), digest_size=16).digest(), number)

    def _place(self, plan: _Plan, stored: Mapping[str, Facts], facts: Facts, *, repeated: bool) -> bool:
        key = facts[self._target.key]
        known = plan.inserts.get(key) or plan.updates.get(key) or stored.get(key)
        if known is None:
            plan.inserts[key] = facts
            self.counts.inserted += 1
            return True
        merged = {**facts, **{name: known[name] for name in self._kept(known, facts)}}
        if all(known[name] == value for name, value in merged.items()):
            self.counts.unchanged += 1
            return True
        if repeated:
            return False
        plan.updates[key] = merged
        plan.replaced.append(known)
        self.counts.updated += 1
        return True

    def _kept(self, known: Facts, facts: Facts) -> Iterator[str]:
        """What the file does not say stays; but a domain stays only with the unit that answers for it."""
        moved = known.get("source_unit") != facts.get("source_unit")
        return (name for name in self._target.kept if not (moved and name == "domain"))

    def _stored(self, keys: list[str]) -> dict[str, Facts]:
        table, names = self._target.table, self._target.table.c.keys()
        rows = self._connection.execute(select(table).where(table.c[self._target.key].in_(keys))).all()
        found = (dict(zip(names, row, strict=True)) for row in rows)
        return {facts[self._target.key]: facts for facts in found}

    def _write(self, plan: _Plan) -> None:
        mark = {"batch": self._receipt.batch, "received_at": self._receipt.now}
        if plan.inserts:
            self._connection.execute(insert(self._target.table), [{**facts, **mark} for facts in plan.inserts.values()])
        if plan.updates:
            self._connection.execute(
                insert(self._target.history), [self._history_line(replaced) for replaced in plan.replaced]
            )
            key = self._target.table.c[self._target.key]
            self._connection.execute(
                update(self._target.table).where(key == bindparam("landing_key")),
                [_update(facts, self._target.key) | mark for facts in plan.updates.values()],
            )

    def _history_line(self, replaced: Facts) -> Facts:
        return {
            self._target.history_key: replaced[self._target.key],
            "changed_at": self._receipt.now,
            "actor": self._receipt.actor,
            "reason": self._receipt.reason,
            "batch": self._receipt.batch,
            "before": row_json(replaced),
        }


def _update(facts: Facts, key: str) -> Facts:
    return {name: value for name, value in facts.items() if name != key} | {"landing_key": facts[key]}


def row_json(row: Mapping[str, Any]) -> str:
    """A row as JSON: days and moments in ISO 8601, amounts as exact text."""
    return json.dumps({name: _plain(value) for name, value in row.items()}, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def open_batch(
    connection: Connection, *, kind: str, file_name: str, sha256: str, provider: str | None, now: datetime, actor: str
) -> str:
    """Adds the batch line of a file and returns its number: the day and a running number."""
    day = f"{now.astimezone(SHANGHAI):%Y%m%d}"
    batches = tables.batches
    count = connection.execute(
        select(func.count()).select_from(batches).where(batches.c.id.startswith(day, autoescape=True))
    ).scalar_one()
    batch = f"{day}-{count + 1:04d}"
    line = {"id": batch, "kind": kind, "file_name": file_name, "file_sha256": sha256, "provider": provider}
    connection.execute(insert(batches).values(**line, received_at=now, actor=actor))
    return batch


MAX_NOTICES = 20


def other_names(connection: Connection, batch: str) -> tuple[str, ...]:
    """The landed records of a batch whose subject is registered under another name: renamed, or a wrong code (B01)."""
    records, subjects = tables.records, tables.subjects
    rows = connection.execute(
        select(records.c.document_number, records.c.subject_code, records.c.subject_name, subjects.c.name)
        .join(subjects, subjects.c.code == records.c.subject_code)
        .where(records.c.batch == batch, records.c.subject_name != subjects.c.name)
        .order_by(records.c.key)
        .limit(MAX_NOTICES)
    )
    return tuple(
        f"{row.document_number}：{row.subject_code} 登记的名称是“{row.name}”，文件中写“{row.subject_name}”。"
        "更名的可以不改；代码写错的请更正后重新导入。"
        for row in rows
        if _comparable(row.name) != _comparable(row.subject_name)
    )


def _comparable(name: str) -> str:
    return "".join(normalize("NFKC", name).split())


def close_batch(connection: Connection, batch: str, *, rows: int, counts: Counts, rejected: int) -> None:
    """Writes the final counts of a batch."""
    connection.execute(
        update(tables.batches)
        .where(tables.batches.c.id == batch)
        .values(
            row_count=rows,
            inserted=counts.inserted,
            updated=counts.updated,
            unchanged=counts.unchanged,
            rejected=rejected,
        )
    )
