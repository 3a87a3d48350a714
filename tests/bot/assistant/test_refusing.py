"""What a refusal names and shows (``bot.assistant.refusing``), on fictional texts."""

import re

import pytest

from bot.assistant.pieces import Piece
from bot.assistant.refusing import phrases
from bot.assistant.wording import CLOSEST
from tests.bot.assistant.conftest import Ask


def _pieces(*words: str) -> list[Piece]:
    return [Piece(word, (word,)) for word in words]


@pytest.mark.parametrize(
    ("pieces", "question", "named"),
    [
        (["招商", "引资"], "招商引资归谁管", ("招商引资",)),
        (["渡船", "检验"], "渡船的检验归谁", ("渡船", "检验")),
        (["开证明", "不"], "开证明要钱不", ("开证明",)),
        (["2024", "号还"], "2024年的号还有吗", ()),
        (["甲乙", "丙丁", "戊己", "庚辛"], "甲乙的丙丁的戊己的庚辛", ("甲乙", "丙丁", "戊己")),
    ],
)
def test_only_phrases_a_person_would_know_are_named(pieces: list[str], question: str, named: tuple[str, ...]) -> None:
    assert phrases(_pieces(*pieces), question) == named


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("渡船检验收多少钱？", "没有写明“渡船检验”的收费"),
        ("渡口能养鳄鱼吗？", "没有提到“养鳄鱼”"),
        ("擅自设置渡口要拘留几天？", "没有提到“拘留”"),
    ],
)
def test_a_refusal_says_in_plain_words_what_the_texts_do_not_say(ask: Ask, question: str, said: str) -> None:
    answer = ask(question)
    assert not answer.answered
    assert said in answer.answer


@pytest.mark.parametrize("question", ["渡船检验收多少钱？", "渡口许可证可以卖给别人吗？", "渡船检验归哪位局长管？"])
def test_what_is_shown_beside_a_refusal_is_a_clause_and_close(ask: Ask, question: str) -> None:
    shown = ask(question).suggestions
    assert 1 <= len(shown) <= 3
    assert len(set(shown)) == len(shown)
    for line in shown:
        place, _, words = line.removeprefix(CLOSEST).partition("：")
        assert re.search("[。；…）]$", words), "a whole sentence, or cut where a clause ends"
        assert len(words) > 8, "a clause, not a heading"
        assert not words.startswith("第"), "the article number stands in the place only"
        assert place.startswith("《")


@pytest.mark.parametrize("question", ["量子力学怎么考试？", "今天天气怎么样", "罚多少？"])
def test_nothing_is_shown_when_nothing_is_close(ask: Ask, question: str) -> None:
    assert ask(question).suggestions == ()


def test_a_clause_shown_from_a_text_not_in_force_says_so(ask: Ask) -> None:
    (line, *_) = ask("种子抽检收多少钱？").suggestions
    assert "（有效期已届满）" in line
