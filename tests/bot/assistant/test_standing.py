"""Questions about a document's own standing, where the library has no such document."""

import pytest

from bot.assistant.lexicon import load_lexicon
from bot.assistant.question import understand
from bot.assistant.standing import of_unknown, standing


def unknown(question: str) -> bool:
    lexicon = load_lexicon()
    asked = understand(question, lexicon, lambda pair: 1, frozenset({"云汀"}))
    assert standing(asked, (), lexicon.document_nouns) is None
    return of_unknown(asked, lexicon.document_nouns)


@pytest.mark.parametrize(
    "question",
    [
        "云汀市游船管理办法过期了吗？",
        "云汀市游船管理条例现在还有效吗？",
        "《云汀市游船管理办法》是否废止？",
        "游船检验实施细则是不是已经失效？",
        "云汀市游船管理规定到期没有？",
        "游船管理办法还管用吗？",
    ],
)
def test_whether_a_text_we_do_not_have_still_stands_is_asked(question: str) -> None:
    assert unknown(question)


@pytest.mark.parametrize(
    "question",
    [
        "渡口许可证过期了吗？",
        "渡口许可证过期了怎么办？",
        "渡口管理办法对过期的许可证怎么规定？",
        "渡口管理办法由谁制定？",
        "这份文件还有效吗？",
        "这项政策过期了吗？",
        "检验报告还有效吗？",
        "渡船检验由谁负责？",
    ],
)
def test_the_standing_of_a_permit_or_of_any_text_is_another_question(question: str) -> None:
    assert not unknown(question)
