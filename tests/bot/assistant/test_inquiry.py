"""One question and the passages found for it: what answers, and the asks that nothing answers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.assistant.inquiry import Inquiry, answer
from bot.assistant.quoting import Part
from index.policies.model import State
from tests.bot.assistant.conftest import OLD_SEEDS, PORT_RULES
from tests.bot.assistant.steps import Steps, steps_over
from tests.bot.assistant.test_headed import FERRIES
from tests.bot.assistant.test_two_places import SONGPING, WATERS, YUNTING


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    texts = {"ports": PORT_RULES, "seeds": OLD_SEEDS, "waters": WATERS, "ferries": FERRIES}
    with steps_over(texts, tmp_path_factory.mktemp("inquiry")) as steps:
        yield steps


@pytest.fixture(scope="module")
def two_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    with steps_over({"yunting": YUNTING, "songping": SONGPING}, tmp_path_factory.mktemp("places")) as steps:
        yield steps


@pytest.fixture(scope="module")
def same_twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    texts = {"one": YUNTING, "other": YUNTING.replace("渡船检验办法", "渡船检验规定")}
    with steps_over(texts, tmp_path_factory.mktemp("twice")) as steps:
        yield steps


def answered(inquiry: Inquiry) -> tuple[list[Part], list[str]]:
    parts, lacking = answer(inquiry)
    return parts, [ask.text for ask in lacking]


def cited(parts: list[Part]) -> list[str]:
    return [document.source[slice(*span)] for part in parts for document, _, span in part.citations]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("渡船检验由谁负责？", "检验由市船舶检验所负责"),
        ("渡口许可要收多少钱？", "办理渡口许可不收取费用"),
        ("渡口许可证遗失了怎么办？", "可以向市渡运管理处申请补发"),
        ("种子抽检由谁牵头？", "抽检由市农业局牵头"),
    ],
)
def test_the_passage_that_says_it_answers(steps: Steps, question: str, words: str) -> None:
    parts, lacking = answered(steps.inquiry(question))
    assert words in cited(parts)[0]
    assert lacking == []


@pytest.mark.parametrize(
    "question", ["船舶检验所的电话是多少？", "灯塔领域归谁管？", "渡口有几个停车位？", "今天天气怎么样？"]
)
def test_what_the_texts_do_not_say_is_returned_as_lacking(steps: Steps, question: str) -> None:
    assert answered(steps.inquiry(question)) == ([], [question.removesuffix("？")])


def test_without_passages_everything_lacks(steps: Steps) -> None:
    inquiry = replace(steps.inquiry("渡船检验由谁负责？"), candidates=())
    assert answered(inquiry) == ([], ["渡船检验由谁负责"])


def test_the_number_asked_for_must_stand_in_the_passage_that_answers(steps: Steps) -> None:
    """渡船每年检验一次 speaks of the same matter, but holds no sum and no share."""
    for question in ("渡船检验打百分之几的折扣？", "渡船检验的电话号码是多少？"):
        parts, _ = answered(steps.inquiry(question))
        assert not any("渡船每年检验一次" in quote for quote in cited(parts))


def test_two_things_asked_are_answered_each_by_its_own_passage(steps: Steps) -> None:
    parts, lacking = answered(steps.inquiry("渡船检验由谁负责，渡口许可证有效期多久？"))
    quotes = "\n".join(cited(parts))
    assert "检验由市船舶检验所负责" in quotes
    assert "渡口许可证有效期为三年" in quotes
    assert lacking == []


def test_of_two_things_asked_the_one_that_nothing_answers_is_returned(steps: Steps) -> None:
    parts, lacking = answered(steps.inquiry("渡船检验由谁负责，船舶检验所的电话是多少？"))
    assert any("检验由市船舶检验所负责" in quote for quote in cited(parts))
    assert lacking == ["船舶检验所的电话是多少"]


def test_all_rows_of_a_value_are_looked_up(steps: Steps) -> None:
    (part,), lacking = answered(steps.inquiry("云汀市航道处负责哪些领域？"))
    assert "共1项：航道领域" in part.words
    assert lacking == []


def test_a_counted_list_that_stands_as_headings_is_given_whole(steps: Steps) -> None:
    (part,), lacking = answered(steps.inquiry("渡船管理方案的三条基本原则是什么？"))
    assert cited([part]) == ["（一）安全第一。", "（二）便民利民。", "（三）依法管理。"]
    assert lacking == []


def test_a_list_given_twice_and_differently_is_shown_twice(steps: Steps) -> None:
    parts, _ = answered(steps.inquiry("水上信用方案的适用领域包括哪些？"))
    assert any("不一致" in notice for part in parts for notice in part.notices)
    assert any(part.words.startswith("同一份文件的正文和附表") for part in parts)


def test_of_two_texts_that_say_and_rank_the_same_the_one_in_force_goes_first(same_twice: Steps) -> None:
    inquiry = same_twice.inquiry("渡船多久检验一次？")
    level = tuple(replace(one, rank=0, score=1.0) for one in inquiry.candidates)
    for in_force in same_twice.documents:
        states = {one.id: State.IN_FORCE if one is in_force else State.EXPIRED for one in same_twice.documents}
        parts, _ = answered(replace(inquiry, candidates=level, state_of=states.__getitem__))
        assert parts[0].citations[0][0].id == in_force.id


def test_the_rule_of_another_place_is_quoted_too_or_its_place_is_named(two_places: Steps) -> None:
    parts, _ = answered(two_places.inquiry("渡船多久检验一次？"))
    quoted = {document.place for part in parts for document, _, _ in part.citations}
    notices = " ".join(notice for part in parts for notice in part.notices)
    assert all(place in quoted or place in notices for place in ("云汀", "松坪"))


def test_a_place_named_needs_no_such_notice(two_places: Steps) -> None:
    parts, _ = answered(two_places.inquiry("云汀市渡船多久检验一次？"))
    assert parts[0].notices == ()
