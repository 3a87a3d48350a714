"""Column types that keep what SQLite would lose: the offset of a moment, the exactness of an amount.

Rules kept:
* A moment is stored as ISO 8601 text at +08:00 with microseconds, so that text order is time order; naive moments
  are refused.
* An amount is stored as its exact decimal text, never as a float.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Date, String
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator

from index.calendar import SHANGHAI


class Moment(TypeDecorator[datetime]):
    """An aware moment; comes back at +08:00."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else moment_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class Amount(TypeDecorator[Decimal]):
    """An exact decimal amount; its unit is in the column's name."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


def fact_of(kind: Any, value: Any) -> Any:
    """A stored value of a column of type ``kind`` as a fact; also what ``index.records.versions.plain`` made of one."""
    if value is None:
        return None
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Amount):
        return Decimal(value)
    if isinstance(kind, Moment):
        return datetime.fromisoformat(value)
    return bool(value) if isinstance(kind, Boolean) else value


def moment_text(moment: datetime) -> str:
    """The stored form of a moment. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a stored moment must be aware")
    return moment.astimezone(SHANGHAI).isoformat(timespec="microseconds")
