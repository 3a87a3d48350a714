"""Which terms must find, so that the best passages are among the found: the fewest postings that leave no loss.

* A term cannot add more to a score than its ``bound``. Terms whose bounds together stay below the score that ``limit``
  passages have already reached need not find: a passage that holds only them cannot be among the best.
* The first round asks for the rarest terms only, to have scores to compare with; the second for all that must find.

Source: H. Turtle, J. Flood, "Query Evaluation: Strategies and Optimizations" (1995), MaxScore.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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


def _worth(term: KnownTerm) -> tuple[float, int]:
    """Most postings for the least score first: these are the ones to do without."""
    return term.bound / term.holding, term.id
