"""The desk every channel asks: an approved answer first, else the assistant; then the question log.

Rules:

* Answering never waits for the log and never fails with it: ``ask`` gives the answer, ``keep`` writes it down
  afterwards; a line that is lost is said to ``trouble``, never passed over in silence.
* An approved answer goes to the same question only. In the middle of a conversation the question is compared as it is
  made whole, and only when its words stand alone.
* A refusal names near questions that have an approved answer; their answers are not given for it.
* ``evaluate`` asks the assistant itself: what experts approved must not make the measure look better.

Source: issue 3 §3; docs/decisions/0091–0094.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.assistant.answer import Answer, Turn
from bot.assistant.approved import NEAR, approved_answer
from bot.assistant.context import complete
from bot.assistant.engine import Assistant
from bot.assistant.lexicon import load_lexicon
from index.errors import OfficeError
from index.policies.library import Library
from index.questions.book import ApprovedBook
from index.questions.log import give_feedback, record
from index.questions.model import Approval, Channel, Cited, Feedback, Line
from index.questions.sameness import same_key, stands_alone
from index.questions.store import QuestionStore


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer, and the line about it that ``keep`` writes."""

    answer: Answer
    line: Line


@dataclass(frozen=True, slots=True)
class Desk:
    """``ticket`` gives an unguessable name for each answer; ``trouble`` hears what the log could not do."""

    assistant: Assistant
    library: Library
    book: ApprovedBook
    store: QuestionStore
    clock: Callable[[], datetime]
    ticket: Callable[[], str]
    version: str
    trouble: Callable[[OfficeError], None]

    def ask(
        self, question: str, *, as_of: date, channel: Channel, context: Sequence[Turn] = (), actor: str | None = None
    ) -> Exchange:
        """The answer as of a day (Asia/Shanghai). ``actor``: who asks, None until staff sign in."""
        started = time.perf_counter()
        self._follow()
        whole = self._whole(question, context)
        approval = self._approval(whole, as_of, follow_up=bool(context))
        if approval is None:
            answer = self._with_near_questions(self.assistant.ask(question, as_of=as_of, context=context), whole)
        else:
            answer = approved_answer(approval, question, as_of=as_of, library=self.library)
            answer = replace(answer, elapsed_ms=(time.perf_counter() - started) * 1000)
        line = Line(
            ticket=self.ticket(),
            at=self.clock(),
            channel=channel,
            actor=actor,
            question=question,
            whole=whole,
            turns=len(context),
            as_of=as_of,
            answered=answer.answered,
            small_talk=not same_key(whole),
            approval=approval.id if approval else None,
            answer=answer.answer,
            citations=tuple(Cited(c.source, c.document, c.start, c.end, c.quote) for c in answer.citations),
            notices=answer.notices,
            suggestions=answer.suggestions,
            elapsed_ms=answer.elapsed_ms,
            version=self.version,
        )
        return Exchange(answer, line)

    def keep(self, exchange: Exchange) -> bool:
        """Write the exchange into the log; False, and said, when it cannot be."""
        try:
            record(self.store, exchange.line)
        except OfficeError as problem:
            self.trouble(problem)
            return False
        return True

    def take_feedback(self, ticket: str, given: Feedback) -> None:
        """What the one who asked says of the answer. Raises UnknownQuestion, QuestionError, StoreError."""
        give_feedback(self.store, ticket, given)

    def _follow(self) -> None:
        try:
            self.book.follow()
        except OfficeError as problem:
            self.trouble(problem)

    def _approval(self, whole: str, as_of: date, *, follow_up: bool) -> Approval | None:
        if follow_up and not stands_alone(whole):
            return None
        return self.book.answer_for(whole, as_of)

    def _with_near_questions(self, answer: Answer, whole: str) -> Answer:
        """A refusal also names near questions that have an approved answer, labelled as another question."""
        if answer.answered:
            return answer
        near = tuple(f"{NEAR}{question}" for question in self.book.like(whole, answer.as_of))
        return replace(answer, suggestions=(*near, *answer.suggestions))

    def _whole(self, question: str, context: Sequence[Turn]) -> str:
        if not context:
            return question
        places = frozenset(document.place for document in self.library.documents() if document.place)
        return complete(question, context, places | load_lexicon().places)
