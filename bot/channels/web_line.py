"""How many requests of the page may be under way at a time, all together and of one member.

* Whoever comes on top is told to come again: a member who hangs something keeps nobody else waiting.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from verify.public.problems import PROBLEMS, Problem, Refused

FULL = replace(PROBLEMS[503], retry_after_seconds=10)


class Line:
    """Used from the event loop. Nobody in particular ("") counts only among all. ``full``: what is said then."""

    def __init__(self, at_once: int, of_one: int, full: Problem = FULL) -> None:
        self._at_once = at_once
        self._of_one = of_one
        self._full = full
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def place(self, who: str) -> Iterator[None]:
        """While one request of ``who`` is under way. Raises Refused when there is no place."""
        if self._under_way.total() >= self._at_once or (who and self._under_way[who] >= self._of_one):
            raise Refused(self._full)
        self._under_way[who] += 1
        try:
            yield
        finally:
            self._under_way[who] -= 1
            self._under_way += Counter()  # forgets whoever sends nothing now
