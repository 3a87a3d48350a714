"""Answers index/questions/book.py and standing.py: an approved answer goes to its own question while it stands."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from index.policies.library import Library
from index.policies.model import Document
from index.questions.approving import approve, retract
from index.questions.book import ApprovedBook
from index.questions.log import give_feedback, record
from index.questions.model import Feedback, Verdict
from index.questions.standing import Lapse, lapse
from index.questions.store import QuestionStore
from tests.index.questions.conftest import FERRIES, NOW, TODAY, add, answer, cited, confirmation, line

OPEN = "渡口每日六时至二十时开放。"
ASKED = "渡口几点开放？"


@pytest.fixture
def book(store: QuestionStore, library: Library) -> ApprovedBook:
    return ApprovedBook(store, library)


def given(book: ApprovedBook, question: str = ASKED, day: date = TODAY) -> str | None:
    book.follow()
    approval = book.answer_for(question, day)
    return approval and approval.word.text


def test_an_approval_of_another_process_works_at_once(
    book: ApprovedBook, library: Library, ferries: Document, tmp_path: Path
) -> None:
    assert given(book) is None
    other = QuestionStore(tmp_path / "home" / "questions.db")
    approve(other, ASKED, answer(cited(ferries, OPEN)))
    assert given(book) == "六点到二十点。"
    assert given(book, "请问渡口几点開放呀") == "六点到二十点。"
    assert given(book, "渡口几点关闭？") is None
    retract(other, 1, by="王某", at=NOW, reason="示例")
    assert given(book) is None


def test_an_answer_lapses_when_its_source_is_removed_or_replaced(
    book: ApprovedBook, store: QuestionStore, library: Library, ferries: Document, tmp_path: Path
) -> None:
    approve(store, ASKED, answer(cited(ferries, OPEN)))
    assert given(book) is not None
    add(library, tmp_path, "ferries", FERRIES.replace("六时", "七时"))
    assert given(book) is None
    assert lapse(answer(cited(ferries, OPEN)), library, TODAY) is Lapse.SOURCE_GONE
    assert book.confirmed() == ()
    add(library, tmp_path, "ferries", FERRIES)
    assert given(book) is not None
    library.remove(ferries.id)
    assert given(book) is None


def test_an_answer_stands_only_on_days_its_source_is_in_force_and_until_its_own_last_day(
    book: ApprovedBook, store: QuestionStore, library: Library, ferries: Document
) -> None:
    approve(store, ASKED, answer(cited(ferries, OPEN), until=date(2027, 12, 31)))
    for day, stands in (
        (date(2025, 2, 28), False),
        (date(2025, 3, 1), True),
        (date(2027, 12, 31), True),
        (date(2028, 1, 1), False),
        (date(2031, 1, 1), False),
    ):
        assert (given(book, day=day) is not None) is stands, day
    word = answer(cited(ferries, OPEN), until=date(2027, 12, 31))
    assert lapse(word, library, date(2028, 1, 1)) is Lapse.ENDED
    assert lapse(word, library, date(2031, 1, 1)) is Lapse.NOT_IN_FORCE


def test_a_text_without_dates_may_be_cited(book: ApprovedBook, store: QuestionStore, library: Library) -> None:
    notice = next(document for document in library.documents() if "提示" in document.title)
    approve(store, "坐船要穿什么？", answer(cited(notice, "乘坐渡船应当穿救生衣。"), text="救生衣。"))
    assert given(book, "坐船要穿什么？") == "救生衣。"


def test_one_clause_that_fell_takes_the_whole_answer_with_it(
    book: ApprovedBook, store: QuestionStore, library: Library, ferries: Document
) -> None:
    notice = next(document for document in library.documents() if "提示" in document.title)
    approve(store, ASKED, answer(cited(ferries, OPEN), cited(notice, "乘坐渡船应当穿救生衣。")))
    assert given(book) is not None
    library.remove(notice.id)
    assert given(book) is None


def test_a_quote_that_its_document_does_not_say_never_counts(
    book: ApprovedBook, store: QuestionStore, library: Library, ferries: Document
) -> None:
    forged = replace(cited(ferries, OPEN), quote="渡口昼夜开放，无需许可。再加几个字")
    approve(store, ASKED, answer(forged))
    assert given(book) is None
    assert book.confirmed() == ()
    assert lapse(answer(forged), library, TODAY) is Lapse.SOURCE_CHANGED


def test_the_search_learns_from_answers_and_confirmations_and_from_nobody_else(
    book: ApprovedBook, store: QuestionStore, ferries: Document
) -> None:
    record(store, line("办证收钱吗？", answered=True, citations=(cited(ferries, OPEN),)))
    give_feedback(store, line("办证收钱吗？").ticket, Feedback(NOW, None, Verdict.USEFUL, ""))
    book.follow()
    assert book.confirmed() == ()
    approve(store, ASKED, answer(cited(ferries, OPEN)))
    approve(store, "办证收钱吗？", confirmation(cited(ferries, "不收取费用")))
    book.follow()
    learned = {one.question: one.passages for one in book.confirmed()}
    assert set(learned) == {ASKED, "办证收钱吗？"}
    for question, words in ((ASKED, OPEN), ("办证收钱吗？", "不收取费用")):
        ((document_id, number),) = learned[question]
        passage = ferries.passages[number]
        assert document_id == ferries.id
        assert words in ferries.source[passage.start : passage.end]


def test_the_same_lessons_are_the_same_object_until_something_changes(
    book: ApprovedBook, store: QuestionStore, ferries: Document
) -> None:
    approve(store, ASKED, answer(cited(ferries, OPEN)))
    book.follow()
    first = book.confirmed()
    record(store, line("别的问题是什么？", at=NOW + timedelta(minutes=1)))
    book.follow()
    assert book.confirmed() is first
