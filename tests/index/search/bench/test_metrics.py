"""The measures against values worked out by hand."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search.bench.metrics import Quality, mean, quality

FOUND = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]


def test_one_relevant_passage_in_third_place() -> None:
    assert quality(FOUND, {"c"}) == Quality(0.0, 1.0, 1.0, 1.0, pytest.approx(1 / 3), pytest.approx(1 / log2(4)))


def test_two_relevant_passages_in_first_and_twelfth_place() -> None:
    best = 1 + 1 / log2(3)
    assert quality(FOUND, {"a", "l"}) == Quality(0.5, 0.5, 0.5, 1.0, 1.0, pytest.approx(1 / best))


def test_what_is_never_found_counts_nothing() -> None:
    assert quality(FOUND, {"z"}) == Quality(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert quality([], {"z"}) == Quality(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_more_relevant_passages_than_places_can_still_be_perfect() -> None:
    assert quality(FOUND, set(FOUND)).ndcg_10 == pytest.approx(1.0)


def test_the_mean_is_over_questions() -> None:
    one, none = Quality(1, 1, 1, 1, 1, 1), Quality(0, 0, 0, 0, 0, 0)
    assert mean([one, none, none, none]) == Quality(*[0.25] * 6)


@given(st.lists(st.integers(0, 300), unique=True, max_size=120), st.sets(st.integers(0, 300), min_size=1))
def test_measures_stay_between_0_and_1_and_recall_grows_with_depth(found: list[int], relevant: set[int]) -> None:
    one = quality(found, relevant)
    assert 0 <= one.recall_1 <= one.recall_5 <= one.recall_10 <= one.recall_100 <= 1
    assert 0 <= one.mrr_10 <= 1
    assert -1e-9 <= one.ndcg_10 <= 1 + 1e-9
