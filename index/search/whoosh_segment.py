"""One segment of a whoosh index, for reading: its documents, lengths and posting lists as arrays.

Rules:

* A segment never changes once it is written, so everything read from it may be kept; deletions are the commit's.
* The rows of one document stand together, in the order of its passages.
* ``Postings`` are kept in a cache of bounded size that all segments share.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import SegmentReader

from index.search.backend import Field
from index.search.scoring import Codes, codes
from index.search.whoosh_postings import decoded, extent, row_range

MARK = "mark"
"""The field that names a row's document: its id, a space, the digest of its content."""


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Where one term stands: in one segment, or in all of a commit; ``holding`` of the rows are living ones."""

    rows: NDArray[np.int32]
    codes: Codes
    holding: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of a segment: its rows are ``start`` to ``end``."""

    document_id: str
    digest: str
    start: int
    end: int


NOWHERE: Final = Postings(np.empty(0, np.int32), np.empty(0, np.uint16), 0)
_Key = tuple[str, str, str]
"""Segment or commit, field, token: plain strings, so that looking up is one step no other thread can interrupt."""


class PostingsCache:
    """The postings used last, at most ``limit_bytes`` of them; what a commit shares with its segment counts twice."""

    _ENTRY_BYTES = 400
    """What Python keeps for an entry beside the numbers, rounded up."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self._kept: OrderedDict[_Key, Postings] = OrderedDict()
        self._lock = Lock()

    def get(self, key: _Key, read: Callable[[], Postings]) -> Postings:
        """The postings kept under ``key``; read and kept when they are not there."""
        try:
            self._kept.move_to_end(key)
            return self._kept[key]
        except KeyError:
            postings = read()
        with self._lock:
            self._drop(key)
            self._kept[key] = postings
            self.size_bytes += self._size(postings)
            while self.size_bytes > self.limit_bytes:
                self._drop(next(iter(self._kept)))
        return postings

    def _drop(self, key: _Key) -> None:
        if (postings := self._kept.pop(key, None)) is not None:
            self.size_bytes -= self._size(postings)

    def _size(self, postings: Postings) -> int:
        return postings.rows.nbytes + postings.codes.nbytes + self._ENTRY_BYTES


class Segment:
    """A segment as the folder holds it."""

    def __init__(self, storage: Any, schema: Any, stored: Any, cache: PostingsCache) -> None:
        self.name: str = stored.segment_id()
        self.rows: int = stored.doc_count_all()
        self._reader = SegmentReader(storage, schema, stored)
        self._terms = self._reader._terms
        self._cache = cache
        self.entries = tuple(self._entries())
        self.lengths = {field: self._lengths(field) for field in Field}
        self.numbers = np.empty(self.rows, np.int32)
        self.owners = np.empty(self.rows, np.int32)
        for place, entry in enumerate(self.entries):
            self.numbers[entry.start : entry.end] = np.arange(entry.end - entry.start)
            self.owners[entry.start : entry.end] = place

    def postings(self, field: Field, token: str) -> Postings:
        """Where ``token`` stands in ``field``."""
        return self._cache.get(
            (self.name, field.value, token), lambda: self._read(field, token.encode("utf-8", "surrogatepass"))
        )

    def everything(self, field: Field, known: dict[bytes, int]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """All postings of ``field``: places of their tokens in ``known`` (new ones are added), rows, frequencies."""
        places: list[int] = []
        lists = [(np.empty(0, np.int32), np.empty(0, np.uint32))]
        for token, entry in self._table(field.value):
            places.append(known.setdefault(token, len(known)))
            lists.append(self._stored(entry))
        rows, frequencies = (np.concatenate(column) for column in zip(*lists, strict=True))
        sizes = [len(one) for one, _ in lists[1:]]
        return np.repeat(np.array(places, np.uint32), np.array(sizes, np.intp)), rows, frequencies

    def _read(self, field: Field, token: bytes) -> Postings:
        entry = self._terms._tindex.get(self._terms._keycoder(field.value, token))
        if entry is None:
            return NOWHERE
        rows, frequencies = self._stored(entry)
        return Postings(rows, codes(frequencies, self.lengths[field][rows]), len(rows))

    def _stored(self, entry: bytes) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
        return decoded(self._terms._postfile.get(*extent(entry)), self.rows)

    def _table(self, field: str) -> Iterator[tuple[bytes, bytes]]:
        """The tokens of ``field`` in order, each with its entry of the term table."""
        prefix = self._terms._keycoder(field, b"")
        for key, entry in self._terms._tindex.items_from(prefix):
            if not key.startswith(prefix):
                break
            yield key[len(prefix) :], entry

    def _entries(self) -> list[Entry]:
        """The documents in the order of their rows; the term table has them in the order of their names."""
        found: list[Entry] = []
        for mark, entry in self._table(MARK):
            document_id, digest = mark.decode().rsplit(" ", 1)
            found.append(Entry(document_id, digest, *row_range(entry)))
        found.sort(key=lambda entry: entry.start)
        if [entry.start for entry in found] + [self.rows] != [0] + [entry.end for entry in found]:
            raise ValueError("rows without a document, or with two")
        return found

    def _lengths(self, field: Field) -> NDArray[np.uint8]:
        """The length code of every row; whoosh leaves out the zeros at the end."""
        name, files = f"_{field.value}_len", self._reader._perdoc
        found = np.zeros(self.rows, np.uint8)
        if files.has_column(name):
            column, offset, size = files._get_column_file(name)
            found[:size] = np.frombuffer(column.get(offset, size), np.uint8)
            column.close()
        return found
