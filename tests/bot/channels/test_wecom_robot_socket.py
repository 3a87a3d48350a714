"""bot.channels.wecom_robot_socket: hears, answers, sends files, and comes back after every kind of end."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from bot.channels import wecom_robot_link
from bot.channels.messages import Channel, OutFile, SendFailed
from bot.channels.wecom_robot_socket import Pace, make
from tests.bot.channels.simulated import shanghai_now
from tests.bot.channels.wecom_received import Received
from tests.bot.channels.wecom_robot_server import ROBOT, ROBOT_NAME
from tests.bot.channels.wecom_robot_socket_server import QUICK, WecomRobotSocketServer
from tests.bot.channels.wecom_server import CORP


class Office:
    def __init__(self, server: WecomRobotSocketServer, pace: Pace = QUICK) -> None:
        self.received = Received()
        self.channel: Channel = server.channel(pace)
        self.running = asyncio.create_task(self.channel.run(self.received))

    async def close(self) -> None:
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running
        await self.channel.close()


@pytest.fixture
async def server() -> AsyncIterator[WecomRobotSocketServer]:
    server = WecomRobotSocketServer()
    yield server
    await server.close()
    assert server.faults == []


@pytest.fixture
async def office(server: WecomRobotSocketServer) -> AsyncIterator[Office]:
    office = Office(server)
    await server.connect(None, "")
    yield office
    await office.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.005)


async def sent(channel: Channel, text: str, conversation: str = "zhang", key: str | None = None) -> None:
    """As the post office does: again, until it is taken."""
    async with asyncio.timeout(60):
        while True:
            try:
                await channel.send({"conversation": conversation}, text, key or text)
                return
            except SendFailed as failed:
                if failed.after_seconds is None:
                    raise
                await asyncio.sleep(0.01)


async def test_member_and_group_are_heard(server: WecomRobotSocketServer, office: Office) -> None:
    await server.say("有效期多长？", id="a")
    await server.say("有效期多长？", id="a")
    await server.say("有效期多长？", group="wr-group")
    await until(lambda: len(office.received.messages) == 2 and office.received.again == 1)
    alone, together = office.received.messages
    assert (alone.sender, alone.conversation, alone.group, alone.tenant) == ("zhang", "zhang", False, CORP)
    assert (together.conversation, together.group) == ("wr-group", True)
    assert alone.text == together.text == "有效期多长？"


async def test_message_that_cannot_be_kept_is_tried_again(server: WecomRobotSocketServer, office: Office) -> None:
    office.received.busy = 3
    await server.say("问一")
    await server.say("问二")
    await until(lambda: len(office.received.messages) == 2)
    assert [each.text for each in office.received.messages] == ["问一", "问二"]
    assert server.subscriptions == 1


async def test_answers_and_files_arrive(server: WecomRobotSocketServer, office: Office) -> None:
    await sent(office.channel, "一个月。")
    file = OutFile("专用信用报告（样本）.pdf", os.urandom(1_200_000))
    for _ in range(2):
        await office.channel.send_file({"conversation": "wr-group"}, file, "k")
    assert (server.arrived[0].conversation, server.arrived[0].text) == ("zhang", "一个月。")
    assert [(each.file, each.content) for each in server.arrived[1:]] == [(file.name, file.content)] * 2
    assert len(server.media) == 1
    with pytest.raises(SendFailed, match="50 MB") as failed:
        await office.channel.send_file({"conversation": "zhang"}, OutFile("a", b"1"), "k2")
    assert failed.value.after_seconds is None


async def test_files_of_members_are_opened_with_their_own_keys(server: WecomRobotSocketServer, office: Office) -> None:
    await server.say("", file=("码.png", b"\x89PNG-content"))
    await server.say("", file=("报告.pdf", b"%PDF-content"))
    await until(lambda: len(office.received.messages) == 2)
    found = [await office.channel.fetch(each.attachments[0], 100) for each in office.received.messages]
    assert found == [b"\x89PNG-content", b"%PDF-content"]


async def test_connection_that_ends_is_opened_again(server: WecomRobotSocketServer, office: Office) -> None:
    for number in range(3):
        await server.hang_up()
        await server.say(f"问{number}")
        await sent(office.channel, f"答{number}")
    await until(lambda: len(office.received.messages) == 3)
    assert [each.text for each in server.arrived] == ["答0", "答1", "答2"]
    assert server.subscriptions == 4


async def test_connection_without_answers_to_two_pings_is_opened_again(server: WecomRobotSocketServer) -> None:
    answered = Office(server)
    await server.connect(None, "")
    await until(lambda: server.pings >= 3)
    assert server.subscriptions == 1
    await answered.close()
    server.pongs = False
    office = Office(server, replace(QUICK, answer=0.3))
    await until(lambda: server.subscriptions >= 3)
    server.pongs = True
    await sent(office.channel, "答")
    await office.close()


async def test_attempts_to_connect_become_rarer_while_nobody_is_there(
    server: WecomRobotSocketServer, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(server)
    await until(lambda: len(caplog.records) >= 4)
    assert [record.args[-1] for record in caplog.records][:4] == [0.02, 0.04, 0.08, 0.1]
    await server.connect(None, "")
    await office.close()


async def test_sending_while_the_server_fails_arrives_once(server: WecomRobotSocketServer, office: Office) -> None:
    server.fail(0.4)
    await asyncio.gather(*(sent(office.channel, str(number), f"c{number % 7}") for number in range(60)))
    assert sorted(int(each.text) for each in server.arrived) == list(range(60))


async def impatient(server: WecomRobotSocketServer) -> Office:
    """It waits for no answer, and is subscribed."""
    office = Office(server, replace(QUICK, ping=60.0, answer=0.05))
    await server.connect(None, "")
    await sent(office.channel, "subscribed")
    server.arrived.clear()
    return office


async def test_an_answer_that_comes_late_is_an_answer(server: WecomRobotSocketServer) -> None:
    """What went out on a living connection is not said again: it would be shown twice."""
    office = await impatient(server)
    server.hold()
    for _ in range(3):
        with pytest.raises(SendFailed, match="in time"):
            await office.channel.send({"conversation": "zhang"}, "一个月。", "k")
    await server.release()
    await sent(office.channel, "一个月。", key="k")
    await sent(office.channel, "两个月。", key="another")
    assert [each.text for each in server.arrived] == ["一个月。", "两个月。"]
    await office.close()


async def test_an_answer_that_came_before_the_connection_ended_is_known_after_it(
    server: WecomRobotSocketServer,
) -> None:
    office = await impatient(server)
    server.hold()
    with pytest.raises(SendFailed, match="in time"):
        await office.channel.send({"conversation": "zhang"}, "一个月。", "k")
    await server.release()
    await server.hang_up()
    await sent(office.channel, "一个月。", key="k")
    assert [each.text for each in server.arrived] == ["一个月。"]
    await office.close()


async def test_what_had_no_answer_when_the_connection_ended_may_have_been_taken(
    server: WecomRobotSocketServer,
) -> None:
    """Said to the post office once, which counts it; then it is said again."""
    office = await impatient(server)
    server.hold()
    with pytest.raises(SendFailed, match="in time") as failed:
        await office.channel.send({"conversation": "zhang"}, "一个月。", "k")
    assert not failed.value.perhaps_taken
    server.drop_held()
    await server.hang_up()
    doubts = []
    async with asyncio.timeout(60):
        while len(server.arrived) < 2:
            try:
                await office.channel.send({"conversation": "zhang"}, "一个月。", "k")
            except SendFailed as failed_again:
                doubts.append(failed_again.perhaps_taken)
                await asyncio.sleep(0.005)
    assert doubts.count(True) == 1
    await office.close()


async def test_what_was_never_answered_is_said_again_after_a_minute(
    server: WecomRobotSocketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wecom_robot_link, "REPEAT_SECONDS", 0.0)
    office = await impatient(server)
    server.hold()
    with pytest.raises(SendFailed, match="in time"):
        await office.channel.send({"conversation": "zhang"}, "两个月。", "never answered")
    await until(lambda: len(server.arrived) == 1)
    server.drop_held()
    with pytest.raises(SendFailed, match="never said") as failed:
        await office.channel.send({"conversation": "zhang"}, "两个月。", "never answered")
    assert failed.value.perhaps_taken
    with suppress(SendFailed):
        await office.channel.send({"conversation": "zhang"}, "两个月。", "never answered")
    await until(lambda: len(server.arrived) == 2)
    assert [each.text for each in server.arrived] == ["两个月。", "两个月。"]
    await office.close()


async def test_what_we_send_is_acknowledged_while_the_books_are_busy(server: WecomRobotSocketServer) -> None:
    """On the same connection come messages, which wait for the disk, and acknowledgements, which must not."""
    opened = asyncio.Event()
    office = Office(server)
    office.received.opened = opened
    await server.connect(None, "")
    await sent(office.channel, "subscribed")
    for number in range(20):
        await server.say(f"问{number}")
    await office.channel.send({"conversation": "zhang"}, "答", "k")
    assert office.received.messages == []
    opened.set()
    await until(lambda: len(office.received.messages) == 20)
    assert [each.text for each in office.received.messages] == [f"问{number}" for number in range(20)]
    await office.close()


async def test_a_subscription_that_wecom_forgot_is_made_again(server: WecomRobotSocketServer) -> None:
    office = Office(server, replace(QUICK, ping=60.0))
    await server.connect(None, "")
    await sent(office.channel, "subscribed")
    server.arrived.clear()
    server.forget()
    with pytest.raises(SendFailed, match="846609") as failed:
        await office.channel.send({"conversation": "zhang"}, "一个月。", "k")
    assert failed.value.after_seconds is not None
    await sent(office.channel, "一个月。", key="k")
    assert [each.text for each in server.arrived] == ["一个月。"]
    assert server.subscriptions == 2
    await office.close()


async def test_a_subscription_that_wecom_forgot_is_noticed_by_pings(server: WecomRobotSocketServer) -> None:
    office = Office(server, replace(QUICK, ping=0.01))
    await server.connect(None, "")
    server.forget()
    await until(lambda: server.subscriptions == 2)
    await server.say("问")
    await until(lambda: len(office.received.messages) == 1)
    await office.close()


async def test_a_fault_of_ours_with_one_message_ends_nothing(
    server: WecomRobotSocketServer, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.received.fault = ZeroDivisionError()
    await server.say("问一")
    await until(lambda: "ZeroDivisionError" in caplog.text)
    office.received.fault = None
    await server.say("问二")
    await until(lambda: len(office.received.messages) == 1)
    assert server.subscriptions == 1


async def test_nothing_is_sent_without_a_connection(server: WecomRobotSocketServer) -> None:
    channel = server.channel()
    with pytest.raises(SendFailed, match="not connected") as failed:
        await channel.send({"conversation": "zhang"}, "x", "k")
    assert failed.value.after_seconds is not None
    await channel.close()


async def test_newer_connection_puts_the_older_one_out_and_both_do_not_fight(
    server: WecomRobotSocketServer, office: Office
) -> None:
    second = Office(server)
    await until(lambda: server.subscriptions >= 3)
    assert server.subscribed_at[2] - server.subscribed_at[1] > QUICK.put_out / 2
    await second.close()


async def test_wrong_secret_is_not_tried_in_a_hurry(
    server: WecomRobotSocketServer, caplog: pytest.LogCaptureFixture
) -> None:
    settings = server.settings()
    settings._values["secret"] = "wrong-secret"
    channel = make(settings, shanghai_now, time.monotonic, QUICK)
    running = asyncio.create_task(channel.run(Received()))
    await server.served.start()
    await until(lambda: "subscription refused: 853000; again" in caplog.text.replace(")", ""))
    assert "wrong-secret" not in caplog.text
    assert not server.connected.is_set()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await channel.close()


async def test_frames_of_another_shape_are_passed_over(server: WecomRobotSocketServer, office: Office) -> None:
    for text in ("", "[]", "1", "{", '{"cmd": 1}', '{"cmd": "aibot_msg_callback"}', '{"headers": 1}', "{}",
                 '{"cmd": "aibot_msg_callback", "body": []}', '{"cmd": "aibot_event_callback", "body": {"event": 1}}',
                 '{"headers": {"req_id": "unknown"}, "errcode": 0}', "[" * 10_000):  # fmt: skip
        await server.push_text(text)
    good = {"msgid": "1", "aibotid": ROBOT, "chattype": "single", "from": {"userid": "zhang"}, "msgtype": "text"}
    await server.push("aibot_msg_callback", good | {"aibotid": "another", "text": {"content": "x"}})
    await server.push("aibot_msg_callback", good | {"text": "x"})
    await server.push("aibot_msg_callback", good | {"text": {"content": f"@{ROBOT_NAME}"}})
    await until(lambda: len(office.received.messages) == 1)
    assert office.received.messages[0].text == ""
    assert server.subscriptions == 1


async def test_frame_beyond_the_limit_ends_only_the_connection(server: WecomRobotSocketServer, office: Office) -> None:
    await server.push_text(json.dumps({"cmd": "aibot_msg_callback", "body": {"x": "x" * 2_000_000}}))
    await until(lambda: server.subscriptions == 2)
    await server.say("问")
    await until(lambda: len(office.received.messages) == 1)
