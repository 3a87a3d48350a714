"""Commits: all or nothing, seen by every reader, merged without changing an answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import SearchError
from index.policies.model import Document
from index.search import whoosh_commit, whoosh_folder
from index.search.backend import Field, Term
from index.search.whoosh_backend import WhooshBackend
from index.search.whoosh_commit import _due
from index.search.whoosh_segment import NOWHERE, PostingsCache
from tests.index.search.conftest import BOATS, CROPS, document

WORD = [Term(Field.BODY, "办法", 1.0), Term(Field.BODY, "证", 0.5)]


def numbered(number: int) -> Document:
    return document(
        f"text-{number}", f"云汀市第{number}号办法（虚构）", *["持证经营，" * (number % 5) + "按本办法办理。"] * 3
    )


def lined(name: int, lines: int) -> Document:
    """A document of so many lines, each with its name."""
    return document(
        f"text-{name}", f"办法（虚构）{name}", *[f"第{name}条按第{line}号证办理。" for line in range(lines)]
    )


def segments(backend: WhooshBackend) -> int:
    return len(list(backend.folder.glob("*.seg")))


def test_every_number_of_commits_gives_the_same_answers(backend: WhooshBackend, tmp_path: Path) -> None:
    for number in range(12):
        backend.replace_document(numbered(number))
    with WhooshBackend(tmp_path / "at once") as other:
        other.replace_documents(map(numbered, range(12)))
        assert (segments(backend), segments(other)) == (12, 1)
        assert backend.search(WORD, 100) == other.search(WORD, 100)


def test_many_segments_are_merged_and_answers_stay(backend: WhooshBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(11):
        backend.replace_document(numbered(number))
    backend.remove_document("text-3")
    before = backend.search(WORD, 100)
    monkeypatch.setattr(whoosh_commit, "MOST_SEGMENTS", 8)
    backend.replace_document(numbered(10))
    assert segments(backend) == 1
    assert backend.search(WORD, 100) == before


def test_merged_documents_keep_their_own_passages(backend: WhooshBackend) -> None:
    """They stand in the segment in another order than that of their names."""
    backend.replace_documents([lined(9, 1), lined(1, 3), lined(5, 2), lined(3, 30)])
    backend.remove_document("text-3")
    for name, lines in ((9, 1), (1, 3), (5, 2)):
        hits = backend.search([Term(Field.BODY, f"第{name}条", 1.0)], 100)
        assert {(hit.document_id, hit.number) for hit in hits} == {(f"text-{name}", n) for n in range(1, lines + 1)}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(history=st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=6), max_size=6))
def test_every_history_with_merging_ends_in_the_same_index(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, history: list[list[tuple[int, int]]]
) -> None:
    """Steps replace some documents at once by ones with so many lines, or remove the first when it has none."""
    monkeypatch.setattr(whoosh_commit, "MOST_SEGMENTS", 2)
    wanted: dict[str, Document] = {}
    folder = tmp_path_factory.mktemp("history")
    with WhooshBackend(folder / "grown") as grown, WhooshBackend(folder / "at once") as new:
        for step in history:
            if step[0][1]:
                written = {f"text-{name}": lined(name, lines) for name, lines in step}
                grown.replace_documents(written.values())
                wanted |= written
            else:
                grown.remove_document(f"text-{step[0][0]}")
                wanted.pop(f"text-{step[0][0]}", None)
        new.replace_documents(wanted.values())
        assert grown.digests() == new.digests()
        asked = [*WORD, *(Term(Field.BODY, f"{name}条", 1.0) for name in range(10))]
        assert grown.search(asked, 100) == new.search(asked, 100)


def test_a_segment_of_mostly_deleted_passages_is_written_anew(backend: WhooshBackend) -> None:
    backend.replace_documents(map(numbered, range(6)))
    (file,) = backend.folder.glob("*.seg")
    large = file.stat().st_size
    for number in range(4):
        backend.remove_document(f"text-{number}")
    (file,) = backend.folder.glob("*.seg")
    assert file.stat().st_size < large
    assert backend.document_ids() == {"text-4", "text-5"}
    assert len(backend.search(WORD, 100)) == 8


def test_large_segments_are_left_alone_and_small_ones_are_merged_first() -> None:
    large = [(60_000, 60_000)]
    assert _due(large * 3 + [(10, 10)] * 37) == set()
    assert _due(large * 3 + [(10, 10)] * 38) == set(range(3, 41))
    assert _due([(5_000, 5_000)] + [(10, 10)] * 40) == set(range(1, 41))
    assert _due([(100, 49), (100, 51)]) == {0}


def test_a_reader_opened_before_sees_every_later_commit(backend: WhooshBackend) -> None:
    with WhooshBackend(backend.folder) as reader:
        for number in range(3):
            backend.replace_document(numbered(number))
            assert reader.document_ids() == {f"text-{seen}" for seen in range(number + 1)}
            assert reader.search(WORD, 100) == backend.search(WORD, 100)
        backend.remove_document("text-1")
        assert reader.search(WORD, 100) == backend.search(WORD, 100)


def test_a_snapshot_in_use_outlives_the_files_it_reads(backend: WhooshBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        backend.replace_document(numbered(number))
    snapshot = backend._snapshot()
    monkeypatch.setattr(whoosh_commit, "MOST_SEGMENTS", 2)
    backend.replace_document(BOATS)
    assert segments(backend) == 1
    assert {hit.document_id for hit in snapshot.search(WORD, 100, None)} == {f"text-{n}" for n in range(10)}


def test_documents_that_fail_halfway_leave_the_commit_before(backend: WhooshBackend) -> None:
    def failing() -> Iterator[Document]:
        yield BOATS
        raise RuntimeError("the library broke off")

    backend.replace_document(CROPS)
    with pytest.raises(RuntimeError, match="broke off"):
        backend.replace_documents(failing())
    assert backend.document_ids() == {"crops"}
    backend.replace_document(BOATS)
    assert backend.document_ids() == {"crops", "boats"}


def test_what_a_killed_writer_left_goes_with_the_next_commit(backend: WhooshBackend) -> None:
    backend.replace_document(CROPS)
    (backend.folder / "MAIN_abcdefgh.trm").write_bytes(b"half")
    (backend.folder / "MAIN.tmp").mkdir()
    (backend.folder / "MAIN.tmp" / "x.ctmp").write_bytes(b"half")
    backend.replace_document(BOATS)
    assert {file.suffix for file in backend.folder.iterdir()} == {".toc", ".seg", ""}
    assert len(list(backend.folder.iterdir())) == 4


def test_a_second_writer_is_told_to_wait(backend: WhooshBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whoosh_folder, "LOCK_SECONDS", 0.0)

    def meanwhile() -> Iterator[Document]:
        yield CROPS
        with WhooshBackend(backend.folder) as other, pytest.raises(SearchError) as caught:
            other.replace_document(BOATS)
        assert caught.value.code == "SEARCH_BUSY"

    backend.replace_documents(meanwhile())
    assert backend.document_ids() == {"crops"}


def test_an_index_of_another_form_is_made_anew(tmp_path: Path) -> None:
    from whoosh import fields, index

    (tmp_path / "search").mkdir()
    index.create_in(tmp_path / "search", fields.Schema(body=fields.TEXT))
    with WhooshBackend(tmp_path / "search") as backend:
        backend.replace_document(BOATS)
        assert backend.document_ids() == {"boats"}


def test_the_cache_stays_within_its_bytes_and_forgets_the_oldest() -> None:
    cache = PostingsCache(3 * PostingsCache._ENTRY_BYTES)
    for name in "abcab":
        cache.get((name, "body", ""), lambda: NOWHERE)
    cache.get(("d", "body", ""), lambda: NOWHERE)
    assert cache.size_bytes <= cache.limit_bytes
    read: list[str] = []
    for name in "abdc":
        cache.get((name, "body", ""), lambda name=name: read.append(name) or NOWHERE)
    assert read == ["c"]
