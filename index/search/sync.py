"""Bring the index in line with the library, so that ``policies add`` and ``ask`` always agree.

Reads the library's documents and the index's digests. Writes one commit for all that is missing or changed, and one for
each document that is gone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from index.policies.model import Document
from index.search.backend import SearchBackend
from index.search.content import digest


@dataclass(frozen=True, slots=True)
class SyncReport:
    """Document ids by what was done to their index entry."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.added or self.replaced or self.removed)


def synchronise(
    documents: Iterable[Document], backend: SearchBackend, progress: Callable[[Document], None] | None = None
) -> SyncReport:
    """Index what is missing or stale, forget what is gone. ``progress`` hears of each document handed to the index."""
    indexed = backend.digests()
    wanted = {document.id: document for document in documents}
    stale = [document for document in wanted.values() if indexed.get(document.id) != digest(document)]
    if stale:
        backend.replace_documents(_told(stale, progress))
    removed = sorted(set(indexed) - set(wanted))
    for document_id in removed:
        backend.remove_document(document_id)
    added = tuple(document.id for document in stale if document.id not in indexed)
    replaced = tuple(document.id for document in stale if document.id in indexed)
    return SyncReport(added, replaced, tuple(removed))


def _told(documents: Iterable[Document], progress: Callable[[Document], None] | None) -> Iterator[Document]:
    for document in documents:
        yield document
        if progress is not None:
            progress(document)
