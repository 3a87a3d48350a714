"""Answers index/questions/approving.py and views.py: the last word counts, and the lists follow."""

from dataclasses import replace
from datetime import timedelta

import pytest

from index.errors import QuestionError, UnknownQuestion
from index.policies.library import Library
from index.policies.model import Document
from index.questions.approving import approve, counting, history, retract, stamp
from index.questions.listing import entries_of, entry_of
from index.questions.log import give_feedback, record
from index.questions.model import ApprovalKind, Feedback, NewApproval, Verdict
from index.questions.store import QuestionStore
from index.questions.views import View, belongs, judged
from tests.index.questions.conftest import NOW, TODAY, answer, cited, confirmation, line

OPEN = "渡口每日六时至二十时开放。"
DISMISSAL = NewApproval(ApprovalKind.DISMISS, "王某", NOW)


def on(store: QuestionStore, library: Library, view: View) -> list[str]:
    return [one.entry.question for one in judged(entries_of(store), library, TODAY) if belongs(one, view)]


def test_an_approval_comes_back_with_its_clauses(store: QuestionStore, ferries: Document) -> None:
    number = record(store, line())
    assert approve(store, number, answer(cited(ferries, OPEN))) == number
    (approval,) = entry_of(store, number).standing
    assert approval.word == answer(cited(ferries, OPEN))
    assert approval.question == "渡口几点开放？"


def test_the_last_word_of_a_kind_counts_and_a_dismissal_ends_the_others(
    store: QuestionStore, ferries: Document
) -> None:
    clause = cited(ferries, OPEN)
    number = record(store, line())
    for word in (answer(clause, text="旧"), confirmation(clause), answer(clause, text="新")):
        approve(store, number, word)
    assert {one.word.text for one in entry_of(store, number).standing} == {"", "新"}
    approve(store, number, DISMISSAL)
    assert [one.word.kind for one in entry_of(store, number).standing] == [ApprovalKind.DISMISS]
    approve(store, number, confirmation(clause))
    assert [one.word.kind for one in entry_of(store, number).standing] == [ApprovalKind.CONFIRM]
    assert len(history(store, number)) == 5


def test_a_retraction_takes_back_all_words_and_stays_in_the_history(store: QuestionStore, ferries: Document) -> None:
    number = record(store, line())
    for text in ("旧", "新"):
        approve(store, number, answer(cited(ferries, OPEN), text=text))
    before = stamp(store)
    assert retract(store, number, by="李某", at=NOW, reason="口径已变") == 2
    assert stamp(store) != before
    assert counting(history(store)) == ()
    assert {(one.retracted_by, one.reason) for one in history(store, number)} == {("李某", "口径已变")}
    assert retract(store, number, by="李某", at=NOW, reason="错") == 0


def test_words_that_lack_something_are_refused(store: QuestionStore, ferries: Document) -> None:
    clause = cited(ferries, OPEN)
    number = record(store, line())
    for word, code in (
        (answer(), "CITATION_MISSING"),
        (confirmation(*[clause] * 101), "CITATION_MISSING"),
        (answer(clause, text="  "), "ANSWER_TEXT_MISSING"),
        (answer(clause, text="长" * 2001), "ANSWER_TEXT_MISSING"),
        (replace(answer(clause), by=" "), "REVIEWER_MISSING"),
    ):
        with pytest.raises(QuestionError) as refused:
            approve(store, number, word)
        assert refused.value.code == code
    with pytest.raises(UnknownQuestion):
        approve(store, 99, answer(clause))
    with pytest.raises(QuestionError):
        approve(store, "？？", answer(clause))
    assert history(store) == ()


def test_the_lists_hold_what_waits_for_an_expert(store: QuestionStore, library: Library, ferries: Document) -> None:
    refused = record(store, line("没答上的？"))
    greeting = record(store, line("您好！", small_talk=True))
    slip = record(store, line("打错了字"))
    for words, verdict in (("答得好的？", Verdict.USEFUL), ("答得差的？", Verdict.USELESS)):
        record(store, line(words, answered=True, citations=(cited(ferries, OPEN),)))
        give_feedback(store, line(words).ticket, Feedback(NOW, None, verdict, ""))
    assert on(store, library, View.UNANSWERED) == ["没答上的？", "打错了字"]
    assert on(store, library, View.USEFUL) == ["答得好的？"]
    assert on(store, library, View.USELESS) == ["答得差的？"]
    assert on(store, library, View.STALE) == []
    approve(store, refused, answer(cited(ferries, OPEN)))
    approve(store, slip, DISMISSAL)
    approve(store, greeting, DISMISSAL)
    for words in ("答得好的？", "答得差的？"):
        approve(store, words, confirmation(cited(ferries, OPEN)))
    waiting = [on(store, library, view) for view in (View.UNANSWERED, View.USEFUL, View.USELESS, View.STALE)]
    assert waiting == [[], [], [], []]
    library.remove(ferries.id)
    assert on(store, library, View.UNANSWERED) == ["没答上的？"]
    assert on(store, library, View.STALE) == ["没答上的？", "答得好的？", "答得差的？"]


def test_a_new_complaint_about_an_approved_answer_is_listed_again(
    store: QuestionStore, library: Library, ferries: Document
) -> None:
    record(store, line(answered=True))
    approve(store, "渡口几点开放？", answer(cited(ferries, OPEN)))
    give_feedback(store, line().ticket, Feedback(NOW + timedelta(days=1), None, Verdict.USELESS, "不对"))
    assert on(store, library, View.USELESS) == ["渡口几点开放？"]


def test_a_question_that_a_new_text_answers_is_no_longer_unanswered(store: QuestionStore, library: Library) -> None:
    record(store, line())
    record(store, line(at=NOW + timedelta(days=1), answered=True))
    assert on(store, library, View.UNANSWERED) == []
