import gc
from pathlib import Path

import pytest

from index.errors import SearchError
from index.search.finding import Finder
from index.search.sync import synchronise
from index.search.whoosh_backend import WhooshBackend
from tests.index.search.conftest import BOATS, CROPS, document


def test_the_passage_with_the_words_comes_first(backend: WhooshBackend) -> None:
    backend.replace_document(CROPS)
    backend.replace_document(BOATS)
    best = Finder(backend).search("夜间渡运谁负责", limit=3)[0]
    assert (best.document_id, best.number) == ("boats", 2)


def test_heading_words_count_too(backend: WhooshBackend) -> None:
    backend.replace_document(CROPS)
    backend.replace_document(BOATS)
    assert {hit.document_id for hit in Finder(backend).search("渡船", limit=3)} == {"boats"}


def test_the_frequency_of_a_token_counts_passages(backend: WhooshBackend) -> None:
    backend.replace_document(CROPS)
    assert (backend.frequency("种子"), backend.frequency("渡船")) == (3, 0)


def test_replacing_twice_leaves_one_copy(backend: WhooshBackend) -> None:
    for _ in range(2):
        backend.replace_document(CROPS)
    assert len(Finder(backend).search("种子", limit=10)) == len(CROPS.passages)
    assert backend.document_ids() == {"crops"}


def test_a_replaced_document_answers_with_its_new_text_only(backend: WhooshBackend) -> None:
    backend.replace_document(CROPS)
    backend.replace_document(document("crops", "云汀市种子管理办法（虚构）", "种子标签应当注明产地。"))
    assert Finder(backend).search("销售记录", limit=10) == []
    assert Finder(backend).search("产地", limit=1)[0].number == 1


def test_a_removed_document_is_not_found(backend: WhooshBackend) -> None:
    backend.replace_document(CROPS)
    backend.remove_document("crops")
    backend.remove_document("never there")
    assert backend.document_ids() == frozenset()
    assert Finder(backend).search("种子", limit=10) == []


def test_what_another_process_commits_is_found_without_reopening(backend: WhooshBackend, tmp_path: Path) -> None:
    assert Finder(backend).search("渡船", limit=1) == []
    with WhooshBackend(tmp_path / "search") as other:
        other.replace_document(BOATS)
    assert Finder(backend).search("渡船", limit=1)


def test_the_index_outlives_the_process(tmp_path: Path) -> None:
    with WhooshBackend(tmp_path / "search") as first:
        first.replace_document(BOATS)
    with WhooshBackend(tmp_path / "search") as second:
        assert second.document_ids() == {"boats"}


@pytest.mark.parametrize("question", ["", "？？？", "\x00", "a" * 100_000, "信" * 100_000])
def test_odd_questions_find_nothing_and_raise_nothing(backend: WhooshBackend, question: str) -> None:
    backend.replace_document(CROPS)
    assert Finder(backend).search(question, limit=5) == []


# whoosh does not close the file it fails to read; the operating system does, when the error is dropped.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("damage", [b"", b"damage", b"\x80\x04damage" * 400])
@pytest.mark.parametrize("part", ["*.toc", "*.seg"])
def test_a_damaged_index_is_made_anew_and_filled_from_the_library(tmp_path: Path, part: str, damage: bytes) -> None:
    with WhooshBackend(tmp_path / "search") as whole:
        whole.replace_document(BOATS)
    for file in (tmp_path / "search").glob(part):
        file.write_bytes(damage)
    with WhooshBackend(tmp_path / "search") as mended:
        synchronise([BOATS], mended)
        assert mended.document_ids() == {"boats"}
        assert Finder(mended).search("渡船", limit=1)
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_lost_segment_is_made_anew(tmp_path: Path) -> None:
    with WhooshBackend(tmp_path / "search") as whole:
        whole.replace_document(BOATS)
    for file in (tmp_path / "search").glob("*.seg"):
        file.unlink()
    with WhooshBackend(tmp_path / "search") as mended:
        synchronise([BOATS], mended)
        assert Finder(mended).search("渡船", limit=1)
    gc.collect()


def test_a_file_in_the_place_of_the_folder_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "search").write_text("x")
    with pytest.raises(SearchError) as caught:
        WhooshBackend(tmp_path / "search")
    assert caught.value.code == "SEARCH_FOLDER"
    assert "重建" in caught.value.next_step
