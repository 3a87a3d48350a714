"""From a question to the units worth judging, best passages first; and the plain search that staff see.

The office's documents are filtered by the place asked for: a rule of one city is no answer for another.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from bot.assistant.evidence import headings, trimmed
from index.policies.library import Library
from index.policies.model import Document, Passage, Status
from index.search.analyzer import fold, fold_query
from index.search.backend import Hit
from index.search.finding import Finder

MANY = 20_000
_LEVEL = re.compile(
    r"(?:某|我|全|本)?(?P<level>[省区县])(?:里|级)(?![一-鿿]{0,2}[局委厅办])|(?:某|我|全|本)(?P<level2>[省区县])"
)


@dataclass(frozen=True, slots=True)
class Found:
    """One passage of a plain search."""

    document: Document
    passage: Passage
    score: float
    status: Status

    def to_json(self) -> dict[str, object]:
        """``text`` is ``source[start:end]``, without the blanks around the passage."""
        start, end = trimmed(self.document.source, self.passage.start, self.passage.end)
        return {
            "document": self.document.title,
            "document_number": self.document.document_number,
            "heading": list(headings(self.document, self.passage)),
            "text": self.document.source[start:end],
            "source": self.document.id,
            "start": start,
            "end": end,
            "score": round(self.score, 4),
            "status": {key: value for key, value in self.status.to_json().items() if key != "repealed_by"},
        }


def find(library: Library, search: Finder, words: str, *, as_of: date, limit: int = 10) -> list[Found]:
    """The passages that fit ``words`` best, with the status of their documents on ``as_of``."""
    documents = {document.id: document for document in library.documents()}
    status = cache(lambda document_id: library.status(document_id, as_of))
    return [
        Found(
            documents[hit.document_id],
            documents[hit.document_id].passages[hit.number],
            hit.score,
            status(hit.document_id),
        )
        for hit in _known(search.search(fold_query(words), limit), documents)
    ]


def for_places(documents: Sequence[Document], places: Sequence[str]) -> list[Document]:
    """The documents that speak for one of ``places``; all of them when none is named."""
    if not places:
        return list(documents)
    return [document for document in documents if any(speaks_for(document, place) for place in places)]


def of_level(documents: Sequence[Document], folded: str) -> list[Document]:
    """区里, 省里: the documents that say 我区, 全省 of themselves; all of them when none does or no level is named."""
    match = _LEVEL.search(folded)
    if match is None:
        return list(documents)
    level = match.group("level") or match.group("level2")
    own = [document for document in documents if re.search(rf"[我全]{level}|{level}级各", document.source[:MANY])]
    return own or list(documents)


def speaks_for(document: Document, place: str) -> bool:
    if place in fold(f"{document.title} {document.issuing_body or ''} {document.place or ''}"):
        return True
    return document.place is None and document.provenance is None and place in document.source


def weigher(search: Finder, passages: int) -> Callable[[str], float]:
    """How much a phrase says: between 0.25 (in nearly every passage) and 1 (in hardly any)."""

    def weight(phrase: str) -> float:
        pairs = [phrase[i : i + 2] for i in range(len(phrase) - 1)] or [phrase]
        rarest = min(search.frequency(pair) for pair in pairs)
        return max(0.25, math.log((passages + 1) / (rarest + 1)) / math.log(passages + 1)) if passages else 1.0

    return weight


def _known(hits: Sequence[Hit], documents: dict[str, Document]) -> list[Hit]:
    """Hits whose document and passage the library has: an index may be a moment older than the library."""
    return [
        hit for hit in hits if hit.document_id in documents and hit.number < len(documents[hit.document_id].passages)
    ]
