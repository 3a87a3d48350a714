"""Bring the index in line with the library, so that ``policies add`` and ``ask`` always agree.

Reads the library's documents and the index's digests. Writes one commit per document that is missing, changed or gone.
"""

from collections.abc import Callable, Iterable
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
    """Index what is missing or stale, forget what is gone. ``progress`` hears of each document indexed."""
    indexed = backend.digests()
    wanted = {document.id: document for document in documents}
    added: list[str] = []
    replaced: list[str] = []
    for document in wanted.values():
        if indexed.get(document.id) == digest(document):
            continue
        backend.replace_document(document)
        (replaced if document.id in indexed else added).append(document.id)
        if progress is not None:
            progress(document)
    removed = sorted(set(indexed) - set(wanted))
    for document_id in removed:
        backend.remove_document(document_id)
    return SyncReport(tuple(added), tuple(replaced), tuple(removed))
