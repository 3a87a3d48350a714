"""bot.channels.dingtalk_stream: one connection is held, each frame acknowledged, no message lost between connections.

The platform's own client works against the same simulator, so that the simulator is what it says it is.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import dingtalk_stream
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.callback import Refused
from bot.channels.dingtalk_frames import acknowledged, read_frame
from bot.channels.dingtalk_stream import LONGEST_PAUSE_SECONDS, make, pause_after
from bot.channels.messages import Channel, Incoming, Receipt
from index.errors import StoreError
from tests.bot.channels.dingtalk_server import KEY, SECRET, TOPIC, DingTalkStreamServer
from tests.bot.channels.received import Received


@pytest.fixture
async def server() -> AsyncIterator[DingTalkStreamServer]:
    server = DingTalkStreamServer()
    await server.connect(None, "")
    yield server
    await server.close()


class Running:
    """Our channel, connected."""

    def __init__(self, channel: Channel) -> None:
        self.received = Received()
        self.channel = channel
        self.task = asyncio.create_task(channel.run(self.received.receive))

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.received.messages]


@pytest.fixture
async def running(server: DingTalkStreamServer) -> AsyncIterator[Running]:
    running = Running(server.channel())
    await asyncio.wait_for(server.opened.wait(), 60)
    yield running
    running.task.cancel()
    with suppress(asyncio.CancelledError):
        await running.task
    await running.channel.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


async def test_a_message_is_received_before_it_is_acknowledged(server: DingTalkStreamServer, running: Running) -> None:
    assert await server.say("专用信用报告多长时间内有效？") == 200
    assert running.texts == ["专用信用报告多长时间内有效？"]
    assert server.subscribed == [{"type": "CALLBACK", "topic": TOPIC}]
    assert await server.say("@诚核 在群里", group="cid") == 200
    assert await server.say("不是对它说的", group="cid") == 200
    assert running.texts[1:] == ["在群里"]


async def test_the_answer_goes_by_web_hook_and_by_api_when_that_has_ended(
    server: DingTalkStreamServer, running: Running
) -> None:
    await server.say("多久")
    route = running.received.messages[0].route
    await running.channel.send(route, "一个月。", "k")
    assert server.calls[-1] == "/robot/sendBySession"
    server.sessions.clear()
    await running.channel.send(route, "就是一个月。", "k")
    assert [(each.conversation, each.text) for each in server.arrived] == [
        ("zhang", "一个月。"),
        ("zhang", "就是一个月。"),
    ]


async def test_ping_is_answered_with_its_own_words(server: DingTalkStreamServer, running: Running) -> None:
    answer = await server.ping()
    assert (answer["code"], json.loads(answer["data"])) == (200, {"opaque": "123-dsfs"})


async def test_an_event_is_acknowledged_as_done_and_an_unknown_topic_as_unknown(
    server: DingTalkStreamServer, running: Running
) -> None:
    event = await server.push("EVENT", "*", '{"userId": ["1"]}', eventId="e", eventType="user_add_org")
    assert (event["code"], json.loads(event["data"])["status"]) == (200, "SUCCESS")
    assert (await server.push("CALLBACK", "/v1.0/card/instances/callback", "{}"))["code"] == 404
    assert running.texts == []


@pytest.mark.parametrize("data", ["", "{", "[]", "null", '{"msgId": 5}', json.dumps({"encrypt": "x"})])
async def test_what_cannot_be_read_is_refused_and_the_connection_stays(
    server: DingTalkStreamServer, running: Running, data: str
) -> None:
    assert (await server.push("CALLBACK", TOPIC, data))["code"] == 400
    values = server.message("x") | {"robotCode": "dinganother"}
    assert await server.deliver(values) == 400
    for frame in ("{", "[]", "{}", '{"type": "SYSTEM", "headers": []}', '{"type": "X", "headers": {"topic": "t"}}'):
        await server.sockets[0].send_str(frame)
    await server.sockets[0].send_bytes(b"\x00")
    assert await server.say("noch da") == 200
    assert running.texts == ["noch da"]


async def test_nothing_is_lost_when_the_platform_moves_the_connection(
    server: DingTalkStreamServer, running: Running
) -> None:
    old = server.sockets[0]
    await server.disconnect()
    assert await server.say("auf der alten") == 200
    await asyncio.wait_for(server.opened.wait(), 60)
    assert server.sockets == [old, server.sockets[1]]
    assert await server.say("auf der neuen") == 200
    await old.close()
    assert await server.say("danach") == 200
    assert running.texts == ["auf der alten", "auf der neuen", "danach"]


async def test_a_lost_connection_is_opened_again(server: DingTalkStreamServer, running: Running) -> None:
    for number in range(3):
        await server.drop()
        await asyncio.wait_for(server.opened.wait(), 60)
        assert await server.say(str(number)) == 200
    assert running.texts == ["0", "1", "2"]


async def test_a_gateway_that_fails_is_asked_until_it_opens(server: DingTalkStreamServer, running: Running) -> None:
    server.fail(0.7)
    await server.drop()
    await asyncio.wait_for(server.opened.wait(), 60)
    assert await server.say("wieder da") == 200


async def test_a_gateway_that_names_another_host_is_not_followed(server: DingTalkStreamServer) -> None:
    for endpoint in ("ws://127.0.0.1:1/connect", "wss://evil.example/connect", "https://x.dingtalk.com", "", None, 5):
        server.endpoint = endpoint  # type: ignore[assignment]
        before = len(server.calls)
        running = Running(server.channel())
        await until(lambda before=before: len(server.calls) > before + 1)  # type: ignore[misc]
        assert server.sockets == []
        running.task.cancel()
        await running.channel.close()


async def test_wrong_secrets_are_tried_again_and_again(server: DingTalkStreamServer) -> None:
    import time

    from tests.bot.channels.simulated import shanghai_now

    settings = server.settings(client_secret="wrong")
    running = Running(make(settings, shanghai_now, time.monotonic, pause_seconds=0.01))
    await until(lambda: server.calls.count("/v1.0/gateway/connections/open") >= 3)
    assert not running.task.done()
    running.task.cancel()
    await running.channel.close()


async def test_a_disk_that_refuses_is_asked_again_before_the_message_is_given_up(
    server: DingTalkStreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.dingtalk_stream.STORE_PAUSES_SECONDS", (0.01, 0.01))
    refusals = [StoreError("磁盘满了。", next_step="请清理。")] * 4
    kept = Received()

    async def receive(incoming: Incoming) -> Receipt:
        if refusals:
            raise refusals.pop()
        return await kept.receive(incoming)

    channel = server.channel()
    task = asyncio.create_task(channel.run(receive))
    await asyncio.wait_for(server.opened.wait(), 60)
    assert [await server.say("eins"), await server.say("zwei")] == [500, 200]
    assert [each.text for each in kept.messages] == ["zwei"]
    task.cancel()
    await channel.close()


async def test_a_message_that_waits_for_the_books_holds_up_no_other_frame(server: DingTalkStreamServer) -> None:
    opened, kept = asyncio.Event(), Received()

    async def receive(incoming: Incoming) -> Receipt:
        if incoming.sender == "zhang":
            await opened.wait()
        return await kept.receive(incoming)

    channel = server.channel()
    task = asyncio.create_task(channel.run(receive))
    await asyncio.wait_for(server.opened.wait(), 60)
    waiting = asyncio.create_task(server.say("eins"))
    assert await server.say("zwei", member="li") == 200
    assert (await server.ping())["code"] == 200
    assert not waiting.done()
    opened.set()
    assert await waiting == 200
    assert [each.text for each in kept.messages] == ["zwei", "eins"]
    task.cancel()
    await channel.close()


class Handler(dingtalk_stream.ChatbotHandler):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[dingtalk_stream.ChatbotMessage] = []

    async def process(self, message: dingtalk_stream.CallbackMessage) -> tuple[int, str]:
        heard = dingtalk_stream.ChatbotMessage.from_dict(message.data)
        self.heard.append(heard)
        return dingtalk_stream.AckMessage.STATUS_OK, "OK"


@pytest.fixture
async def theirs(server: DingTalkStreamServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Handler]:
    """The platform's own client, connected to our simulator."""
    client, handler = dingtalk_stream.DingTalkStreamClient(dingtalk_stream.Credential(KEY, SECRET)), Handler()
    monkeypatch.setattr(client, "OPEN_CONNECTION_API", f"{server.served.origin}/v1.0/gateway/connections/open")
    monkeypatch.setattr(
        dingtalk_stream.DingTalkStreamClient,
        "OPEN_CONNECTION_API",
        f"{server.served.origin}/v1.0/gateway/connections/open",
    )
    monkeypatch.setattr(client, "get_host_ip", lambda: "127.0.0.1")
    client.register_callback_handler(dingtalk_stream.ChatbotMessage.TOPIC, handler)
    connection = await asyncio.to_thread(client.open_connection)
    monkeypatch.setattr(client, "open_connection", lambda: connection)
    task = asyncio.create_task(client.start())
    await asyncio.wait_for(server.opened.wait(), 60)
    yield handler
    while not task.done():  # it takes a cancellation for a lost connection
        task.cancel()
        await asyncio.sleep(0.05)


