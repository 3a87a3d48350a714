from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.policies.model import Document, PassageKind
from index.search.finding import Finder
from index.search.routes import named, routes, titles
from index.search.whoosh_backend import WhooshBackend
from tests.index.search.conftest import document

NUMBERS = ("一", "二", "三", "十四", "十五")


def articles(name: str, title: str, document_number: str, subject: str) -> Document:
    """A fictional document with a title line and five articles about ``subject``."""
    lines = [f"第{number}条 {subject}管理单位应当遵守第{number}号要求。" for number in NUMBERS]
    plain = document(name, title, *lines)
    passages = tuple(
        passage if passage.kind is PassageKind.TITLE else replace(passage, heading=(title, f"第{NUMBERS[place - 1]}条"))
        for place, passage in enumerate(plain.passages)
    )
    return replace(plain, passages=passages, document_number=document_number)


FERRY = articles("ferry", "云汀市渡口管理办法（虚构）", "云政办发〔2017〕75号", "渡口")
SEEDS = articles("seeds", "云汀市种子管理条例（虚构）", "云政发〔2019〕75号", "种子")
NOTICE = document(
    "notice", "云汀市关于清理文件的通知（虚构）", "废止云政发〔2019〕75号文件。", "统一社会信用代码91320900MA1XXXXX8K。"
)


def domains() -> Document:
    """A fictional table of domains."""
    rows = ((("序号", "1"), ("领域", "渡运领域")), (("序号", "12"), ("领域", "种子领域")))
    lines = [" ".join(text for _, text in columns) for columns in rows]
    plain = document("domains", "云汀市领域表（虚构）", *lines, "种子领域由市种子站负责，渡运领域由市渡运处负责。")
    first, *others, last = plain.passages
    table = [
        replace(passage, kind=PassageKind.TABLE_ROW, columns=columns)
        for passage, columns in zip(others, rows, strict=True)
    ]
    return replace(plain, passages=(first, *table, last))


@pytest.fixture
def finder(backend: WhooshBackend) -> Finder:
    backend.replace_documents((FERRY, SEEDS, NOTICE, domains()))
    return Finder(backend)


def found(finder: Finder, text: str, limit: int = 10) -> list[tuple[str, int]]:
    return [(hit.document_id, hit.number) for hit in finder.search(text, limit)]


@pytest.mark.parametrize(
    "asked", ["云政发〔2019〕75号", "云政发[2019] 75 号", "云政发（２０１９）75号", "请问云政发2019年75号讲什么"]
)
def test_a_document_number_leads_to_its_document_then_to_those_that_mention_it(finder: Finder, asked: str) -> None:
    places = found(finder, asked)
    assert {name for name, _ in places[:6]} == {"seeds"}
    assert places[6] == ("notice", 1)


def test_two_documents_with_the_same_serial_number_stay_apart(finder: Finder) -> None:
    assert {name for name, _ in found(finder, "云政办发〔2017〕75号")[:6]} == {"ferry"}


@pytest.mark.parametrize("asked", ["第十四条", "第14条", "第 １４ 条"])
def test_an_article_is_found_in_every_document_that_has_it(finder: Finder, asked: str) -> None:
    assert set(found(finder, asked)[:2]) == {("ferry", 4), ("seeds", 4)}


@pytest.mark.parametrize(
    "asked",
    [
        "《云汀市种子管理条例》第十四条",
        "云汀市种子管理条例第14条怎么说",
        "请问云汀市种子管理条例（虚构）第十四条",
        "种子第十四条",
    ],
)
def test_an_article_of_a_named_document_is_first(finder: Finder, asked: str) -> None:
    assert found(finder, asked)[0] == ("seeds", 4)


def test_a_title_leads_to_its_document(finder: Finder) -> None:
    for asked in ("《云汀市渡口管理办法》", "云汀市渡口管理办法"):
        assert {name for name, _ in found(finder, asked)[:6]} == {"ferry"}


def test_a_document_goes_before_one_that_has_its_title_within_its_own(backend: WhooshBackend) -> None:
    backend.replace_documents(
        (document("about", "《云汀市渡口管理办法》解读（虚构）", "渡口管理办法解读。"), FERRY, SEEDS)
    )
    places = found(Finder(backend), "《云汀市渡口管理办法》")
    assert {name for name, _ in places[:6]} == {"ferry"}
    assert {name for name, _ in places[6:8]} == {"about"}


@pytest.mark.parametrize("asked", ["序号12", "序号十二", "第12行", "种子领域"])
def test_a_table_row_is_found_by_its_number_or_name(finder: Finder, asked: str) -> None:
    assert found(finder, asked)[0] == ("domains", 2)


def test_a_credit_code_leads_to_the_passage_that_holds_it(finder: Finder) -> None:
    assert found(finder, "91320900ma1xxxxx8k 是哪家")[0] == ("notice", 2)


def test_a_credit_code_no_text_has_finds_nothing(finder: Finder) -> None:
    assert found(finder, "91320900MA1YYYYY8K") == []


def test_what_no_document_has_leaves_the_ranking_alone(backend: WhooshBackend) -> None:
    backend.replace_documents((FERRY, SEEDS))
    assert named(backend, "云政发〔2018〕75号第九百条《渡船法》") == {}
    assert found(Finder(backend), "云政发〔2018〕75号 渡口")[0][0] == "ferry"


def test_a_name_said_many_times_counts_once_and_is_looked_up_once(backend: WhooshBackend) -> None:
    backend.replace_documents((FERRY, SEEDS))
    assert named(backend, "第十四条" * 200) == named(backend, "第十四条")


def test_names_stay_within_the_documents_asked_for(backend: WhooshBackend) -> None:
    backend.replace_documents((FERRY, SEEDS))
    assert set(named(backend, "第十四条", {"ferry"})) == {("ferry", 4)}


@given(st.text("第十四条之一《》云政发〔2019〕75号序行 种子的", max_size=60))
def test_any_text_is_read_for_names_without_error(text: str) -> None:
    assert all(term.token for route in routes(text) for term in (*route.under, *route.mentioned))
    assert all(name for names in titles(text) for name in names)
