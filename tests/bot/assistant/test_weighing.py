"""The figures of a passage found: what of the question it says, what is missing, and whether it shows the answer."""

import math
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant.weighing import FEATURES, Known, Weighed, longest_run
from index.search.analyzer import fold
from tests.bot.assistant.conftest import OLD_SEEDS, PORT_RULES
from tests.bot.assistant.steps import Steps, steps_over
from tests.bot.assistant.test_two_places import WATERS

CREWS = """云汀市渡船船员规定（虚构样例）

第一条 渡船应当配备船员三名。
第二条 渡船的船员应当持证上岗。
"""
SHORT = st.text("渡口船证年检a1", max_size=12)
WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        "渡口 渡船 检验 许可证 遗失 罚款 谁 负责 多久 几次 多少钱 需要 什么 材料 2025年 第二批 《云汀市渡口管理办法》 "
        "火星 云汀市 种子 抽检 牵头 领域 航道 zzz 吗 ？ ， 的 运管处 15个工作日 三年 “停靠” 补发",
    )
)
QUESTIONS = st.lists(WORDS, min_size=1, max_size=9).map("".join) | st.text(max_size=30)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    texts = {"ports": PORT_RULES, "seeds": OLD_SEEDS, "waters": WATERS, "crews": CREWS}
    with steps_over(texts, tmp_path_factory.mktemp("weighing")) as steps:
        yield steps


def figures(one: Weighed) -> dict[str, float]:
    return dict(zip(FEATURES, one.figures, strict=True))


def holding(steps: Steps, question: str, words: str) -> dict[str, float]:
    """The figures, for ``question``, of the passage that holds ``words``."""
    (found,) = (one for one in steps.weighed(question) if fold(words) in one.candidate.own)
    return figures(found)


@settings(max_examples=25, deadline=None)
@given(question=QUESTIONS)
def test_every_figure_is_finite_and_between_0_and_about_1(steps: Steps, question: str) -> None:
    for one in steps.weighed(question):
        named = figures(one)
        assert {name: value for name, value in named.items() if not 0 <= value <= 1.5} == {}
        assert all(map(math.isfinite, one.figures))


@settings(max_examples=10, deadline=None)
@given(question=QUESTIONS)
def test_more_text_around_never_says_less(steps: Steps, question: str) -> None:
    for named in map(figures, steps.weighed(question)):
        said_or_missing = named["words_all"] + named["missing_known"] + named["missing_unknown"]
        assert said_or_missing == pytest.approx(1 if named["words"] else 0)
        assert named["pairs_own"] <= named["pairs_near"] <= named["pairs_all"]
        assert named["characters_own"] <= named["characters_all"]
        assert named["words_own"] <= named["words_near"] <= named["words_all"]


def test_the_names_of_the_figures_are_different() -> None:
    assert len(set(FEATURES)) == len(FEATURES)


def test_weighing_keeps_the_order_of_the_search_and_gives_the_first_full_marks_for_it(steps: Steps) -> None:
    question = "渡船检验由谁负责？"
    found = steps.weighed(question)
    assert [one.candidate.key for one in found] == [one.key for one in steps.gathered(question)]
    assert (figures(found[0])["search"], figures(found[0])["place"]) == (1.0, 1.0)
    assert [figures(one)["place"] for one in found] == [1 / (1 + one.candidate.rank) for one in found]


def test_the_passage_that_says_all_lacks_nothing_and_another_lacks_what_the_texts_know(steps: Steps) -> None:
    right = holding(steps, "渡船检验由谁负责？", "检验由市船舶检验所负责")
    beside = holding(steps, "渡船检验由谁负责？", "渡口许可证有效期为三年")
    assert (right["missing_known"], right["missing_unknown"], right["words_own"]) == (0.0, 0.0, 1.0)
    assert beside["missing_known"] > 0.3
    assert beside["missing_unknown"] == 0.0


def test_a_word_that_no_text_knows_is_missing_as_unknown(steps: Steps) -> None:
    named = holding(steps, "渡船检验要带橡皮鸭吗？", "渡船每年检验一次")
    assert named["missing_unknown"] > 0
    assert named["missing_known"] == 0.0


