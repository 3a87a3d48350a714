"""What every search backend promises (``index.search.backend``), on every backend there is."""

import random
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from index.policies.model import Document
from index.search.analyzer import tokens
from index.search.backend import Field, Hit, SearchBackend, Term
from index.search.bench.corpus import Corpus, as_corpus, read_questions, read_rows
from index.search.confirmed import ConfirmedQuestion
from index.search.content import digest
from index.search.finding import Finder
from index.search.postgres_backend import PostgresBackend
from index.search.query import terms
from index.search.sync import SyncReport, synchronise
from index.search.whoosh_backend import WhooshBackend
from tests.contracts.conftest import Backend, Open
from tests.index.search.conftest import BOATS, CROPS, document
from tests.postgres import PostgresServer

PASSAGES = 700
ODD = (
    *"'\\\"%|&!*\n\x00",
    *("", "''", "\\'", "%s", "{}", "*x", ":*", "<->", "a b", "a\x00b"),
    *("'; DROP SCHEMA chenghe_search CASCADE; --", "信用:A", "x" * 3_000, "信" * 3_000, "𠀀", "\u202e", "\ud800"),
)


def body(*words: str) -> list[Term]:
    return [Term(Field.BODY, word, 1.0) for word in words]


def places(hits: Sequence[Hit]) -> list[tuple[str, int]]:
    return [(hit.document_id, hit.number) for hit in hits]


def assert_same(ours: Sequence[Hit], theirs: Sequence[Hit]) -> None:
    assert places(ours) == places(theirs)
    assert [hit.score for hit in ours] == pytest.approx([hit.score for hit in theirs], abs=1e-9, rel=0)


def test_the_passage_with_the_words_comes_first(backend: Backend) -> None:
    backend.replace_documents([CROPS, BOATS])
    assert places(Finder(backend).search("夜间渡运谁负责", limit=3))[0] == ("boats", 2)


def test_heading_words_count_too(backend: Backend) -> None:
    backend.replace_documents([CROPS, BOATS])
    assert {hit.document_id for hit in Finder(backend).search("渡船", limit=3)} == {"boats"}


def test_the_frequency_of_a_token_counts_passages(backend: Backend) -> None:
    backend.replace_document(CROPS)
    assert (backend.frequency("种子"), backend.frequency("渡船")) == (3, 0)


def test_replacing_with_the_same_content_changes_nothing(backend: Backend) -> None:
    backend.replace_document(CROPS)
    before = backend.search(body("种子"), 10), backend.digests()
    backend.replace_document(CROPS)
    assert (backend.search(body("种子"), 10), backend.digests()) == before
    assert len(before[0]) == len(CROPS.passages)


def test_a_replaced_document_answers_with_its_new_text_only(backend: Backend) -> None:
    backend.replace_document(CROPS)
    backend.replace_document(document("crops", "云汀市种子管理办法（虚构）", "种子标签应当注明产地。"))
    assert backend.search(body("销售", "记录"), 10) == []
    assert places(backend.search(body("产地"), 10)) == [("crops", 1)]
    assert (backend.frequency("销售"), backend.frequency("产地")) == (0, 1)


def test_a_removed_document_is_not_found(backend: Backend) -> None:
    backend.replace_document(CROPS)
    backend.remove_document("crops")
    backend.remove_document("never there")
    assert backend.document_ids() == frozenset()
    assert backend.search(body("种子"), 10) == []
    assert backend.frequency("种子") == 0


def test_what_is_indexed_is_told_by_id_and_digest(backend: Backend) -> None:
    backend.replace_documents([CROPS, BOATS])
    assert backend.digests() == {"crops": digest(CROPS), "boats": digest(BOATS)}
    assert backend.document_ids() == {"crops", "boats"}


def test_what_another_process_commits_is_found_without_reopening(backend: Backend, opened: Open) -> None:
    assert backend.search(body("渡船"), 1) == []
    with opened() as other:
        other.replace_document(BOATS)
    assert backend.search(body("渡船"), 1)
    assert backend.frequency("渡船") == 2


def test_the_index_outlives_the_process(opened: Open) -> None:
    with opened() as first:
        first.replace_document(BOATS)
    with opened() as second:
        assert second.document_ids() == {"boats"}


@pytest.mark.parametrize("question", ["", "？？？", "\x00", "a" * 100_000, "信" * 100_000])
def test_odd_questions_find_nothing_and_raise_nothing(backend: Backend, question: str) -> None:
    backend.replace_document(CROPS)
    assert Finder(backend).search(question, limit=5) == []


