"""A tree read from its tiles: every hash and every leaf it gives has been proven to stand in it.

* The partial tiles together make the root; a full tile counts when its root stands in the proven tile above it; a
  bundle when its leaves have the hashes of a proven tile.
* A file that is not there is ``TileMissing``; one that does not fit is TILE_INVALID. A log may drop a partial tile once
  it has the full one: then the beginning of that is read.
* Full tiles never change: what was proven once stays proven in every tree that grew out of this one.

Source: c2sp.org/tlog-tiles; RFC 6962 §2.1.
"""

from collections import OrderedDict
from collections.abc import Mapping

from verify.errors import TrustError
from verify.transparency.leaves import LEAF_LIMIT_BYTES
from verify.transparency.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    consistency_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
)
from verify.transparency.tiles import (
    LENGTH_BYTES,
    TILE_BYTES,
    WIDTH,
    Read,
    entries_path,
    split_hashes,
    there,
    tile_path,
)

LEVEL_BITS = 8
SIZE_BITS = 64
BUNDLE_LIMIT_BYTES = WIDTH * (LENGTH_BYTES + LEAF_LIMIT_BYTES)
_LAST = WIDTH - 1


class TileTree:
    """The tree of ``size`` leaves with ``root``, read from tiles; every hash it gives has been proven to stand in it.

    Raises TileMissing or TrustError (TILE_INVALID). ``capacity``: how many proven full tiles are kept.
    """

    def __init__(self, size: int, root: bytes, read: Read, capacity: int = 1024) -> None:
        self.size = size
        self.root = root
        self._read = read
        self._capacity = capacity
        self._proven: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._edge = {level: self._partial(level) for level in range(0, SIZE_BITS, LEVEL_BITS) if size >> level & _LAST}
        if edge_root(self._edge) != root:
            raise _invalid("与检查点的根不符")

    def holds(self, index: int, hashed: bytes) -> bool:
        """Whether the leaf with this hash is number ``index``."""
        if not 0 <= index < self.size:
            return False
        at = (index & _LAST) * HASH_BYTES
        return self.tile(0, index >> LEVEL_BITS)[at : at + HASH_BYTES] == hashed

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile of this tree, proven."""
        if number == self.size >> LEVEL_BITS * (level + 1):
            return self._edge.get(level * LEVEL_BITS, b"")
        key = level, number
        known = self._proven.get(key)
        if known is None:
            known = self._prove(level, number)
            self._proven[key] = known
            if len(self._proven) > self._capacity:
                self._proven.popitem(last=False)
        else:
            self._proven.move_to_end(key)
        return known

    def entries(self, number: int) -> list[bytes]:
        """The leaves of a bundle, each proven."""
        width = min(WIDTH, self.size - number * WIDTH)
        data = self._read(entries_path(number, width))
        if data is None:
            leaves = _split_entries(there(entries_path(number), self._read), WIDTH)[:width]
        else:
            leaves = _split_entries(data, width)
        if b"".join(map(leaf_hash, leaves)) != self.tile(0, number):
            raise _invalid("条目与其哈希不符")
        return leaves

    def range_root(self, start: int, end: int) -> bytes:
        """The root of the leaves start … end-1, a ``merkle.RangeRoot`` for ranges that begin where a subtree does."""
        size = end - start
        if size & (size - 1):
            middle = start + (1 << (size.bit_length() - 1))
            return node_hash(self.range_root(start, middle), self.range_root(middle, end))
        level, height = divmod(size.bit_length() - 1, LEVEL_BITS)
        number, at = divmod(start >> LEVEL_BITS * level, WIDTH)
        return root_of(split_hashes(self.tile(level, number))[at : at + (1 << height)])

    def grows_from(self, size: int, root: bytes) -> bool:
        """Whether this tree begins with that one of ``size`` leaves; any begins with the empty one."""
        if not size:
            return root == EMPTY_ROOT
        if size > self.size:
            return False
        return verify_consistency(size, self.size, root, self.root, consistency_proof(size, self.size, self.range_root))

    def keep_proven(self, older: "TileTree") -> None:
        """Takes over what was proven to stand in a tree that this one ``grows_from``."""
        self._proven = older._proven

    def _prove(self, level: int, number: int) -> bytes:
        data = there(tile_path(level, number), self._read)
        above, at = divmod(number, WIDTH)
        expected = self.tile(level + 1, above)[at * HASH_BYTES : (at + 1) * HASH_BYTES]
        if len(data) != TILE_BYTES or root_of(split_hashes(data)) != expected:
            raise _invalid("哈希与上层不符")
        return data

    def _partial(self, bits: int) -> bytes:
        level, (number, width) = bits // LEVEL_BITS, divmod(self.size >> bits, WIDTH)
        data, held = self._read(tile_path(level, number, width)), width
        if data is None:
            data, held = there(tile_path(level, number), self._read), WIDTH
        if len(data) != held * HASH_BYTES:
            raise _invalid("长度不对")
        return data[: width * HASH_BYTES]


def edge_root(edge: Mapping[int, bytes]) -> bytes:
    """The root that the partial tiles make, from the lowest level up: what is right of a hash counts as one more."""
    right: list[bytes] = []
    for _, tile in sorted(edge.items()):
        right = [root_of([*split_hashes(tile), *right])]
    return root_of(right)


def _split_entries(bundle: bytes, width: int) -> list[bytes]:
    """The ``width`` leaves of a bundle that holds exactly these."""
    if len(bundle) > BUNDLE_LIMIT_BYTES:
        raise _invalid("过大")
    leaves, at = [], 0
    for _ in range(width):
        start = at + LENGTH_BYTES
        at = start + int.from_bytes(bundle[at:start])
        leaves.append(bundle[start:at])
    if at != len(bundle):
        raise _invalid("条目不完整，或有多余内容")
    return leaves


def _invalid(what: str) -> TrustError:
    return TrustError(f"登记日志不可用：{what}。", next_step="请保留这份日志，并与签发机构联系。", code="TILE_INVALID")
