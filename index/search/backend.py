"""What the office asks of a search engine: keep whole documents, find passages by weighted terms.

Rules every backend keeps:

* A document is replaced or removed as a whole, in one commit: a reader sees all of its passages or none.
* Replacing with the same content changes nothing a reader can see.
* ``search`` scores whole postings with BM25 per field (``index.search.scoring``): every backend gives the same ranking.
* What was removed or replaced counts nowhere: the same documents give the same scores, whatever happened before.
* Passages of equal score come in the order of (document id, number).
* ``search`` never raises for an empty question: it finds nothing.
* The index holds nothing that cannot be rebuilt from the library.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from index.policies.model import Document


class Field(StrEnum):
    """Where a term may stand."""

    BODY = "body"
    """The passage's own text."""
    HEADING = "heading"
    """The title, the place and the heading path."""


@dataclass(frozen=True, slots=True)
class Term:
    """One index token to look for in one field; ``weight`` multiplies its BM25 score.

    ``finds=False``: adds its score to passages that another term found, finds none by itself (the rank of a text).
    """

    field: Field
    token: str
    weight: float
    finds: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """One passage found: ``number`` is its place in ``Document.passages``; a higher score is a better match."""

    document_id: str
    number: int
    score: float


class SearchBackend(Protocol):
    def replace_document(self, document: Document) -> None:
        """Make the passages of ``document`` findable; earlier passages under the same id are gone."""

    def replace_documents(self, documents: Iterable[Document]) -> None:
        """``replace_document`` for each of ``documents``, in one commit: far cheaper for many.

        ValueError, and nothing is changed, when an id comes twice.
        """

    def remove_document(self, document_id: str) -> None:
        """Forget a document; an unknown id is no error."""

    def search(self, terms: Sequence[Term], limit: int, within: Collection[str] | None = None) -> list[Hit]:
        """The ``limit`` best passages for ``terms``, best first; only of the documents ``within`` when given."""

    def document_ids(self) -> frozenset[str]:
        """The documents whose passages can be found."""

    def digests(self) -> Mapping[str, str]:
        """Document id → ``digest`` of the content that was indexed."""

    def frequency(self, token: str) -> int:
        """How many passages contain this index token in their own text (0: the office's texts do not know it)."""
