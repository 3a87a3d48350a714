"""Changing the library while others read it, and being killed at it: with processes, for real."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from index.errors import PolicyError
from index.policies.library import Library
from index.search.analyzer import fold, tokens
from index.search.backend import Field, Term
from index.search.sync import follow
from index.search.whoosh_backend import WhooshBackend
from tests.index.policies.killing import ALWAYS, VERSIONS, change, prepare, whole

ROUNDS = 60
READERS = 3
SECONDS = 1.0


def test_whatever_moment_an_update_is_killed_at_library_and_index_are_whole(tmp_path: Path) -> None:
    """In a process of its own, which has one thread, so that it may fork."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.index.policies.killing", str(tmp_path), str(ROUNDS), "7"],
        capture_output=True,
        text=True,
        timeout=1200,
        cwd=Path(__file__).resolve().parents[3],
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert f'"killed": {ROUNDS}' in done.stdout


READING = """
import sys, time
from pathlib import Path
from tests.index.policies.test_changes import read_for
read_for(Path(sys.argv[1]), float(sys.argv[2]))
"""


def read_for(folder: Path, seconds: float) -> None:
    """Asks again and again; every answer comes from one whole state. Says how many there were."""
    library = Library(folder / "library")
    states: set[str] = set()
    asked = 0
    with WhooshBackend(folder / "search") as index:
        end = time.monotonic() + seconds
        while time.monotonic() < end or asked < 4:
            states.add(library.steady(lambda: one_state(library, index)))
            whole(library)
            asked += 1
    print(asked, len(states))


def one_state(library: Library, index: WhooshBackend) -> str:
    """The text that is always there, found by its own words – in the version the library has."""
    documents = {one.id: one for one in library.documents()}
    words = [Term(Field.BODY, token, 1.0) for token in tokens(fold("茶园每年浇水"))]
    hits = [hit for hit in index.search(words, 10) if hit.document_id in documents]
    texts = {documents[hit.document_id].source for hit in hits if documents[hit.document_id].title == ALWAYS}
    return texts.pop() if len(texts) == 1 else f"{len(texts)} versions"


def test_readers_see_a_whole_state_while_a_writer_changes_it(tmp_path: Path) -> None:
    files = prepare(tmp_path)
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", READING, str(tmp_path), str(SECONDS)]
    readers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root)
        for _ in range(READERS)
    ]
    chance, changes = random.Random(5), 0
    while any(reader.poll() is None for reader in readers):
        change(tmp_path, files, chance)
        changes += 1
    for reader in readers:
        said, problem = reader.communicate(timeout=300)
        assert reader.returncode == 0, problem[-2000:]
        asked, states = map(int, said.split())
        assert asked > 3
        assert states <= len(VERSIONS["茶.txt"]), "old or new, never both or none"
    assert changes > 1


def test_a_change_that_fails_before_it_counts_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    files = prepare(tmp_path)
    library = Library(tmp_path / "library")
    before = library.documents()

    def refuse(documents: object) -> None:
        raise PolicyError("检索不可用", next_step="稍后再试。")

    with pytest.raises(PolicyError, match="检索不可用"):
        library.add(files["茶.txt"][1], refuse)
    assert Library(tmp_path / "library").documents() == before
    library.add(files["渡.txt"][0])
    assert len(library.documents()) == 2
    assert sorted(one.name for one in (tmp_path / "library").iterdir() if one.is_dir()) == sorted(
        one.id for one in library.documents()
    )


def test_what_a_killed_writer_left_is_swept_and_a_stranger_s_folder_is_not(tmp_path: Path) -> None:
    files = prepare(tmp_path)
    for name in (".new-killed", ".gone-killed", "手工放入"):
        (tmp_path / "library" / name / "x").mkdir(parents=True)
    Library(tmp_path / "library").add(files["渡.txt"][0])
    left = {one.name for one in (tmp_path / "library").iterdir()}
    assert "手工放入" in left
    assert not left & {".new-killed", ".gone-killed"}


def test_a_second_writer_waits_and_is_told_when_it_takes_too_long(tmp_path: Path) -> None:
    prepare(tmp_path)
    first, second = Library(tmp_path / "library"), Library(tmp_path / "library")
    with first.writing(), pytest.raises(PolicyError) as caught, second.writing(wait_seconds=0.1):
        pass
    assert (caught.value.code, bool(caught.value.next_step)) == ("POLICY_BUSY", True)
    with second.writing(wait_seconds=0.1):
        pass


def test_who_only_asks_does_not_wait_for_a_writer_whose_documents_are_findable(tmp_path: Path) -> None:
    prepare(tmp_path)
    writer, reader = Library(tmp_path / "library"), Library(tmp_path / "library")
    with WhooshBackend(tmp_path / "search") as index, writer.writing():
        assert not follow(reader, index).changed


def test_another_process_s_change_is_noticed_and_nothing_is_read_twice(tmp_path: Path) -> None:
    files = prepare(tmp_path)
    mine, other = Library(tmp_path / "library"), Library(tmp_path / "library")
    before = mine.documents()
    assert mine.documents() is before
    other.add(files["渡.txt"][0])
    assert len(mine.documents()) == 2
    assert next(one for one in mine.documents() if one.title == ALWAYS) is before[0]


def test_a_library_without_a_list_is_its_folders_and_gets_one_with_the_next_change(tmp_path: Path) -> None:
    files = prepare(tmp_path)
    (tmp_path / "library" / "contents.json").unlink()
    old = Library(tmp_path / "library")
    assert [one.title for one in old.documents()] == [ALWAYS]
    old.add(files["渡.txt"][0])
    assert (tmp_path / "library" / "contents.json").exists()
    assert len(Library(tmp_path / "library").documents()) == 2


def test_steady_reading_is_repeated_when_the_library_changed_meanwhile(tmp_path: Path) -> None:
    files = prepare(tmp_path)
    library = Library(tmp_path / "library")
    changes: list[Callable[[], object]] = [lambda: Library(tmp_path / "library").add(files["渡.txt"][0])]

    def read() -> int:
        found = len(library.documents())
        if changes:
            changes.pop()()
        return found

    assert library.steady(read) == 2
