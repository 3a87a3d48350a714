"""The log as files: growing in any steps gives the same files and the same root; nothing unproven is read of them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.transparency.sample import Files, grown
from verify.errors import TrustError
from verify.transparency.merkle import consistency_proof, inclusion_proof, leaf_hash, root_of, verify_inclusion
from verify.transparency.tiles import TileMissing, entries_path, tile_path, tiles_for
from verify.transparency.tree import TileTree

LEAVES = [b"leaf %d" % number for number in range(1500)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
STEPS = st.lists(st.integers(1, 600), min_size=1, max_size=6).filter(lambda steps: sum(steps) <= len(LEAVES))


def tree_of(size: int, files: Files) -> TileTree:
    return TileTree(size, root_of(HASHES[:size]), files.get)


def test_numbers_are_written_in_groups_of_three_digits() -> None:
    assert tile_path(0, 0) == "tile/0/000"
    assert tile_path(1, 1234067) == "tile/1/x001/x234/067"
    assert tile_path(2, 5, 17) == "tile/2/005.p/17"
    assert entries_path(1000, 1) == "tile/entries/x001/000.p/1"


def test_a_tree_of_seventy_thousand_has_the_tiles_of_the_specification() -> None:
    paths = [path for path, _ in tiles_for(0, [b""] * 70_000, lambda _: None)]
    counted = {level: sum(path.startswith(f"tile/{level}/") for path in paths) for level in ("0", "1", "2", "entries")}
    assert counted == {"0": 274, "1": 2, "2": 1, "entries": 274}
    partial = [path for path in paths if ".p/" in path and "entries" not in path]
    assert partial == ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]


def test_a_full_tile_has_its_root_above_it_at_once() -> None:
    assert set(grown(LEAVES[:256])) == {"tile/0/000", "tile/1/000.p/1", "tile/entries/000"}


@settings(max_examples=40)
@given(STEPS)
def test_any_growth_gives_the_root_of_the_list_and_its_files(steps: list[int]) -> None:
    size, files = 0, Files()
    for step in steps:
        files = Files(files | dict(tiles_for(size, LEAVES[size : size + step], files.get)))
        size += step
        at_once = grown(LEAVES[:size])
        assert {path: files[path] for path in at_once} == at_once
        tree = tree_of(size, files)
        read = [leaf for number in range((size + 255) // 256) for leaf in tree.entries(number)]
        assert read == LEAVES[:size]


@settings(max_examples=40)
@given(st.integers(1, 1500), st.data())
def test_proofs_from_tiles_are_those_from_the_list(size: int, data: st.DataObject) -> None:
    tree = tree_of(size, grown(LEAVES[:size]))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    proof = inclusion_proof(index, size, tree.range_root)
    assert verify_inclusion(HASHES[index], index, size, tree.root, proof)
    by_list = consistency_proof(old, size, lambda start, end: root_of(HASHES[start:end]))
    assert consistency_proof(old, size, tree.range_root) == by_list
    assert tree.grows_from(old, root_of(HASHES[:old]))
    assert not tree.grows_from(old, root_of([*HASHES[: old - 1], leaf_hash(b"another")]))
    assert tree.holds(index, HASHES[index])
    assert not tree.holds(index, leaf_hash(b"another"))


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_no_leaf_stands_outside_the_tree(size: int) -> None:
    tree = tree_of(size, grown(LEAVES[:size]))
    assert not tree.holds(size, HASHES[size])
    assert not tree.holds(-1, HASHES[-1])
    assert not tree.grows_from(size + 1, root_of(HASHES[: size + 1]))


def test_a_tile_is_believed_only_when_it_leads_to_the_root() -> None:
    files = grown(LEAVES[:600])
    for path in sorted(files):
        changed = Files(files | {path: files[path][:-1] + bytes([files[path][-1] ^ 1])})
        with pytest.raises(TrustError) as refused:
            _read_all(tree_of(600, changed), 600)
        assert refused.value.code == "TILE_INVALID"


def test_a_missing_file_is_named() -> None:
    files = grown(LEAVES[:600])
    for path in sorted(files):
        fewer = Files({name: data for name, data in files.items() if name != path})
        with pytest.raises(TileMissing, match=re.escape(path.partition(".p/")[0])):
            _read_all(tree_of(600, fewer), 600)


def test_an_older_tree_is_still_read_when_its_partial_tiles_are_gone() -> None:
    files = Files({path: data for path, data in grown(LEAVES[:1024]).items() if ".p/" not in path})
    files |= {"tile/1/000.p/2": root_of(HASHES[:256]) + root_of(HASHES[256:512])}
    tree = tree_of(600, files)
    assert tree.entries(2) == LEAVES[512:600]


def test_few_proven_tiles_are_kept() -> None:
    tree = TileTree(1500, root_of(HASHES), grown(LEAVES).get, capacity=2)
    assert all(tree.holds(index, HASHES[index]) for index in (0, 300, 600, 900, 0))
    assert len(tree._proven) == 2


def test_what_was_proven_in_an_older_tree_is_not_read_again() -> None:
    files = grown(LEAVES[:1500])
    older = tree_of(700, Files(files | grown(LEAVES[:700])))
    assert older.holds(3, HASHES[3])
    newer = TileTree(1500, root_of(HASHES), files.get)
    newer.keep_proven(older)
    del files["tile/0/000"]
    assert newer.holds(3, HASHES[3])


@given(st.binary(max_size=9000), st.sampled_from(sorted(grown(LEAVES[:600]))))
def test_no_bytes_in_a_tile_crash_the_reader_or_prove_anything(data: bytes, path: str) -> None:
    files = Files(grown(LEAVES[:600]) | {path: data})
    with pytest.raises(TrustError):
        _read_all(tree_of(600, files), 600)


def _read_all(tree: TileTree, size: int) -> None:
    for number in range((size + 255) // 256):
        tree.entries(number)
