import pytest

from bot.assistant.answer import Role, Turn
from bot.assistant.context import complete

PLACES = frozenset({"云汀", "江州"})


def turns(*lines: str) -> list[Turn]:
    return [Turn(Role.USER, line) for line in lines]


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("渔业领域归哪家单位负责?", "那航运领域呢？", "航运领域归哪家单位负责?"),
        ("云汀的渡口许可收费吗?", "江州呢？", "江州的渡口许可收费吗?"),
        ("首批实施领域有哪些?", "第二批呢？", "第二批实施领域有哪些?"),
        ("渡口管理办法是哪天施行的?", "它什么时候到期？", "渡口管理办法什么时候到期?"),
    ],
)
def test_a_follow_up_is_made_whole(before: str, question: str, whole: str) -> None:
    assert complete(question, turns(before), PLACES) == whole


def test_a_question_that_names_its_matter_is_left_alone() -> None:
    assert complete("渡船多久检验一次？", turns("渡口许可收费吗？"), PLACES) == "渡船多久检验一次？"


def test_what_the_assistant_said_is_no_question() -> None:
    before = [Turn(Role.USER, "渔业领域归谁管?"), Turn(Role.ASSISTANT, "航运领域归市港航局。")]
    assert complete("那航运领域呢？", before, PLACES) == "航运领域归谁管?"


def test_without_earlier_turns_nothing_changes() -> None:
    assert complete("那航运领域呢？", [], PLACES) == "那航运领域呢？"
