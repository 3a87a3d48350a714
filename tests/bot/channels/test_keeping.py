"""Answers bot/channels/keeping.py: lines wait for the log within bounds, and what is lost is said."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from bot.assistant.desk import Desk, Exchange
from bot.channels import keeping
from bot.channels.keeping import Keeper
from index.errors import OfficeError, StoreError
from index.questions.listing import entries_of
from index.questions.model import Channel, Feedback, Verdict
from index.questions.store import QuestionStore
from tests.bot.assistant.conftest import TODAY
from tests.bot.assistant.test_desk import desk as desk
from tests.bot.assistant.test_desk import troubles as troubles
from tests.index.questions.conftest import NOW


@pytest.fixture
def exchanges(desk: Desk) -> list[Exchange]:
    return [desk.ask(f"第{number}个没有的问题？", as_of=TODAY, channel=Channel.WEB) for number in range(4)]


async def test_lines_are_written_in_order_and_before_closing(desk: Desk, exchanges: list[Exchange]) -> None:
    keeper = Keeper(desk, desk.trouble)
    for exchange in exchanges:
        keeper.keep(exchange)
    await keeper.close()
    assert [entry.question for entry in entries_of(desk.store)] == [one.line.question for one in exchanges]


async def test_while_the_log_is_locked_nobody_waits_and_what_is_too_much_is_lost_and_said(
    desk: Desk,
    exchanges: list[Exchange],
    troubles: list[OfficeError],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeping, "PENDING_MAX", 2)
    monkeypatch.setattr(keeping, "CLOSING_SECONDS", 0.1)
    assert desk.keep(exchanges[0])
    keeper = Keeper(replace(desk, store=QuestionStore(tmp_path / "questions.db", wait_seconds=2.0)), desk.trouble)
    other = sqlite3.connect(tmp_path / "questions.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for exchange in exchanges[1:]:
        keeper.keep(exchange)
    assert [problem.code for problem in troubles] == ["LOG_LOST"]
    await keeper.close()
    keeper._thread.shutdown(wait=True)  # the line in flight gives up by itself
    assert sorted(problem.code for problem in troubles) == ["LOG_LOST", "LOG_LOST", "STORE_BUSY"]
    other.execute("ROLLBACK")
    other.close()
    assert [entry.asked for entry in entries_of(desk.store)] == [1]


async def test_a_reader_is_told_soon_when_their_word_cannot_be_taken(
    desk: Desk, exchanges: list[Exchange], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FEEDBACK_SECONDS", 0.1)
    assert desk.keep(exchanges[0])
    keeper = Keeper(replace(desk, store=QuestionStore(tmp_path / "questions.db", wait_seconds=2.0)), desk.trouble)
    other = sqlite3.connect(tmp_path / "questions.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    keeper.keep(exchanges[1])
    with pytest.raises(StoreError, match="正忙"):
        await keeper.take_feedback(exchanges[0].line.ticket, Feedback(NOW, None, Verdict.USEFUL, ""))
    await keeper.close()
    other.execute("ROLLBACK")
    other.close()
    (entry,) = entries_of(desk.store)
    assert entry.useful == 0
