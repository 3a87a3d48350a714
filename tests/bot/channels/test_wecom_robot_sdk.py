"""WeCom's own client of the smart robot, wecom-aibot-python-sdk, as an independent reading of the long connection.

* It works against the simulator: so the simulator does what the platform does.
* What our channel says it says in the same frames, field by field; what it opens we open.
* It cannot upload; what its newer twin for Node (@wecom/aibot-node-sdk 1.0.7) does for that is written down here.
"""

import asyncio
import base64
import hashlib
import os
import re
import time
import warnings
from collections.abc import AsyncIterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.messages import OutFile, SendFailed
from bot.channels.wecom_robot_message import opened_file
from tests.bot.channels.test_wecom_robot_socket import Office, until
from tests.bot.channels.wecom_robot_server import ROBOT, encrypted
from tests.bot.channels.wecom_robot_socket_server import SECRET, WecomRobotSocketServer

KINDS = ("text", "image", "mixed", "voice", "file")
QUIET = SimpleNamespace(**dict.fromkeys(("debug", "info", "warn", "error"), lambda *_: None))


@pytest.fixture(scope="module")
def aibot() -> Any:
    """It asks websockets for a name that is going away; and makes its TLS when it is imported."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="websockets", category=DeprecationWarning)
        import aibot
        import aibot.crypto_utils
        import aibot.ws
    return aibot


@pytest.fixture
async def server() -> AsyncIterator[WecomRobotSocketServer]:
    server = WecomRobotSocketServer()
    await server.served.start()
    yield server
    await server.close()
    assert server.faults == []


class Client:
    """WeCom's, and what it told."""

    def __init__(self, aibot: Any, server: WecomRobotSocketServer, secret: str = SECRET, ping: int = 30_000) -> None:
        address = server.served.origin.replace("http:", "ws:")
        options = aibot.WSClientOptions(ROBOT, secret, ws_url=address, heartbeat_interval=ping, logger=QUIET)
        self.sdk = aibot.WSClient(options)
        self.frames: list[tuple[str, Any]] = []
        for name in ("authenticated", "error", "disconnected", "event", "event.enter_chat", "event.disconnected_event"):
            self._note(name)
        for name in ("message", *(f"message.{kind}" for kind in KINDS)):
            self._note(name)

    async def told(self, name: str, number: int = 1) -> Any:
        await until(lambda: sum(each == name for each, _ in self.frames) >= number)
        return [frame for each, frame in self.frames if each == name][number - 1]

    async def close(self) -> None:
        """All that it began has ended."""
        self.sdk.disconnect()
        manager = self.sdk._ws_manager
        await until(lambda: manager._ws is None)
        for task in (manager._receive_task, manager._heartbeat_task):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def _note(self, name: str) -> None:
        self.sdk.on(name, lambda *told: self.frames.append((name, told[0] if told else None)))


