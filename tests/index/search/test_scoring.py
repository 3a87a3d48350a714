"""The arithmetic of the ranking, against numbers worked out by hand and against the slow, plain way."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from whoosh.util.numeric import byte_to_length, length_to_byte

from index.search.scoring import LENGTHS, Part, Saturation, best, codes, idf, length_code, scores


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int32)


def packed(frequencies: list[int], lengths: list[int]) -> np.ndarray:
    return codes(np.array(frequencies), np.array([length_code(length) for length in lengths], dtype=np.uint8))


def as_numbered(found: np.ndarray) -> np.ndarray:
    return found.astype(np.int64)


def test_one_posting_scores_what_the_formula_says() -> None:
    part = Part(rows(1), packed([2], [10]), Saturation(5.0), 3.0 * idf(8, 1))
    expected = 3.0 * (log(8 / 2) + 1) * (2 * 2.2) / (2 + 1.2 * (0.25 + 0.75 * 10 / 5))
    assert scores([part], 3) == pytest.approx([0.0, expected, 0.0])


def test_terms_add_up() -> None:
    flat = Saturation(1.0)
    one = packed([1], [1])
    parts = [Part(rows(0), one, flat, 2.0), Part(rows(0), one, flat, 3.0), Part(rows(2), one, flat, 5.0)]
    assert scores(parts, 3) == pytest.approx([5.0, 0.0, 5.0])


def test_a_frequency_beyond_a_byte_is_scored_like_any_other() -> None:
    found = scores([Part(rows(0, 1), packed([300, 255], [400, 400]), Saturation(400.0), 1.0)], 2)
    length = LENGTHS[length_code(400)]
    assert found == pytest.approx([tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / 400)) for tf in (300, 255)])


def test_a_part_that_does_not_find_adds_only_to_what_others_found() -> None:
    one, flat = packed([1, 1], [1, 1]), Saturation(1.0)
    bonus = Part(rows(0, 1), one, flat, 3.0, finds=False)
    assert scores([Part(rows(1, 2), one, flat, 2.0), bonus], 3) == pytest.approx([0.0, 5.0, 2.0])
    assert list(scores([bonus], 3)) == [0.0, 0.0, 0.0]


def test_no_terms_score_nothing() -> None:
    assert list(scores([], 2)) == [0.0, 0.0]


@given(st.integers(0, 200_000))
def test_lengths_are_rounded_as_whoosh_rounds_them(length: int) -> None:
    assert length_code(length) == length_to_byte(length)
    assert LENGTHS[length_code(length)] == byte_to_length(length_to_byte(length))


@given(
    arrays(np.float64, st.integers(0, 400), elements=st.sampled_from([0.0, 0.25, 1.0, 1.0 + 1e-12, 2.5])),
    st.integers(1, 30),
)
def test_the_best_are_those_of_a_plain_sort(found: np.ndarray, limit: int) -> None:
    plain = sorted((-round(score, 9), row) for row, score in enumerate(found.tolist()) if score > 0)
    assert best(found, limit, as_numbered).tolist() == [row for _, row in plain[:limit]]


def test_equal_scores_come_in_the_order_asked_for() -> None:
    found = np.array([1.0, 2.0, 1.0, 1.0])
    assert best(found, 3, lambda rows: -rows.astype(np.int64)).tolist() == [1, 3, 2]
