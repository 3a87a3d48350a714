"""Whether an expert's word still stands: it lapses with its source.

Rules:

* A clause stands while the library has its document and the document says at that place, word for word, what was cited.
  A replaced document has another id (docs/decisions/0011), so its clauses lapse.
* An answer besides needs every cited document to be valid on the day asked about: in force, or without stated dates;
  and the day must not be after its own last day.
* What lapsed is not given, and is listed for a new approval; nothing is deleted.
* For the search only the clause counts, not the day: what a text says does not change when it expires.
"""

from dataclasses import replace
from datetime import date
from enum import StrEnum

from index.errors import QuestionError, UnknownPolicy
from index.policies.library import Library
from index.policies.model import Document, PassageKind, State
from index.questions.model import ApprovalKind, Cited, NewApproval

VALID = (State.IN_FORCE, State.UNSTATED)
_NO_CLAUSE = (PassageKind.TITLE, PassageKind.HEADING, PassageKind.TABLE_HEADER)


class Lapse(StrEnum):
    """Why a word counts no more; values appear in JSON."""

    SOURCE_GONE = "source_gone"
    SOURCE_CHANGED = "source_changed"
    NOT_IN_FORCE = "not_in_force"
    ENDED = "ended"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Lapse.SOURCE_GONE: "引用的文件已移除或被新文本替换",
    Lapse.SOURCE_CHANGED: "引用处的文字已变",
    Lapse.NOT_IN_FORCE: "引用的文件不在有效期内",
    Lapse.ENDED: "答复自身的截止日期已过",
}


def lapse(word: NewApproval, library: Library, day: date) -> Lapse | None:
    """Why an answer or confirmation does not stand on ``day``; None when it does."""
    for cited in word.citations:
        document = document_of(cited, library)
        if document is None:
            return Lapse.SOURCE_GONE
        if not says(document, cited):
            return Lapse.SOURCE_CHANGED
        if word.kind is ApprovalKind.ANSWER and library.status(document.id, day).state not in VALID:
            return Lapse.NOT_IN_FORCE
    return Lapse.ENDED if word.until is not None and day > word.until else None


def require_standing(word: NewApproval, library: Library, day: date) -> None:
    """Raises QuestionError for a word that would not count from the start."""
    gone = lapse(word, library, day)
    if gone is not None:
        step = "请把截止日期改为今天或以后。" if gone is Lapse.ENDED else "请改引现行有效的条文。"
        raise QuestionError(f"这条审核今天不能生效：{gone.label}。", next_step=step, code="APPROVAL_LAPSED")


def document_of(cited: Cited, library: Library) -> Document | None:
    try:
        document = library.get(cited.document_id)
    except UnknownPolicy:
        return None
    return document if document.id == cited.document_id else None


def found_again(cited: Cited, library: Library) -> Cited | None:
    """Where the words of a fallen clause stand now, once, in a document of the same title; None when nowhere."""
    for document in library.documents():
        if document.title == cited.title and document.source.count(cited.quote) == 1:
            start = document.source.index(cited.quote)
            return replace(cited, document_id=document.id, start=start, end=start + len(cited.quote))
    return None


def says(document: Document, cited: Cited) -> bool:
    return document.source[cited.start : cited.end] == cited.quote


def passages(document: Document, cited: Cited) -> tuple[tuple[str, int], ...]:
    """The passages the clause lies in, as the search names them; headings only when there is nothing else."""
    touched = [one for one in document.passages if one.start < cited.end and cited.start < one.end]
    leaves = [one for one in touched if one.kind not in _NO_CLAUSE] or touched
    return tuple((document.id, one.number) for one in leaves)
