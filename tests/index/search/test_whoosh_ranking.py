"""Our ranking over whoosh's index is the one whoosh itself computes, slowly, over the same folder."""

import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from whoosh import query, scoring
from whoosh.filedb.filestore import FileStorage

from index.search.backend import Field, Hit, Term
from index.search.bench.corpus import Corpus, as_corpus, read_questions, read_rows
from index.search.query import terms
from index.search.scoring import K1, B
from index.search.whoosh_backend import WhooshBackend
from index.search.whoosh_segment import MARK

PASSAGES = 800
LIMIT = 30


@pytest.fixture(scope="module")
def laws(shared: Path) -> Corpus:
    return as_corpus(read_rows(shared / "retrieval" / "law.corpus.jsonl.gz", PASSAGES))


@pytest.fixture(scope="module")
def questions(shared: Path) -> list[tuple[Term, ...]]:
    texts = [question.text for question in read_questions(shared / "retrieval" / "law.queries.jsonl")]
    return [terms(text) for text in random.Random(7).sample(texts, 8)]


@pytest.fixture(scope="module")
def grown(laws: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhooshBackend]:
    """An index that grew: one large commit, then single documents, some of them twice; two documents removed."""
    folder = tmp_path_factory.mktemp("grown")
    half = len(laws.documents) // 2
    with WhooshBackend(folder / "search") as backend:
        backend.replace_documents(laws.documents[:half])
        for document in (*laws.documents[half:], *laws.documents[1:4]):
            backend.replace_document(document)
        for document in laws.documents[4:6]:
            backend.remove_document(document.id)
        yield backend


def whoosh_search(folder: Path, wanted: Sequence[Term], limit: int | None) -> list[Hit]:
    """What plain whoosh finds: every passage with its score, in the order of the rule for equal scores."""
    with FileStorage(str(folder)).open_index().searcher(weighting=scoring.BM25F(B=B, K1=K1)) as searcher:
        owners = _owners(searcher.reader())
        words, bonus = (
            query.Or(
                [query.Term(term.field.value, term.token, boost=term.weight) for term in wanted if term.finds is finds]
            )
            for finds in (True, False)
        )
        hits = [
            Hit(*owners[row], score) for score, row in searcher.search(query.AndMaybe(words, bonus), limit=None).top_n
        ]
    return sorted(hits, key=lambda hit: (-round(hit.score, 9), hit.document_id, hit.number))[:limit]


def _owners(reader: Any) -> dict[int, tuple[str, int]]:
    owners = {}
    for mark in reader.lexicon(MARK):
        rows = reader.postings(MARK, mark).all_ids()
        owners.update({row: (mark.decode().rsplit(" ", 1)[0], number) for number, row in enumerate(rows)})
    return owners


def assert_same(ours: Sequence[Hit], theirs: Sequence[Hit]) -> None:
    assert [(hit.document_id, hit.number) for hit in ours] == [(hit.document_id, hit.number) for hit in theirs]
    assert [hit.score for hit in ours] == pytest.approx([hit.score for hit in theirs], abs=1e-6, rel=0)


def test_one_segment_is_ranked_as_whoosh_ranks_it(
    laws: Corpus, questions: list[tuple[Term, ...]], tmp_path: Path
) -> None:
    with WhooshBackend(tmp_path / "search") as backend:
        backend.replace_documents(laws.documents)
        for wanted in questions:
            assert_same(backend.search(wanted, LIMIT), whoosh_search(tmp_path / "search", wanted, LIMIT))


def test_many_segments_are_ranked_as_whoosh_ranks_them(
    laws: Corpus, questions: list[tuple[Term, ...]], tmp_path: Path
) -> None:
    with WhooshBackend(tmp_path / "search") as backend:
        for start in range(0, len(laws.documents), 5):
            backend.replace_documents(laws.documents[start : start + 5])
        assert len(list((tmp_path / "search").glob("*.seg"))) > 3
        for wanted in questions:
            assert_same(backend.search(wanted, LIMIT), whoosh_search(tmp_path / "search", wanted, LIMIT))


def test_what_was_deleted_weighs_nothing(
    grown: WhooshBackend, questions: list[tuple[Term, ...]], tmp_path: Path
) -> None:
    """Plain whoosh counts deleted passages until they are merged away: it merges a copy, by its own means."""
    shutil.copytree(grown.folder, tmp_path / "copy")
    FileStorage(str(tmp_path / "copy")).open_index().optimize()
    for wanted in questions:
        assert_same(grown.search(wanted, LIMIT), whoosh_search(tmp_path / "copy", wanted, LIMIT))


def test_history_changes_no_score(
    laws: Corpus, grown: WhooshBackend, questions: list[tuple[Term, ...]], tmp_path: Path
) -> None:
    left = [document for document in laws.documents if document.id in grown.document_ids()]
    with WhooshBackend(tmp_path / "search") as backend:
        backend.replace_documents(reversed(left))
        for wanted in questions:
            assert_same(grown.search(wanted, LIMIT), backend.search(wanted, LIMIT))
            token = wanted[0].token
            assert grown.frequency(token) == backend.frequency(token)


def test_only_the_documents_asked_for_are_found(
    laws: Corpus, grown: WhooshBackend, questions: list[tuple[Term, ...]]
) -> None:
    wanted_ids = {document.id for document in laws.documents[6:9]} | {"unknown"}
    for wanted in questions:
        everything = grown.search(wanted, PASSAGES)
        expected = [hit for hit in everything if hit.document_id in wanted_ids]
        assert grown.search(wanted, LIMIT, wanted_ids) == expected[:LIMIT]


def test_every_passage_with_a_term_is_found_and_no_other(laws: Corpus, grown: WhooshBackend) -> None:
    hits = grown.search([Term(Field.BODY, "规定", 1.0)], PASSAGES)
    living = [document for document in laws.documents if document.id in grown.document_ids()]
    expected = {
        (document.id, passage.number)
        for document in living
        for passage in document.passages
        if "规定" in document.source[passage.start : passage.end]
    }
    assert {(hit.document_id, hit.number) for hit in hits} == expected
    assert grown.frequency("规定") == len(expected)


def test_a_term_that_finds_nothing_by_itself_only_adds(grown: WhooshBackend) -> None:
    rank = Term(Field.BODY, "规定", 1.0, finds=False)
    plain = {
        (hit.document_id, hit.number): hit.score for hit in grown.search([Term(Field.BODY, "运输", 1.0)], PASSAGES)
    }
    with_rank = grown.search([Term(Field.BODY, "运输", 1.0), rank], PASSAGES)
    assert {(hit.document_id, hit.number) for hit in with_rank} == plain.keys()
    assert any(hit.score > plain[hit.document_id, hit.number] for hit in with_rank)
    assert grown.search([rank], 5) == []


def test_terms_said_twice_count_twice(grown: WhooshBackend) -> None:
    once = grown.search([Term(Field.BODY, "规定", 2.0)], 5)
    assert_same(grown.search([Term(Field.BODY, "规定", 1.0)] * 2, 5), once)
