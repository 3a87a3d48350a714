"""Posting lists of whoosh's W3 codec as whole arrays: one term's bytes to numbers and back.

Format (whoosh ``codec.whoosh3``): the tag ``W3Bl``, then blocks. A block is its size (four bytes, big endian, negative
for the last one), a pickled head ``(postings, last row, highest weight, compression, shortest, longest length code)``
and the pickled, compressed triple ``(row differences, weights, values)``; weights are None when all are 1, one float
when all are equal; a format that keeps no values has None for them.

Rules:

* What is written here, whoosh's own matcher reads; what whoosh wrote, is read here. One posting list is one block.
* Rows ascend and lie below the segment's size: anything else is damage (ValueError).
* Pickles are read from the office's own folder only (docs/decisions/0080).
"""

import io
import pickle
import zlib
from array import array
from collections.abc import Iterator
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

TAG = b"W3Bl"
_SIZE = Struct("!i")
_TERM = Struct("!BfIBBfIIqi")
"""whoosh's ``W3TermInfo``: not inlined, weight, postings, length codes, highest weight, first and last row, extent."""
_COMPRESSION = 3
_SHORT = 24
"""A list this short is a plain tuple, uncompressed: smaller and quicker so."""
_KINDS = (("B", 1 << 8), ("H", 1 << 16), ("I", 1 << 32))


def decoded(stored: bytes, passages: int) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """Rows and frequencies of a stored posting list of a segment of ``passages`` rows."""
    blocks = list(_blocks(stored))
    rows = np.concatenate([rows for rows, _ in blocks])
    if len(rows) and (rows[0] < 0 or rows[-1] >= passages or (len(rows) > 1 and np.diff(rows).min() < 1)):
        raise ValueError("rows out of order")
    return rows.astype(np.int32), np.concatenate([frequencies for _, frequencies in blocks])


def encoded(
    differences: NDArray[np.int64],
    frequencies: NDArray[np.uint32],
    last: int,
    heaviest: int,
    shortest: int,
    longest: int,
) -> bytes:
    """The stored form of one posting list, given by the differences of its rows (the first: the row itself)."""
    count = len(differences)
    weights = None if heaviest == 1 else _packed(frequencies)
    body = pickle.dumps((_packed(differences), weights, None), 4)
    compression = 0 if count <= _SHORT else _COMPRESSION
    if compression:
        body = zlib.compress(body, compression)
    head = pickle.dumps((count, last, float(heaviest), compression, shortest, longest), 2)
    return b"".join((TAG, _SIZE.pack(-len(head) - len(body)), head, body))


def term_entry(
    total: int, count: int, shortest: int, longest: int, heaviest: int, first: int, last: int, offset: int, size: int
) -> bytes:
    """What the term table holds for a posting list of ``size`` bytes at ``offset`` of the postings file."""
    return _TERM.pack(0, total, count, shortest, longest, heaviest, first, last, offset, size)


def extent(entry: bytes) -> tuple[int, int]:
    """Offset and size of the posting list that a term's entry names."""
    *_, offset, size = _TERM.unpack(entry)
    return offset, size


def row_range(entry: bytes) -> tuple[int, int]:
    """The first row of a term and the one after its last."""
    *_, first, last, _, _ = _TERM.unpack(entry)
    return first, last + 1


def _blocks(stored: bytes) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32]]]:
    if stored[:4] != TAG:
        raise ValueError("no posting list")
    position, size = 4, 1
    while size > 0:
        (size,) = _SIZE.unpack_from(stored, position)
        stream = io.BytesIO(stored[position + 4 : position + 4 + abs(size)])
        count, _, _, compression, _, _ = pickle.load(stream)  # noqa: S301
        body = stream.read()
        differences, weights, _ = pickle.loads(zlib.decompress(body) if compression else body)  # noqa: S301
        yield np.cumsum(_unpacked(differences), dtype=np.int64), _frequencies(weights, count)
        position += 4 + abs(size)


def _frequencies(weights: Any, count: int) -> NDArray[np.uint32]:
    if weights is None or isinstance(weights, float):
        return np.full(count, weights or 1, np.uint32)
    return _unpacked(weights).astype(np.uint32)


def _packed(numbers: NDArray[Any]) -> "tuple[int, ...] | array[int]":
    if len(numbers) <= _SHORT:
        return tuple(numbers.tolist())
    highest = int(numbers.max())
    kind = next(kind for kind, bound in _KINDS if highest < bound)
    return array(kind, numbers.astype(kind).tobytes())


def _unpacked(stored: Any) -> NDArray[Any]:
    return np.frombuffer(stored, stored.typecode) if isinstance(stored, array) else np.asarray(stored)
