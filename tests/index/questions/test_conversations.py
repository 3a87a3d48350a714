"""Answers index/questions/conversations.py: a member's own conversations, and putting one away."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from index.calendar import SHANGHAI
from index.errors import UnknownQuestion
from index.questions.conversations import conversation_of, conversations_by, record_act, remove
from index.questions.log import purge, record
from index.questions.model import Act, Asking, Channel
from index.questions.store import QuestionStore
from tests.index.questions.conftest import NOW, line

ONE, TWO = "a" * 32, "b" * 32


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def asked(store: QuestionStore, text: str, minutes: int, conversation: str | None = ONE, actor: str = "E001") -> str:
    said = line(text, at=later(minutes), actor=actor, conversation=conversation)
    record(store, said)
    return said.ticket


def wished(store: QuestionStore, text: str, minutes: int, actor: str = "E001", conversation: str = ONE) -> None:
    record_act(store, Act(later(minutes), Channel.WEB, actor, conversation, "looking_up", text))


def said(store: QuestionStore, name: str, actor: str = "E001") -> list[str]:
    found = conversation_of(store, actor, name)
    return [each.line.question if isinstance(each, Asking) else each.text for each in found]


def test_conversations_are_listed_by_their_last_word_with_what_they_began_with(store: QuestionStore) -> None:
    asked(store, "第一问？", 0)
    asked(store, "另一次的问题？", 1, TWO)
    wished(store, "查一下甲公司的记录", 2)
    first, second = conversations_by(store, "E001", limit=10)
    assert (first.id, first.first, first.turns, first.began_at, first.last_at) == (ONE, "第一问？", 2, NOW, later(2))
    assert (second.id, second.first, second.turns) == (TWO, "另一次的问题？", 1)
    assert said(store, ONE) == ["第一问？", "查一下甲公司的记录"]


def test_an_asking_without_a_conversation_is_one_by_its_ticket_and_can_be_gone_on_with(store: QuestionStore) -> None:
    ticket = asked(store, "在企业微信问的？", 0, None)
    asked(store, "接着问的？", 1, ticket)
    (only,) = conversations_by(store, "E001", limit=10)
    assert (only.id, only.turns) == (ticket, 2)
    assert said(store, ticket) == ["在企业微信问的？", "接着问的？"]


def test_the_list_goes_on_before_a_moment(store: QuestionStore) -> None:
    for minute in range(5):
        asked(store, f"第{minute}问？", minute, f"{minute}" * 32)
    first = conversations_by(store, "E001", limit=2)
    assert [each.first for each in first] == ["第4问？", "第3问？"]
    rest = conversations_by(store, "E001", limit=9, before=first[-1].last_at)
    assert [each.first for each in rest] == ["第2问？", "第1问？", "第0问？"]


def test_nobody_finds_or_puts_away_what_another_said_under_the_same_name(store: QuestionStore) -> None:
    asked(store, "我的？", 0)
    wished(store, "别人的", 1, actor="E002")
    assert said(store, ONE) == ["我的？"]
    remove(store, "E002", ONE, later(2))
    assert said(store, ONE) == ["我的？"]
    for name in (TWO, ""):
        with pytest.raises(UnknownQuestion):
            conversation_of(store, "E001", name)
        with pytest.raises(UnknownQuestion):
            remove(store, "E001", name, NOW)


def test_what_was_put_away_is_gone_and_what_is_said_later_is_there(store: QuestionStore) -> None:
    asked(store, "放下的？", 0)
    wished(store, "放下的事", 1)
    remove(store, "E001", ONE, later(2))
    assert conversations_by(store, "E001", limit=10) == ()
    with pytest.raises(UnknownQuestion):
        conversation_of(store, "E001", ONE)
    asked(store, "后来的？", 3)
    (again,) = conversations_by(store, "E001", limit=10)
    assert (again.first, again.turns, again.began_at) == ("后来的？", 1, later(3))
    assert said(store, ONE) == ["后来的？"]


def test_personal_numbers_are_masked_before_a_wish_is_stored(store: QuestionStore, tmp_path: Path) -> None:
    wished(store, "查一下，用途：核实320902199001011234", 0)
    store.close()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "home").glob("questions.db*"))
    assert b"320902199001011234" not in stored


def test_a_purge_takes_wishes_and_removals_too(store: QuestionStore) -> None:
    old = datetime(2025, 1, 10, 9, 0, tzinfo=SHANGHAI)
    record_act(store, Act(old, Channel.WEB, "E001", ONE, "tasks", "我的任务"))
    record_act(store, Act(old, Channel.WEB, "E001", TWO, "tasks", "我的任务"))
    remove(store, "E001", TWO, old)
    purge(store, before=date(2025, 2, 1), by="王某", now=NOW)
    assert conversations_by(store, "E001", limit=10) == ()


def test_a_log_that_is_not_there_has_no_conversations(store: QuestionStore, tmp_path: Path) -> None:
    assert conversations_by(store, "E001", limit=10) == ()
    with pytest.raises(UnknownQuestion):
        conversation_of(store, "E001", ONE)
    assert not (tmp_path / "home").exists()
