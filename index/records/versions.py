"""The versions of a record or a subject: every earlier row as it stood, who replaced it, when, why – and what changed.

Rules kept:
* Nothing is overwritten without a line here; a line without a batch is an amendment (``index.records.amending``), one
  with a batch a file that was sent again.
* A version says what changed by comparing with what followed it; nothing is recorded twice.

Source: inventory B13 (who provides answers for it), B15 (an upheld objection corrects the record).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, func, select

from index.cases.objection import OPEN
from index.store import tables
from index.store.columns import fact_of

PROVENANCE = frozenset({"batch", "received_at"})
"""Columns that say where a row came from: no facts, and no change of one."""
OBJECTION = "under_objection"


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a version replaced; both values as they are stored in JSON."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier version of a record or a subject: what it was, and by whom, when and why it was replaced.

    ``batch`` None: replaced by an amendment, else by that file. ``before``: the whole earlier row, days as ISO 8601.
    """

    replaced_at: datetime
    actor: str
    reason: str
    batch: str | None
    before: Mapping[str, object]
    changes: tuple[Change, ...]


def row_json(row: Mapping[str, Any]) -> str:
    """A row as JSON: days and moments in ISO 8601, amounts as exact text."""
    return json.dumps({name: plain(value) for name, value in row.items()}, ensure_ascii=False)


def row_of_json(text: str) -> dict[str, Any]:
    """A row of ``records`` from its JSON: the columns it had then, with days, moments and amounts again."""
    types = {column.name: column.type for column in tables.records.c}
    return {name: fact_of(types[name], value) for name, value in json.loads(text).items() if name in types}


def plain(value: Any) -> Any:
    """One value as JSON has it."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def newest_version(connection: Connection) -> int:
    """The highest number of a replaced version so far; 0 when no record ever changed."""
    return connection.execute(select(func.max(tables.record_history.c.id))).scalar() or 0


def history_of(connection: Connection, key: str) -> tuple[Version, ...]:
    """Every earlier version of a record, newest first; empty for one that never changed."""
    return tuple(reversed(_histories(connection, [key]).get(key, ())))


def subject_history_of(connection: Connection, code: str) -> tuple[Version, ...]:
    """Every earlier version of a registered subject, newest first."""
    history, subjects = tables.subject_history, tables.subjects
    lines = connection.execute(select(history).where(history.c.subject_code == code).order_by(history.c.id)).all()
    row = connection.execute(select(subjects).where(subjects.c.code == code)).mappings().first()
    if not lines:
        return ()
    return tuple(reversed(_versions(lines, {name: plain(value) for name, value in (row or {}).items()})))


def representatives_of(connection: Connection, code: str) -> str:
    """Everybody a subject is or was represented by, as a name field: an old decision names who it was then."""
    history, subjects = tables.subject_history, tables.subjects
    before = connection.execute(select(history.c.before).where(history.c.subject_code == code)).scalars()
    now = connection.execute(select(subjects.c.legal_representative).where(subjects.c.code == code)).scalar()
    names = dict.fromkeys([now, *(json.loads(row).get("legal_representative") for row in before)])
    return "、".join(name for name in names if name)


def amended_fields(connection: Connection, keys: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """The fields that the office holds, by record: an amendment was the last to change them. Others are not in it.

    异议处理中 is held too while an objection is open, although the department may have set it first.
    """
    history, objections = tables.record_history, tables.objections
    amended = connection.execute(
        select(history.c.record_key).distinct().where(history.c.record_key.in_(keys), history.c.batch.is_(None))
    ).scalars()
    disputed = connection.execute(
        select(objections.c.record_key).where(objections.c.record_key.in_(keys), objections.c.state.in_(OPEN))
    ).scalars()
    held = {key: _last_amended(versions) for key, versions in _histories(connection, list(amended)).items()}
    return held | {key: held.get(key, frozenset()) | {OBJECTION} for key in disputed}


def _last_amended(versions: Sequence[Version]) -> frozenset[str]:
    last = {change.field: version.batch for version in versions for change in version.changes}
    return frozenset(name for name, batch in last.items() if batch is None)


def _histories(connection: Connection, keys: Sequence[str]) -> Mapping[str, tuple[Version, ...]]:
    if not keys:
        return MappingProxyType({})
    history, records = tables.record_history, tables.records
    lines = connection.execute(
        select(history).where(history.c.record_key.in_(keys)).order_by(history.c.record_key, history.c.id)
    ).all()
    rows = connection.execute(select(records).where(records.c.key.in_(keys))).mappings()
    now = {row["key"]: {name: plain(value) for name, value in row.items()} for row in rows}
    return {key: _versions(list(own), now.get(key, {})) for key, own in groupby(lines, lambda line: str(line[1]))}


def _versions(lines: Sequence[Row[Any]], now: Mapping[str, object]) -> tuple[Version, ...]:
    """Oldest first. What followed a version is the next one, and after the last the row as it stands."""
    befores: list[Mapping[str, object]] = [json.loads(line.before) for line in lines]
    return tuple(
        Version(line.changed_at, line.actor, line.reason, line.batch, before, tuple(_changes(before, after)))
        for line, before, after in zip(lines, befores, [*befores[1:], now], strict=True)
    )


def _changes(before: Mapping[str, object], after: Mapping[str, object]) -> Iterable[Change]:
    for name in after:
        if name not in PROVENANCE and before.get(name) != after[name]:
            yield Change(name, before.get(name), after[name])
