"""What the assistant gives back: an answer made of exact quotes, or a refusal.

Rules:

* A citation's quote is ``source[start:end]`` of the library's clean text, byte for byte; anything else cannot be built.
* An answered question has at least one citation; a refusal has none.
* ``to_json`` is the shape of design §8, with exactly its keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

from index.policies.model import Document, Status


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier line of the conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a statement stands: document, heading path, exact words, and the document's status on the day."""

    document: str
    document_number: str | None
    heading: tuple[str, ...]
    quote: str
    source: str
    """The library's id of the document whose clean text is quoted."""
    start: int
    end: int
    status: Status

    @classmethod
    def of(cls, document: Document, heading: Sequence[str], span: tuple[int, int], status: Status) -> Self:
        """Quote ``span`` of the document."""
        start, end = span
        if not 0 <= start < end <= len(document.source):
            raise ValueError(f"span {span} is not inside {document.id}")
        quote = document.source[start:end]
        return cls(document.title, document.document_number, tuple(heading), quote, document.id, start, end, status)

    def to_json(self) -> dict[str, Any]:
        return {
            "document": self.document,
            "document_number": self.document_number,
            "heading": list(self.heading),
            "quote": self.quote,
            "source": self.source,
            "start": self.start,
            "end": self.end,
            "status": {
                key: value
                for key, value in self.status.to_json().items()
                if key in {"state", "effective_from", "effective_to"}
            },
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer or a refusal, as of one day (Asia/Shanghai)."""

    question: str
    as_of: date
    answered: bool
    answer: str
    citations: tuple[Citation, ...] = ()
    notices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    elapsed_ms: float = 0.0

    def __post_init__(self) -> None:
        if self.answered != bool(self.citations):
            raise ValueError("an answer needs a citation, a refusal has none")

    def to_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "as_of": self.as_of.isoformat(),
            "answered": self.answered,
            "answer": self.answer,
            "citations": [citation.to_json() for citation in self.citations],
            "notices": list(self.notices),
            "suggestions": list(self.suggestions),
            "elapsed_ms": round(self.elapsed_ms, 3),
        }
