"""Feishu by long connection: receive → should acknowledge, should hand in; the connection comes back by itself."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot.channels import feishu_socket
from bot.channels.app_settings import AppSettings
from bot.channels.feishu_socket import Behaviour
from bot.channels.messages import Channel, Incoming, Receipt
from tests.bot.channels.feishu_sealed import APP_ID, APP_SECRET, TENANT, event, mention, text
from tests.bot.channels.feishu_server import APP
from tests.bot.channels.feishu_socket_server import FeishuSocketServer, frame
from tests.bot.channels.received import Received
from verify.validity import SHANGHAI


@dataclass
class Running:
    feishu: FeishuSocketServer
    channel: Channel
    received: Received


@contextlib.asynccontextmanager
async def run(
    server: FeishuSocketServer, received: Received | None = None, **settings: object
) -> AsyncIterator[Running]:
    await server.start()
    values = {"app_id": APP_ID, "app_secret": APP_SECRET, "api": server.origin} | settings
    channel = feishu_socket.make(AppSettings(APP, values), _clock, time.monotonic)
    received = received or Received()
    task = asyncio.create_task(channel.run(received.receive))
    try:
        yield Running(server, channel, received)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await channel.close()
        await server.close()


def _clock() -> Any:
    from datetime import datetime

    return datetime.now(SHANGHAI)


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with run(FeishuSocketServer()) as running:
        await running.feishu.connect(None, "")
        yield running


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.02)


async def test_a_message_is_handed_in_and_acknowledged(running: Running) -> None:
    assert await running.feishu.say("专用信用报告多久有效？") == 200
    (message,) = running.received.messages
    assert (message.text, message.sender, message.tenant) == ("专用信用报告多久有效？", "zhang", TENANT)
    assert running.feishu.acknowledged == [{"code": 200, "headers": None, "data": None}]
    await running.channel.send(message.route, "一年。", "1")
    assert running.feishu.arrived[0].text == "一年。"


async def test_a_long_message_comes_in_parts(running: Running) -> None:
    running.feishu.part_bytes = 700
    assert await running.feishu.say("长" * 5000) == 200
    assert running.received.messages[0].text == "长" * 5000


async def test_a_group_is_heard_only_when_the_robot_is_mentioned(running: Running) -> None:
    assert await running.feishu.say("大家好", group="office") == 200
    assert await running.feishu.say("@诚核 你好", group="office") == 200
    assert [each.text for each in running.received.messages] == ["你好"]


async def test_what_cannot_be_taken_now_comes_again(running: Running) -> None:
    running.feishu.fail(1.0)
    assert await running.feishu.say("@诚核 你好", group="office") == 500
    running.feishu.fail(0.0)
    await until(lambda: running.received.messages)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"x" * 1000, frame(1, {}, b""), frame(1, {"type": "event"}, b"{}"), frame(0, {"type": "pong"}, b"["),
     frame(7, {"type": "event"}, b"{}"), frame(1, {"type": "card", "sum": "1", "seq": "0"}, b"{}"),
     frame(1, {"type": "event", "sum": "9999999999", "seq": "0", "message_id": "m"}, b"{}")],
)  # fmt: skip
async def test_a_frame_that_cannot_be_read_does_no_harm(running: Running, content: bytes) -> None:
    await running.feishu.raw(content)
    assert await running.feishu.say("你好") == 200
    assert running.feishu.connections == 1


@pytest.mark.parametrize(
    "told",
    [event(text("x"), app_id="cli_another"), {"schema": "2.0"}, event(text("x", "../..")), {},
     event(text("x", content="[" * 9000)), {"encrypt": "x"}, event({}, event_type="im.message.message_read_v1")],
)  # fmt: skip
async def test_what_is_no_message_to_us_is_acknowledged_and_forgotten(running: Running, told: dict[str, Any]) -> None:
    assert await running.feishu.deliver(told) == 200
    assert running.received.messages == []


async def test_a_lost_connection_is_opened_again(running: Running) -> None:
    await running.feishu.drop()
    await until(lambda: running.feishu.connections == 2)
    assert await running.feishu.say("你好") == 200


async def test_a_connection_too_large_a_frame_breaks_is_opened_again(running: Running) -> None:
    await running.feishu.raw(bytes(1024 * 1024 + 1))
    await until(lambda: running.feishu.connections == 2)
    assert await running.feishu.say("你好") == 200


async def test_we_ping_as_often_as_feishu_asks(running: Running) -> None:
    await until(lambda: running.feishu.pings >= 3)


async def test_feishu_is_asked_again_until_it_gives_an_address() -> None:
    server = FeishuSocketServer()
    server.fail(1.0)
    async with run(server) as running:
        await until(lambda: server.calls["endpoint"] >= 2)
        server.fail(0.0)
        await until(lambda: server.connections == 1)
        assert await running.feishu.say("你好") == 200


async def test_a_wrong_secret_and_a_ticket_are_never_written_down(caplog: pytest.LogCaptureFixture) -> None:
    server = FeishuSocketServer()
    async with run(server, app_secret="very-wrong"):
        await until(lambda: server.calls["endpoint"] >= 1 and caplog.text)
    assert "10014" in caplog.text
    assert "very-wrong" not in caplog.text


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "ws://example.cn/", "wss://a:b@example.cn/", "wss://", "wss://[", "x", "", None, 1]
)
async def test_only_tls_is_connected_to(url: object, caplog: pytest.LogCaptureFixture) -> None:
    server = FeishuSocketServer()
    async with run(server) as running:

        async def endpoint() -> dict[str, object]:
            return {"URL": url}

        running.channel._robot.api.endpoint = endpoint  # type: ignore[attr-defined]
        await until(lambda: "not Feishu's" in caplog.text)


async def test_events_are_acknowledged_only_when_they_lie_in_the_post_office() -> None:
    server = FeishuSocketServer()
    acknowledged: list[object] = []

    class Slow(Received):
        async def receive(self, incoming: Incoming) -> Receipt:
            await asyncio.sleep(0.1)
            acknowledged.extend(server.acknowledged)
            return await Received.receive(self, incoming)

    async with run(server, Slow()):
        await server.connect(None, "")
        assert await server.say("你好") == 200
    assert acknowledged == []
    assert len(server.acknowledged) == 1


async def test_an_event_that_waits_for_the_books_holds_up_no_other() -> None:
    server, opened = FeishuSocketServer(), asyncio.Event()

    class Hanging(Received):
        async def receive(self, incoming: Incoming) -> Receipt:
            if incoming.sender == "zhang":
                await opened.wait()
            return await Received.receive(self, incoming)

    async with run(server, Hanging()) as running:
        await server.connect(None, "")
        waiting = asyncio.create_task(server.say("你好"))
        assert await server.say("您好", member="li") == 200
        assert not waiting.done()
        opened.set()
        assert await waiting == 200
        assert [each.text for each in running.received.messages] == ["您好", "你好"]


@pytest.mark.parametrize(
    ("asked", "behaviour"),
    [
        (None, Behaviour()),
        ({}, Behaviour()),
        (
            {"PingInterval": 90, "ReconnectInterval": 60, "ReconnectNonce": 20, "ReconnectCount": -1},
            Behaviour(90, 60, 20),
        ),
        ({"PingInterval": 0, "ReconnectInterval": 0, "ReconnectNonce": 0}, Behaviour(1, 1, 0)),
        ({"PingInterval": 1e9, "ReconnectInterval": 1e9, "ReconnectNonce": 1e9}, Behaviour(300, 600, 60)),
        ({"PingInterval": "x", "ReconnectInterval": True, "ReconnectNonce": -1}, Behaviour()),
    ],
)
def test_feishu_is_obeyed_within_what_is_sensible(asked: object, behaviour: Behaviour) -> None:
    assert Behaviour().configured(asked) == behaviour


async def test_mentions_are_needed_in_parts_too(running: Running) -> None:
    running.feishu.part_bytes = 100
    told = text("@_user_1 明天开会", chat_type="group", mentions=[mention("ou_li", "@_user_1", "李四")])
    assert await running.feishu.deliver(json.loads(json.dumps(event(told)))) == 200
    assert running.received.messages == []
