"""One commit of a whoosh index as a reader sees it: its segments in one row of rows, what is deleted, the averages.

Rules:

* Reading a new commit opens only the segments that are new; all else is taken over from the snapshot before.
* Deleted rows count nowhere (``index.search.scoring``).
* A snapshot stays readable after later commits, until nobody holds it: the files stay mapped.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.backend import Field, Hit, Term
from index.search.scoring import LENGTHS, Part, Saturation, best, idf, scores
from index.search.whoosh_segment import NOWHERE, Postings, PostingsCache, Segment


class Snapshot:
    """The commit ``generation``: ``segments`` with the rows deleted in each."""

    def __init__(
        self, generation: int, segments: Sequence[tuple[Segment, Collection[int]]], cache: PostingsCache
    ) -> None:
        self.generation = generation
        self._cache = cache
        self.segments = tuple(segment for segment, _ in segments)
        self._name = " ".join([str(generation), *(segment.name for segment in self.segments)])
        self.living = tuple(_living(segment, deleted) for segment, deleted in segments)
        self._offsets = np.cumsum([0, *(segment.rows for segment in self.segments)]).tolist()
        self._every = np.concatenate([*self.living, np.empty(0, np.bool_)])
        self._deleted = np.flatnonzero(~self._every)
        self._rows, self._passages = len(self._every), int(self._every.sum())
        self.digests: Mapping[str, str] = {
            entry.document_id: entry.digest
            for segment, living in zip(self.segments, self.living, strict=True)
            for entry in segment.entries
            if living[entry.start]
        }
        self._ids = sorted(self.digests)
        self._owners, self._numbers = self._places()
        self._saturations = {field: Saturation(self._average(field)) for field in Field}

    def search(self, terms: Sequence[Term], limit: int, within: Collection[str] | None) -> list[Hit]:
        """The ``limit`` best living passages."""
        parts = [part for term in terms for part in self._parts(term)]
        if not any(part.finds for part in parts):
            return []
        found = scores(parts, self._rows)
        found[self._deleted] = 0
        if within is not None:
            found[~self._belonging(within)] = 0
        rows = best(found, limit, self._order)
        return [
            Hit(self._ids[owner], number, score)
            for owner, number, score in zip(
                self._owners[rows].tolist(), self._numbers[rows].tolist(), found[rows].tolist(), strict=True
            )
        ]

    def holding(self, field: Field, token: str) -> int:
        """How many living passages hold ``token`` in ``field``."""
        return self._postings(field, token).holding

    def _parts(self, term: Term) -> list[Part]:
        postings = self._postings(term.field, term.token)
        if not postings.holding:
            return []
        factor = term.weight * idf(self._passages, postings.holding)
        return [Part(postings.rows, postings.codes, self._saturations[term.field], factor, term.finds)]

    def _postings(self, field: Field, token: str) -> Postings:
        """Where ``token`` stands in all segments."""
        return self._cache.get((self._name, field.value, token), lambda: self._joined(field, token))

    def _joined(self, field: Field, token: str) -> Postings:
        every = [segment.postings(field, token) for segment in self.segments]
        found = [(one, offset) for one, offset in zip(every, self._offsets, strict=False) if len(one.rows)]
        if not found:
            return NOWHERE
        rows = (
            np.concatenate([one.rows + np.int32(offset) for one, offset in found]) if len(every) > 1 else every[0].rows
        )
        codes = np.concatenate([one.codes for one, _ in found]) if len(found) > 1 else found[0][0].codes
        holding = int(self._every[rows].sum()) if len(self._deleted) else len(rows)
        return Postings(rows, codes, holding)

    def _belonging(self, within: Collection[str]) -> NDArray[np.bool_]:
        wanted = np.zeros(len(self._ids) + 1, np.bool_)
        names = frozenset(within)
        wanted[: len(self._ids)] = [name in names for name in self._ids]
        return wanted[self._owners]

    def _order(self, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        ranked: NDArray[np.int64] = self._owners[rows].astype(np.int64) << 32 | self._numbers[rows]
        return ranked

    def _places(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """For every row: the rank of its document among the ids (one past the last when deleted), and its number."""
        ranks = {name: rank for rank, name in enumerate(self._ids)}
        owners, numbers = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
        for segment, living in zip(self.segments, self.living, strict=True):
            own = np.array([ranks.get(entry.document_id, len(ranks)) for entry in segment.entries], np.int32)
            owners.append(np.where(living, own[segment.owners], np.int32(len(ranks))))
            numbers.append(segment.numbers)
        return np.concatenate(owners), np.concatenate(numbers)

    def _average(self, field: Field) -> float:
        lengths = [segment.lengths[field][living] for segment, living in zip(self.segments, self.living, strict=True)]
        total = sum(float(np.bincount(one, minlength=256) @ LENGTHS) for one in lengths)
        return total / self._passages if self._passages else 0.0


def read_snapshot(index: Any, cache: PostingsCache, before: Snapshot | None) -> Snapshot:
    """The last commit of ``index``; raises one of ``whoosh_folder.DAMAGE`` when it cannot be read."""
    known = {segment.name: segment for segment in before.segments} if before else {}
    toc = index._read_toc()
    segments: list[tuple[Segment, Collection[int]]] = []
    for stored in toc.segments:
        segment = known.get(stored.segment_id()) or Segment(index.storage, toc.schema, stored, cache)
        segments.append((segment, set(stored.deleted_docs())))
    return Snapshot(toc.generation, segments, cache)


def _living(segment: Segment, deleted: Collection[int]) -> NDArray[np.bool_]:
    living = np.ones(segment.rows, np.bool_)
    living[list(deleted)] = False
    return living
