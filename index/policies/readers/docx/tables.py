"""Tables of a docx: rows as they stand after accepted changes, every merged cell filled.

Rules:
* a cell merged over columns repeats in each, one merged over rows in each row below (by column, not by order);
* columns skipped before a row (``gridBefore``) are empty cells, so that the others keep their column;
* deleted rows and cells are gone; rows and cells may be wrapped in content controls;
* a table inside a cell becomes words of that cell: its columns parted by ｜, its rows by ；.

Source: ECMA-376 part 1, 17.4.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.policies.readers.docx.names import W, child, number, value

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MOST_COLUMNS = 63
"""As many as Word allows."""
_WRAPPERS = frozenset(f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo"))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as read. ``text``: all of it in one line; ``lines``: as it stands, for a cell that is a whole row."""

    text: str
    lines: list[tuple[str, int | None]]
    span: int
    continues_above: bool
    continues_left: bool


def rows(table: "Element") -> "Iterator[Element]":
    for row in _inside(table, f"{W}tr"):
        properties = child(row, "trPr")
        if child(properties, "del") is None and child(properties, "moveFrom") is None:
            yield row


def cells(row: "Element") -> "Iterator[Element]":
    for cell in _inside(row, f"{W}tc"):
        if child(cell, "tcPr", "cellDel") is None:
            yield cell


def _inside(parent: "Element", name: str) -> "Iterator[Element]":
    for element in parent:
        if element.tag == name:
            yield element
        elif element.tag in _WRAPPERS:
            yield from _inside(element, name)


def cell(element: "Element", lines: list[tuple[str, int | None]]) -> Cell:
    properties = child(element, "tcPr")
    vertical, horizontal = child(properties, "vMerge"), child(properties, "hMerge")
    return Cell(
        text=_one_line(lines),
        lines=[(line.replace(" | ", " ｜ "), level) for line, level in lines if line.strip()],
        span=max(1, min(number(child(properties, "gridSpan")) or 1, MOST_COLUMNS)),
        continues_above=vertical is not None and value(vertical) != "restart",
        continues_left=horizontal is not None and value(horizontal) != "restart",
    )


def _one_line(lines: list[tuple[str, int | None]]) -> str:
    """Paragraphs parted by a blank, rows of a table inside by ；."""
    text = ""
    was_row = False
    for line, _ in lines:
        is_row = " | " in line
        words = " ".join(line.replace(" | ", "｜").split())
        if words:
            text += (("；" if is_row and was_row else " ") if text else "") + words
            was_row = is_row
    return text.replace("|", "｜")


@dataclass(slots=True)
class Grid:
    """Fills merged cells, row by row; ``above`` is the row above, filled."""

    above: list[str] = field(default_factory=list)

    def filled(self, row: "Element", found: list[Cell]) -> list[str]:
        texts = [""] * _skipped(row, "gridBefore")
        for one in found:
            text = one.text
            if one.continues_above and len(texts) < len(self.above):
                text = self.above[len(texts)]
            elif one.continues_left and texts:
                text = texts[-1]
            texts.extend([text] * min(one.span, MOST_COLUMNS - len(texts)))
        texts.extend([""] * min(_skipped(row, "gridAfter"), MOST_COLUMNS - len(texts)))
        self.above = texts
        return texts


def _skipped(row: "Element", name: str) -> int:
    return max(0, min(number(child(row, "trPr", name)) or 0, MOST_COLUMNS))
