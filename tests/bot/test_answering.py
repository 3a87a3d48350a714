"""Who answers a message: the action that knows it, else the texts; and what strangers get."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from bot.actions.said import Action, Pending, Reply, Said
from bot.answering import EMPTY, NOBODY, TOO_LONG, Answering
from bot.assistant.desk import Exchange
from bot.channels.messages import Incoming, Platform
from bot.channels.reception import Reception, ReceptionSettings
from index.directory.model import Account, Staff
from index.errors import AccessDenied
from index.policies.library import Library
from tests.bot.channels.conftest import NOW, POLICIES

ZHANG = Staff("z001", "张示例", "云汀市示例局")


@dataclass
class People:
    known: dict[Account, Staff] = field(default_factory=dict)

    def find(self, account: Account) -> Staff | None:
        return self.known.get(account)


@dataclass
class Echo:
    """Takes what begins with its word."""

    name: str
    heard: list[Said] = field(default_factory=list)

    def answers(self, said: Said) -> Reply | None:
        if not said.text.startswith(self.name) and not (said.pending and said.pending.action == self.name):
            return None
        self.heard.append(said)
        return Reply(f"{self.name} did it")


class Refusing:
    name = "拒绝"

    def answers(self, said: Said) -> Reply | None:
        if said.text == "拒绝":
            raise AccessDenied("没有权限。", next_step="请找管理员。")
        return None


@pytest.fixture(scope="module")
def reception(tmp_path_factory: pytest.TempPathFactory) -> Reception:
    home = tmp_path_factory.mktemp("home")
    Library(home / "library").add_files(sorted(POLICIES.iterdir()))
    return Reception(ReceptionSettings(home / "library", home / "search", home / "questions.db", lambda: NOW))


@pytest.fixture
def answering(reception: Reception) -> Callable[..., Answering]:
    def make(*actions: Action, strangers: bool = True, people: Sequence[tuple[Account, Staff]] = ()) -> Answering:
        def ask(*arguments: object, **named: object) -> Exchange:
            asked.append(named)
            return reception.exchange(*arguments, **named)  # type: ignore[arg-type]

        return Answering(People(dict(people)), actions, ask, lambda: NOW, strangers)

    asked: list[object] = []
    return make


def said(text: str, *, group: bool = False) -> Incoming:
    return Incoming("credit", Platform.WECOM, "1", "corp", "zhang", "zhang", group, text, datetime.now(NOW.tzinfo))


def test_a_question_is_answered_from_the_texts_with_clause_and_status(answering: Callable[..., Answering]) -> None:
    reply = answering().answer(said("专用信用报告多长时间内有效？"))
    assert "一个月" in reply.text or "1个月" in reply.text
    assert reply.blocks[0].startswith("依据：《")
    assert "【" in reply.blocks[0]


def test_the_first_action_that_takes_a_message_answers_it(answering: Callable[..., Answering]) -> None:
    one, two = Echo("查"), Echo("查一下")
    assert answering(one, two).answer(said("查一下某公司")).text == "查 did it"
    assert two.heard == []


def test_who_waits_for_an_answer_is_asked_first(answering: Callable[..., Answering]) -> None:
    one, two = Echo("查"), Echo("开")
    reply = answering(one, two).answer(said("查"), pending=Pending("开", {"code": "x"}))
    assert reply.text == "开 did it"
    assert one.heard == []


def test_the_sender_is_who_the_directory_knows_by_platform_and_company(answering: Callable[..., Answering]) -> None:
    echo = Echo("查")
    answering(echo, people=[(Account("wecom", "corp", "zhang"), ZHANG)]).answer(said("查"))
    answering(echo, people=[(Account("wecom", "other", "zhang"), ZHANG)]).answer(said("查"))
    answering(echo, people=[(Account("feishu", "corp", "zhang"), ZHANG)]).answer(said("查"))
    assert [each.caller.staff for each in echo.heard] == [ZHANG, None, None]


def test_strangers_get_what_the_office_allows(answering: Callable[..., Answering]) -> None:
    assert answering(strangers=False).answer(said("查询收费吗？")).text == NOBODY
    assert answering(strangers=True).answer(said("查询收费吗？")).text != NOBODY


def test_a_refusal_is_said_with_its_next_step(answering: Callable[..., Answering]) -> None:
    assert answering(Refusing()).answer(said("拒绝")).text == "没有权限。下一步：请找管理员。"


@pytest.mark.parametrize(("text", "line"), [("  ", EMPTY), ("字" * 501, TOO_LONG)])
def test_what_is_no_question_is_told(answering: Callable[..., Answering], text: str, line: str) -> None:
    assert answering().answer(said(text)).text == line


def test_the_line_of_the_log_names_platform_and_member(reception: Reception, tmp_path: Path) -> None:
    seen: list[Exchange] = []

    def ask(*arguments: object, **named: object) -> Exchange:
        seen.append(reception.exchange(*arguments, **named))  # type: ignore[arg-type]
        return seen[-1]

    people = People({Account("wecom", "corp", "zhang"): ZHANG})
    Answering(people, (), ask, lambda: NOW).answer(said("查询收费吗？"))
    assert (seen[0].line.channel.value, seen[0].line.actor) == ("wecom", "z001")
