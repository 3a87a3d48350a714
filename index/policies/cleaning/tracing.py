"""Where every clean character stood in the raw text.

Rules:
* a kept character, and one replaced by one, has exactly the place of the raw character it came from;
* where several characters became a different number of them (bytes put back, decomposed letters), each of the new ones
  has the place of all the old ones: exact at the ends of the replaced piece, not inside it;
* what was inserted has an empty place; places never run backwards.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """``text[start:end]`` becomes ``text``; ``whole``: no character of it stands for one of the old ones alone."""

    start: int
    end: int
    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Traced:
    """A text and, for each of its characters, the span ``[starts[i], ends[i])`` of the raw text it came from."""

    text: str
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> "Traced":
        """A raw text: every character stands where it stands."""
        return cls(text, list(range(len(text))), list(range(1, len(text) + 1)))

    def edited(self, edits: Iterable[Edit]) -> "Traced":
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for edit in edits:
            texts += (self.text[done : edit.start], edit.text)
            starts += self.starts[done : edit.start]
            ends += self.ends[done : edit.start]
            left, right = self._places(edit)
            starts += left
            ends += right
            done = edit.end
        if not texts:
            return self
        return Traced("".join((*texts, self.text[done:])), [*starts, *self.starts[done:]], [*ends, *self.ends[done:]])

    def _places(self, edit: Edit) -> tuple[list[int], list[int]]:
        size = len(edit.text)
        if size == edit.end - edit.start and not edit.whole:
            return self.starts[edit.start : edit.end], self.ends[edit.start : edit.end]
        left, right = self.span(edit.start, edit.end)
        return [left] * size, [right] * size

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The raw span of ``text[start:end]``; an empty one lies where it would be inserted."""
        if start < end:
            return self.starts[start], self.ends[end - 1]
        at = self.ends[start - 1] if start else 0
        return at, at


def difference(before: str, after: str, at: int = 0) -> Iterator[Edit]:
    """What turns one line, which begins at offset ``at``, into another: character by character where they are of one
    length, else the piece between the common beginning and the common end.
    """
    if len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True), at):
            if old != new:
                yield Edit(place, place + 1, new)
        return
    shorter = min(len(before), len(after))
    left = 0
    while left < shorter and before[left] == after[left]:
        left += 1
    right = 0
    while right < shorter - left and before[-1 - right] == after[-1 - right]:
        right += 1
    yield Edit(at + left, at + len(before) - right, after[left : len(after) - right])


def replaced(pattern: re.Pattern[str], text: str, new: str | Callable[[re.Match[str]], str]) -> Iterator[Edit]:
    """Every match of ``pattern`` becomes ``new``, or what ``new`` says; the match itself means no change."""
    for match in pattern.finditer(text):
        inserted = new if isinstance(new, str) else new(match)
        if inserted != match[0]:
            yield Edit(match.start(), match.end(), inserted)
