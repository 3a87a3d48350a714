"""Lists whose items stand one by one below a heading (fictional texts of 云汀市)."""

import pytest

from bot.assistant.headed import headed, lists, named_count
from bot.assistant.lexicon import load_lexicon
from bot.assistant.question import Ask, understand
from index.policies.library import Library
from index.policies.model import Document

FERRIES = """云汀市渡船管理方案（虚构样例）

一、基本原则
（一）安全第一。渡船开行以安全为先，有雾有风不开船。
（二）便民利民。渡口的班次应当方便两岸居民出行。
（三）依法管理。渡船的检验和登记依照法规办理。

二、工作目标
安全开行。到明年年底实现全年没有事故，两岸居民满意。
准点开行。到明年年底渡船准点的班次达到九成以上。
"""


@pytest.fixture(scope="module")
def ferries(tmp_path_factory: pytest.TempPathFactory) -> Document:
    folder = tmp_path_factory.mktemp("ferries")
    path = folder / "ferries.txt"
    path.write_text(FERRIES, "utf-8")
    library = Library(folder / "library")
    library.add(path)
    return library.documents()[0]


def ask(question: str) -> Ask:
    return understand(question, load_lexicon(), lambda pair: pair in FERRIES, frozenset()).asks[0]


def quotes(question: str, document: Document) -> list[str]:
    found = headed(ask(question), [document])
    return [document.source[slice(*span)] for _, _, span in found.spans] if found else []


def test_every_item_below_the_heading_is_quoted_once_and_in_order(ferries: Document) -> None:
    assert quotes("渡船管理方案的三条基本原则是什么？", ferries) == [
        "（一）安全第一。",
        "（二）便民利民。",
        "（三）依法管理。",
    ]


def test_paragraphs_that_begin_with_a_name_are_items_too(ferries: Document) -> None:
    assert quotes("渡船管理方案有哪两个工作目标？", ferries) == ["安全开行。", "准点开行。"]


@pytest.mark.parametrize(
    "question", ["渡船管理方案的五条基本原则是什么？", "渡船管理方案的三条保障措施是什么？", "三条基本原则由谁负责？"]
)
def test_another_number_another_matter_or_another_kind_is_no_such_list(ferries: Document, question: str) -> None:
    assert quotes(question, ferries) == []


def test_a_question_without_a_number_counts_nothing() -> None:
    assert named_count(ask("渡船管理方案的基本原则有哪些？")) is None
    assert named_count(ask("两个工作目标是什么？")) == 2


@pytest.mark.parametrize(
    ("text", "count", "says"),
    [
        ("一是安全。二是便民。三是守法。", 3, True),
        ("在渡口、渡船、码头等三个领域开展检查", 3, True),
        ("按照公开、公平、公正、便民、高效原则办理", 5, False),
        ("一是安全。二是便民。", 3, False),
    ],
)
def test_a_sentence_lists_what_it_numbers_or_counts(text: str, count: int, says: bool) -> None:
    assert lists(text, count) is says
