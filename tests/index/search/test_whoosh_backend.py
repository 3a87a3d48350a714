"""What only the embedded index must do: mend a damaged folder. What every backend promises: ``tests/contracts``."""

import gc
import shutil
from pathlib import Path

import pytest

from index.errors import SearchError
from index.search.backend import Field, Term
from index.search.finding import Finder
from index.search.sync import synchronise
from index.search.whoosh_backend import WhooshBackend
from tests.index.search.conftest import BOATS


# whoosh does not close the file it fails to read; the operating system does, when the error is dropped.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("damage", [None, b"", b"\x80\x04damage" * 400])
@pytest.mark.parametrize("part", ["*.toc", "*.seg"])
def test_a_damaged_index_is_made_anew_and_filled_from_the_library(
    tmp_path: Path, part: str, damage: bytes | None
) -> None:
    """``damage`` in place of a file, or the file lost."""
    with WhooshBackend(tmp_path / "search") as whole:
        whole.replace_document(BOATS)
    for file in (tmp_path / "search").glob(part):
        file.unlink() if damage is None else file.write_bytes(damage)
    with WhooshBackend(tmp_path / "search") as mended:
        synchronise([BOATS], mended)
        assert mended.document_ids() == {"boats"}
        assert Finder(mended).search("渡船", limit=1)
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_making_an_index_anew_leaves_alone_what_whoosh_did_not_make(tmp_path: Path) -> None:
    with WhooshBackend(tmp_path / "search") as whole:
        whole.replace_document(BOATS)
    (tmp_path / "search" / "owner").write_text("office")
    for file in (tmp_path / "search").glob("*.toc"):
        file.write_bytes(b"damage")
    with WhooshBackend(tmp_path / "search") as mended:
        assert mended.document_ids() == frozenset()
    assert (tmp_path / "search" / "owner").read_text() == "office"
    assert not list((tmp_path / "search").glob("*.seg"))
    gc.collect()


def test_a_folder_removed_under_an_open_index_is_named_with_the_way_out(tmp_path: Path) -> None:
    with WhooshBackend(tmp_path / "search") as backend:
        backend.replace_document(BOATS)
        shutil.rmtree(tmp_path / "search")
        for act in (
            lambda: backend.digests(),
            lambda: backend.search([Term(Field.BODY, "渡船", 1.0)], 1),
            lambda: backend.replace_document(BOATS),
        ):
            with pytest.raises(SearchError) as caught:
                act()
            assert caught.value.code == "SEARCH_DAMAGED"


def test_a_file_in_the_place_of_the_folder_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "search").write_text("x")
    with pytest.raises(SearchError) as caught:
        WhooshBackend(tmp_path / "search")
    assert caught.value.code == "SEARCH_FOLDER"
    assert "重建" in caught.value.next_step
