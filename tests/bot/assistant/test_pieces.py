"""Cutting questions into words: what is dropped, what is soft, what is the focus."""

from collections.abc import Callable

import pytest

from bot.assistant.lexicon import Kind, load_lexicon
from bot.assistant.question import Ask, understand


def ask(question: str, known: Callable[[str], bool] = lambda pair: False) -> Ask:
    return understand(question, load_lexicon(), known, frozenset()).asks[0]


def words(question: str) -> list[str]:
    return [piece.text for piece in ask(question).content]


def test_grammar_is_dropped_and_dictionary_words_stay_whole() -> None:
    assert words("外卖骑手与平台之间是劳动关系吗？") == ["外卖", "骑手", "劳动", "关系"]


@pytest.mark.parametrize(
    ("question", "focus"),
    [
        ("快递末端网点开起来以后多久之内要备案？", "备案"),
        ("业主委员会一届任期是几年？", "任期"),
        ("渡船能不能载货物？", "载"),
        ("遗失的许可证要补发吗？", "补发"),
    ],
)
def test_the_focus_stands_beside_the_question_word(question: str, focus: str) -> None:
    assert [piece.text for piece in ask(question).pieces if piece.focus] == [focus]


def test_what_an_earlier_ask_told_weighs_half_and_is_marked() -> None:
    asks = understand("渡船由谁检验？证书由谁保管？", load_lexicon(), lambda pair: False, frozenset()).asks
    told = {piece.text: piece.weight for piece in asks[1].pieces if piece.told}
    assert told["渡船"] == 0.5
    assert "证书" not in told


def test_a_negated_word_is_marked() -> None:
    assert [piece.text for piece in ask("没备案的渡船怎么处罚？").pieces if piece.negated] == ["备案"]


def test_a_modal_at_the_end_of_a_dictionary_word_is_split_off_where_no_text_has_it() -> None:
    assert "报告" in words("登记报告会展示吗？")
    assert "报告会" in [piece.text for piece in ask("登记报告会几点开？", lambda pair: pair == "告会").pieces]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("哪些人可以申请渡口许可？", Kind.PERSONS),
        ("渡口归哪个部门管？", Kind.WHO),
        ("擅自设渡口罚多少钱？", Kind.AMOUNT),
        ("渡口许可哪天起收费？", Kind.WHEN),
        ("渡口许可要收费吗？", Kind.FEE),
        ("检查渡口至少要几个检查人员？", Kind.HOW_MANY),
    ],
)
def test_the_kind_of_a_question_is_typed(question: str, kind: Kind) -> None:
    assert ask(question).kind is kind


def test_the_telling_of_a_case_weighs_half_where_the_asking_clause_names_its_matter() -> None:
    told = {piece.text for piece in ask("渡船撞坏了码头，船主多久内要报告？").pieces if piece.told}
    assert "码头" in told
    assert not told & {"船主", "报告"}
    assert not any(piece.told for piece in ask("渡船撞坏了码头，怎么办？").pieces)
