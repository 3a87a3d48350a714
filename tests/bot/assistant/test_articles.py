"""Articles by number (``bot.assistant.articles``) and what a text rests on (``bot.assistant.basis``)."""

from pathlib import Path

import pytest

from tests.bot.assistant.conftest import PORT_RULES, TODAY, Ask, assistant_over

SEED_RULES = """云汀市种子管理办法（虚构样例）
第一章 总则
第一条 根据《云汀市农业条例（虚构）》等规定，制定本办法。
第二条 种子应当抽检。
抽检不收费。
第二章 附则
第三条 本办法自2025年5月1日起施行。《云汀市种子抽检旧规程》（云农发〔2011〕7号）同时废止。
"""


@pytest.mark.parametrize("question", ["第五条怎么说？", "第5条的内容是什么", "渡口管理办法第五条规定了什么"])
def test_an_article_asked_for_by_number_is_quoted_whole_and_from_after_its_number(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert [c.quote for c in answer.citations] == [
        "渡口许可证有效期为三年。遗失渡口许可证的，可以向市渡运管理处申请补发。"
    ]
    assert answer.citations[0].heading[-1] == "第五条"
    assert answer.answer.count("第五条") == 1


@pytest.mark.parametrize("question", ["第九十九条怎么说？", "第十五条规定了什么"])
def test_an_article_no_text_has_is_refused(ask: Ask, question: str) -> None:
    assert not ask(question).answered


def test_an_article_two_texts_have_is_quoted_from_both_under_their_titles(tmp_path: Path) -> None:
    assistant, _, backend = assistant_over({"ports": PORT_RULES, "seeds": SEED_RULES}, tmp_path)
    with backend:
        answer = assistant.ask("第二条怎么说？", as_of=TODAY)
        one = assistant.ask("种子管理办法第二条怎么说？", as_of=TODAY)
    assert {c.document[:5] for c in answer.citations} == {"云汀市渡口", "云汀市种子"}
    assert [c.quote for c in one.citations] == ["种子应当抽检。\n抽检不收费。"]


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("种子管理办法是根据什么制定的？", "根据《云汀市农业条例（虚构）》等规定，制定本办法。"),
        ("种子管理办法的制定依据是什么", "根据《云汀市农业条例（虚构）》等规定，制定本办法。"),
        ("云农发〔2011〕7号还有效吗？", "《云汀市种子抽检旧规程》（云农发〔2011〕7号）同时废止。"),
        ("《云汀市种子抽检旧规程》还能用吗？", "《云汀市种子抽检旧规程》（云农发〔2011〕7号）同时废止。"),
        ("种子抽检旧规程现在还管用吗", "《云汀市种子抽检旧规程》（云农发〔2011〕7号）同时废止。"),
    ],
)
def test_a_basis_and_a_text_known_only_from_its_repeal_have_their_clause(
    tmp_path: Path, question: str, quote: str
) -> None:
    assistant, _, backend = assistant_over({"seeds": SEED_RULES}, tmp_path)
    with backend:
        answer = assistant.ask(question, as_of=TODAY)
    assert [c.quote for c in answer.citations] == [quote]


@pytest.mark.parametrize(
    "question", ["云农发〔2012〕7号还有效吗？", "《云汀市渔业旧规程》还能用吗？", "种子管理办法有效期为什么是三年？"]
)
def test_another_number_another_title_and_a_false_reason_are_refused(tmp_path: Path, question: str) -> None:
    assistant, _, backend = assistant_over({"seeds": SEED_RULES}, tmp_path)
    with backend:
        assert not assistant.ask(question, as_of=TODAY).answered
