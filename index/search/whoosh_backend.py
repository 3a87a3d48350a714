"""The embedded index: whoosh's format in a folder, whole posting lists scored with numpy.

Rules: those of ``index.search.backend``; besides

* The folder belongs to this class. Without an index it gets an empty one, and in place of a damaged one or one of an
  older form (``whoosh_folder``); damage met only later is named (``SearchError``).
* Passages are stored as tokens of our own analyzer.
* A commit of another process is seen at the next search; only new segments are read then.
* Postings are kept in memory up to ``POSTINGS_BYTES``; what is beyond is read anew.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from index.policies.model import Document
from index.search.backend import Field, Hit, Term
from index.search.whoosh_commit import Writing
from index.search.whoosh_folder import DAMAGE, attempts, damaged, open_index, write_lock
from index.search.whoosh_segment import PostingsCache
from index.search.whoosh_snapshot import Snapshot, read_snapshot
from index.search.whoosh_writing import schema

POSTINGS_BYTES = 128 * 1024 * 1024


class WhooshBackend:
    """The index in ``folder``; close it, or use it as a context manager. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cache = PostingsCache(POSTINGS_BYTES)
        self._index = open_index(folder, schema())
        self._last: Snapshot | None = None

    def replace_document(self, document: Document) -> None:
        self.replace_documents((document,))

    def replace_documents(self, documents: Iterable[Document]) -> None:
        with self._writing() as writing:
            writing.replace(documents)

    def remove_document(self, document_id: str) -> None:
        with self._writing() as writing:
            writing.remove(document_id)

    def search(self, terms: Sequence[Term], limit: int, within: Collection[str] | None = None) -> list[Hit]:
        if not terms or limit <= 0 or (within is not None and not within):
            return []
        with _damage_named():
            return self._snapshot().search(terms, limit, within)

    def document_ids(self) -> frozenset[str]:
        return frozenset(self.digests())

    def digests(self) -> Mapping[str, str]:
        with _damage_named():
            return self._snapshot().digests

    def frequency(self, token: str) -> int:
        with _damage_named():
            return self._snapshot().holding(Field.BODY, token)

    def close(self) -> None:
        self._last = None
        self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _snapshot(self) -> Snapshot:
        last = self._last
        if last is None or self._index.latest_generation() != last.generation:
            last = self._last = attempts(lambda: read_snapshot(self._index, self._cache, self._last))
        return last

    @contextmanager
    def _writing(self) -> Iterator[Writing]:
        with write_lock(self._index.storage):
            with _damage_named():
                writing = Writing(self._index, self._cache, self._last)
            yield writing
            self._last = writing.snapshot
            with _damage_named():
                writing.tidy()
            self._last = writing.snapshot


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        raise damaged() from error
