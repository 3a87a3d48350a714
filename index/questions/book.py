"""What the experts have approved, as one process knows it: kept in memory, renewed when log or library changes.

Rules:

* ``follow`` is cheap when nothing has changed; it is called before every question, so that an approval in one process
  works in a running service at once.
* An approved answer is given for the same question only (``sameness``), and only while it stands (``standing``).
* The search learns from the clauses of answers and confirmations alike; what readers say (有用) never reaches it
  without an expert's word (docs/decisions/0093).
"""

from datetime import date
from itertools import islice

from index.policies.library import Library
from index.policies.model import Document
from index.questions.approving import Stamp, counting, history, stamp
from index.questions.likeness import NearQuestions
from index.questions.model import Approval, ApprovalKind
from index.questions.sameness import same_key
from index.questions.standing import document_of, lapse, passages, says
from index.questions.store import QuestionStore
from index.search.confirmed import ConfirmedQuestion

NEAR_SHOWN = 2


class ApprovedBook:
    """The words that count, over ``store`` and ``library``."""

    def __init__(self, store: QuestionStore, library: Library) -> None:
        self._store = store
        self._library = library
        self._seen: tuple[Stamp, tuple[Document, ...]] | None = None
        self._answers: dict[str, Approval] = {}
        self._near = NearQuestions(())
        self._confirmed: tuple[ConfirmedQuestion, ...] = ()

    def follow(self) -> None:
        """Take in what has changed. Raises StoreError and keeps what it knew when the log cannot be read."""
        seen = stamp(self._store), self._library.documents()
        if seen == self._seen:  # unchanged documents are the same objects: this compares identities
            return
        words = counting(history(self._store))
        answers = [approval for approval in words if approval.word.kind is ApprovalKind.ANSWER]
        self._answers = {key: approval for approval in answers if (key := same_key(approval.question))}
        self._near = NearQuestions(self._answers)
        self._confirmed = tuple(filter(None, map(self._lesson, words)))
        self._seen = seen

    @property
    def has_answers(self) -> bool:
        """Whether there is any approved answer, standing or not."""
        return bool(self._answers)

    def answer_for(self, question: str, day: date) -> Approval | None:
        """The approved answer to this very question that stands on ``day``."""
        approval = self._answers.get(same_key(question))
        return None if approval is None or lapse(approval.word, self._library, day) else approval

    def like(self, question: str, day: date) -> tuple[str, ...]:
        """Questions near to this one whose approved answers stand on ``day``, nearest first: to be asked, not given."""
        answers = (self._answers[key] for key in self._near.of(same_key(question)))
        standing = (one for one in answers if not lapse(one.word, self._library, day))
        return tuple(one.question for one in islice(standing, NEAR_SHOWN))

    def confirmed(self) -> tuple[ConfirmedQuestion, ...]:
        """What the search may learn from; the same tuple until something changes."""
        return self._confirmed

    def _lesson(self, approval: Approval) -> ConfirmedQuestion | None:
        found: dict[tuple[str, int], None] = {}
        for cited in approval.word.citations:
            document = document_of(cited, self._library)
            if document is not None and says(document, cited):
                found.update(dict.fromkeys(passages(document, cited)))
        return ConfirmedQuestion(approval.question, tuple(found)) if found else None
