"""Which passages must be read, so that the best are among them: as few as leave no loss.

* A term cannot add more to a score than its ``bound``. Terms whose bounds together stay below the score that ``limit``
  passages have already reached need not find: a passage that holds only them cannot be among the best.
* A passage cannot score more than the bounds of the terms it is known to hold and of the terms that were not looked up.
* So the rarest terms are looked up first and the most promising passages are scored; what they reach decides what else
  is looked up and read.

Source: H. Turtle, J. Flood, "Query Evaluation: Strategies and Optimizations" (1995), MaxScore.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.search.backend import Field

MARGIN = 1e-6
"""Far above what rounding can do to a sum."""


@dataclass(frozen=True, slots=True)
class KnownTerm:
    """A term of the question that the index holds: ``id`` there, ``holding`` passages with it.

    ``factor`` is query weight times idf; ``bound`` the most it can add to a score.
    """

    id: int
    field: Field
    lexeme: str
    holding: int
    factor: float
    bound: float
    finds: bool


@dataclass(frozen=True, slots=True, eq=False)
class Promises:
    """Passages by id, ascending, and the most that each can score."""

    passages: NDArray[np.int32]
    bounds: NDArray[np.float64]


def rarest(terms: Sequence[KnownTerm], passages: int) -> list[KnownTerm]:
    """The rarest finding terms that together stand in at least ``passages`` passages, or all of them."""
    chosen: list[KnownTerm] = []
    held = 0
    for term in sorted((term for term in terms if term.finds), key=lambda term: (term.holding, term.id)):
        if held >= passages:
            break
        chosen.append(term)
        held += term.holding
    return chosen


def needed(terms: Sequence[KnownTerm], reached: float) -> list[KnownTerm]:
    """The finding terms without which a passage cannot have a score of ``reached`` or more."""
    spare = reached - MARGIN - sum(term.bound for term in terms if not term.finds)
    kept: list[KnownTerm] = []
    for term in sorted((term for term in terms if term.finds), key=_worth):
        if term.bound < spare:
            spare -= term.bound
        else:
            kept.append(term)
    return kept


def promises(
    terms: Iterable[KnownTerm], held: Mapping[KnownTerm, NDArray[np.int32]], always: NDArray[np.int32]
) -> Promises:
    """What the passages of ``held`` can score: ``held`` says for each term looked up which passages hold it.

    Nothing is known of the passages of ``always``: they can score anything.
    """
    unknown = sum(term.bound for term in terms if term not in held)
    found = [always, *held.values()]
    every = np.concatenate(found)
    weights = np.repeat([np.inf, *(term.bound for term in held)], [len(passages) for passages in found])
    passages, places = np.unique(every, return_inverse=True)
    bounds = np.bincount(places, weights, len(passages)).astype(np.float64, copy=False)
    return Promises(passages, bounds + unknown)


def most_promising(promised: Promises, read: NDArray[np.int32], reached: float, count: int) -> NDArray[np.int32]:
    """Up to ``count`` passages not yet ``read`` that can score ``reached`` or more, those that can score most."""
    open_ = (promised.bounds >= reached - MARGIN) & ~np.isin(promised.passages, read)
    passages, bounds = promised.passages[open_], promised.bounds[open_]
    return passages[np.argsort(-bounds, kind="stable")[:count]]


def _worth(term: KnownTerm) -> tuple[float, int]:
    """Most postings for the least score first: these are the ones to do without."""
    return term.bound / term.holding, term.id
