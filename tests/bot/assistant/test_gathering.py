"""The passages worth weighing: those of the pool that the search finds, each once, with its units."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.assistant.gathering import CANDIDATES, Shelf, gather
from index.policies.model import Document, PassageKind
from tests.bot.assistant.conftest import OLD_SEEDS, PORT_RULES
from tests.bot.assistant.steps import Steps, steps_over

WITH_ATTACHMENT = """云汀市渔港巡查通知（虚构样例）

渔港巡查每月开展一次，由市渔政所负责。
附件：渔港巡查登记表
"""


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    texts = {"ports": PORT_RULES, "seeds": OLD_SEEDS, "patrols": WITH_ATTACHMENT}
    with steps_over(texts, tmp_path_factory.mktemp("gathering")) as steps:
        yield steps


def titled(steps: Steps, word: str) -> Document:
    (found,) = (document for document in steps.documents if word in document.title)
    return found


def number_of(document: Document, words: str) -> int:
    place = document.source.index(words)
    return next(one.number for one in document.passages if one.start <= place < one.end)


def test_the_best_passage_comes_first_and_none_comes_twice(steps: Steps) -> None:
    found = steps.gathered("渡船检验由谁负责？")
    assert "市船舶检验所负责" in found[0].own
    assert len({one.key for one in found}) == len(found)
    assert [one.rank for one in found] == sorted({one.rank for one in found})
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_only_passages_of_the_pool_are_gathered(steps: Steps) -> None:
    seeds = titled(steps, "种子")
    question = steps.question("渡口和种子由谁负责？")
    assert {one.key[0] for one in gather(question, steps.search, [seeds], steps.shelf)} == {seeds.id}
    assert gather(question, steps.search, [], steps.shelf) == ()


def test_an_item_is_replaced_by_the_passage_that_announces_it(steps: Steps) -> None:
    question, ports = "选址图和安全管理制度", titled(steps, "渡口")
    lead, items = number_of(ports, "提交下列材料"), {number_of(ports, "选址图"), number_of(ports, "安全管理制度")}
    hits = [hit.number for hit in steps.search.search(question, CANDIDATES) if hit.document_id == ports.id]
    assert set(hits[:2]) == items
    assert steps.gathered(question)[0].key == (ports.id, lead)
    numbers = [number for document, number in (one.key for one in steps.gathered(question)) if document == ports.id]
    assert numbers.count(lead) == 1
    assert not items.intersection(numbers)


def test_a_line_that_only_names_an_attachment_is_not_gathered(steps: Steps) -> None:
    patrols = titled(steps, "渔港")
    hits = steps.search.search("渔港巡查登记表", CANDIDATES)
    assert (patrols.id, number_of(patrols, "附件：")) in {(hit.document_id, hit.number) for hit in hits}
    found = [one.own for one in steps.gathered("渔港巡查登记表")]
    assert any("每月开展一次" in own for own in found)
    assert not any(own.startswith("附件") for own in found)


def test_titles_and_headings_alone_are_not_gathered(steps: Steps) -> None:
    question = "云汀市渡口管理办法总则"
    kinds = {steps.library.get(hit.document_id).passages[hit.number].kind for hit in steps.search.search(question, 40)}
    assert kinds & {PassageKind.TITLE, PassageKind.HEADING}
    gathered = {unit.passage.kind for one in steps.gathered(question) for unit in one.units}
    assert gathered == {PassageKind.PARAGRAPH}


def test_a_question_of_unknown_words_gathers_nothing(steps: Steps) -> None:
    assert steps.gathered("zzz qqq") == ()


def test_units_are_cut_once_as_long_as_the_document_is_the_same(steps: Steps) -> None:
    shelf, ports = Shelf(steps.lexicon.dictionary), titled(steps, "渡口")
    place = number_of(ports, "渡船每年检验一次")
    assert shelf.units(ports, place) is shelf.units(replace(ports), place)
    assert shelf.units(replace(ports, id="another"), place) is not shelf.units(ports, place)
    assert shelf.text("渡船") is shelf.text("渡船")
