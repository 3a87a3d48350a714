"""What a rule over the cells of a row is, so that a row and a million rows are read by the same rules.

Rules kept:
* A rule depends on the cells it ``reads`` and on nothing else of the row: what it gives for the same cells is the same,
  so it may be remembered (``bulk``).
* ``passes`` and ``texts`` are short cuts: they may say "surely taken as it is", never "refused". What they do not
  surely take goes through ``apply``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from index.records.row import Row

Facts = dict[str, Any]


class Texts(Enum):
    """Free texts that can be taken by the thousand when nothing in them could be refused or changed."""

    LINE = "one line"
    TEXT = "several lines"
    PROSE = "several lines that a report prints"


@dataclass(frozen=True, slots=True)
class RowRule:
    """``apply`` gives the facts ``gives`` of a row; what is wrong is kept in the row."""

    reads: tuple[str, ...]
    gives: tuple[str, ...]
    apply: Callable[[Row], Facts]
    texts: Texts | None = None
    """Set for a rule that gives its one cell as it is."""
    limit: int = 0
    passes: Callable[..., bool] | None = None
    """Set for a rule that gives nothing: True for cells (in the order of ``reads``) that it surely lets pass."""
    alone: bool = False
    """When it refuses, nothing else is said of the row."""


def text_rule(name: str, limit: int, texts: Texts) -> RowRule:
    """Gives one cell: checked, and as it is."""
    return RowRule((name,), (name,), lambda row: {name: _text(row, name, limit, texts)}, texts, limit)


def _text(row: Row, name: str, limit: int, texts: Texts) -> str:
    if texts is Texts.LINE:
        return row.line(name, limit)
    return row.prose(name, limit) if texts is Texts.PROSE else row.text(name, limit)


def apply_rules(row: Row, rules: Iterable[RowRule]) -> Facts | None:
    """The facts of one row, or None; what is wrong is kept in the row."""
    facts: Facts = {}
    row.refuse_spoiled()
    for rule in rules:
        facts |= rule.apply(row)
        if rule.alone and row.errors:
            return None
    return None if row.errors else facts
