"""One row of a file while it is being read: its cells by field, and the errors found so far.

Rules kept:
* A cell that the file itself spoils (a formula, a broken value) is refused once, whatever else could be said of it.
* What an error repeats of a cell shows no person's number (index.masking).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from index.masking import mask_id, mask_text
from index.records.cells import CellError, read_line, read_prose, read_text
from index.records.columns import Layout
from index.records.import_report import RowError

Value = TypeVar("Value")
Default = TypeVar("Default")

SHOWN = 60
"""Characters of a refused cell that an error repeats."""
PERSONAL = frozenset({"person_number", "representative_number"})
WHOLE_ROW = -1
"""The place of a fault of the row itself."""
NO_FAULTS: Mapping[int, CellError] = MappingProxyType({})


@dataclass(slots=True)
class Row:
    """A row under a layout. Reading goes on after an error, so that a clerk sees every bad cell at once."""

    number: int
    cells: list[str]
    layout: Layout
    errors: list[RowError] = field(default_factory=list)
    faults: Mapping[int, CellError] = field(default_factory=lambda: NO_FAULTS)
    """Cells that the file itself spoils, by position."""

    def raw(self, name: str) -> str:
        """The cell of a field, stripped; empty when the file has no such column or the row is short."""
        position = self.layout.place(name)
        return self.cells[position].strip() if position is not None and position < len(self.cells) else ""

    def read(self, name: str, parse: Callable[[str], Value], default: Default) -> Value | Default:
        """The parsed cell, or ``default`` when it is empty or refused (the refusal is kept in ``errors``)."""
        text = self.raw(name)
        if self.spoiled(name) is not None:
            return default
        if not text:
            if name in self.layout.required:
                self.require(name)
            return default
        try:
            return parse(text)
        except CellError as error:
            self.fail(name, error.code, error.message, error.next_step)
            return default

    def line(self, name: str, limit: int) -> str:
        return self.read(name, lambda text: read_line(text, limit), "")

    def prose(self, name: str, limit: int) -> str:
        return self.read(name, lambda text: read_prose(text, limit), "")

    def text(self, name: str, limit: int) -> str:
        return self.read(name, lambda text: read_text(text, limit), "")

    def require(self, name: str) -> None:
        """Keeps an error when the cell is empty."""
        if not self.raw(name) and self.spoiled(name) is None:
            self.fail(name, "MISSING", "不能为空", "请补填后重新导入本文件。")

    def spoiled(self, name: str) -> CellError | None:
        """What the file itself did to the cell of a field."""
        place = self.layout.place(name)
        return None if place is None else self.faults.get(place)

    def refuse_spoiled(self) -> None:
        """Keeps an error for each spoiled cell of a column that is read."""
        if WHOLE_ROW in self.faults:
            fault = self.faults[WHOLE_ROW]
            self.errors.append(RowError(self.number, "整行", "", fault.code, f"{fault.message}。", fault.next_step))
        for name in (*self.layout.positions, *self.layout.checked):
            spoiled = self.spoiled(name)
            if spoiled is not None:
                self._keep(name, spoiled.code, spoiled.message, spoiled.next_step)

    def fail(self, name: str, code: str, problem: str, next_step: str) -> None:
        if self.spoiled(name) is None:
            self._keep(name, code, problem, next_step)

    def _keep(self, name: str, code: str, problem: str, next_step: str) -> None:
        raw = self.raw(name)
        shown = mask_id(raw) if name in PERSONAL else mask_text(raw[: 4 * SHOWN]).text
        place = self.layout.place(name)
        error = RowError(self.number, self.layout.heading(name), shown[:SHOWN], code, f"{problem}。", next_step, place)
        self.errors.append(error)