@pytest.mark.parametrize("token", ODD)
def test_odd_tokens_find_nothing_and_break_nothing(backend: Backend, token: str) -> None:
    backend.replace_document(CROPS)
    asked = [Term(field, token, 1.0) for field in Field]
    assert backend.search(asked, 5) == []
    assert backend.frequency(token) == 0
    assert places(backend.search([*asked, *body("检验")], 5)) == [("crops", 2)]


def test_odd_names_are_unknown_names(backend: Backend) -> None:
    backend.replace_document(CROPS)
    for name in ODD:
        backend.remove_document(name)
    assert backend.search(body("种子"), 5, ODD) == []
    assert places(backend.search(body("检验"), 5, (*ODD, "crops"))) == [("crops", 2)]


def test_very_long_words_and_passages_are_found(backend: Backend) -> None:
    """A word longer than a lexeme of PostgreSQL, a passage with more words than a tsvector, a word 300 times."""
    word = "x" * 5_000
    many = [f"w-{number}{'x' * 900}" for number in range(1_200)]
    backend.replace_document(document("long", "长（虚构）", f"{word}。", " ".join(many), "渡" * 300, "渡船"))
    assert places(backend.search(body(word), 5)) == [("long", 1)]
    assert places(backend.search(body(many[1_100]), 5)) == [("long", 2)]
    assert set(places(backend.search(body("渡"), 5))) == {("long", 3), ("long", 4)}


def test_four_hundred_terms_are_one_question(backend: Backend) -> None:
    backend.replace_document(CROPS)
    unknown = [Term(field, f"无{number}", 1.0) for number in range(400) for field in Field]
    assert places(backend.search([*unknown, *body("费用")], 5)) == [("crops", 2)]


def test_nothing_is_asked_nothing_is_found(backend: Backend) -> None:
    backend.replace_document(CROPS)
    assert backend.search([], 5) == []
    assert backend.search(body("种子"), 0) == []
    assert backend.search(body("种子"), 5, within=()) == []


def test_only_the_documents_asked_for_are_found(backend: Backend) -> None:
    backend.replace_documents([CROPS, BOATS])
    found = {hit.document_id for hit in backend.search(body("检验"), 5)}
    assert found == {"crops", "boats"}
    assert {hit.document_id for hit in backend.search(body("检验"), 5, {"boats", "unknown"})} == {"boats"}


def test_equal_passages_come_by_document_and_number(backend: Backend) -> None:
    twins = [document(name, "云汀市告示（虚构）", "渡口免费。", "渡口免费。") for name in ("b", "B", "a", "乙", "甲")]
    backend.replace_documents(twins)
    expected = [(name, number) for name in ("B", "a", "b", "乙", "甲") for number in (1, 2)]
    assert places(backend.search(body("渡口"), 20)) == expected
    assert places(backend.search(body("渡口"), 3)) == expected[:3]


def test_a_term_that_finds_nothing_by_itself_only_adds(backend: Backend) -> None:
    backend.replace_documents([CROPS, BOATS])
    rank = Term(Field.BODY, "夜间", 1.0, finds=False)
    assert backend.search([rank], 5) == []
    plain, ranked = backend.search(body("渡船", "渡运"), 5), backend.search([*body("渡船", "渡运"), rank], 5)
    assert set(places(plain)) == set(places(ranked))
    scores = {place: hit.score for place, hit in zip(places(plain), plain, strict=True)}
    assert [place for place, hit in zip(places(ranked), ranked, strict=True) if hit.score > scores[place]] == [
        ("boats", 2)
    ]


def test_terms_said_twice_count_twice(backend: Backend) -> None:
    backend.replace_document(CROPS)
    assert_same(backend.search(body("种子", "种子"), 5), backend.search([Term(Field.BODY, "种子", 2.0)], 5))


def test_the_index_follows_the_library(backend: Backend) -> None:
    assert synchronise([CROPS, BOATS], backend) == SyncReport(added=("crops", "boats"))
    assert not synchronise([CROPS, BOATS], backend).changed
    changed = document("boats", "云汀市渡船管理办法（虚构）", "渡船每半年检验一次。")
    assert synchronise([changed], backend) == SyncReport(replaced=("boats",), removed=("crops",))
    assert backend.document_ids() == {"boats"}


def test_confirmed_questions_bring_in_their_passage(backend: Backend) -> None:
    backend.replace_documents([CROPS, BOATS])
    taught = (ConfirmedQuestion("晚上能过江吗", (("boats", 2),)),)
    assert Finder(backend).search("晚上能过江吗", 3) == []
    assert places(Finder(backend, lambda: taught).search("晚上能过江吗", 3))[0] == ("boats", 2)


