"""Answers index/search/following.py: the index follows the library, and costs nothing while it stands still."""

from pathlib import Path

from index.policies.library import Library
from index.search.following import Follower
from index.search.sync import SyncReport
from index.search.whoosh_backend import WhooshBackend


def test_the_index_follows_what_another_process_does_to_the_library(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("示例市办法（虚构）\n第一条 渡口免费。\n", encoding="utf-8")
    library = Library(tmp_path / "library")
    with WhooshBackend(tmp_path / "search") as backend:
        follower = Follower(library, backend)
        assert not follower.follow().changed
        (added,) = Library(tmp_path / "library").add(tmp_path / "one.txt").documents
        assert follower.follow().added == (added.id,)
        assert follower.follow() == SyncReport()
        Library(tmp_path / "library").remove(added.id)
        assert follower.follow().removed == (added.id,)
        assert backend.document_ids() == frozenset()
