"""Bring the index in line with the library, so that ``policies add`` and ``ask`` always agree.

``follow`` is for everyone who asks; ``synchronise`` is the plain act. Reads the library's documents and the index's
digests. Writes one commit for all that is missing or changed, and one for
each document that is gone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from index.errors import PolicyError
from index.policies.library import Library
from index.policies.library_folder import LOCK_SECONDS
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


def follow(library: Library, backend: SearchBackend, progress: Callable[[Document], None] | None = None) -> SyncReport:
    """Bring the index in line with the library while others may be changing it.

    A writer keeps the library's lock until its documents are findable, so: what is missing is waited for and then done
    here, what is only too much (a reader passes over it) is left to a writer at work.
    """
    documents = library.documents()
    indexed = backend.digests()
    missing = any(indexed.get(document.id) != digest(document) for document in documents)
    if not missing and len(indexed) == len(documents):
        return SyncReport()
    try:
        with library.writing(LOCK_SECONDS if missing else 0.0):
            return synchronise(library.documents(), backend, progress)
    except PolicyError:
        if missing:
            raise
        return SyncReport()


def _told(documents: Iterable[Document], progress: Callable[[Document], None] | None) -> Iterator[Document]:
    for document in documents:
        yield document
        if progress is not None:
            progress(document)
