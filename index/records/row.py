"""One row of a file while it is being read: its cells by field, and the errors found so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from index.records.cells import CellError, read_line, read_prose, read_text
from index.records.columns import Layout
from index.records.import_report import RowError

Value = TypeVar("Value")
Default = TypeVar("Default")

SHOWN = 60
"""Characters of a refused cell that an error repeats."""


@dataclass(slots=True)
class Row:
    """A row under a layout. Reading goes on after an error, so that a clerk sees every bad cell at once."""

    number: int
    cells: list[str]
    layout: Layout
    errors: list[RowError] = field(default_factory=list)

    def raw(self, name: str) -> str:
        """The cell of a field, stripped; empty when the file has no such column or the row is short."""
        position = self.layout.positions.get(name, len(self.cells))
        return self.cells[position].strip() if position < len(self.cells) else ""

    def read(self, name: str, parse: Callable[[str], Value], default: Default) -> Value | Default:
        """The parsed cell, or ``default`` when it is empty or refused (the refusal is kept in ``errors``)."""
        text = self.raw(name)
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
        if not self.raw(name):
            self.fail(name, "MISSING", "不能为空", "请补填后重新导入本文件。")

    def fail(self, name: str, code: str, problem: str, next_step: str) -> None:
        heading = self.layout.heading(name)
        shown = self.raw(name)[:SHOWN]
        self.errors.append(RowError(self.number, heading, shown, code, f"{problem}。", next_step))
