"""An index that follows a library which other processes change while questions are asked.

Rules: looking whether anything changed costs no more than the library's own look; what changed is brought in line
before the question that noticed it; a failure leaves the next look to try again.
"""

from index.policies.library import Library
from index.policies.model import Document
from index.search.backend import SearchBackend
from index.search.sync import SyncReport, follow


class Follower:
    """Keeps ``backend`` in line with ``library``."""

    def __init__(self, library: Library, backend: SearchBackend) -> None:
        self._library = library
        self._backend = backend
        self._seen: tuple[Document, ...] | None = None

    def follow(self) -> SyncReport:
        """Bring the index in line if the library is not as it was; says what was done."""
        documents = self._library.documents()
        if documents == self._seen:  # unchanged documents are the same objects: this compares identities
            return SyncReport()
        report = follow(self._library, self._backend)
        self._seen = documents
        return report
