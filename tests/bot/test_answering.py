"""Who answers a message: the action that knows it, else the texts; and what strangers get."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.actions.said import Action, Pending, Reply, Said
from bot.actions.standing import standing_of
from bot.answering import EMPTY, NOBODY, NOT_FETCHED, TOO_LONG, UNREAD, Answering, reply_of
from bot.assistant.answer import Answer, Citation
from bot.assistant.desk import Exchange
from bot.channels.messages import Attachment, Incoming, Platform, SendFailed
from bot.channels.reception import Reception, ReceptionSettings
from bot.post.remembering import Memory
from index.directory.model import Account, Role, Staff
from index.errors import AccessDenied, StoreError
from index.policies.library import Library
from index.policies.model import State, Status
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
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    Library(home / "library").add_files(sorted(POLICIES.iterdir()))
    return home


@dataclass
class Office:
    """An answering, and the exchanges it had."""

    reception: Reception
    people: People = field(default_factory=People)
    exchanges: list[Exchange] = field(default_factory=list)

    async def ask(self, *arguments: object, **named: object) -> Exchange:
        self.exchanges.append(await self.reception.answer(*arguments, **named))  # type: ignore[arg-type]
        return self.exchanges[-1]

    async def fetch(self, incoming: Incoming, attachment: Attachment) -> bytes:
        if attachment.place["id"] == "gone":
            raise SendFailed("gone", None)
        return attachment.place["id"].encode()

    async def answer(
        self,
        incoming: Incoming,
        *actions: Action,
        strangers: bool = True,
        pending: Pending | None = None,
        holder: str = "",
    ) -> Reply:
        in_thread, clock = self.reception.in_thread, self.reception.clock
        answering = Answering(self.people, actions, self.ask, in_thread, self.fetch, clock, strangers)
        return await answering.answer(incoming, Memory(pending=pending, holder=holder))


@pytest.fixture
async def office(home: Path) -> AsyncIterator[Office]:
    reception = Reception(ReceptionSettings(home / "library", home / "search", home / "questions.db", lambda: NOW))
    await reception.open()
    yield Office(reception)
    await reception.close()


def said(text: str, *, files: tuple[str, ...] = ()) -> Incoming:
    attachments = tuple(Attachment(f"{each}.png", {"id": each}) for each in files)
    return Incoming("credit", Platform.WECOM, "1", "corp", "zhang", "zhang", False, text, NOW, {}, attachments)


async def test_a_question_is_answered_from_the_texts_with_clause_and_status(office: Office) -> None:
    reply = await office.answer(said("专用信用报告多长时间内有效？"))
    assert "一个月" in reply.text or "1个月" in reply.text
    assert reply.blocks[0].startswith("依据：《")
    assert "【" in reply.blocks[0]
    assert "“" not in reply.blocks[0], "the words are in the sentence already"


def test_words_that_the_sentence_leaves_out_stand_with_their_clause() -> None:
    status = Status(State.IN_FORCE, None, None)
    citation = Citation("虚构办法", "云府〔2026〕1号", ("第三条",), "一个月内有效", "x", 0, 6, status)
    reply = reply_of(Answer("问", NOW.date(), True, "见第三条。", (citation,), ("文件将于年底失效",), ("还想问",)))
    clause = "依据：《虚构办法》（云府〔2026〕1号） 第三条【现行有效】\n“一个月内有效”"
    assert reply.blocks == (clause, "提示：文件将于年底失效")
    assert reply.suggestions == ("还想问",)


async def test_the_first_action_that_takes_a_message_answers_it(office: Office) -> None:
    one, two = Echo("查"), Echo("查一下")
    assert (await office.answer(said("查一下某公司"), one, two)).text == "查 did it"
    assert two.heard == []
    assert office.exchanges == []


async def test_who_waits_for_an_answer_is_asked_first(office: Office) -> None:
    one, two = Echo("查"), Echo("开")
    reply = await office.answer(said("查"), one, two, pending=Pending("开", {"code": "x"}))
    assert reply.text == "开 did it"
    assert one.heard == []


async def test_the_sender_is_who_the_directory_knows_by_platform_and_company(office: Office) -> None:
    echo = Echo("查")
    for account in (Account("wecom", "other", "zhang"), Account("feishu", "corp", "zhang")):
        office.people.known = {account: ZHANG}
        await office.answer(said("查"), echo)
    office.people.known = {Account("wecom", "corp", "zhang"): ZHANG}
    await office.answer(said("查"), echo)
    assert [each.caller.staff for each in echo.heard] == [None, None, ZHANG]


async def test_strangers_get_what_the_office_allows(office: Office) -> None:
    assert (await office.answer(said("查询收费吗？"), strangers=False)).text == NOBODY
    assert office.exchanges == []
    assert (await office.answer(said("查询收费吗？"), strangers=True)).text != NOBODY


async def test_everybody_is_told_his_own_account_but_not_before_others(office: Office) -> None:
    told = await office.answer(said("我的账号 "), strangers=False)
    assert told.text.startswith("您的账号：企业微信，corp，zhang；还没有登记。")
    office.people.known = {Account("wecom", "corp", "zhang"): ZHANG}
    assert "已登记为云汀市示例局的张示例" in (await office.answer(said("我的账号"))).text
    assert "zhang" not in (await office.answer(replace(said("我的账号"), group=True))).text


async def test_a_refusal_is_said_with_its_next_step(office: Office) -> None:
    assert (await office.answer(said("拒绝"), Refusing())).text == "没有权限。下一步：请找管理员。"


@pytest.mark.parametrize(("text", "line"), [("  ", EMPTY), ("字" * 501, TOO_LONG)])
async def test_what_is_no_question_is_told(office: Office, text: str, line: str) -> None:
    assert (await office.answer(said(text))).text == line


async def test_half_a_character_breaks_no_answer(office: Office) -> None:
    reply = await office.answer(said("专用信用报告\ud83d多长时间内有效？"))
    assert "一个月" in reply.text or "1个月" in reply.text
    echo = Echo("查")
    await office.answer(said("查\ud800"), echo)
    assert echo.heard[0].text == "查?"


async def test_files_come_with_the_message_and_one_that_is_gone_is_told(office: Office) -> None:
    echo = Echo("")
    await office.answer(said("", files=("a", "b")), echo)
    assert [(each.name, each.content) for each in echo.heard[0].files] == [("a.png", b"a"), ("b.png", b"b")]
    assert (await office.answer(said("", files=("a", "gone")), echo)).text == NOT_FETCHED
    assert (await office.answer(said("", files=("a",)))).text == UNREAD


WAITING = Pending("开", {"code": "x"})


async def test_who_goes_on_is_who_was_spoken_to(office: Office) -> None:
    office.people.known = {Account("wecom", "corp", "zhang"): ZHANG}
    echo = Echo("开")
    reply = await office.answer(said("确认"), echo, pending=WAITING, holder=standing_of(ZHANG))
    assert (reply.text, reply.holder) == ("开 did it", standing_of(ZHANG))
    for holder in ("", standing_of(replace(ZHANG, id="z002")), standing_of(replace(ZHANG, roles=frozenset(Role)))):
        reply = await office.answer(said("确认"), echo, pending=WAITING, holder=holder)
        assert reply.text != "开 did it"
        assert reply.holder == standing_of(ZHANG)
    assert len(echo.heard) == 1


async def test_a_stranger_goes_on_with_nothing_of_who_had_the_account(office: Office) -> None:
    echo = Echo("开")
    reply = await office.answer(said("确认"), echo, pending=WAITING, holder=standing_of(ZHANG))
    assert (echo.heard, reply.pending, reply.holder) == ([], None, "")


async def test_the_same_message_has_the_same_key_and_every_other_another(office: Office) -> None:
    echo = Echo("查")
    for incoming in (said("查"), said("查"), replace(said("查"), id="2"), replace(said("查"), app="other")):
        await office.answer(incoming, echo)
    first, again, *others = [each.key for each in echo.heard]
    assert first == again
    assert len({first, *others}) == 3
    assert {len(each.key) for each in echo.heard} == {32}


async def test_an_action_is_told_where_it_was_asked_and_by_which_account(office: Office) -> None:
    echo = Echo("查")
    await office.answer(replace(said("查"), sender="ZhangSan"), echo)
    caller = echo.heard[0].caller
    assert (caller.app, caller.channel, caller.account) == ("credit", "wecom", "wecom:corp/zhangsan")


class Busy:
    name = "开"

    def answers(self, said: Said) -> Reply | None:
        raise StoreError("数据库忙。", next_step="请稍后再试。", code="STORE_BUSY")


async def test_where_it_is_not_known_whether_it_was_done_the_dialogue_waits_for_the_same_word(office: Office) -> None:
    reply = await office.answer(said("确认"), Busy(), pending=WAITING)
    assert (reply.text, reply.pending) == ("数据库忙。下一步：请稍后再试。", WAITING)
    refused = await office.answer(said("拒绝"), Refusing(), pending=WAITING)
    assert refused.pending is None


async def test_a_directory_that_cannot_be_read_ends_no_dialogue(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(account: Account) -> Staff | None:
        raise StoreError("数据库忙。", next_step="请稍后再试。", code="STORE_BUSY")

    monkeypatch.setattr(office.people, "find", busy)
    reply = await office.answer(said("确认"), Echo("开"), pending=WAITING, holder="王")
    assert (reply.text, reply.pending, reply.holder) == ("数据库忙。下一步：请稍后再试。", WAITING, "王")


async def test_the_line_of_the_log_names_platform_and_member(office: Office) -> None:
    office.people.known = {Account("wecom", "corp", "zhang"): ZHANG}
    await office.answer(said("查询收费吗？"))
    line = office.exchanges[0].line
    assert (line.channel.value, line.actor) == ("wecom", "z001")