async def test_the_platforms_own_client_works_against_the_simulator(
    server: DingTalkStreamServer, theirs: Handler
) -> None:
    assert await server.say("  你好 ", group=None, member="zhang", id="m1") == 200
    assert (theirs.heard[0].message_id, theirs.heard[0].sender_staff_id) == ("m1", "zhang")
    assert theirs.heard[0].get_text_list() == ["  你好 "]
    assert TOPIC in [each["topic"] for each in server.subscribed]
    answer = await asyncio.to_thread(theirs.reply_text, "一个月。", theirs.heard[0])
    assert answer == {"errcode": 0, "errmsg": "ok"}
    assert server.arrived[0].text == "一个月。"


async def test_our_acknowledgement_is_made_of_the_same_parts_as_theirs(
    server: DingTalkStreamServer, theirs: Handler
) -> None:
    frame = await server.push("CALLBACK", TOPIC, json.dumps(server.message("x")))
    ours = json.loads(
        acknowledged(read_frame(json.dumps({"type": "CALLBACK", "headers": {"topic": TOPIC, "messageId": "m"}})))
    )
    assert ours.keys() == frame.keys()
    assert ours["headers"].keys() == frame["headers"].keys()
    assert (ours["code"], ours["headers"]["messageId"]) == (200, "m")
    assert json.loads(ours["data"]).keys() == json.loads(frame["data"]).keys()


@given(st.text())
def test_any_text_is_a_frame_or_refused(text: str) -> None:
    with suppress(Refused):
        read_frame(text)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_grow_and_end_at_a_minute(failures: int, chance: float) -> None:
    whole = min(2.0 ** min(failures - 1, 20), LONGEST_PAUSE_SECONDS)
    assert whole / 2 <= pause_after(failures, 1.0, chance) <= whole
    assert pause_after(0, 1.0, chance) == 0


async def test_it_has_no_address_of_its_own(server: DingTalkStreamServer) -> None:
    app, channel = web.Application(), server.channel()
    received: Callable[[Incoming], Awaitable[Receipt]] = Received().receive
    channel.mount(app, received)
    assert list(app.router.routes()) == []
    await channel.close()
