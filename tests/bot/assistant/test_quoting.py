"""Which words of a passage answer: a short one whole, of a long one the unit that answers, of a row its cells."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from bot.assistant.annexes import disagreements
from bot.assistant.headed import headed
from bot.assistant.quoting import (
    WHOLE_CHARACTERS,
    Part,
    disagreement_part,
    headed_part,
    passage_part,
    row_words,
    rows_part,
)
from bot.assistant.tables import reverse_lookup
from index.policies.model import PassageKind
from index.search.analyzer import fold
from tests.bot.assistant.conftest import OLD_SEEDS, PORT_RULES
from tests.bot.assistant.steps import Steps, steps_over
from tests.bot.assistant.test_headed import FERRIES
from tests.bot.assistant.test_two_places import WATERS

AT_NIGHT = """云汀市渡船夜航规定（虚构样例）

第一条 渡船夜航由市渡运管理处负责审批，审批时应当查看渡船的灯光、号笛、救生设备和船员的夜航经历，并公布名单。\
船主申请夜航的，由渡口所在的镇人民政府先行查看水情和岸上的照明。渡船夜航每人收取票价三元。对老年人不收取费用。\
遇有大雾、大风、洪水的，渡船应当停航，并由渡口的管理人员在岸上张贴停航通知，向候船的旅客说明情况和预计恢复的时间，恢复开航也应当同样张贴。\
夜航的船员不得少于三人。
第二条 夜航许可自开具之日起30日内有效。
"""
DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    texts = {"ports": PORT_RULES, "seeds": OLD_SEEDS, "waters": WATERS, "ferries": FERRIES, "night": AT_NIGHT}
    with steps_over(texts, tmp_path_factory.mktemp("quoting")) as steps:
        yield steps


def part(steps: Steps, question: str, words: str) -> Part:
    """What the passage that holds ``words`` says to ``question``."""
    (one,) = (one for one in steps.weighed(question) if fold(words) in one.candidate.own)
    return passage_part(one, steps.question(question), steps.matcher, steps.lexicon, DAY)


def cited(given: Part) -> list[str]:
    return [document.source[slice(*span)] for document, _, span in given.citations]


def test_a_short_passage_is_quoted_whole(steps: Steps) -> None:
    given = part(steps, "渡口许可要收多少钱？", "办理渡口许可不收取费用")
    whole = "市渡运管理处应当自受理申请之日起15个工作日内作出决定。办理渡口许可不收取费用。"
    assert cited(given) == [whole]
    assert given.words == f"“{whole}”"


def test_of_a_long_passage_only_the_unit_that_answers_is_quoted(steps: Steps) -> None:
    assert cited(part(steps, "渡船夜航的船员不得少于几人？", "夜航的船员")) == ["夜航的船员不得少于三人。"]


def test_a_rule_about_fees_is_quoted_with_its_exception(steps: Steps) -> None:
    given = part(steps, "渡船夜航要收费吗？", "夜航的船员")
    assert cited(given) == ["渡船夜航每人收取票价三元。对老年人不收取费用。"]


def test_each_of_two_asks_gets_its_own_words_in_the_order_of_the_text(steps: Steps) -> None:
    given = part(steps, "渡船夜航的船员不得少于几人，渡船夜航由谁审批？", "夜航的船员")
    first, second = cited(given)
    assert first.startswith("渡船夜航由市渡运管理处负责审批")
    assert second == "夜航的船员不得少于三人。"
    assert given.words == f"“{first}”……“{second}”"


@pytest.mark.parametrize(
    "question", ["渡船检验由谁负责？", "渡口许可几天办好？", "渡船夜航要收费吗？", "种子抽检由谁牵头？", "渡口是什么？"]
)
def test_nothing_but_exact_spans_of_the_passage_is_quoted(steps: Steps, question: str) -> None:
    for one in steps.weighed(question):
        given = passage_part(one, steps.question(question), steps.matcher, steps.lexicon, DAY)
        if not one.candidate.units[0].row:
            assert re.findall("[“「](.*?)[”」](?:……|$)", given.words, re.DOTALL) == cited(given)
        assert sum(map(len, cited(given))) <= max(WHOLE_CHARACTERS, len(one.candidate.own))


def test_a_list_is_quoted_with_its_items(steps: Steps) -> None:
    (quote,) = cited(part(steps, "设置渡口要提交什么材料？", "提交下列材料"))
    assert quote.startswith("设置渡口应当向市渡运管理处提出申请")
    assert quote.endswith("（三）安全管理制度。")


def test_a_day_that_follows_from_the_quote_is_counted_beside_it(steps: Steps) -> None:
    given = part(steps, "2026年11月1日开具的夜航许可什么时候到期？", "自开具之日起30日内有效")
    assert given.counted == ("按此计算，自2026年11月1日起30日，最后一天为2026年12月1日（至当日24时）。",)
    assert part(steps, "2026年11月1日开具的夜航许可由谁审批？", "自开具之日起30日内有效").counted == ()


def test_of_a_row_the_cells_are_told_and_the_whole_row_is_cited(steps: Steps) -> None:
    given = part(steps, "航道领域归谁管？", "云汀市航道处")
    assert given.words == "第3行 航道领域：责任单位 云汀市航道处"
    (quote,) = cited(given)
    assert "3" in quote
    assert "航道领域" in quote
    assert quote.endswith("云汀市航道处")


def test_of_a_row_with_long_cells_only_the_columns_asked_for_are_told(steps: Steps) -> None:
    waters = next(document for document in steps.documents if "水上信用" in document.title)
    row = next(one for one in waters.passages if one.kind is PassageKind.TABLE_ROW)
    long = replace(row, columns=(("序号", "1"), ("领域", "渡口。" + "说明" * 40), ("责任单位", "市渡口处")))
    assert row_words(steps.question("渡口领域归谁管？").asks, long) == "第1行（渡口）责任单位 市渡口处"


def test_the_rows_of_a_value_are_told_in_one_sentence_with_their_number(steps: Steps) -> None:
    rows = reverse_lookup(steps.question("云汀市航道处负责哪些领域？").asks[0], steps.documents)
    assert rows is not None
    given = rows_part(rows)
    assert given.told
    assert given.words.endswith("对应的领域共1项：航道领域。")
    assert [("航道领域" in quote, quote == quote.strip()) for quote in cited(given)] == [(True, True)]


def test_headings_that_are_the_list_are_quoted_one_by_one_under_their_own_heading(steps: Steps) -> None:
    items = headed(steps.question("渡船管理方案的三条基本原则是什么？").asks[0], steps.documents)
    assert items is not None
    given = headed_part(items)
    assert given.words == "“（一）安全第一。”“（二）便民利民。”“（三）依法管理。”"
    assert cited(given) == ["（一）安全第一。", "（二）便民利民。", "（三）依法管理。"]
    assert given.place is not None
    assert given.place[1].heading == items.heading


def test_a_disagreement_shows_both_sides_and_says_so(steps: Steps) -> None:
    (found,) = (one for document in steps.documents for one in disagreements(document))
    given = disagreement_part(found)
    body, row = cited(given)
    assert given.words == f"同一份文件的正文和附表：“{body}”“{row}”"
    assert given.notices == (found.notice,)
