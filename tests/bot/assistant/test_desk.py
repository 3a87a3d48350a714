"""Answers bot/assistant/desk.py: an approved answer first, else the assistant; the log never in the way."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.assistant.answer import Role, Turn
from bot.assistant.desk import Desk
from index.errors import OfficeError
from index.questions.approving import approve, retract
from index.questions.book import ApprovedBook
from index.questions.listing import askings_of, entries_of
from index.questions.model import Channel
from index.questions.store import QuestionStore
from tests.bot.assistant.conftest import PORT_RULES, TODAY, assistant_over
from tests.index.questions.conftest import NOW, answer, cited

QUESTION = "渡船上能不能带自行车？"


@pytest.fixture
def troubles() -> list[OfficeError]:
    return []


@pytest.fixture
def desk(tmp_path: Path, troubles: list[OfficeError]) -> Iterator[Desk]:
    assistant, library, backend = assistant_over({"ports": PORT_RULES}, tmp_path)
    store = QuestionStore(tmp_path / "questions.db")
    tickets = (f"ticket-{number:020}" for number in range(100))
    with backend:
        yield Desk(
            assistant=assistant,
            library=library,
            book=ApprovedBook(store, library),
            store=store,
            clock=lambda: NOW,
            ticket=lambda: next(tickets),
            version="chenghe test",
            trouble=troubles.append,
        )
    store.close()


def approved(desk: Desk, question: str = QUESTION) -> None:
    (document,) = desk.library.documents()
    approve(desk.store, question, answer(cited(document, "渡船每年检验一次。"), text="可以，先到先上。"))


def test_what_is_asked_is_kept_with_what_was_answered(desk: Desk) -> None:
    context = (Turn(Role.USER, "渡口许可证有效期多长？"), Turn(Role.ASSISTANT, "三年。"))
    exchange = desk.ask("办理渡口许可要钱吗？", as_of=TODAY, channel=Channel.WEB, context=context, actor="工号7")
    assert desk.keep(exchange)
    (entry,) = entries_of(desk.store)
    (asking,) = askings_of(desk.store, entry.number, 5)
    assert asking.line == exchange.line
    assert (asking.line.turns, asking.line.actor, asking.line.as_of) == (2, "工号7", TODAY)
    assert asking.line.answer == exchange.answer.answer
    assert [one.quote for one in asking.line.citations] == [one.quote for one in exchange.answer.citations]


def test_an_approved_answer_comes_first_and_says_whose_word_it_is(desk: Desk) -> None:
    assert not desk.ask(QUESTION, as_of=TODAY, channel=Channel.WEB).answer.answered
    approved(desk)
    exchange = desk.ask("请问渡船上可以带自行车吗", as_of=TODAY, channel=Channel.WEB)
    assert exchange.line.approval is not None
    lines = exchange.answer.answer.split("\n")
    assert lines[0] == "经办人审核的答复（审核人：王某，2026年11月22日）：可以，先到先上。"
    assert "不是文件原文" in lines[1]
    assert "“渡船每年检验一次。”" in lines[2]
    (citation,) = exchange.answer.citations
    assert citation.quote == "渡船每年检验一次。"
    assert citation.heading[-1] == "第六条"
    assert list(exchange.answer.to_json()) == [
        "question", "as_of", "answered", "answer", "citations", "notices", "suggestions", "elapsed_ms"
    ]  # fmt: skip
    assert not desk.ask(QUESTION, as_of=date(2030, 3, 1), channel=Channel.WEB).answer.answered


def test_a_refusal_names_near_questions_with_an_approved_answer_but_not_their_answers(desk: Desk) -> None:
    approved(desk)
    answer = desk.ask("渡船上能不能带三轮自行车？", as_of=TODAY, channel=Channel.WEB).answer
    assert not answer.answered
    assert answer.suggestions[0] == f"已有审核答复的相近问题（不是您所问的）：{QUESTION}"
    assert "先到先上" not in answer.answer + "".join(answer.suggestions)
    expired = desk.ask("渡船上能不能带三轮自行车？", as_of=date(2030, 3, 1), channel=Channel.WEB).answer
    assert not any("已有审核答复" in suggestion for suggestion in expired.suggestions)
    other = desk.ask("食堂几点开饭？", as_of=TODAY, channel=Channel.WEB).answer
    assert other.suggestions == ()


def test_a_day_named_in_the_question_decides_whether_the_approved_answer_stands(desk: Desk) -> None:
    approved(desk)
    given = desk.ask(f"2027年5月1日的时候，{QUESTION}", as_of=TODAY, channel=Channel.WEB)
    assert given.line.approval is not None
    assert given.answer.as_of == given.line.as_of == date(2027, 5, 1)
    assert given.answer.notices == ("按2027年5月1日的情况作答。",)
    assert desk.ask(f"2031年5月1日的时候，{QUESTION}", as_of=TODAY, channel=Channel.WEB).line.approval is None


def test_small_talk_is_kept_as_such(desk: Desk) -> None:
    assert desk.ask("您好，谢谢！", as_of=TODAY, channel=Channel.WEB).line.small_talk
    assert not desk.ask(QUESTION, as_of=TODAY, channel=Channel.WEB).line.small_talk


def test_a_follow_up_made_whole_is_kept_and_known_by_its_whole_words(desk: Desk) -> None:
    context = (Turn(Role.USER, "渡船每年检验几次？"), Turn(Role.ASSISTANT, "一次。"))
    whole = desk.ask("它由谁检验？", as_of=TODAY, channel=Channel.WEB, context=context).line.whole
    assert whole != "它由谁检验？"
    assert "渡船" in whole
    approved(desk, whole)
    assert desk.ask("它由谁检验？", as_of=TODAY, channel=Channel.WEB, context=context).line.approval is not None
    assert desk.ask("它由谁检验？", as_of=TODAY, channel=Channel.WEB).line.approval is None


def test_in_a_conversation_short_words_are_not_taken_for_the_approved_question(desk: Desk) -> None:
    approved(desk, "收费吗？")
    context = (Turn(Role.USER, "渡口许可证有效期多长？"),)
    alone = desk.ask("收费吗？", as_of=TODAY, channel=Channel.WEB)
    assert alone.line.approval is not None
    assert desk.ask("收费吗？", as_of=TODAY, channel=Channel.WEB, context=context).line.approval is None


def test_a_log_that_fails_is_said_and_never_stops_an_answer(
    desk: Desk, troubles: list[OfficeError], tmp_path: Path
) -> None:
    (tmp_path / "questions.db").write_bytes(b"no database" * 1000)
    exchange = desk.ask("办理渡口许可要钱吗？", as_of=TODAY, channel=Channel.TERMINAL)
    assert exchange.answer.answered
    assert not desk.keep(exchange)
    assert [problem.code for problem in troubles] == ["STORE_ERROR", "STORE_ERROR"]


def test_a_typing_error_in_the_approved_question_is_mended_and_said(desk: Desk) -> None:
    approved(desk, "渡口许可证丢了怎么办？")
    exchange = desk.ask("渡口许克证丢了怎么办", as_of=TODAY, channel=Channel.WEB)
    assert exchange.line.approval is not None
    assert any("您输入的是" in notice for notice in exchange.answer.notices)
    assert desk.keep(exchange)
    (entry,) = entries_of(desk.store)
    assert (entry.question, entry.asked) == ("渡口许可证丢了怎么办？", 1)


def test_a_question_whose_approved_answer_is_taken_back_waits_for_an_expert_again(desk: Desk) -> None:
    approved(desk)
    assert desk.keep(desk.ask(QUESTION, as_of=TODAY, channel=Channel.WEB))
    (entry,) = entries_of(desk.store)
    assert entry.answered is True
    retract(desk.store, entry.number, by="李某", at=NOW, reason="口径已变")
    (entry,) = entries_of(desk.store)
    assert entry.answered is False
