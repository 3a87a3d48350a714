"""Gathering: the passages worth weighing for a question, each with its units.

* The search gives passages; an item of a list is replaced by the passage that announces it, once.
* The units of a passage are cut once and kept as long as the document is the same (``Shelf``): its id says its content.
"""

import re
from collections.abc import Sequence
from functools import lru_cache, partial

from bot.assistant.covering import Text
from bot.assistant.evidence import Evidence, lead_of, units_of
from bot.assistant.question import Question
from bot.assistant.weighing import Candidate
from bot.assistant.words import Dictionary
from index.policies.model import Document
from index.search.finding import Finder

CANDIDATES = 40
_ATTACHMENT_LINE = re.compile(r"附(?:件|表)\s*[0-9一二三四五]*\s*:[^。;]*$")
"""附件：《…》 only names what is attached."""
KEPT_PASSAGES = 20_000
KEPT_TEXTS = 60_000


class Shelf:
    """Units and words of passages already read. A document's id changes with its content, so nothing kept gets old."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._units = lru_cache(KEPT_PASSAGES)(_units)
        self.text = lru_cache(KEPT_TEXTS)(partial(Text, dictionary=dictionary))

    def units(self, document: Document, number: int) -> tuple[Evidence, ...]:
        """The units of the passage, or of the one that announces it as an item."""
        return self._units(_Same(document), number)


class _Same:
    """A document as a key: equal when the id is."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def __hash__(self) -> int:
        return hash(self.document.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.document.id == self.document.id


def _units(same: _Same, number: int) -> tuple[Evidence, ...]:
    return tuple(units_of(same.document, lead_of(same.document, same.document.passages[number])))


def gather(question: Question, search: Finder, pool: Sequence[Document], shelf: Shelf) -> tuple[Candidate, ...]:
    """The passages of ``pool`` the search finds for ``question``, best first."""
    documents = {document.id: document for document in pool}
    found: dict[tuple[str, int], Candidate] = {}
    for rank, hit in enumerate(search.search(question.folded, CANDIDATES, documents.keys())):
        document = documents.get(hit.document_id)
        units = shelf.units(document, hit.number) if document and hit.number < len(document.passages) else ()
        if units and not _ATTACHMENT_LINE.match(units[0].text):
            candidate = Candidate(units, rank, hit.score)
            found.setdefault(candidate.key, candidate)
    return tuple(found.values())
