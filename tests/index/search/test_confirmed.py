import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search.confirmed import (
    AGAIN,
    MOST,
    NEAREST,
    ConfirmedQuestion,
    Experience,
    content_weights,
    nothing_confirmed,
)

SEEDS = ConfirmedQuestion("种子的销售记录要留多久？", (("crops", 1),))
FERRY = ConfirmedQuestion("夜里渡船谁来管？", (("boats", 2),))
PLACES = st.tuples(st.sampled_from(["crops", "boats"]), st.integers(0, 9))
QUESTIONS = st.lists(
    st.builds(
        ConfirmedQuestion,
        st.text("种子渡船检验记录的吗？", max_size=12),
        st.lists(PLACES, max_size=3).map(tuple),
        st.sampled_from([0.0, 0.3, 1.0]),
    ),
    max_size=20,
).map(tuple)


def test_an_office_that_has_just_begun_has_learned_nothing() -> None:
    experience = Experience(nothing_confirmed())
    assert experience.standing(("crops", 1)) == 0.0
    assert experience.lesson("种子的销售记录要留多久？").passages == {}


def test_the_same_question_speaks_for_its_passage_with_more_than_words_can() -> None:
    assert Experience((SEEDS, FERRY)).lesson("種子的銷售記錄要留多久").worth(("crops", 1)) > 1 + AGAIN


def test_a_question_in_other_words_speaks_for_the_passage_and_less_for_its_document() -> None:
    lesson = Experience((SEEDS, FERRY)).lesson("销售记录留几年")
    assert 1 > lesson.worth(("crops", 1)) > lesson.worth(("crops", 2)) > 0 == lesson.worth(("boats", 2))


def test_words_that_only_ask_make_no_two_questions_alike() -> None:
    asked = ConfirmedQuestion("怎么办理渡口许可，可以吗？", (("boats", 1),))
    assert Experience((asked,)).lesson("怎么保存种子，可以吗？").passages == {}


def test_a_smaller_weight_speaks_less() -> None:
    light = ConfirmedQuestion(SEEDS.question, SEEDS.passages, 0.3)
    less, more = (Experience((one,)).lesson("销售记录留几年").worth(("crops", 1)) for one in (light, SEEDS))
    assert 0 < less < more


def test_questions_without_passages_or_weight_teach_nothing() -> None:
    nothing = (ConfirmedQuestion(SEEDS.question, ()), ConfirmedQuestion(SEEDS.question, (("crops", 1),), 0.0))
    experience = Experience(nothing)
    assert experience.lesson(SEEDS.question).passages == {}
    assert experience.standing(("crops", 1)) == 0.0


@given(QUESTIONS, QUESTIONS, st.text("种子渡船检验记录的吗？", max_size=12))
def test_adding_to_what_is_known_equals_learning_all_at_once(first: tuple, more: tuple, asked: str) -> None:  # type: ignore[type-arg]
    grown, fresh = Experience(first + more, Experience(first)), Experience(first + more)
    assert grown.lesson(asked) == fresh.lesson(asked)
    assert all(grown.standing((name, 1)) == fresh.standing((name, 1)) for name in ("crops", "boats"))


@given(QUESTIONS)
def test_standing_never_passes_its_bound_however_popular_a_passage_is(questions: tuple) -> None:  # type: ignore[type-arg]
    experience = Experience(questions * 50)
    assert all(0.0 <= experience.standing((name, 1)) <= 2 * MOST for name in ("crops", "boats"))


def test_only_the_nearest_questions_speak() -> None:
    many = tuple(ConfirmedQuestion(f"渡船检验{'甲' * count}", (("boats", count),)) for count in range(40))
    assert len(Experience(many).lesson("渡船检验").passages) == NEAREST


@given(st.text(max_size=80))
def test_a_question_is_a_vector_of_length_one_or_nothing(text: str) -> None:
    weights = content_weights(text)
    assert not weights or sum(weight * weight for weight in weights.values()) == pytest.approx(1)
