"""How good a ranking is: Recall@k, MRR@10 and nDCG@10 with yes-or-no relevance. Pure.

* Recall@k: the share of a question's relevant passages among the first k.
* MRR@10: one over the place of the first relevant passage, 0 when it is not among the first ten.
* nDCG@10: gain 1 / log2(place + 1) for each relevant passage among the first ten, over the best that is possible.

Source: Manning, Raghavan, Schütze, Introduction to Information Retrieval (2008), chapter 8.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, fields
from math import log2

DEPTH = 100


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over questions, each from 0 to 1."""

    recall_1: float
    recall_5: float
    recall_10: float
    recall_100: float
    mrr_10: float
    ndcg_10: float


def quality(found: Sequence[Hashable], relevant: Collection[Hashable]) -> Quality:
    """Of one question: ``found`` best first, each once; ``relevant`` is not empty."""
    first, five, ten, every = (recall(found, relevant, depth) for depth in (1, 5, 10, DEPTH))
    return Quality(first, five, ten, every, reciprocal_rank(found, relevant, 10), ndcg(found, relevant, 10))


def mean(single: Sequence[Quality]) -> Quality:
    """The mean over questions."""
    names = [field.name for field in fields(Quality)]
    return Quality(*(sum(getattr(one, name) for one in single) / len(single) for name in names))


def recall(found: Sequence[Hashable], relevant: Collection[Hashable], depth: int) -> float:
    return sum(passage in relevant for passage in found[:depth]) / len(relevant)


def reciprocal_rank(found: Sequence[Hashable], relevant: Collection[Hashable], depth: int) -> float:
    return next((1 / place for place, passage in enumerate(found[:depth], start=1) if passage in relevant), 0.0)


def ndcg(found: Sequence[Hashable], relevant: Collection[Hashable], depth: int) -> float:
    gain = sum(1 / log2(place + 1) for place, passage in enumerate(found[:depth], start=1) if passage in relevant)
    return gain / sum(1 / log2(place + 1) for place in range(1, min(len(relevant), depth) + 1))
