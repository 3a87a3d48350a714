"""What an import did: counts, the domains it brought up to date, and every row that was refused, cell by cell."""

from dataclasses import dataclass
from typing import Any

MAX_ERRORS = 10_000
"""More are counted, not kept: a file of a million bad rows must not fill the memory."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One cell that was refused. ``row`` counts as a spreadsheet does: the heading is row 1."""

    row: int
    column: str
    value: str
    code: str
    message: str
    next_step: str
    place: int | None = None
    """Position of the cell in its row; None = the whole row."""

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("row", "column", "value", "code", "message", "next_step")}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One imported file. ``rejected`` counts rows; ``errors`` lists cells, at most ``MAX_ERRORS``."""

    file: str
    batch: str
    rows: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    errors: tuple[RowError, ...]
    feeds: tuple[int, ...]
    """Domains whose feed is now up to date."""
    ignored_columns: tuple[str, ...]
    encoding: str
    notices: tuple[str, ...] = ()
    """What landed but should be looked at: a record whose subject is registered under another name."""

    def to_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "batch": self.batch,
            "rows": self.rows,
            "inserted": self.inserted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "errors": [error.to_json() for error in self.errors],
            "feeds": list(self.feeds),
            "ignored_columns": list(self.ignored_columns),
            "encoding": self.encoding,
            "notices": list(self.notices),
        }
