"""How cost grows with the size of the corpus, from a thousand passages to two hundred thousand.

Sizes beyond the corpus are filled with altered copies of its passages: the two halves of the text change places and one
character in ten is left out, so that words and lengths stay natural and no two passages are equal.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path

from index.search.bench.corpus import Question, Row, as_corpus
from index.search.bench.measuring import Built, build, searches, time_all
from index.search.bench.timing import Latency
from index.search.query import terms

GROWTH = (1_000, 3_000, 10_000, 30_000, 58_529, 100_000, 200_000)
QUESTIONS = 200
LEFT_OUT = 0.1


@dataclass(frozen=True, slots=True)
class Step:
    """One size: what each engine cost to build and to ask (the office's terms)."""

    passages: int
    built: dict[str, Built]
    latency: dict[str, Latency]


def grow(rows: Sequence[Row], questions: Sequence[Question], folder: Path, say: Callable[[str], None]) -> list[Step]:
    """Every size of ``GROWTH``."""
    asked = [terms(question.text) for question in questions[:QUESTIONS]]
    steps = []
    for size in GROWTH:
        say(f"{size} 条 / passages")
        corpus = as_corpus(list(islice(altered(rows), size)))
        engines, built, _ = build(corpus, folder / str(size), say)
        steps.append(Step(size, built, time_all(searches(engines, asked), engines, range(len(asked)), 1)))
        say(", ".join(f"{name} {one.p50:.2f} ms" for name, one in steps[-1].latency.items()))
        for engine in engines:
            engine.close()
    return steps


def altered(rows: Sequence[Row]) -> Iterator[Row]:
    """The corpus, then altered copies of it without end."""
    yield from rows
    for copy in count(1):
        chance = random.Random(copy)  # noqa: S311
        for row in rows:
            middle = len(row.text) // 2
            kept = (character for character in row.text[middle:] + row.text[:middle] if chance.random() >= LEFT_OUT)
            yield replace(row, id=f"{row.id}/{copy}", title=f"{row.title}（副本{copy}）", text="".join(kept))
