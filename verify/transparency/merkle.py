"""The Merkle tree of a log: hashes, and proofs that a leaf stands in a tree or that one tree grew out of another.

* leaf = SHA-256(00 ‖ bytes), node = SHA-256(01 ‖ left ‖ right); left stands the largest power of two below the size.
* A subtree [start, end) is one that stands in every tree that holds it: start is a multiple of the smallest power of
  two not below its size. The whole tree of n leaves is the subtree [0, n); an earlier tree of m leaves is [0, m).
* Proofs are made from the root of any range of leaves (``RangeRoot``), whatever they are kept in; they are verified
  with nothing but numbers and hashes. Verifying never raises: a proof holds or it does not.

Sources: RFC 6962 §2.1; RFC 9162 §2.1.3, §2.1.4; draft-ietf-plants-merkle-tree-certs §4 (subtrees).
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from hmac import compare_digest

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
SIZE_MAX = 1 << 62

RangeRoot = Callable[[int, int], bytes]
"""(start, end) → root of the leaves start … end-1 as a tree of their own; start < end."""


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; of none: that of the empty tree."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(left, right) for left, right in pairs] + odd
    return level[0]


def ranges_of(hashes: Sequence[bytes]) -> RangeRoot:
    """For making proofs from a list of leaf hashes."""
    return lambda start, end: root_of(hashes[start:end])


def is_subtree(start: int, end: int) -> bool:
    """Whether [start, end), not empty, stands as it is in every larger tree that holds it."""
    return 0 <= start < end <= SIZE_MAX and start % (1 << (end - start - 1).bit_length()) == 0


def inclusion_proof(index: int, size: int, roots: RangeRoot) -> list[bytes]:
    """The proof that leaf ``index`` stands in the tree of ``size`` leaves (RFC 6962 PATH)."""
    return subtree_inclusion_proof(index, 0, size, roots)


def subtree_inclusion_proof(index: int, start: int, end: int, roots: RangeRoot) -> list[bytes]:
    """The proof that leaf ``index`` stands in the subtree. Raises ValueError outside it or for no subtree."""
    if not is_subtree(start, end) or not start <= index < end:
        raise ValueError(f"no leaf {index} in a subtree {start}:{end}")
    proof: list[bytes] = []
    while end - start > 1:
        middle = start + _left_size(end - start)
        inside, beside = ((start, middle), (middle, end)) if index < middle else ((middle, end), (start, middle))
        proof.append(roots(*beside))
        start, end = inside
    return proof[::-1]


def consistency_proof(old_size: int, new_size: int, roots: RangeRoot) -> list[bytes]:
    """The proof that the tree of ``new_size`` leaves begins with that of ``old_size`` (RFC 6962 PROOF)."""
    return subtree_consistency_proof(0, old_size, new_size, roots)


def subtree_consistency_proof(start: int, end: int, size: int, roots: RangeRoot) -> list[bytes]:
    """The proof that the subtree stands in the tree of ``size`` leaves. Raises ValueError when it cannot."""
    if not is_subtree(start, end) or end > size:
        raise ValueError(f"no subtree {start}:{end} in a tree of {size}")
    proof: list[bytes] = []
    first, last = 0, size
    known = True
    """The verifier knows the root of the part of the subtree that lies in [first, last)."""
    while start > first or end < last:
        middle = first + _left_size(last - first)
        if end <= middle:
            proof.append(roots(middle, last))
            last = middle
        else:
            proof.append(roots(first, middle))
            known = known and start >= middle
            first = middle
    return [*([] if known else [roots(first, last)]), *proof[::-1]]


def verify_inclusion(leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the leaf with hash ``leaf`` is number ``index`` of the tree of ``size`` leaves with this root."""
    return verify_subtree_inclusion(leaf, index, 0, size, root, proof)


def verify_subtree_inclusion(
    leaf: bytes, index: int, start: int, end: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """RFC 9162 §2.1.3.2 within a subtree."""
    if not is_subtree(start, end) or not start <= index < end or not _are_hashes(leaf, *proof):
        return False
    at, last, found = index - start, end - start - 1, leaf
    for beside in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(beside, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and compare_digest(found, root)


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the newer tree begins with the older one. An empty tree proves nothing and is refused."""
    return old_size > 0 and verify_subtree_consistency(0, old_size, new_size, old_root, new_root, proof)


def verify_subtree_consistency(
    start: int, end: int, size: int, subtree_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the subtree stands in the tree. An empty one stands in any, if its root is that of the empty tree."""
    if start == end and 0 <= start <= size:
        return not proof and subtree_root == EMPTY_ROOT
    if not is_subtree(start, end) or not end <= size <= SIZE_MAX or not _are_hashes(*proof):
        return False
    first, last, end_of_tree = start, end - 1, size - 1
    while first != last and (last & 1 or last == end_of_tree):
        first, last, end_of_tree = first >> 1, last >> 1, end_of_tree >> 1
    return _rebuilds(first, last, end_of_tree, subtree_root, root, proof)


def _rebuilds(
    first: int, last: int, end_of_tree: int, subtree_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Both roots from the proof; ``first``, ``last`` and ``end_of_tree`` number the edges, level by level."""
    rest = list(proof)
    if first != last and not rest:
        return False
    part = whole = subtree_root if first == last else rest.pop(0)
    for beside in rest:
        if end_of_tree == 0:
            return False
        if last & 1 or last == end_of_tree:
            part = node_hash(beside, part) if first < last else part
            whole = node_hash(beside, whole)
            while last and not last & 1:
                first, last, end_of_tree = first >> 1, last >> 1, end_of_tree >> 1
        else:
            whole = node_hash(whole, beside)
        first, last, end_of_tree = first >> 1, last >> 1, end_of_tree >> 1
    return end_of_tree == 0 and compare_digest(part, subtree_root) and compare_digest(whole, root)


def _left_size(size: int) -> int:
    """The largest power of two below ``size`` (> 1)."""
    return 1 << ((size - 1).bit_length() - 1)


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
