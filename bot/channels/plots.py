"""Plots as numbers: where the bars, lines and words of a chart stand. A template draws them as SVG, without a script.

* Bars stand on zero and share one scale; the scale ends on a round number (1, 2 or 5 times a power of ten).
* Days that cannot all be named are named at even steps, the last one always.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 24, 10, 26
LINES = 4
NAMED = 8
GAP = 0.25
"""Of the room of a bar."""


@dataclass(frozen=True, slots=True)
class Bar:
    """``kind``: which series; ``told``: what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    told: str


@dataclass(frozen=True, slots=True)
class Word:
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """``lines``: heights of the scale with their words beside them; ``names``: words under the bars."""

    bars: tuple[Bar, ...]
    lines: tuple[Word, ...]
    names: tuple[Word, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def stacked(names: Sequence[str], series: Sequence[tuple[str, str, Sequence[int]]]) -> Plot:
    """One column per name; ``series`` (kind, words, values) stand upon each other, the first at the bottom."""
    tops = [sum(values) for values in zip(*(values for _, _, values in series), strict=True)]
    end = scale_end(max(tops, default=0))
    room = (WIDTH - LEFT - RIGHT) / max(len(names), 1)
    bars = [bar for place, name in enumerate(names) for bar in _column(place, name, series, end, room)]
    return Plot(tuple(bars), _lines(end), _names(names, room))


def scale_end(most: int) -> int:
    """The round number at which a scale for values up to ``most`` ends; each of its lines is at a whole number."""
    step, factor = 1, 0
    while step * LINES < most:
        factor += 1
        step = (1, 2, 5)[factor % 3] * 10 ** (factor // 3)
    return step * LINES


def _column(
    place: int, name: str, series: Sequence[tuple[str, str, Sequence[int]]], end: int, room: float
) -> list[Bar]:
    values = [each[place] for _, _, each in series]
    ends = list(accumulate(values))
    left, width = LEFT + room * (place + GAP / 2), room * (1 - GAP)
    return [
        Bar(_round(left), _round(_y(top, end)), _round(width), _round(_y(0, end) - _y(value, end)), kind, told)
        for (kind, words, _), value, top in zip(series, values, ends, strict=True)
        if value and (told := f"{name}　{words} {value}")
    ]


def _lines(end: int) -> tuple[Word, ...]:
    values = (end * line // LINES for line in range(LINES + 1))
    return tuple(Word(LEFT, _round(_y(value, end)), str(value)) for value in values)


def _names(names: Sequence[str], room: float) -> tuple[Word, ...]:
    step = -(-len(names) // NAMED) or 1
    named = [place for place in range(len(names)) if (len(names) - 1 - place) % step == 0]
    return tuple(Word(_round(LEFT + room * (place + 0.5)), HEIGHT - 8, names[place]) for place in named)


def _y(value: int, end: int) -> float:
    return HEIGHT - BOTTOM - value / end * (HEIGHT - BOTTOM - TOP)


def _round(number: float) -> float:
    return round(number, 2)
