"""What an import did: counts, the domains it brought up to date, and every row that was refused, cell by cell."""

from dataclasses import dataclass, field
from typing import Any

from index.records.columns import Layout

MAX_ERRORS = 10_000
"""More are counted, not kept: a file of a million bad rows must not fill the memory."""
MAX_REFUSED_ROWS = 20_000
MAX_REFUSED_CHARACTERS = 16 << 20
"""What an error workbook holds of a file; the rest comes when these are mended."""


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
class RefusedRow:
    """A row that was not taken, as the clerk wrote it, and why."""

    number: int
    cells: tuple[str, ...]
    errors: tuple[RowError, ...]


@dataclass(slots=True)
class Refusals:
    """The refused rows of one file, as many as an error workbook holds."""

    rows: list[RefusedRow] = field(default_factory=list)
    left_out: int = 0
    _characters: int = 0

    def add(self, row: RefusedRow) -> None:
        size = sum(map(len, row.cells))
        if len(self.rows) < MAX_REFUSED_ROWS and self._characters + size <= MAX_REFUSED_CHARACTERS:
            self.rows.append(row)
            self._characters += size
        else:
            self.left_out += 1


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
    told: tuple[str, ...] = ()
    """Unexpired reports that show a record this file corrected or repaired: verifiers are told."""
    layout: Layout | None = None
    refusals: Refusals = field(default_factory=Refusals)
    """The refused rows themselves: for the error workbook, not for ``to_json``."""

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
            "told": list(self.told),
        }