@pytest.fixture
async def client(aibot: Any, server: WecomRobotSocketServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    monkeypatch.setattr(aibot.ws, "_SSL_CONTEXT", None)  # the simulator speaks without TLS
    client = Client(aibot, server)
    await client.sdk.connect()
    await client.told("authenticated")
    yield client
    await client.close()


@pytest.fixture
async def office(server: WecomRobotSocketServer) -> AsyncIterator[Office]:
    office = Office(server)
    await asyncio.wait_for(server.connected.wait(), 60)
    yield office
    await office.close()


async def test_their_client_is_let_in_with_the_secret_alone(
    aibot: Any, server: WecomRobotSocketServer, client: Client
) -> None:
    assert client.sdk.is_connected
    stranger = Client(aibot, server, "another-secret")
    await stranger.sdk.connect()
    assert "853000" in str(await stranger.told("error"))
    assert not any(name == "authenticated" for name, _ in stranger.frames)
    await stranger.close()


async def test_their_client_pings_until_nobody_answers(
    aibot: Any, server: WecomRobotSocketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aibot.ws, "_SSL_CONTEXT", None)
    client = Client(aibot, server, ping=20)
    await client.sdk.connect()
    await until(lambda: server.pings >= 4)
    assert client.sdk.is_connected
    server.pongs = False
    await until(lambda: not client.sdk.is_connected)
    await client.close()


async def test_their_client_hears_members_and_groups(server: WecomRobotSocketServer, client: Client) -> None:
    await server.say("有效期多长？")
    await server.say("有效期多长？", group="wr-group")
    alone, together = await client.told("message.text"), await client.told("message.text", 2)
    assert alone["body"]["text"] == {"content": "有效期多长？"}
    assert (alone["body"]["chattype"], together["body"]["chattype"]) == ("single", "group")
    assert together["body"]["chatid"] == "wr-group"
    assert "chatid" not in alone["body"]


async def test_their_client_opens_pictures_and_files(server: WecomRobotSocketServer, client: Client) -> None:
    for kind, name in (("image", "码.png"), ("file", "报告.pdf")):
        content = os.urandom(1000)
        await server.say("", file=(name, content))
        place = (await client.told(f"message.{kind}"))["body"][kind]
        assert (await client.sdk.download_file(place["url"], place["aeskey"]))[0] == content


async def test_their_client_answers_by_a_stream_once_and_on_its_connection_only(
    aibot: Any, server: WecomRobotSocketServer, client: Client
) -> None:
    await server.say("问")
    frame = await client.told("message.text")
    await client.sdk.reply_stream(frame, "s1", "一个", False)
    await client.sdk.reply_stream(frame, "s1", "一个月。", True)
    with pytest.raises(RuntimeError, match="846608"):
        await client.sdk.reply_stream(frame, "s1", "两个月。", True)
    with pytest.raises(RuntimeError, match="846605"):
        await client.sdk.reply_stream({"headers": {"req_id": "of-another-connection"}}, "s2", "x", True)
    assert [(each.conversation, each.text) for each in server.arrived] == [("zhang", "一个月。")]


async def test_their_client_welcomes_who_enters_and_nobody_else(server: WecomRobotSocketServer, client: Client) -> None:
    await server.push("aibot_event_callback", server.event("enter_chat"))
    entered = await client.told("event.enter_chat")
    await client.sdk.reply_welcome(entered, {"msgtype": "text", "text": {"content": "您好"}})
    assert server.welcomed == ["您好"]
    await server.say("问")
    with pytest.raises(RuntimeError, match="846605"):
        await client.sdk.reply_welcome(
            await client.told("message.text"), {"msgtype": "text", "text": {"content": "您好"}}
        )


async def test_their_client_sends_of_itself(server: WecomRobotSocketServer, client: Client) -> None:
    await client.sdk.send_message("wr-group", {"msgtype": "markdown", "markdown": {"content": "通知"}})
    assert [(each.conversation, each.text) for each in server.arrived] == [("wr-group", "通知")]
    with pytest.raises(RuntimeError, match="40058"):
        await client.sdk.send_message("wr-group", {"msgtype": "markdown", "markdown": {"content": "x" * 20481}})


async def test_their_client_and_ours_put_each_other_out(
    server: WecomRobotSocketServer, client: Client, office: Office
) -> None:
    """One connection for each robot: ours came later."""
    told = await client.told("event.disconnected_event")
    assert told["body"]["event"] == {"eventtype": "disconnected_event"}
    assert server.subscriptions == 2


async def test_we_say_what_their_client_says(
    aibot: Any, server: WecomRobotSocketServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Subscription, ping and message: the same fields with the same values, numbered in the same way."""
    await client.sdk._ws_manager._send_heartbeat()
    await client.sdk.send_message("zhang", {"msgtype": "markdown", "markdown": {"content": "一个月。"}})
    theirs = {frame["cmd"]: frame for frame in server.frames}
    server.frames.clear()
    office = Office(server)
    await until(lambda: any(frame["cmd"] == "ping" for frame in server.frames))
    await office.channel.send({"conversation": "zhang"}, "一个月。", "k")
    ours = {frame["cmd"]: frame for frame in server.frames}
    await office.close()
    assert set(theirs) == {"aibot_subscribe", "ping", "aibot_send_msg"}
    for command, frame in theirs.items():
        assert _numbered(frame) == _numbered(ours[command])


async def test_we_upload_and_send_files_as_their_newer_client_does(
    server: WecomRobotSocketServer, office: Office
) -> None:
    """uploadMedia and sendMediaMessage of @wecom/aibot-node-sdk 1.0.7."""
    file = OutFile("专用信用报告（样本）.pdf", os.urandom(600_000))
    await office.channel.send_file({"conversation": "zhang"}, file, "k")
    frames = [frame for frame in server.frames if frame["cmd"] not in ("ping", "aibot_subscribe")]
    begin, first, second, finish, send = frames
    assert [frame["cmd"] for frame in frames] == [
        "aibot_upload_media_init", "aibot_upload_media_chunk", "aibot_upload_media_chunk", "aibot_upload_media_finish",
        "aibot_send_msg",
    ]  # fmt: skip
    md5 = hashlib.md5(file.content).hexdigest()
    assert begin["body"] == {
        "type": "file", "filename": file.name, "total_size": 600_000, "total_chunks": 2, "md5": md5
    }  # fmt: skip
    upload_id = finish["body"]["upload_id"]
    part = base64.b64encode(file.content[512 * 1024 :]).decode()
    assert first["body"].keys() == {"upload_id", "chunk_index", "base64_data"}
    assert second["body"] == {"upload_id": upload_id, "chunk_index": 1, "base64_data": part}
    assert finish["body"] == {"upload_id": upload_id}
    media_id = next(iter(server.media))
    assert send["body"] == {"chatid": "zhang", "msgtype": "file", "file": {"media_id": media_id}}


def _numbered(frame: dict[str, Any]) -> dict[str, Any]:
    """Its number without what is of the moment and of chance."""
    number = re.fullmatch(r"(.+)_([0-9]{13})_([0-9a-f]{8})", frame["headers"]["req_id"])
    assert number is not None
    assert abs(int(number[2]) / 1000 - time.time()) < 600
    return {**frame, "headers": {**frame["headers"], "req_id": number[1]}}


async def test_what_their_client_hears_we_hear(server: WecomRobotSocketServer, client: Client, aibot: Any) -> None:
    """Every kind of message of theirs, said to their client and to ours, one after the other."""
    place = server.kept(b"content")
    said = {
        "text": {"text": {"content": "问"}},
        "voice": {"voice": {"content": "问"}},
        "image": {"image": place},
        "file": {"file": place},
        "mixed": {
            "mixed": {
                "msg_item": [
                    {"msgtype": "text", "text": {"content": "问"}},
                    {"msgtype": "image", "image": place},
                ]
            }
        },
    }
    assert set(said) == {each.value for each in aibot.MessageType} == set(KINDS)
    base = server.message("", "zhang", None)
    del base["text"]
    messages = [
        base | content | {"msgid": kind, "msgtype": kind, "quote": {"msgtype": "image", "image": place}}
        for kind, content in said.items()
    ]
    for kind, message in zip(said, messages, strict=True):
        await server.push("aibot_msg_callback", message)
        assert (await client.told(f"message.{kind}"))["body"] == message
    office = Office(server)
    await until(lambda: server.subscriptions == 2)
    for message in messages:
        await server.push("aibot_msg_callback", message)
    await until(lambda: len(office.received.messages) == len(messages))
    heard = {each.id: (each.text, len(each.attachments)) for each in office.received.messages}
    assert heard == {"text": ("问", 1), "voice": ("问", 1), "image": ("", 2), "file": ("", 2), "mixed": ("问", 2)}
    await office.close()


@pytest.mark.parametrize("sound", ["\x00", "\x08", "\x0b", "\x0c", "\r", "\x0e", "\x1f"])
async def test_a_frame_with_control_characters_is_read_as_their_newer_client_reads_it(
    server: WecomRobotSocketServer, office: Office, sound: str
) -> None:
    """JSON forbids them; @wecom/aibot-node-sdk leaves them out before it reads."""
    told = '{"cmd": "aibot_msg_callback", "headers": {"req_id": "r"}, "body": {"msgid": "1", "aibotid": "%s", %s}}'
    rest = '"chattype": "single", "from": {"userid": "zhang"}, "msgtype": "text", "text": {"content": "问%s题"}'
    await server.push_text(told % (ROBOT, rest % sound))
    await until(lambda: len(office.received.messages) == 1)
    assert office.received.messages[0].text == "问题"


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32), st.sampled_from([16, 32]))
def test_what_their_client_opens_we_open(aibot: Any, content: bytes, secret: bytes, block: int) -> None:
    """Padded to 32 as the documentation says, or to 16 as AES has it; the key with its padding or without."""
    for key in (base64.b64encode(secret).decode(), base64.b64encode(secret).decode().rstrip("=")):
        sealed = encrypted(content, key, block)
        assert aibot.decrypt_file(sealed, key) == opened_file(sealed, key) == content


@given(st.binary(max_size=96), st.binary(min_size=32, max_size=32))
def test_what_their_client_refuses_we_refuse(aibot: Any, content: bytes, secret: bytes) -> None:
    key = base64.b64encode(secret).decode()
    theirs: bytes | None = None
    if len(content) % 16 == 0:  # it fills up what is cut off; we do not
        with suppress(ValueError, RuntimeError):
            theirs = aibot.decrypt_file(content, key)
    try:
        ours: bytes | None = opened_file(content, key)
    except SendFailed:
        ours = None
    assert ours == theirs
