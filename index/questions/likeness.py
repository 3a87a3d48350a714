"""Which questions are near to one, by the character pairs they share: to be shown beside it, never taken for it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

NEAR = 0.5
"""Dice's coefficient from which two questions are worth showing side by side."""


class NearQuestions:
    """The keys (``sameness.same_key``) of questions, to be looked up by likeness."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._sizes: dict[str, int] = {}
        self._with_pair = defaultdict[str, list[str]](list)
        for key in keys:
            pairs = _pairs(key)
            self._sizes[key] = len(pairs)
            for pair in pairs:
                self._with_pair[pair].append(key)

    def of(self, key: str) -> Iterator[str]:
        """The near ones, nearest first."""
        pairs = _pairs(key)
        shared = Counter(other for pair in pairs for other in self._with_pair.get(pair, ()))
        likeness = {other: 2 * count / (len(pairs) + self._sizes[other]) for other, count in shared.items()}
        near = [other for other, share in likeness.items() if share >= NEAR]
        yield from sorted(near, key=lambda other: (-likeness[other], other))


def _pairs(key: str) -> frozenset[str]:
    return frozenset(key[place : place + 2] for place in range(len(key) - 1))
