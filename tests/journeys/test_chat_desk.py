"""A day at the desk as a transcript of one chat: ask, look up, issue, check, object, see tasks – and what others get.

The city of Yunting, its units, members, companies and documents are fictional.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import icalendar
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import clock, rooms
from bot.actions.checking import Published
from bot.actions.chosen import Rooms, actions
from bot.actions.issuing_room import Here
from bot.actions.said import Reply
from bot.answering import Answering
from bot.assistant.answer import Role, Turn
from bot.channels.messages import Attachment, Incoming, Platform
from bot.channels.messaging import Messaging, fetching
from bot.channels.reception import Reception, ReceptionSettings
from bot.post.duties import Duties
from bot.post.office import open_messages
from bot.post.remembering import Memory
from bot.settings import Home
from index.directory.store import Directory
from index.rules.offices import copy_profile
from tests.bot.channels.conftest import POLICIES
from tests.bot.channels.simulated import Arrived
from tests.bot.channels.wecom_robot_socket_server import WecomRobotSocketServer
from tests.bot.channels.wecom_server import CORP, WecomServer
from tests.index.records.samples import COMPANY, PENALTY_ROW, penalty, subject, write_csv
from tests.journeys.conftest import Chenghe
from verify.documents.reading import read

DOCUMENT = PENALTY_ROW["CF_WSH"]
TENANT = CORP
STAFF = [
    {
        "工号": "S001", "姓名": "王示例", "单位": "市生态环境局", "角色": "查询记录、代开报告、受理异议和修复",
        "办理事项": "招标投标、行政审批", f"企业微信账号（{TENANT}）": "wang",
    },
    {
        "工号": "S002", "姓名": "赵示例", "单位": "市税务局", "角色": "", "办理事项": "",
        f"企业微信账号（{TENANT}）": "zhao",
    },
]  # fmt: skip
PLAN = """云汀市示例信用工作方案（虚构）
一、加强示例归集
每月归集一次示例数据。（责任单位：市生态环境局；市税务局，2099年12月底前完成）
"""


@dataclass
class Chat:
    """What one account says, as the post office would hand it on; it keeps what the post office keeps."""

    answering: Answering
    sender: str
    group: bool = False
    memory: Memory = field(default_factory=Memory)
    said: int = 0
    sent: dict[str, bytes] = field(default_factory=dict)

    async def reply(self, text: str, **files: bytes) -> Reply:
        self.said += 1
        attachments = tuple(Attachment(name, {"id": name}) for name in files)
        FILES.update(files)
        incoming = Incoming(
            "desk", Platform.WECOM, f"{self.sender}{self.said}", TENANT, self.sender, self.sender, self.group, text,
            clock.now(), attachments=attachments,
        )  # fmt: skip
        reply = await self.answering.answer(incoming, self.memory)
        turns = (*self.memory.turns, Turn(Role.USER, text), Turn(Role.ASSISTANT, reply.text))
        self.memory = Memory(turns[-12:], reply.pending, reply.holder)
        return reply

    async def told(self, text: str, **files: bytes) -> str:
        reply = await self.reply(text, **files)
        return "\n".join((reply.text, *reply.blocks))


FILES: dict[str, bytes] = {}


async def fetched(incoming: Incoming, attachment: Attachment) -> bytes:
    return FILES[attachment.place["id"]]


async def in_thread(work: Callable[[], object]) -> object:
    return await asyncio.to_thread(work)


@pytest.fixture
def home(chenghe: Chenghe, tmp_path: Path) -> Home:
    """Yunting with its policies, one company with a penalty, and two members."""
    home = Home(tmp_path / "home")
    copy_profile("yunting", home.office)
    (tmp_path / "示例方案.txt").write_text(PLAN, encoding="utf-8")
    for command in (
        ("policies", "add", *sorted(POLICIES.iterdir()), tmp_path / "示例方案.txt"),
        ("subjects", "import", write_csv(tmp_path / "s.csv", [subject()])),
        ("records", "import", write_csv(tmp_path / "r.csv", [penalty(KZ_YZCD="严重")])),
        ("staff", "import", write_csv(tmp_path / "staff.csv", STAFF)),
    ):
        said = chenghe(*command)
        assert said.status == 0, said.err
    return home


@pytest.fixture
async def answering(home: Home) -> AsyncIterator[Answering]:
    reception = Reception(ReceptionSettings(home.library, home.search, home.questions, clock.now))
    await reception.open()
    engine = rooms.store(home)
    published = Published(home.public, clock.now, read)
    messages = open_messages(home.messages)
    room = Here(rooms.issuing(home), clock.now)
    known = Rooms(rooms.office(home), reception.library, engine, room, published, Duties(messages))
    yield Answering(
        directory=Directory(engine),
        actions=actions(known),
        ask=reception.answer,
        in_thread=in_thread,  # type: ignore[arg-type]
        fetch=fetched,
        clock=clock.now,
    )
    await reception.close()
    engine.dispose()
    messages.dispose()


def audit(home: Home) -> list[tuple[str, str, str, str]]:
    with sqlite3.connect(home.database) as connection:
        return connection.execute("SELECT action, target, actor, purpose FROM audit ORDER BY id").fetchall()


async def test_a_day_at_the_desk(answering: Answering, home: Home, chenghe: Chenghe) -> None:
    wang = Chat(answering, "wang")

    # A question of policy is answered from the texts, in the midst of everything else.
    assert "有效" in await wang.told("专用信用报告多长时间内有效？")

    # 查一下: matter and purpose once, then the masked minimum.
    assert "1. 招标投标" in await wang.told(f"查一下{COMPANY.lower()}")
    assert "请说明用途" in await wang.told("1")
    told = await wang.told("核实示例项目投标资格")
    assert DOCUMENT in told
    assert "张三" not in told
    resembling = await wang.told("查云汀示例环保的记录")
    assert COMPANY in resembling
    assert DOCUMENT not in resembling
    assert DOCUMENT in await wang.told("1")

    # A report for the visitor at the desk.
    await wang.told(f"给{COMPANY}开一份近三年的报告")
    assert "请确认签发" in await wang.told("营业执照、经办人身份证")
    issued = await wang.reply("确认")
    assert issued.file is not None
    number = issued.file.name.partition(".")[0]

    # The bank beside the desk checks it: the same file, sent in chat by somebody nobody knows.
    stranger = Chat(answering, "bank")
    checked = await stranger.told("", **{issued.file.name: issued.file.content})
    assert checked.startswith("【有效】")
    assert number in checked
    assert "没有登记为工作人员" in await stranger.told(f"查一下{COMPANY}")

    # A file in the midst of a look-up is checked, and the look-up goes on.
    zhu = Chat(answering, "wang")
    await zhu.told("换事项")
    assert "1. 招标投标" in await zhu.told(f"查一下{COMPANY}")
    assert (await zhu.told("", **{issued.file.name: issued.file.content})).startswith("【有效】")
    assert "请说明用途" in await zhu.told("2")
    assert "已取消" in await zhu.told("取消")

    # The company objects; its number and deadline; the desk commands see the same case.
    for text in (f"对{COMPANY}提异议", "1", "该处罚决定已被撤销（示例）", "经办人孙示例，营业执照"):
        await wang.told(text)
    told = await wang.told("确认")
    (case,) = chenghe("objections", "list", "--json").json
    assert case["number"] in told
    assert case["unit"] in told
    assert (case["due_on"] is not None) == ("答复时限" in told)

    # The unit's tasks: the text's, and the objection that has just come.
    tasks = await wang.reply("我们单位有哪些任务和期限")
    listed = "\n".join(tasks.blocks)
    assert "加强示例归集" in listed
    assert case["number"] in listed
    assert tasks.file is not None
    events = icalendar.Calendar.from_ical(tasks.file.content).walk("VEVENT")
    assert "2099-12-31" in {event.decoded("dtstart").isoformat() for event in events}

    # Revoked by the office: the next check says so.
    assert chenghe("report", "revoke", number, "--reason", "示例").status == 0
    assert (await stranger.told("", **{issued.file.name: issued.file.content})).startswith("【已撤销】")

    # In a group, and without the role, nothing – and every read and refusal has its line.
    group = Chat(answering, "wang", group=True)
    assert "群聊里不查询记录" in await group.told(f"查一下{COMPANY}")
    assert "没有“查询记录”权限" in await Chat(answering, "zhao").told(f"查一下{COMPANY}")
    lines = audit(home)
    reads = [line for line in lines if line[0] == "records.list" and line[3] == "核实示例项目投标资格"]
    assert {line[1:3] for line in reads} == {(COMPANY, "王示例（S001）")}
    assert len(reads) == 2
    refused = [line[2] for line in lines if line[0] == "access.denied"]
    assert refused == [f"未登记账号（wecom:{TENANT}/bank）", "王示例（S001）", "赵示例（S002）"]


@dataclass
class Wecom:
    """The same office on a platform: signed and sealed messages in, texts within its limit and files out."""

    server: WecomServer | WecomRobotSocketServer
    messaging: Messaging
    heard: int = 0

    async def told(self, text: str, file: tuple[str, bytes] | None = None) -> list[Arrived]:
        """What arrives upon a message, until the post office has nothing left to answer or to send."""
        assert await self.server.say(text, member="wang", file=file) == 200
        async with asyncio.timeout(120):
            while len(self.server.arrived) == self.heard:
                await asyncio.sleep(0.02)
            while (counts := await self.messaging.office.counts()).waiting or counts.unsent:
                await asyncio.sleep(0.02)
        arrived, self.heard = self.server.arrived[self.heard :], len(self.server.arrived)
        return arrived


@pytest.fixture(params=[WecomServer, WecomRobotSocketServer])
async def wecom(answering: Answering, home: Home, request: pytest.FixtureRequest) -> AsyncIterator[Wecom]:
    """As an application, and as a smart robot by long connection."""
    server = request.param()
    channel = server.channel()
    app = web.Application()
    on_platform = replace(answering, fetch=fetching([channel]))
    messaging = Messaging([channel], home.messages, on_platform.answer, clock.now)
    messaging.mount(app)
    async with TestServer(app) as ours:
        await server.connect(app, str(ours.make_url("")).rstrip("/"))
        yield Wecom(server, messaging)
    await server.close()


async def test_the_desk_works_through_a_platform(wecom: Wecom) -> None:
    (asked,) = await wecom.told(f"查一下{COMPANY}")
    assert "1. 招标投标" in asked.text
    await wecom.told("1")
    shown = await wecom.told("核实示例项目投标资格")
    assert DOCUMENT in "".join(each.text for each in shown)

    await wecom.told(f"给{COMPANY}开一份近三年的报告")
    await wecom.told("营业执照")
    issued = await wecom.told("确认")
    (file,) = [each for each in issued if each.file]
    assert file.content.startswith(b"%PDF")

    checked = await wecom.told("", (str(file.file), file.content))
    assert checked[0].text.startswith("【有效】")


async def test_a_question_in_the_midst_of_a_dialogue_is_answered_and_ends_it(answering: Answering) -> None:
    wang = Chat(answering, "wang")
    await wang.told(f"给{COMPANY}开近三年的报告")
    assert wang.memory.pending is not None
    assert "有效" in await wang.told("专用信用报告多长时间内有效？")
    assert wang.memory.pending is None
    assert "2026年6月2日" in await wang.told("2026年5月6日起20个工作日是哪天")


async def test_an_account_that_is_given_to_somebody_else_inherits_nothing(
    answering: Answering, home: Home, chenghe: Chenghe, tmp_path: Path
) -> None:
    wang = Chat(answering, "wang")
    assert "可以显示的记录" in await wang.told(f"查一下{COMPANY}，事项：招标投标，用途：核实示例项目投标资格")
    await wang.told(f"给{COMPANY}开近三年的报告")
    assert "请确认签发" in await wang.told("营业执照")

    # The account goes to Zhao, who has the same roles and matters now.
    account = f"企业微信账号（{TENANT}）"
    zhao = STAFF[0] | {"工号": "S002", "姓名": "赵示例", account: "wang"}
    said = chenghe("staff", "import", write_csv(tmp_path / "moved.csv", [STAFF[0] | {account: ""}, zhao]))
    assert said.status == 0, said.err
    assert "已签发" not in await wang.told("确认")
    assert "请先说明为哪个事项" in await wang.told(f"查一下{COMPANY}")
    await wang.told("取消")

    # And back to Wang: what he stated was stated with another entry in the directory.
    said = chenghe("staff", "import", write_csv(tmp_path / "back.csv", [STAFF[0], zhao | {account: "zhao"}]))
    assert said.status == 0, said.err
    assert "请先说明为哪个事项" in await wang.told(f"查一下{COMPANY}")
    with closing(sqlite3.connect(home.database)) as connection:
        assert connection.execute("SELECT count(*) FROM ledger").fetchone() == (0,)


async def test_a_role_that_is_changed_ends_the_dialogue_and_asks_for_the_purpose_again(
    answering: Answering, home: Home, chenghe: Chenghe, tmp_path: Path
) -> None:
    wang = Chat(answering, "wang")
    assert "可以显示的记录" in await wang.told(f"查一下{COMPANY}，事项：招标投标，用途：核实示例项目投标资格")
    await wang.told(f"给{COMPANY}开近三年的报告")
    fewer = STAFF[0] | {"角色": "查询记录、代开报告"}
    said = chenghe("staff", "import", write_csv(tmp_path / "fewer.csv", [fewer, *STAFF[1:]]))
    assert said.status == 0, said.err
    assert "请确认签发" not in await wang.told("营业执照")
    assert "请先说明为哪个事项" in await wang.told(f"查一下{COMPANY}")
