"""What was read otherwise than typed: single changes, a question with its changes, the ways a question may be read.

Rules: a change tells where it stands in the question as typed; changes of one reading do not overlap; every reading can
say in one sentence what was changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Change:
    """``typed`` at ``start`` of the question was read as ``meant``; ``others`` are other plausible readings."""

    start: int
    typed: str
    meant: str
    sure: bool = True
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as it may be understood."""

    text: str
    changes: tuple[Change, ...] = ()

    @property
    def notice(self) -> str | None:
        if not self.changes:
            return None
        meant = "".join(f"“{one.meant}”" for one in self.changes)
        typed = "".join(f"“{one.typed}”" for one in self.changes)
        return f"按{meant}理解（您输入的是{typed}）。"


@dataclass(frozen=True, slots=True)
class Readings:
    """``likely`` in the order in which they are to be tried."""

    likely: tuple[Reading, ...]
    doubts: tuple[str, ...] = ()
    """Whole questions that may be meant, where we do not decide."""


def applied(text: str, changes: Iterable[Change]) -> str:
    """``text`` with the changes made, from the last to the first."""
    for change in sorted(changes, key=lambda change: change.start, reverse=True):
        text = text[: change.start] + change.meant + text[change.start + len(change.typed) :]
    return text


def overlap(one: Change, other: Change) -> bool:
    return one.start < other.start + len(other.typed) and other.start < one.start + len(one.typed)


def otherwise(change: Change, meant: str) -> Change:
    """The same place read as ``meant``."""
    return replace(change, meant=meant, others=())
