"""The order of the weighed passages and how sure we are of the first: shares, sureness, and who may answer."""

import csv
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.assistant.deciding import (
    ANSWERS,
    BESIDE,
    BIAS,
    STANDING_OUT,
    Decision,
    Ranked,
    Weights,
    decide,
    load_weights,
    score,
    standing_out,
    sureness,
)
from bot.assistant.weighing import FEATURES, Candidate, Weighed

SCORES = st.lists(st.floats(-20, 20), min_size=1, max_size=8)


@dataclass(frozen=True)
class Place:
    """All that deciding needs to know of a candidate."""

    rank: int


def weights(bias: float = 0.0) -> Weights:
    """One figure, which is the score; sureness grows with its share and its distance from the best rival."""
    return Weights((0.0,), (1.0,), (1.0,), (0.0,), ((0.0, 1.0, 0.0), (1.0, 1.0, 1.0), (0.0, 5.0, 1.0)), bias)


def passages(*scores: float) -> list[Weighed]:
    return [Weighed(cast(Candidate, Place(rank)), (), (one,)) for rank, one in enumerate(scores)]


def everything(one: Weighed) -> bool:
    return True


def ranks(decision: Decision) -> list[int]:
    return [one.weighed.candidate.rank for one in decision.ranked]


@given(SCORES)
def test_the_shares_add_up_to_1_and_follow_the_scores(scores: list[float]) -> None:
    ranked = decide(passages(*scores), weights(), everything).ranked
    assert sum(one.share for one in ranked) == pytest.approx(1)
    assert [one.score for one in ranked] == sorted(scores, reverse=True)
    assert [one.share for one in ranked] == sorted((one.share for one in ranked), reverse=True)


@given(SCORES, st.floats(-50, 50))
def test_a_constant_added_to_all_scores_changes_neither_order_nor_shares(scores: list[float], constant: float) -> None:
    assume(all(abs(one - other) > 1e-6 for place, one in enumerate(scores) for other in scores[:place]))
    before = decide(passages(*scores), weights(), everything)
    after = decide(passages(*scores), weights(), everything, lambda one: constant)
    assert ranks(after) == ranks(before)
    assert [one.share for one in after.ranked] == pytest.approx([one.share for one in before.ranked])


def test_of_equal_scores_the_one_the_search_found_first_goes_first() -> None:
    assert ranks(decide(list(reversed(passages(1.0, 1.0, 1.0))), weights(), everything)) == [0, 1, 2]


@given(SCORES, st.floats(-5, 5), st.floats(0.01, 5))
def test_sureness_lies_between_0_and_1_and_grows_with_the_bias(scores: list[float], bias: float, more: float) -> None:
    less_sure, surer = (decide(passages(*scores), weights(one), everything).sureness for one in (bias, bias + more))
    assert 0 < less_sure < surer < 1


@given(st.lists(st.floats(-20, 20), min_size=3, max_size=8), st.integers(0, 2))
def test_what_cannot_answer_is_never_chosen_and_never_makes_surer(scores: list[float], unable: int) -> None:
    found = passages(*scores)
    decision = decide(found, weights(), lambda one: one.candidate.rank != unable)
    without = decide([one for one in found if one.candidate.rank != unable], weights(), everything)
    assert ranks(decision) == ranks(without)
    assert unable not in [one.candidate.rank for one in decision.chosen]
    assert decision.sureness <= without.sureness + 1e-12


def test_a_better_passage_that_cannot_answer_makes_the_next_one_doubtful() -> None:
    found = passages(4.0, 1.0, -1.0)
    rivalled = decide(found, weights(), lambda one: one.candidate.rank != 0)
    assert ranks(rivalled) == [1, 2]
    first = rivalled.ranked[0]
    assert first.share < 0.1
    assert rivalled.sureness == pytest.approx(sureness(first, (1.0, first.share, 1.0 - 4.0), weights()))
    assert not rivalled.answers
    assert decide(found[1:], weights(), everything).answers


@pytest.mark.parametrize("found", [[], passages(3.0, 2.0)])
def test_without_any_that_may_answer_there_is_no_answer(found: list[Weighed]) -> None:
    decision = decide(found, weights(bias=9.0), lambda one: False)
    assert (decision.ranked, decision.sureness, decision.answers) == ((), 0.0, False)


def test_preference_decides_between_passages_that_fit_alike() -> None:
    decision = decide(passages(1.0, 1.0), weights(), everything, lambda one: 0.3 * (one.candidate.rank == 1))
    assert ranks(decision) == [1, 0]


@pytest.mark.parametrize(("distance", "quoted"), [(0.0, 2), (1.3, 2), (1.5, 1), (9.0, 1)])
def test_only_a_second_passage_that_comes_close_is_quoted_beside_the_first(distance: float, quoted: int) -> None:
    """exp(-1.386) is ``BESIDE``."""
    assert BESIDE == 0.25
    decision = decide(passages(2.0, 2.0 - distance, 2.0 - distance), weights(), everything)
    assert [one.candidate.rank for one in decision.chosen] == [0, 1][:quoted]


@pytest.mark.parametrize(("sure", "answers"), [(ANSWERS, True), (ANSWERS - 0.001, False), (1.0, True)])
def test_it_answers_from_the_stated_sureness_on(sure: float, answers: bool) -> None:
    assert Decision((), sure).answers is answers


def test_a_passage_alone_stands_out_by_3() -> None:
    (only,) = decide(passages(2.5), weights(), everything).ranked
    assert standing_out(only, [only]) == (2.5, 1.0, 3.0)
    assert standing_out(only, [replace(only, score=4.5), only]) == (2.5, 1.0, -2.0)


def test_the_score_is_the_weighted_sum_in_units_of_the_usual_spread() -> None:
    two = Weights((1.0, 0.5), (2.0, 0.25), (3.0, -1.0), (0.0, 0.0), (), 0.0)
    assert score((5.0, 1.0), two) == pytest.approx(3.0 * 2 - 1.0 * 2)
    with pytest.raises(ValueError, match=r"shorter|longer"):
        score((5.0,), two)


def test_sureness_without_evidence_is_the_bias_alone() -> None:
    (first,) = (Ranked(one, 0.0, 1.0) for one in passages(7.0))
    assert sureness(first, (0.0, 1.0, 0.0), weights(0.0)) == 0.5
    assert sureness(first, (0.0, 1.0, 5.0), weights(0.0)) == pytest.approx(0.7310586)


def shipped_rows() -> list[dict[str, str]]:
    """The table of weights as it stands in the package."""
    table = files("bot.assistant") / "language" / "weights.csv"
    return list(csv.DictReader(table.read_text("utf-8").splitlines()))


def test_the_table_of_weights_names_every_figure_once_and_nothing_else() -> None:
    names = [row["figure"] for row in shipped_rows()]
    assert sorted(names) == sorted((*FEATURES, *STANDING_OUT, BIAS))
    assert all(row["order"] and row["sureness"] for row in shipped_rows() if row["figure"] in FEATURES)


def test_every_scale_is_above_0() -> None:
    assert all(float(row["scale"]) > 0 for row in shipped_rows() if row["figure"] != BIAS)


def test_the_weights_are_read_in_the_order_of_the_figures() -> None:
    shipped, by_name = load_weights(), {row["figure"]: row for row in shipped_rows()}
    assert shipped.order == tuple(float(by_name[name]["order"]) for name in FEATURES)
    assert shipped.standing_out[2] == tuple(float(by_name["margin"][name]) for name in ("mean", "scale", "sureness"))
    assert shipped.bias == float(by_name[BIAS]["sureness"])
