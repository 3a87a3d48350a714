"""The desk every channel asks: an approved answer first, else the assistant; then the question log.

Rules:

* Answering never waits for the log and never fails with it: ``ask`` gives the answer, ``keep`` writes it down
  afterwards; a line that is lost is said to ``trouble``, never passed over in silence.
* An approved answer goes to the same question only: as typed, else with its typing errors mended, which is said. In the
  middle of a conversation the question is compared as it is made whole, and only when its words stand alone.
* A refusal names near questions that have an approved answer; their answers are not given for it.
* ``evaluate`` asks the assistant itself: what experts approved must not make the measure look better.

Source: issue 3 §3; docs/decisions/0091–0094.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.assistant.answer import Answer, Role, Turn
from bot.assistant.approved import NEAR, approved_answer
from bot.assistant.context import complete
from bot.assistant.days import day_named
from bot.assistant.engine import Assistant
from bot.assistant.hearing import Way
from bot.assistant.lexicon import load_lexicon
from bot.assistant.smalltalk import load_small_talk
from bot.assistant.wording import chinese_day
from index.errors import OfficeError
from index.policies.library import Library
from index.questions.book import ApprovedBook
from index.questions.conversations import record_act
from index.questions.log import give_feedback, record
from index.questions.model import Act, Approval, Channel, Cited, Feedback, Line
from index.questions.sameness import stands_alone
from index.questions.store import QuestionStore
from index.search.analyzer import fold_query


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
        self,
        question: str,
        *,
        as_of: date,
        channel: Channel,
        context: Sequence[Turn] = (),
        actor: str | None = None,
        conversation: str | None = None,
    ) -> Exchange:
        """The answer as of a day (Asia/Shanghai). ``actor``: who asks, None for whoever is not known."""
        started = time.perf_counter()
        self._follow()
        whole = self._whole(question, context)
        found = self.library.steady(lambda: self._approved(question, whole, as_of, context))
        if found is None:
            approval = None
            unaided = self.library.steady(lambda: self.assistant.ask(question, as_of=as_of, context=context))
            answer = self._with_near_questions(unaided, whole)
        else:
            approval, whole, answer = found
            answer = replace(answer, elapsed_ms=(time.perf_counter() - started) * 1000)
        line = Line(
            ticket=self.ticket(),
            at=self.clock(),
            channel=channel,
            actor=actor,
            question=question,
            whole=whole,
            turns=len(context),
            as_of=answer.as_of,
            answered=answer.answered,
            small_talk=_is_small_talk(question, context),
            approval=approval.id if approval else None,
            answer=answer.answer,
            citations=tuple(Cited(c.source, c.document, c.start, c.end, c.quote) for c in answer.citations),
            notices=answer.notices,
            suggestions=answer.suggestions,
            elapsed_ms=answer.elapsed_ms,
            version=self.version,
            conversation=conversation,
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

    def note(self, act: Act) -> bool:
        """Write a wish into the log; False, and said, when it cannot be."""
        try:
            record_act(self.store, act)
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

    def _approved(
        self, question: str, whole: str, as_of: date, context: Sequence[Turn]
    ) -> tuple[Approval, str, Answer] | None:
        """The approved answer to the question, and the question as it was understood."""
        for way in self._ways(question, whole, as_of, context):
            approval = self.book.answer_for(way.text, way.as_of)
            if approval and (not context or stands_alone(way.text)):
                answer = approved_answer(approval, question, as_of=way.as_of, library=self.library)
                return approval, way.text, replace(answer, notices=(*way.notices, *answer.notices))
        return None

    def _ways(self, question: str, whole: str, as_of: date, context: Sequence[Turn]) -> Iterator[Way]:
        """The question on the day it names or else ``as_of``: as typed, without its day, with typing errors mended."""
        if not self.book.has_answers:
            return
        named = day_named(fold_query(whole), as_of)
        day = named.day if named else as_of
        understood = (f"按上文理解为：“{whole}”。",) if whole != question else ()
        said = (*understood, f"按{chinese_day(day)}的情况作答。") if named else understood
        yield Way(whole, day, said)
        if named:
            yield Way(named.rest, day, said)
        yield from self.assistant.hearing.hear(question, context, as_of).ways

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


def _is_small_talk(question: str, context: Sequence[Turn]) -> bool:
    following = any(turn.role is Role.USER for turn in context)
    return load_small_talk().reply(fold_query(question).strip(), following=following) is not None
