"""Questions whose clause an expert has confirmed: what the search learns from use.

Rules:

* A confirmed question is a fact of the question log (``index.questions``): the words that were asked, and the passages
  that answer them. It is a value; nothing here reads or writes the log.
* Passages are named as ``(document id, number)``; what the library no longer holds is ignored.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConfirmedQuestion:
    """A question and the passages that answer it: an expert's word has weight 1, a reader's 有用 less."""

    question: str
    passages: tuple[tuple[str, int], ...]
    weight: float = 1.0


Confirmed = Callable[[], tuple[ConfirmedQuestion, ...]]
"""Gives what is confirmed now: the same tuple object as long as nothing has changed."""


def nothing_confirmed() -> tuple[ConfirmedQuestion, ...]:
    """The state of an office that has just begun."""
    return ()
