"""Changing a whoosh index: new segments in, old documents out, one commit; then small segments are merged.

Rules:

* A commit is one rename of whoosh's table of contents, after everything it names is on disk: a reader sees all or
  nothing, and a killed writer leaves the commit before.
* Adding is never slowed down by the size of the index: nothing old is rewritten before the new commit is there.
* More than ``MOST_SEGMENTS`` segments are merged, the small ones first, in a second commit that changes no answer.
"""

import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from whoosh.index import TOC, clean_files

from index.policies.model import Document
from index.search.whoosh_gathering import FromDocuments, Gathered, merged
from index.search.whoosh_segment import PostingsCache
from index.search.whoosh_snapshot import Snapshot, read_snapshot
from index.search.whoosh_writing import INDEX_NAME, write_segment

MOST_SEGMENTS = 40
AT_LEAST_MERGED = 8
SEGMENT_POSTINGS = 16_000_000
"""A new segment is closed at this many postings (some 70,000 articles of law): bounds the memory of writing."""
LARGE_SEGMENT_ROWS = 50_000
"""A segment this large is left alone, unless half of it is deleted."""


class Writing:
    """Changes to ``index``; the caller holds the write lock from beginning to end. ``snapshot`` is the last commit."""

    def __init__(self, index: Any, cache: PostingsCache, before: Snapshot | None) -> None:
        self._index = index
        self._cache = cache
        self.snapshot = read_snapshot(index, cache, before)

    def replace(self, documents: Iterable[Document]) -> None:
        """Commit ``documents`` in the place of what has their ids; ValueError when an id comes twice."""
        gone: set[str] = set()
        new: list[Any] = []
        gathering = FromDocuments()
        for document in documents:
            if gathering.postings >= SEGMENT_POSTINGS:
                new += self._written(gathering.gathered())
                gathering = FromDocuments()
            if document.id in gone:
                raise ValueError(f"{document.id} comes twice in one commit")
            gone.add(document.id)
            gathering.add(document)
        new += self._written(gathering.gathered())
        self._commit(gone, new)

    def remove(self, document_id: str) -> None:
        """Commit the index without this document."""
        self._commit({document_id}, [])

    def tidy(self) -> None:
        """Merge small segments when there are too many, and those that are mostly deleted."""
        due = _due([(segment.rows, int(living.sum())) for segment, living in self._pairs()])
        if due:
            content = merged([pair for place, pair in enumerate(self._pairs()) if place in due])
            kept = [stored for place, stored in enumerate(self._index._read_toc().segments) if place not in due]
            self._publish([*kept, *self._written(content)])

    def _pairs(self) -> list[Any]:
        return list(zip(self.snapshot.segments, self.snapshot.living, strict=True))

    def _written(self, content: Gathered) -> list[Any]:
        return [write_segment(self._index.storage, content)] if content.rows else []

    def _commit(self, gone: Collection[str], new: Sequence[Any]) -> None:
        found = gone & self.snapshot.digests.keys()
        if not found and not new:
            return
        kept = self._index._read_toc().segments
        for (segment, living), stored in zip(self._pairs(), kept, strict=True):
            for entry in segment.entries:
                if entry.document_id in found and living[entry.start]:
                    for row in range(entry.start, entry.end):
                        stored.delete_document(row)
        self._publish([*(stored for stored in kept if stored.deleted_count() < stored.doc_count_all()), *new])

    def _publish(self, segments: Sequence[Any]) -> None:
        storage, last = self._index.storage, self._index._read_toc()
        toc = TOC(last.schema, list(segments), last.generation + 1)
        toc.write(storage, INDEX_NAME)
        for path in (Path(storage.folder, TOC._filename(INDEX_NAME, toc.generation)), Path(storage.folder)):
            _sync(path)
        clean_files(storage, INDEX_NAME, toc.generation, segments)
        self.snapshot = read_snapshot(self._index, self._cache, self.snapshot)


def _due(sizes: Sequence[tuple[int, int]]) -> set[int]:
    """Places of the segments to merge, given (rows, living rows) of each."""
    hollow = {place for place, (rows, living) in enumerate(sizes) if 2 * living < rows}
    if len(sizes) <= MOST_SEGMENTS:
        return hollow
    total, chosen = 0, set(hollow)
    for count, (living, place) in enumerate(sorted((living, place) for place, (_, living) in enumerate(sizes))):
        if living >= LARGE_SEGMENT_ROWS or (count >= AT_LEAST_MERGED and living > total):
            break
        chosen.add(place)
        total += living
    return chosen


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
