"""A cleaning stage: what it changes, as edits; the same again changes nothing. A pipeline of stages is itself a stage.

Rules:
* a stage says what it changes (``Edit``), not only what comes out: every clean character keeps its place in the raw;
* a stage runs until it finds nothing more to change (a bounded number of rounds), and so does a pipeline;
* edits are in order and do not overlap.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from index.policies.cleaning.tracing import Edit, Traced

_MOST_ROUNDS = 8

Edits = Callable[[str], Iterable[Edit]]
"""One step: the changes it makes to a text."""


class Step(Protocol):
    """What a pipeline is made of: stages, or pipelines."""

    def __call__(self, text: str) -> str: ...

    def trace(self, traced: Traced) -> Traced: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """Named steps, run in order until nothing changes."""

    name: str
    description: str
    steps: tuple[Edits, ...]

    def __call__(self, text: str) -> str:
        for _ in range(_MOST_ROUNDS):
            before = text
            for step in self.steps:
                text = _applied(text, step(text))
            if text == before:
                break
        return text

    def trace(self, traced: Traced) -> Traced:
        for _ in range(_MOST_ROUNDS):
            before = traced.text
            for step in self.steps:
                traced = traced.edited(step(traced.text))
            if traced.text == before:
                break
        return traced


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Runs its stages in order until the text no longer changes, so that it keeps the promise of every stage."""

    stages: tuple[Step, ...]

    def __call__(self, text: str) -> str:
        for _ in range(_MOST_ROUNDS):
            before = text
            for stage in self.stages:
                text = stage(text)
            if text == before:
                break
        return text

    def trace(self, traced: Traced) -> Traced:
        """The cleaned text with the place of every character in the text it began as."""
        for _ in range(_MOST_ROUNDS):
            before = traced.text
            for stage in self.stages:
                traced = stage.trace(traced)
            if traced.text == before:
                break
        return traced


def stage(edits: Edits) -> Stage:
    """A stage of one step, named and described like it."""
    return steps(edits.__name__, edits.__doc__ or "", edits)


def steps(name: str, description: str, *edits: Edits) -> Stage:
    """A stage of several steps."""
    return Stage(name, description, edits)


def _applied(text: str, edits: Iterable[Edit]) -> str:
    pieces: list[str] = []
    done = 0
    for edit in edits:
        pieces += (text[done : edit.start], edit.text)
        done = edit.end
    return "".join((*pieces, text[done:])) if pieces else text


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Every line with the offset at which it begins."""
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def without_lines(text: str, gone: set[int]) -> Iterator[Edit]:
    """Takes the lines of these numbers out, each with one line break."""
    lines = list(lines_of(text))
    last = len(lines) - 1
    while last >= 0 and last in gone:
        last -= 1
    for number, (start, line) in enumerate(lines):
        if number not in gone:
            continue
        end = start + len(line)
        if number < last:
            yield Edit(start, end + 1, "")
        else:
            yield Edit(max(0, start - 1), end, "")
