"""Answers over texts of two fictional cities, and over a body and an annex that disagree."""

from collections.abc import Iterator

import pytest

from bot.assistant.engine import Assistant
from tests.bot.assistant.conftest import TODAY, assistant_over
from tests.bot.assistant.test_annexes import NAMES

YUNTING = """云汀市渡船检验办法（虚构样例）

第一条 渡船检验由云汀市船舶检验所负责。
第二条 渡船每年检验一次。
第三条 渡船检验不收取费用。
第四条 本办法自2025年3月1日起施行。
"""
SONGPING = """松坪市渡船检验办法（虚构样例）

第一条 渡船检验由松坪市交通运输局负责。
第二条 渡船每两年检验一次。
第三条 本办法自2025年5月1日起施行。
"""
TABLE = "\n".join(f"| {number} | {name}领域 | 云汀市{name}处 |" for number, name in enumerate(NAMES[:11], 1))
WATERS = (
    "云汀市水上信用方案（虚构样例）\n\n一、适用领域\n"
    f"本方案的适用领域包括：{'、'.join(NAMES)}等领域。\n二、其他\n本方案自2025年1月1日起施行。\n\n"
    f"附件\n水上信用领域表\n| 序号 | 领域 | 责任单位 |\n| --- | --- | --- |\n{TABLE}\n"
)


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    texts = {"yunting": YUNTING, "songping": SONGPING, "waters": WATERS}
    assistant, _, backend = assistant_over(texts, tmp_path_factory.mktemp("cities"))
    with backend:
        yield assistant


def test_each_place_is_quoted_from_its_own_text_side_by_side(cities: Assistant) -> None:
    answer = cities.ask("云汀和松坪的渡船多久检验一次？", as_of=TODAY)
    yunting, songping = answer.answer.split("【松坪】")
    assert "每年检验一次" in yunting
    assert "每两年检验一次" in songping
    assert [citation.document[:3] for citation in answer.citations] == ["云汀市", "松坪市"]


def test_a_place_whose_text_does_not_say_it_is_named(cities: Assistant) -> None:
    answer = cities.ask("云汀和松坪的渡船检验分别要收费吗？", as_of=TODAY)
    yunting, songping = answer.answer.split("【松坪】")
    assert "不收取费用" in yunting
    assert "没有写明" in songping
    assert {citation.document[:3] for citation in answer.citations} == {"云汀市"}


def test_which_place_is_stricter_is_refused(cities: Assistant) -> None:
    assert not cities.ask("渡船检验，云汀和松坪谁更严？", as_of=TODAY).answered


def test_a_question_that_names_no_place_says_whose_rule_is_quoted(cities: Assistant) -> None:
    answer = cities.ask("渡船检验由谁负责？", as_of=TODAY)
    own, other = ("云汀", "松坪") if "云汀" in answer.citations[0].document else ("松坪", "云汀")
    assert any(f"以上是{own}的规定" in notice and other in notice for notice in answer.notices)
    named = cities.ask("云汀的渡船检验由谁负责？", as_of=TODAY)
    assert not any("以上是" in notice for notice in named.notices)


def test_a_list_that_its_annex_contradicts_is_shown_with_both_counts(cities: Assistant) -> None:
    answer = cities.ask("水上信用方案的适用领域包括哪些？", as_of=TODAY)
    assert any("正文列举12个，附表为11行" in notice and "灯塔" in notice for notice in answer.notices)
    assert any("环保领域" in citation.quote for citation in answer.citations)
