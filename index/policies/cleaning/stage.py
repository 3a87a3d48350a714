"""A cleaning stage: text in, text out, and the same again changes nothing. A pipeline of stages is itself a stage."""

from collections.abc import Callable
from dataclasses import dataclass

Stage = Callable[[str], str]

_MOST_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Runs its stages in order until the text no longer changes, so that it keeps the promise of every stage."""

    stages: tuple[Stage, ...]

    def __call__(self, text: str) -> str:
        for _ in range(_MOST_ROUNDS):
            before = text
            for stage in self.stages:
                text = stage(text)
            if text == before:
                break
        return text
