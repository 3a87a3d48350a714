from datetime import date

import pytest

from bot.assistant.lexicon import Kind, load_lexicon
from bot.assistant.question import Question, understand

TEXT = "云汀市渡口许可证有效期为三年渡口管理办法设置申请书领域第二批报告下载"
KNOWN = {TEXT[i : i + 2] for i in range(len(TEXT) - 1)}


def read(text: str) -> Question:
    return understand(text, load_lexicon(), lambda token: int(token in KNOWN) * 2, frozenset({"云汀"}))


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("渡口许可证归谁管？", Kind.WHO),
        ("渡口许可证什么时候开始？", Kind.WHEN),
        ("渡口许可证管多久？", Kind.HOW_LONG),
        ("渡口多久检查一次？", Kind.HOW_OFTEN),
        ("渡口有几个？", Kind.HOW_MANY),
        ("设置渡口收费吗？", Kind.FEE),
        ("私设渡口罚多少钱？", Kind.AMOUNT),
        ("什么是渡口？", Kind.DEFINITION),
        ("渡口包括哪些？", Kind.LIST),
        ("在哪里下载？", Kind.WHERE),
        ("怎么下载报告？", Kind.HOW),
        ("渡口能不能转让？", Kind.YES_NO),
        ("渡口属于首批还是第二批？", Kind.CHOICE),
    ],
)
def test_the_kind_of_a_question_is_recognised(question: str, kind: Kind) -> None:
    assert [ask.kind for ask in read(question).asks] == [kind]


def test_a_question_in_two_parts_gives_two_asks_about_the_same_matter() -> None:
    asks = read("渡口许可证归谁管？什么时候开始？").asks
    assert [ask.kind for ask in asks] == [Kind.WHO, Kind.WHEN]
    assert all("渡口许可证" in "".join(piece.text for piece in ask.pieces) for ask in asks)


def test_a_place_is_a_condition_and_no_word_to_find() -> None:
    question = read("云汀市渡口许可证有效期多久？")
    assert question.places == ("云汀",)
    assert [piece.text for piece in question.asks[0].content] == ["渡口", "许可证"]


def test_quoted_words_years_and_ordinals_must_be_found_as_they_stand() -> None:
    hard = {piece.text for ask in read("2024年第二批“设置申请书”是什么？").asks for piece in ask.pieces if piece.hard}
    assert hard == {"2024年", "第二批", "设置申请书"}


def test_days_in_a_question_are_read() -> None:
    assert read("今天是2026年11月21日，渡口许可证有效吗？").as_of == date(2026, 11, 21)
    assert read("2026年1月31日开具的报告哪天到期？").count_from == date(2026, 1, 31)
    assert read("2026年13月99日开具的报告哪天到期？").count_from is None


def test_a_word_no_text_knows_stays_whole_and_required() -> None:
    content = [piece.text for piece in read("渡口许可证的加密算法是什么？").asks[0].content]
    assert any("加密" in text or "算法" in text for text in content)


def test_every_entry_of_the_lexicon_can_be_loaded() -> None:
    lexicon = load_lexicon()
    assert {rule.kind for rule in lexicon.kinds} == set(Kind) - {Kind.STATEMENT}
    assert all(forms and all(forms) for forms in lexicon.synonyms.values())
    assert lexicon.empty
    assert "盐城" in lexicon.places
