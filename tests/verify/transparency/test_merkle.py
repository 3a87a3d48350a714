"""Proofs of inclusion and consistency, against the vectors of others and against the definition."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.transparency import merkle
from verify.transparency.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    ranges_of,
    root_of,
    subtree_consistency_proof,
    subtree_inclusion_proof,
    verify_consistency,
    verify_inclusion,
    verify_subtree_consistency,
    verify_subtree_inclusion,
)

HASHES = [leaf_hash(bytes([number])) for number in range(64)]
SIZES = st.integers(1, 64)


def by_definition(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    left = max(1 << power for power in range(8) if 1 << power < len(hashes))
    return node_hash(by_definition(hashes[:left]), by_definition(hashes[left:]))


def test_all_proofs_of_the_shared_vectors_give_the_expected_result(shared: Path) -> None:
    files = sorted((shared / "vectors" / "merkle").rglob("*.json"))
    wrong = [file for file in files if _holds(file) == json.loads(file.read_text())["wantErr"]]
    assert (len(files), wrong) == (518, [])


def _holds(file: Path) -> bool:
    given: dict[str, Any] = json.loads(file.read_text())
    proof = [b64decode(each) for each in given["proof"] or []]
    for name in ("root", "leafHash", "root1", "root2"):
        given[name] = b64decode(given.get(name, ""))
    match file.parts[file.parts.index("merkle") + 1]:
        case "inclusion":
            return verify_inclusion(given["leafHash"], given["leafIdx"], given["treeSize"], given["root"], proof)
        case "subtreeinclusion":
            place = given["leafIdx"], given["start"], given["end"]
            return verify_subtree_inclusion(given["leafHash"], *place, given["root"], proof)
        case "consistency":
            return verify_consistency(given["size1"], given["size2"], given["root1"], given["root2"], proof)
        case "subtreeconsistency":
            place = given["start"], given["end"], given["size"]
            return verify_subtree_consistency(*place, given["root1"], given["root2"], proof)
    raise AssertionError(file)


@pytest.mark.parametrize("size", range(65))
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert root_of(HASHES[:size]) == by_definition(HASHES[:size])


def test_every_leaf_of_every_tree_is_proven_at_its_place_and_at_no_other() -> None:
    for size in range(1, 34):
        root = root_of(HASHES[:size])
        for index in range(size):
            proof = inclusion_proof(index, size, ranges_of(HASHES))
            places = [at for at in range(size + 1) if verify_inclusion(HASHES[index], at, size, root, proof)]
            assert places == [index]


def test_every_tree_is_proven_to_grow_out_of_every_smaller_one() -> None:
    for new in range(1, 34):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, ranges_of(HASHES))
            assert verify_consistency(old, new, root_of(HASHES[:old]), root_of(HASHES[:new]), proof)


@given(SIZES, st.data())
def test_every_subtree_is_proven_in_its_tree_and_its_leaves_in_it(size: int, data: st.DataObject) -> None:
    places = [(a, b) for a in range(size) for b in range(a + 1, size + 1) if merkle.is_subtree(a, b)]
    start, end = data.draw(st.sampled_from(places))
    subtree, root = root_of(HASHES[start:end]), root_of(HASHES[:size])
    proof = subtree_consistency_proof(start, end, size, ranges_of(HASHES))
    assert verify_subtree_consistency(start, end, size, subtree, root, proof)
    index = data.draw(st.integers(start, end - 1))
    path = subtree_inclusion_proof(index, start, end, ranges_of(HASHES))
    assert verify_subtree_inclusion(HASHES[index], index, start, end, subtree, path)


@given(SIZES, st.data())
def test_a_changed_proof_proves_nothing(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, size, ranges_of(HASHES)), root_of(HASHES[:size])
    changed = data.draw(st.lists(st.one_of(st.binary(max_size=33), st.sampled_from([*proof, *HASHES])), max_size=8))
    assert verify_inclusion(HASHES[index], index, size, root, changed) == (changed == proof)


@given(SIZES, SIZES, st.data())
def test_a_changed_proof_makes_no_tree_grow_out_of_another(one: int, other: int, data: st.DataObject) -> None:
    old, new = sorted((one, other))
    proof = consistency_proof(old, new, ranges_of(HASHES))
    roots = root_of(HASHES[:old]), root_of(HASHES[:new])
    changed = data.draw(st.lists(st.one_of(st.binary(max_size=33), st.sampled_from([*proof, *HASHES])), max_size=8))
    assert verify_consistency(old, new, *roots, changed) == (changed == proof)
    forked = root_of([*HASHES[: old - 1], leaf_hash(b"another")])
    assert not verify_consistency(old, new, forked, roots[1], proof)


@given(st.integers(), st.integers(), st.integers(), st.lists(st.binary(max_size=40), max_size=70))
def test_numbers_of_any_kind_are_answered(start: int, end: int, size: int, proof: list[bytes]) -> None:
    assert not verify_subtree_consistency(start, end, size, HASHES[0], HASHES[1], proof)
    assert not verify_subtree_inclusion(HASHES[0], size, start, end, HASHES[1], proof)


@pytest.mark.parametrize("index", [-1, 8, 9])
def test_no_proof_is_made_for_a_leaf_outside_the_tree(index: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, 8, ranges_of(HASHES))


@pytest.mark.parametrize("old", [0, 9])
def test_no_proof_is_made_from_nothing_or_from_a_larger_tree(old: int) -> None:
    with pytest.raises(ValueError, match="no subtree"):
        consistency_proof(old, 8, ranges_of(HASHES))
