"""Answers verify/remembering.py: nothing older comes back, not after a restart; a damaged memory stops everything."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import KEYS, NOTICES, NOW, ROOT, STATUSES, STRANGER, Office, moment
from verify.errors import TrustError
from verify.keylist import sign_key_list
from verify.keyring import ALGORITHMS
from verify.remembering import Memory, Seen, decode, encode, merged
from verify.status import CLOCK_TOLERANCE
from verify.transparency.merkle import SIZE_MAX
from verify.transparency.notes import Checkpoint
from verify.trust import Lists, Root, Trust, open_trust
from verify.validity import SHANGHAI

PINNED = Root(ROOT.algorithm, ROOT.public_key)
SECOND = timedelta(seconds=1)
TREE = Checkpoint("verify.example.gov.cn/log", 7, bytes(32), NOW)


def of_version(version: int, **changes: object) -> Trust:
    return Office(keys=replace(KEYS, version=version), **changes).trust()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "seen.json"


def refused(memory: Memory, trust: Trust) -> str:
    with pytest.raises(TrustError) as caught:
        memory.admit(trust, NOW)
    return caught.value.code


def test_what_is_older_than_what_an_earlier_process_saw_is_refused(file: Path) -> None:
    Memory(file).admit(of_version(3), NOW)
    after_restart = Memory(file)
    after_restart.admit(of_version(3), NOW)
    for older, code in (
        (of_version(2), "KEY_LIST_ROLLBACK"),
        (of_version(4, statuses=replace(STATUSES, issued_at=STATUSES.issued_at - SECOND)), "STATUS_LIST_ROLLBACK"),
        (of_version(4, statuses=None), "STATUS_LIST_ROLLBACK"),
        (of_version(4, changes=replace(NOTICES, issued_at=NOTICES.issued_at - SECOND)), "NOTICE_LIST_ROLLBACK"),
    ):
        assert refused(after_restart, older) == refused(Memory(file), older) == code
    after_restart.admit(of_version(4), NOW)
    assert refused(Memory(file), of_version(3)) == "KEY_LIST_ROLLBACK"


POSTDATED = NOW + CLOCK_TOLERANCE + SECOND


@pytest.mark.parametrize(
    "ahead",
    [
        {"statuses": replace(STATUSES, issued_at=POSTDATED, expires_at=POSTDATED + timedelta(days=7))},
        {"changes": replace(NOTICES, issued_at=POSTDATED, expires_at=POSTDATED + timedelta(days=7))},
        {"keys": replace(KEYS, version=2**64 - 1, issued_at=POSTDATED)},
    ],
    ids=["statuses", "notices", "keys"],
)
def test_a_postdated_list_does_not_shut_out_the_true_ones_that_follow(file: Path, ahead: dict[str, object]) -> None:
    """Whoever holds a stolen key can sign such a list; a verifier that saw it goes on, and needs no restart."""
    memory = Memory(file)
    memory.admit(of_version(3), NOW)
    memory.admit(Office(**{"keys": replace(KEYS, version=3), **ahead}).trust(), NOW)  # type: ignore[arg-type]
    memory.admit(of_version(3), NOW)
    Memory(file).admit(of_version(3), NOW)
    assert refused(Memory(file), of_version(2)) == "KEY_LIST_ROLLBACK", "what was seen before stays seen"
    alone = Memory(None)
    alone.admit(Office(**ahead).trust(), NOW)  # type: ignore[arg-type]
    alone.admit(of_version(3), NOW)


def test_a_clock_a_little_behind_remembers_all_the_same(file: Path) -> None:
    Memory(file).admit(of_version(3, statuses=replace(STATUSES, issued_at=NOW)), NOW - CLOCK_TOLERANCE)
    assert refused(Memory(file), of_version(4)) == "STATUS_LIST_ROLLBACK"


@pytest.mark.parametrize("ahead", [{}, {"statuses": None}])
def test_a_file_all_of_which_is_ahead_leaves_no_lists_but_its_root(file: Path, ahead: dict[str, object]) -> None:
    memory = Memory(file)
    memory.admit(of_version(3, **ahead), moment("2020-01-01T00:00:00"))
    assert decode(file.read_bytes()) == {PINNED: Seen()}
    Memory(file).pin(PINNED)


def test_each_root_has_a_memory_of_its_own_unless_one_is_pinned(file: Path) -> None:
    stranger = Root(STRANGER.algorithm, STRANGER.public_key)
    other = open_trust(stranger, sign_key_list(replace(KEYS, version=1), STRANGER), None)
    memory = Memory(file)
    memory.admit(of_version(9), NOW)
    memory.admit(other, NOW)
    assert refused(memory, of_version(8)) == "KEY_LIST_ROLLBACK"
    alone = Memory(file.with_name("service.json"))
    alone.pin(PINNED)
    alone.admit(of_version(9), NOW)
    alone.pin(PINNED)
    with pytest.raises(TrustError) as caught:
        Memory(file.with_name("service.json")).pin(stranger)
    assert caught.value.code == "ROOT_CHANGED"
    assert "service.json" in caught.value.next_step


def test_the_largest_tree_of_each_log_is_remembered(file: Path) -> None:
    memory = Memory(file)
    memory.keep(PINNED, [TREE, replace(TREE, size=5)])
    memory.keep(PINNED, [replace(TREE, origin="another.example/log", size=1, witnesses=("w",))])
    found = Memory(file).checkpoints(PINNED)
    assert {each.origin: each.size for each in found} == {TREE.origin: 7, "another.example/log": 1}
    assert all(each.root == bytes(32) and each.witnesses == () for each in found)
    assert Memory(file).checkpoints(Root(STRANGER.algorithm, STRANGER.public_key)) == ()
    memory.admit(of_version(3), NOW)
    assert Memory(file).checkpoints(PINNED) == found, "lists and trees do not overwrite each other"


def test_the_largest_tree_and_version_that_can_be_signed_do_no_damage(file: Path) -> None:
    """Or a log that lies about its size would stop its verifiers for good."""
    Memory(file).admit(of_version(2**64 - 1), NOW)
    Memory(file).keep(PINNED, [replace(TREE, size=SIZE_MAX)])
    assert refused(Memory(file), of_version(1)) == "KEY_LIST_ROLLBACK"
    assert Memory(file).checkpoints(PINNED)[0].size == SIZE_MAX


def test_the_file_is_ours_alone_and_nothing_else_is_left_beside_it(file: Path) -> None:
    memory = Memory(file)
    for version in range(3, 8):
        memory.admit(of_version(version), NOW)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["seen.json"]


def test_the_same_again_is_not_written_again(file: Path) -> None:
    memory = Memory(file)
    memory.admit(of_version(3), NOW)
    before = file.stat().st_ino
    memory.admit(of_version(3), NOW)
    assert file.stat().st_ino == before


DAMAGED = {
    "nothing": b"",
    "no json": b"{",
    "deep": b"[" * 100_000,
    "a list": b"[]",
    "another format": b'{"format": "chenghe-seen-9", "roots": {}}',
    "something more": b'{"format": "chenghe-seen-1", "roots": {}, "more": 1}',
    "too large": b" " * (1024 * 1024 + 1),
    "not utf-8": b"\xff",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_memory_stops_everything_and_is_not_overwritten(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    memory = Memory(file)
    assert refused(memory, of_version(3)) == "SEEN_DAMAGED"
    for act in (lambda: memory.pin(PINNED), lambda: memory.checkpoints(PINNED), lambda: memory.keep(PINNED, [TREE])):
        with pytest.raises(TrustError) as caught:
            act()
        assert caught.value.code == "SEEN_DAMAGED"
        assert "删除" in caught.value.next_step
    assert file.read_bytes() == content


def entries() -> Iterator[object]:
    whole = json.loads(encode({PINNED: Seen(Lists(PINNED, 3, NOW, None), (TREE,))}))
    (name,) = whole["roots"]
    for key, values in {
        "key_list": ["3", 3.0, True, -1, 1 << 64, [], {}],
        "status_list": ["3", 3.5, False, -1, 1 << 70, []],
        "logs": [[], None, {"x": 1}, {"x": []}, {"x": [1, "AA==", 1]}, {"x": [1, 2, 3]}, {"x": [1, "?", 1]}],
    }.items():
        for value in values:
            yield {**whole, "roots": {name: {**whole["roots"][name], key: value}}}
    yield {**whole, "roots": {name: {**whole["roots"][name], "more": 1}}}
    yield {**whole, "roots": {name: None}}
    yield {**whole, "roots": {name.replace("Ed25519", "none"): whole["roots"][name]}}
    yield {**whole, "roots": {"Ed25519:xyz": whole["roots"][name]}}
    yield {**whole, "roots": []}


@pytest.mark.parametrize("whole", list(entries()), ids=lambda whole: json.dumps(whole)[-60:])
def test_an_entry_that_nobody_wrote_is_damage(whole: object) -> None:
    with pytest.raises(ValueError):
        decode(json.dumps(whole).encode())


def test_a_memory_that_cannot_be_read_stops_everything(file: Path) -> None:
    file.mkdir()
    assert refused(Memory(file), of_version(3)) == "SEEN_DAMAGED"


def test_where_nothing_can_be_written_the_memory_lasts_as_long_as_the_process(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    for memory in (Memory(None), Memory(blocked / "seen.json"), Memory(Path("/proc/seen.json"))):
        memory.admit(of_version(3), NOW)
        assert not memory.durable
        assert refused(memory, of_version(2)) == "KEY_LIST_ROLLBACK"
        memory.keep(PINNED, [TREE])
        assert memory.checkpoints(PINNED) == (TREE,)


def test_a_folder_that_can_be_written_again_makes_the_memory_durable_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory(file)

    def full(*arguments: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        memory.admit(of_version(3), NOW)
    assert not memory.durable
    assert not list(file.parent.iterdir())
    memory.admit(of_version(3), NOW)
    assert memory.durable
    assert refused(Memory(file), of_version(2)) == "KEY_LIST_ROLLBACK"


def test_a_home_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    Memory(tmp_path / "home" / "seen.json").admit(of_version(3), NOW)
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_processes_at_the_same_time_lose_nothing(file: Path) -> None:
    def see(number: int) -> None:
        memory = Memory(file)
        for size in range(1, 9):
            memory.keep(PINNED, [replace(TREE, origin=f"log{number}.example", size=size)])

    threads = [threading.Thread(target=see, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.origin: each.size for each in Memory(file).checkpoints(PINNED)} == {
        f"log{number}.example": 8 for number in range(4)
    }


def test_what_another_process_saw_counts_for_a_process_under_way(file: Path) -> None:
    mine, theirs = Memory(file), Memory(file)
    mine.admit(of_version(3), NOW)
    theirs.admit(of_version(5), NOW)
    assert refused(mine, of_version(4)) == "KEY_LIST_ROLLBACK"


ROOTS = st.sampled_from(
    [Root(number, bytes([number % 256]) * each.public_key_bytes) for number, each in ALGORITHMS.items()]
)
MOMENTS = st.none() | st.integers(0, 2**32 - 1).map(lambda seconds: NOW.fromtimestamp(seconds, SHANGHAI))
TREES = st.lists(
    st.builds(
        Checkpoint,
        st.text(max_size=20),
        st.integers(0, SIZE_MAX),
        st.binary(min_size=32, max_size=32),
        MOMENTS.filter(lambda moment: moment is not None),
    ),
    max_size=4,
    unique_by=lambda each: each.origin,
).map(lambda found: tuple(sorted(found, key=lambda each: each.origin)))


@st.composite
def memories(draw: st.DrawFn) -> dict[Root, Seen]:
    roots = draw(st.lists(ROOTS, max_size=3, unique=True))
    lists = st.none() | st.integers(0, 2**64 - 1)
    return {
        root: Seen(draw(lists.map(lambda v, r=root: v if v is None else Lists(r, v, NOW, None))), draw(TREES))
        for root in roots
    }


@given(memories())
def test_what_is_written_is_read_back(known: dict[Root, Seen]) -> None:
    assert decode(encode(known)) == known


@given(memories(), memories(), memories())
def test_merging_only_grows_newer(one: dict[Root, Seen], two: dict[Root, Seen], three: dict[Root, Seen]) -> None:
    for root in {*one, *two, *three}:
        a, b, c = (each.get(root, Seen()) for each in (one, two, three))
        assert merged(a, a) == a
        assert merged(merged(a, b), c).lists == merged(a, merged(b, c)).lists
        for seen in (a, b):
            if seen.lists is not None:
                assert merged(a, b).lists.version >= seen.lists.version
            for tree in seen.logs:
                assert max(each.size for each in merged(a, b).logs if each.origin == tree.origin) >= tree.size
