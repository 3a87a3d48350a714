"""Every channel on its platform's simulator, with the post office of ``chenghe serve``: receive → should send.

One behaviour on every platform; what a platform does not have (groups, files) its simulator says, and is passed over.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.actions.said import Reply
from bot.channels.configuring import KINDS
from bot.channels.messages import Channel, Incoming, OutFile
from bot.channels.messaging import Messaging, fetching
from bot.post.remembering import Memory
from tests.bot.channels.dingtalk_server import DingTalkServer, DingTalkStreamServer
from tests.bot.channels.feishu_server import FeishuServer
from tests.bot.channels.feishu_socket_server import FeishuSocketServer
from tests.bot.channels.simulated import Arrived, Simulated
from tests.bot.channels.wechat_server import WechatServer
from tests.bot.channels.wecom_robot_server import WecomRobotServer
from tests.bot.channels.wecom_robot_socket_server import WecomRobotSocketServer
from tests.bot.channels.wecom_server import WecomServer
from verify.validity import SHANGHAI

SIMULATED: dict[str, Callable[[], Simulated]] = {
    "wecom": WecomServer,
    "wecom-robot": WecomRobotServer,
    "wecom-robot-socket": WecomRobotSocketServer,
    "wechat": lambda: WechatServer(quota=1000),  # five are too few for the longest answer
    "dingtalk": DingTalkServer,
    "dingtalk-stream": DingTalkStreamServer,
    "feishu": FeishuServer,
    "feishu-socket": FeishuSocketServer,
}
SIGNATURES = ("msg_signature", "signature", "sign", "X-Lark-Signature")
ONLY_ADDRESSED = ("wecom-robot", "wecom-robot-socket")
"""Where the platform itself hands on nothing else from a group."""
CONNECTED = ("wecom-robot-socket", "dingtalk-stream", "feishu-socket")
SENTENCE = "专用信用报告自签发之日起一个月内有效，过期的请重新开具。"


@dataclass
class Posted:
    """What the platform sent to our callback."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Running:
    kind: str
    platform: Simulated
    channel: Channel
    origin: str
    asked: list[Incoming] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)

    @property
    def long(self) -> str:
        """Two and a half times what fits."""
        return SENTENCE * (5 * self.channel.limits.text_bytes // 2 // len(SENTENCE.encode()))

    async def greeted(self) -> None:
        """Once the platform reaches us, as if nothing had been said yet."""
        async with asyncio.timeout(60):
            while await self.platform.say("在吗", member="nobody", id="10000") != 200:
                await asyncio.sleep(0.05)
        await self.arrived(1)
        for each in (self.platform.arrived, self.asked, self.posted):
            each.clear()

    async def arrived(self, count: int) -> list[Arrived]:
        """So many messages, and no more within a moment."""
        async with asyncio.timeout(60):
            while len(self.platform.arrived) < count:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        return list(self.platform.arrived)


@pytest.fixture(params=SIMULATED)
async def running(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Running]:
    platform = SIMULATED[request.param]()
    channel = platform.channel()
    running = Running(request.param, platform, channel, "")
    fetch = fetching([channel])

    async def answer(incoming: Incoming, memory: Memory) -> Reply:
        running.asked.append(incoming)
        if incoming.attachments:
            content = await fetch(incoming, incoming.attachments[0])
            return Reply("收到了文件。", file=OutFile("回执.pdf", content[::-1]))
        return Reply(running.long if incoming.text == "长" else f"答：{incoming.text}")

    app = web.Application()
    Messaging([channel], tmp_path / "messages.db", answer, _now).mount(app)
    async with TestServer(app) as ours, TestServer(_overhearing(running)) as front:
        running.origin = str(ours.make_url("")).rstrip("/")
        await platform.connect(app, str(front.make_url("")).rstrip("/"))
        if request.param in CONNECTED:
            await running.greeted()
        yield running
    await platform.close()


def _overhearing(running: Running) -> web.Application:
    """A proxy between the platform and us that notes what is posted."""

    async def passed_on(asked: web.Request) -> web.StreamResponse:
        body = await asked.read()
        headers = {key: value for key, value in asked.headers.items() if key not in ("Host", "Content-Length")}
        if asked.method == "POST":
            running.posted.append(Posted(asked.path, dict(asked.query), headers, body))
        url = URL(running.origin + asked.raw_path, encoded=True)
        async with (
            aiohttp.ClientSession() as session,
            session.request(asked.method, url, headers=headers, data=body or None) as told,
        ):
            return web.Response(status=told.status, body=await told.read(), content_type=told.content_type)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", passed_on)
    return app


def _now() -> datetime:
    return datetime.now(SHANGHAI)


def test_every_kind_has_a_simulator() -> None:
    assert SIMULATED.keys() == KINDS.keys()


async def test_a_question_is_acknowledged_and_answered_where_it_was_asked(running: Running) -> None:
    assert await running.platform.say("报告多久有效？", member="zhang") == 200
    (arrived,) = await running.arrived(1)
    (asked,) = running.asked
    assert (arrived.text, arrived.conversation) == ("答：报告多久有效？", asked.conversation)
    assert (asked.text, asked.group, asked.platform) == ("报告多久有效？", False, running.platform.platform)
    assert asked.app == running.channel.app


async def test_two_members_are_two_and_each_gets_their_own_answers_in_order(running: Running) -> None:
    for words in ("一", "二", "三"):
        for member in ("zhang", "li"):
            assert await running.platform.say(words, member=member) == 200
    arrived = await running.arrived(6)
    assert len({each.sender for each in running.asked}) == 2
    conversations = {each.conversation for each in arrived}
    assert conversations == {each.conversation for each in running.asked}
    for conversation in conversations:
        assert [each.text for each in arrived if each.conversation == conversation] == ["答：一", "答：二", "答：三"]


async def test_a_message_that_comes_again_is_answered_once(running: Running) -> None:
    for _ in range(3):
        assert await running.platform.say("你好", id="10001") == 200
    assert len(await running.arrived(1)) == 1
    assert len(running.asked) == 1


async def test_a_group_is_answered_only_when_the_robot_is_addressed(running: Running) -> None:
    addressed = "" if running.kind in ONLY_ADDRESSED else "@诚核 "
    try:
        if addressed:
            assert await running.platform.say("大家好", group="office") == 200
        assert await running.platform.say(f"{addressed}报告多久有效？", group="office") == 200
    except NotImplementedError:
        pytest.skip("no groups there")
    (arrived,) = await running.arrived(1)
    (asked,) = running.asked
    assert (asked.text, asked.group) == ("报告多久有效？", True)
    assert "答：报告多久有效？" in arrived.text


async def test_a_long_answer_comes_in_numbered_pieces_that_fit(running: Running) -> None:
    assert await running.platform.say("长") == 200
    if running.channel.limits.one_answer:
        (arrived,) = await running.arrived(1)
        assert arrived.text.count(SENTENCE) > 100
        assert "还有 2 段" in arrived.text
        assert len(arrived.text.encode()) <= running.channel.limits.text_bytes
        return
    limit, sentences = running.channel.limits.text_bytes, running.long.count(SENTENCE)
    async with asyncio.timeout(60):
        while sum(each.text.count(SENTENCE) for each in running.platform.arrived) < sentences:
            await asyncio.sleep(0.05)
    texts = [each.text for each in await running.arrived(3)]
    assert all(len(text.encode()) <= limit for text in texts)
    assert all(f"（{number}/{len(texts)}）" in text for number, text in enumerate(texts, start=1))
    assert sum(text.count(SENTENCE) for text in texts) == sentences


async def test_a_failing_platform_gets_every_answer_once(running: Running) -> None:
    running.platform.fail(0.3)
    for number in range(8):
        await running.platform.say(f"问题{number}", member=f"member{number}", id=f"2000{number}")
    arrived = await running.arrived(8)
    assert sorted(each.text for each in arrived) == [f"答：问题{number}" for number in range(8)]


async def test_what_is_not_signed_by_the_platform_is_refused(running: Running) -> None:
    await running.platform.say("你好")
    await running.arrived(1)
    if not running.posted:
        pytest.skip("nothing is posted to us: we have connected to the platform")
    posted = running.posted[0]
    name = next(each for each in SIGNATURES if each in posted.query or each in posted.headers)
    for wrong in ("", "0" * 64, "签", _changed((posted.query | posted.headers)[name])):
        query = posted.query | ({name: wrong} if name in posted.query else {})
        headers = posted.headers | ({name: wrong} if name in posted.headers else {})
        assert await _post(running.origin + posted.path, query, headers, posted.body) in (400, 403)
    assert await _post(f"{running.origin}/channels/unknown", posted.query, posted.headers, posted.body) == 404
    assert len(running.asked) == 1


def _changed(signature: str) -> str:
    return ("1" if signature[0] == "0" else "0") + signature[1:]


async def _post(url: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, params=query, headers=headers, data=body) as told:
        assert "Traceback" not in await told.text()
        return told.status


async def test_a_file_comes_in_and_another_goes_out(running: Running) -> None:
    try:
        status = await running.platform.say("", file=("二维码.png", b"fictional picture"))
    except NotImplementedError:
        pytest.skip("no files there")
    assert status == 200
    arrived = await running.arrived(2 if running.channel.limits.files else 1)
    assert arrived[0].text.startswith("收到了文件。")
    assert running.asked[0].attachments[0].name
    if running.channel.limits.files:
        assert (arrived[1].file, arrived[1].content) == ("回执.pdf", b"fictional picture"[::-1])
    else:
        assert "回执.pdf" in arrived[0].text
