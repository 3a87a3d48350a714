"""Reading only what promises enough loses nothing (``index.search.postgres_rounds``)."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.search.backend import Field
from index.search.postgres_rounds import KnownTerm, most_promising, needed, promises, rarest

NOBODY = np.empty(0, np.int32)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[KnownTerm], np.ndarray]:
    """A few terms, and what each of a few passages gets from each: nothing above the term's bound."""
    bounds = draw(st.lists(st.floats(0.1, 10), min_size=1, max_size=6))
    parts = draw(
        st.lists(
            st.lists(st.sampled_from([0.0, 0.0, 0.3, 1.0]), min_size=len(bounds), max_size=len(bounds)),
            min_size=1,
            max_size=25,
        )
    )
    scores = np.array(parts) * np.array(bounds)
    finds = [True, *draw(st.lists(st.booleans(), min_size=len(bounds) - 1, max_size=len(bounds) - 1))]
    terms = [
        KnownTerm(number + 1, Field.BODY, str(number), max(int((scores[:, number] > 0).sum()), 1), 1.0, bound, find)
        for number, (bound, find) in enumerate(zip(bounds, finds, strict=True))
    ]
    return terms, scores


def held(terms: list[KnownTerm], scores: np.ndarray) -> dict[KnownTerm, np.ndarray]:
    return {term: np.flatnonzero(scores[:, term.id - 1] > 0).astype(np.int32) for term in terms}


@given(worlds(), st.integers(1, 5), st.integers(1, 8), st.sampled_from([0.0, 0.5, 1.0]))
def test_no_passage_among_the_best_is_left_unread(
    world: tuple[list[KnownTerm], np.ndarray], limit: int, first: int, share: float
) -> None:
    terms, scores = world
    found_by = scores[:, [term.id - 1 for term in terms if term.finds]].sum(axis=1) > 0
    whole = np.where(found_by, scores.sum(axis=1), 0.0)

    def reached(read: np.ndarray) -> float:
        return float(np.sort(whole[read])[-limit]) if len(read) >= limit else 0.0

    looked_up = held(rarest(terms, first), scores)
    read = most_promising(promises(terms, looked_up, NOBODY), NOBODY, 0.0, first)
    looked_up |= held(needed(terms, reached(read) * share), scores)
    promised = promises(terms, looked_up, NOBODY)
    while len(more := most_promising(promised, read, reached(read), 2)):
        read = np.concatenate((read, more))
    best = np.sort(whole[whole > 0])[::-1][:limit]
    assert np.sort(whole[read])[::-1][: len(best)].tolist() == best.tolist()


def test_terms_that_cannot_lift_a_passage_need_not_find() -> None:
    rare, common = (
        KnownTerm(1, Field.BODY, "渡船", 3, 9.0, 20.0, True),
        KnownTerm(2, Field.BODY, "应当", 30_000, 1.0, 2.0, True),
    )
    assert needed([rare, common], 10.0) == [rare]
    assert set(needed([rare, common], 1.0)) == {rare, common}


def test_a_term_that_finds_nothing_by_itself_is_never_looked_up_but_counted() -> None:
    term, bonus = (
        KnownTerm(1, Field.BODY, "渡船", 3, 1.0, 4.0, True),
        KnownTerm(2, Field.HEADING, "§法律", 9, 1.0, 5.0, False),
    )
    assert rarest([bonus, term], 100) == [term]
    assert needed([bonus, term], 8.0) == [term]
    assert promises([bonus, term], held([term], np.ones((1, 1))), NOBODY).bounds.tolist() == [9.0]


def test_passages_of_which_nothing_is_known_are_read_first() -> None:
    term = KnownTerm(1, Field.BODY, "渡船", 1, 1.0, 4.0, True)
    promised = promises([term], {term: np.array([3], np.int32)}, np.array([7], np.int32))
    assert most_promising(promised, NOBODY, 1_000.0, 5).tolist() == [7]
    assert most_promising(promised, np.array([7], np.int32), 1.0, 5).tolist() == [3]