def test_many_documents_in_one_commit_are_those_documents_one_by_one(laws: Corpus, opened: Open) -> None:
    wanted = terms("船舶运输合同纠纷由谁管理")
    with opened() as backend:
        for one in laws.documents[:6]:
            backend.replace_document(one)
        single = backend.search(wanted, 20)
        for one in laws.documents[:6]:
            backend.remove_document(one.id)
        backend.replace_documents(laws.documents[:6])
        assert_same(backend.search(wanted, 20), single)


def test_a_document_that_comes_twice_in_one_commit_is_refused(backend: Backend) -> None:
    backend.replace_document(CROPS)
    with pytest.raises(ValueError, match="twice"):
        backend.replace_documents([BOATS, CROPS, BOATS])
    assert backend.document_ids() == {"crops"}


def test_an_interrupted_commit_leaves_the_state_before(backend: Backend) -> None:
    backend.replace_document(CROPS)

    def broken() -> "Sequence[Document]":
        yield BOATS
        yield document("crops", "云汀市种子管理办法（虚构）", "种子标签应当注明产地。")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backend.replace_documents(broken())
    assert backend.digests() == {"crops": digest(CROPS)}
    assert backend.search(body("产地", "渡船"), 5) == []
    backend.replace_document(BOATS)
    assert backend.document_ids() == {"crops", "boats"}


def test_a_reader_sees_a_whole_document_or_none(opened: Open) -> None:
    """One writer replaces two versions of a document in turn and takes it away; a reader never sees a part."""
    versions = [document("notice", f"告示（虚构）{word}", *[f"{word}渡口免费。"] * 40) for word in ("甲", "乙")]
    seen: list[set[str]] = []
    done = threading.Event()

    def read() -> None:
        with opened() as reader:
            while not done.is_set():
                hits = reader.search([*body("甲", "乙"), *body("渡口")], 100)
                seen.append({f"{len(hits)} {reader.frequency('渡口') in (0, 40)}"})

    with opened() as writer:
        reading = threading.Thread(target=read)
        reading.start()
        rounds = 0
        while rounds < 6 or (len(seen) < 2 and reading.is_alive()):
            rounds += 1
            for version in versions:
                writer.replace_document(version)
            writer.remove_document("notice")
        done.set()
        reading.join()
    assert set().union(*seen) <= {"0 True", "41 True"}
    assert len(seen) > 1


@pytest.fixture(scope="module")
def laws(shared: Path) -> Corpus:
    return as_corpus(read_rows(shared / "retrieval" / "law.corpus.jsonl.gz", PASSAGES))


@pytest.fixture(scope="module")
def questions(shared: Path) -> list[str]:
    texts = [question.text for question in read_questions(shared / "retrieval" / "law.queries.jsonl")]
    return random.Random(11).sample(texts, 8)


@pytest.mark.shared
def test_all_backends_rank_alike(laws: Corpus, questions: list[str], search_database: str, tmp_path: Path) -> None:
    """The same passages with the same scores, whether the index grew or was made at once, whatever is left unread."""
    with WhooshBackend(tmp_path / "search") as one, PostgresBackend(search_database, "office") as two:
        one.replace_documents(laws.documents)
        two.replace_documents(laws.documents[10:])
        for changed in (
            *laws.documents[:10],
            document(laws.documents[12].id, "别的（虚构）", "别的"),
            laws.documents[12],
        ):
            two.replace_document(changed)
        two.replace_document(CROPS)
        two.remove_document(CROPS.id)
        assert one.digests() == two.digests()
        _compare(one, two, questions, laws)


def _compare(one: SearchBackend, two: SearchBackend, questions: Sequence[str], laws: Corpus) -> None:
    within = {found.id for found in laws.documents[::3]}
    for question in questions:
        wanted = terms(question)
        for limit in (1, 10, 300):
            assert_same(two.search(wanted, limit), one.search(wanted, limit))
        assert_same(two.search(wanted, 10, within), one.search(wanted, 10, within))
        assert_same(Finder(two).search(question, 10), Finder(one).search(question, 10))
        assert [two.frequency(token) for token in tokens(question)] == [
            one.frequency(token) for token in tokens(question)
        ]


def test_a_restarted_server_is_asked_again(postgres_server: PostgresServer, search_database: str) -> None:
    with PostgresBackend(search_database, "office") as backend:
        backend.replace_document(BOATS)
        for act in (
            lambda: backend.replace_document(CROPS),
            lambda: backend.search(body("渡船"), 1),
            lambda: backend.frequency("渡船"),
            lambda: backend.digests(),
        ):
            postgres_server.stop()
            postgres_server.start()
            act()
        assert backend.document_ids() == {"boats", "crops"}