def test_the_kind_of_answer_is_seen_in_the_passage(steps: Steps) -> None:
    question = "渡船多久检验一次？"
    assert holding(steps, question, "渡船每年检验一次")["kind"] == 1.0
    assert holding(steps, question, "供渡船停靠和旅客上下的场所")["kind"] == 0.0


@pytest.mark.parametrize(
    ("question", "words", "worth"),
    [
        ("渡船要配几名船员？", "配备船员三名", 1.0),
        ("渡船要配几名船员？", "船员应当持证上岗", 0.0),
        ("渡船由谁检验？", "配备船员三名", 0.7),
    ],
)
def test_the_unit_of_a_number_stands_there_or_not_or_is_not_asked(
    steps: Steps, question: str, words: str, worth: float
) -> None:
    assert holding(steps, question, words)["unit_of_number"] == worth


@pytest.mark.parametrize(
    ("question", "worth"), [("第六条渡船检验怎么规定？", 1.0), ("第九条渡船检验怎么规定？", 0.0), ("渡船检验？", 0.7)]
)
def test_a_number_of_the_question_stands_there_or_not_or_is_not_named(
    steps: Steps, question: str, worth: float
) -> None:
    assert holding(steps, question, "渡船每年检验一次")["numbers"] == worth


@pytest.mark.parametrize(("body", "worth"), [("船舶检验所", 0.7), ("市农业局", 1.0), ("市商务局", 0.0)])
def test_a_body_named_must_be_the_body_of_the_passage(steps: Steps, body: str, worth: float) -> None:
    """检验所 has no ending of ours: it counts as no body named."""
    assert holding(steps, f"种子抽检由{body}牵头吗？", "抽检由市农业局牵头")["body"] == worth


def test_words_in_quotation_marks_that_stand_nowhere_are_missed_as_they_stand(steps: Steps) -> None:
    assert holding(steps, "渡船“每年检验”吗？", "渡船每年检验一次")["hard_missing"] == 0.0
    assert holding(steps, "渡船“每月检验”吗？", "渡船每年检验一次")["hard_missing"] == 1.0


def test_a_table_row_is_marked_as_one(steps: Steps) -> None:
    assert holding(steps, "航道领域归谁管？", "云汀市航道处")["row"] == 1.0
    assert holding(steps, "航道领域归谁管？", "本方案的适用领域包括")["row"] == 0.0


@settings(max_examples=50)
@given(SHORT, SHORT)
def test_the_longest_run_is_the_same_both_ways_and_stands_in_both(one: str, other: str) -> None:
    length = longest_run(one, other)
    assert length == longest_run(other, one)
    runs = {one[start : start + length] for start in range(len(one) - length + 1)}
    assert any(run in other for run in runs)
    longer = {one[start : start + length + 1] for start in range(len(one) - length)}
    assert not any(run in other for run in longer)


@pytest.mark.parametrize(
    ("one", "other", "length"), [("", "渡口", 0), ("渡口", "渡口", 2), ("渡口许可证", "补发许可证", 3), ("渡", "船", 0)]
)
def test_the_longest_run_of_two_texts(one: str, other: str, length: int) -> None:
    assert longest_run(one, other) == length


@settings(max_examples=30)
@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1))))
def test_a_rarer_token_says_more(counts: tuple[int, int]) -> None:
    passages, often = counts
    rarer, commoner = Known(lambda _: often, passages), Known(lambda _: often + 1, passages)
    assert rarer.rarity("渡口") > commoner.rarity("渡口") > 0


@pytest.mark.parametrize(("words", "known"), [("渡口", True), ("渡口许可", True), ("渡轮", False), ("渡口轮", False)])
def test_a_word_is_known_if_each_pair_of_its_characters_is(words: str, known: bool) -> None:
    pairs = {"渡口", "口许", "许可"}
    assert Known(lambda pair: int(pair in pairs), 3).anywhere(words) is known
