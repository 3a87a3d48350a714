"""The log as files: hash tiles and entry bundles of 256, as C2SP tlog-tiles has them, and what is added when it grows.

* ``tile/<L>/<N>``: hashes N·256 … of level L; a hash of level L+1 is the root of a full tile of level L.
* ``tile/entries/<N>``: the leaves themselves, each after its length in two bytes.
* N in groups of three digits, all but the last after ``x``; the rightmost are partial: ``.p/<W>`` with their width.
* ``tiles_for`` needs the partial tiles of the tree before and the new leaves, nothing else: writing costs what is new.

Source: c2sp.org/tlog-tiles.
"""

from collections.abc import Callable, Iterator, Sequence

from verify.errors import TrustError
from verify.transparency.merkle import HASH_BYTES, leaf_hash, root_of

WIDTH = 256
LENGTH_BYTES = 2
TILE_BYTES = WIDTH * HASH_BYTES

Read = Callable[[str], bytes | None]
"""A path below the log → the file's bytes, or None when there is no such file."""


class TileMissing(TrustError):
    """A file that the log must have is not there."""

    code = "TILE_MISSING"


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Where the hashes ``number``·256 … of ``level`` stand."""
    return f"tile/{level}/{_number(number, width)}"


def entries_path(number: int, width: int = WIDTH) -> str:
    """Where the leaves ``number``·256 … stand."""
    return f"tile/entries/{_number(number, width)}"


def _number(number: int, width: int) -> str:
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups) + ("" if width == WIDTH else f".p/{width}")


def tiles_for(old_size: int, leaves: Sequence[bytes], read: Read) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of every tile and bundle the tree of ``old_size`` lacks when it grows by ``leaves``.

    ``read`` gives the partial tiles of the old tree, which the caller must trust. Raises TileMissing.
    """
    if not leaves:
        return
    yield from _bundles(old_size, leaves, read)
    level, start, hashes = 0, old_size, [leaf_hash(leaf) for leaf in leaves]
    while hashes:
        number, kept = divmod(start, WIDTH)
        row = [*split_hashes(there(tile_path(level, number, kept), read)), *hashes] if kept else hashes
        hashes = []
        for at in range(0, len(row), WIDTH):
            tile = row[at : at + WIDTH]
            yield tile_path(level, number, len(tile)), b"".join(tile)
            number += 1
            if len(tile) == WIDTH:
                hashes.append(root_of(tile))
        level, start = level + 1, start // WIDTH


def _bundles(old_size: int, leaves: Sequence[bytes], read: Read) -> Iterator[tuple[str, bytes]]:
    number, kept = divmod(old_size, WIDTH)
    before = there(entries_path(number, kept), read) if kept else b""
    at = 0
    while at < len(leaves):
        taken = leaves[at : at + WIDTH - kept]
        yield entries_path(number, kept + len(taken)), before + join_entries(taken)
        at, number, kept, before = at + len(taken), number + 1, 0, b""


def split_hashes(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def join_entries(leaves: Sequence[bytes]) -> bytes:
    """A bundle."""
    return b"".join(len(leaf).to_bytes(LENGTH_BYTES) + leaf for leaf in leaves)


def there(path: str, read: Read) -> bytes:
    """The file. Raises TileMissing when there is none."""
    found = read(path)
    if found is None:
        raise TileMissing(f"登记日志缺少文件 {path}。", next_step="请从签发机构重新下载登记日志。")
    return found
