"""Tables of a page, known by their ruled lines: every cell with its words, merged cells filled.

Rules:
* lines that touch make one frame; a frame with several cells is a table, one with a single cell is only a box;
* two neighbouring places with no line between them are one cell, repeated in each row and column it covers;
* a sign belongs to the cell its middle lies in; the lines of a cell are joined where they were only wrapped.
"""

from collections.abc import Callable
from dataclasses import dataclass

from index.policies.readers.pdf.page import Glyph, Rule
from index.policies.readers.pdf.rows import Row

_NEAR = 3.0
MOST_RULES = 4_000
MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Grid:
    """The edges of a table, columns from left to right, rows from top to bottom, and the rules that part its cells."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    rules: tuple[Rule, ...]

    @property
    def top(self) -> float:
        return self.ys[0]

    @property
    def bottom(self) -> float:
        return self.ys[-1]

    def holds(self, glyph: Glyph) -> bool:
        middle = (glyph.x0 + glyph.x1) / 2
        return self.xs[0] < middle < self.xs[-1] and self.bottom < glyph.middle < self.top


def grids_of(rules: tuple[Rule, ...]) -> list[Grid]:
    """The tables drawn on a page, from top to bottom."""
    found = [grid for frame in _frames(rules[:MOST_RULES]) if (grid := _grid(frame)) is not None]
    return sorted(found, key=lambda grid: -grid.top)


def _frames(rules: tuple[Rule, ...]) -> list[list[Rule]]:
    """Rules that touch each other, together."""
    frames: list[tuple[list[Rule], list[float]]] = []
    for rule in sorted(rules, key=lambda one: -one.y1):
        touched = [frame for frame in frames if _is_near(frame[1], rule) and any(_touch(one, rule) for one in frame[0])]
        merged = [rule, *(one for frame in touched for one in frame[0])]
        frames = [frame for frame in frames if not any(frame is one for one in touched)]
        frames.append((merged, _box(merged)))
    return [frame for frame, _ in frames]


def _box(rules: list[Rule]) -> list[float]:
    return [
        min(one.x0 for one in rules),
        min(one.y0 for one in rules),
        max(one.x1 for one in rules),
        max(one.y1 for one in rules),
    ]


def _is_near(box: list[float], rule: Rule) -> bool:
    beside = box[0] - _NEAR <= rule.x1 and rule.x0 <= box[2] + _NEAR
    return beside and box[1] - _NEAR <= rule.y1 and rule.y0 <= box[3] + _NEAR


def _touch(one: Rule, other: Rule) -> bool:
    return _is_near([one.x0, one.y0, one.x1, one.y1], other)


def _grid(frame: list[Rule]) -> Grid | None:
    xs = _steps([rule.x0 for rule in frame if not rule.is_lying])
    ys = _steps([rule.y0 for rule in frame if rule.is_lying])[::-1]
    if len(xs) < 2 or len(ys) < 2 or (len(xs) - 1) * (len(ys) - 1) < 2 or len(xs) > MOST_LINES or len(ys) > MOST_LINES:
        return None
    grid = Grid(tuple(xs), tuple(ys), tuple(frame))
    return grid if len(set(_regions(grid).values())) > 1 else None


def _steps(values: list[float]) -> list[float]:
    steps: list[float] = []
    for value in sorted(values):
        if not steps or value - steps[-1] > _NEAR:
            steps.append(value)
    return steps


@dataclass(frozen=True, slots=True)
class Table:
    """The words of every place, row by row; ``merged``: columns in which some cell covers several rows."""

    rows: list[list[str]]
    merged: frozenset[int]


def table_of(grid: Grid, glyphs: list[Glyph], words_of: Callable[[list[Glyph], float], str]) -> Table:
    """The table with its cells filled. ``words_of(signs, right edge)`` writes one cell."""
    regions = _regions(grid)
    signs: dict[tuple[int, int], list[Glyph]] = {}
    for glyph in glyphs:
        place = _place(grid, glyph)
        if place is not None:
            signs.setdefault(regions[place], []).append(glyph)
    right = {region: grid.xs[column + 1] for (_, column), region in sorted(regions.items())}
    words = {region: words_of(found, right[region]) for region, found in signs.items()}
    columns, lines = range(len(grid.xs) - 1), range(len(grid.ys) - 1)
    merged = frozenset(column for (row, column), first in regions.items() if first[0] != row)
    return Table([[words.get(regions[row, column], "") for column in columns] for row in lines], merged)


def _place(grid: Grid, glyph: Glyph) -> tuple[int, int] | None:
    middle = (glyph.x0 + glyph.x1) / 2
    column = sum(x <= middle for x in grid.xs) - 1
    row = sum(y >= glyph.middle for y in grid.ys) - 1
    return (row, column) if 0 <= column < len(grid.xs) - 1 and 0 <= row < len(grid.ys) - 1 else None


def _regions(grid: Grid) -> dict[tuple[int, int], tuple[int, int]]:
    """For each place the first place of its cell."""
    standing, lying = _parting(grid)
    region: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(len(grid.ys) - 1):
        for column in range(len(grid.xs) - 1):
            region[row, column] = (row, column)
            if column and (row, column) not in standing:
                region[row, column] = region[row, column - 1]
            if row and (row, column) not in lying:
                _unite(region, region[row - 1, column], region[row, column])
    return region


def _unite(region: dict[tuple[int, int], tuple[int, int]], kept: tuple[int, int], gone: tuple[int, int]) -> None:
    if kept != gone:
        row = gone[0]
        for place, first in region.items():
            if first == gone and place[0] >= row:
                region[place] = kept


def _parting(grid: Grid) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Places with a line at their left, and places with a line above them."""
    standing: set[tuple[int, int]] = set()
    lying: set[tuple[int, int]] = set()
    for rule in grid.rules:
        if rule.is_lying:
            row = _nearest(grid.ys, rule.y0)
            lying.update(
                (row, column)
                for column in range(len(grid.xs) - 1)
                if rule.x0 - _NEAR <= (grid.xs[column] + grid.xs[column + 1]) / 2 <= rule.x1 + _NEAR
            )
        else:
            column = _nearest(grid.xs, rule.x0)
            standing.update(
                (row, column)
                for row in range(len(grid.ys) - 1)
                if rule.y0 - _NEAR <= (grid.ys[row] + grid.ys[row + 1]) / 2 <= rule.y1 + _NEAR
            )
    return standing, lying


def _nearest(steps: tuple[float, ...], value: float) -> int:
    return min(range(len(steps)), key=lambda at: abs(steps[at] - value))


def aligned_rows(rows: list[Row]) -> list[bool]:
    """For each line, whether it is a row of a table without rules: its pieces stand under those of a neighbour."""
    beside = [
        any(_are_aligned(rows[at], rows[other]) for other in (at - 1, at + 1) if 0 <= other < len(rows))
        for at in range(len(rows))
    ]
    return [is_beside and len(row.pieces) >= 2 for row, is_beside in zip(rows, beside, strict=True)]


def _are_aligned(row: Row, other: Row) -> bool:
    if len(row.pieces) != len(other.pieces) or len(row.pieces) < 2 or row.is_numbered or other.is_numbered:
        return False
    if abs(row.y0 - other.y0) > 3 * max(row.size, other.size):
        return False
    return all(
        min(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.x0 + a.x1 - b.x0 - b.x1) / 2) < row.size
        for a, b in zip(row.pieces, other.pieces, strict=True)
    )
