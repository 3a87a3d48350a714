"""WeCom's end of a smart robot's long connection, and its members.

* One connection for each robot: a second subscription puts the first out (``disconnected_event``). A wrong secret, or a
  frame before the subscription, is refused.
* Every question of ours is answered under its ``req_id``; equal ``req_id`` twice is a fault of ours, but in answers to
  a callback, which carry that of the callback and are good on its connection only (846605).
* An answer to a message (``aibot_respond_msg``): a stream is shown once, as it was when it was finished; a welcome
  (``aibot_respond_welcome_msg``) only for the event that a member entered.
* ``aibot_send_msg``: 20,480 bytes; 30 a minute and 1,000 an hour for each conversation, more are refused (45009).
* An upload: announced size, parts of at most 512 KB in any order, MD5; the media id is good once announced whole.
* Faults: answered with busy. A connection that ends (``hang_up``) loses what is on the wire: WeCom says nothing twice.
  ``hold`` keeps its answers back, as a slow network does; ``forget`` ends the subscription and not the connection.

Source: developer.work.weixin.qq.com 智能机器人长连接 (101463); WeCom's own clients work against it
(test_wecom_robot_sdk).
"""

import asyncio
import base64
import hashlib
import json
import random
import time
from collections import defaultdict
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web

from bot.channels.app_settings import AppSettings
from bot.channels.messages import Channel, Platform
from bot.channels.wecom_robot_socket import Pace, make
from tests.bot.channels.served import Served
from tests.bot.channels.simulated import Arrived, shanghai_now
from tests.bot.channels.wecom_robot_server import CONTENT_BYTES, ROBOT, ROBOT_NAME, encrypted, shown
from tests.bot.channels.wecom_server import CORP

SECRET = "robot-secret-of-the-test"
PART_BYTES = 512 * 1024
MEDIA = ("file", "image", "voice", "video")
QUICK = Pace(ping=0.2, answer=10.0, first=0.02, most=0.1, put_out=0.2)


class WecomRobotSocketServer:
    platform = Platform.WECOM

    def __init__(self, name: str = "wecom-robot-socket") -> None:
        self.name = name
        self.arrived: list[Arrived] = []
        self.faults: list[str] = []
        self.subscriptions = 0
        self.subscribed_at: list[float] = []
        self.pings = 0
        self.pongs = True
        self.files: dict[str, bytes] = {}
        self.media: dict[str, tuple[str, bytes]] = {}
        self._uploads: dict[str, dict[str, Any]] = {}
        self._connection: web.WebSocketResponse | None = None
        self.connected = asyncio.Event()
        self._asked: set[str] = set()
        self._ids = count(1)
        self._said: dict[str, str] = {}
        self._sent: dict[str, list[float]] = defaultdict(list)
        self.frames: list[dict[str, Any]] = []
        self.welcomed: list[str] = []
        self._callbacks: dict[str, tuple[str, str]] = {}
        self._streams: dict[str, str] = {}
        self._held: list[str] | None = None
        self._share = 0.0
        self._random = random.Random(20261122)
        app = web.Application()
        app.router.add_get("/", self._socket)
        app.router.add_get("/files/{name}", self._file)
        self.served = Served(app)

    def settings(self) -> AppSettings:
        return AppSettings(
            self.name,
            {
                "corp_id": CORP,
                "robot_name": ROBOT_NAME,
                "robot_id": ROBOT,
                "secret": SECRET,
                "api": self.served.origin,
                "media_hosts": [self.served.origin],
            },
        )

    def channel(self, pace: Pace = QUICK) -> Channel:
        return make(self.settings(), shanghai_now, time.monotonic, pace)

    async def connect(self, callback: web.Application | None, origin: str) -> None:
        await self.served.start()
        await asyncio.wait_for(self.connected.wait(), 60)

    async def say(
        self, text: str, *, member: str = "zhang", group: str | None = None, id: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> int:  # fmt: skip
        """In a group to the robot: it hears nothing else. 200 once it is on the wire: nobody acknowledges."""
        await self.push("aibot_msg_callback", self.message(text, member, group, id, file))
        return 200

    def message(
        self, text: str, member: str, group: str | None, id: str | None = None, file: tuple[str, bytes] | None = None
    ) -> dict[str, Any]:
        number = self._said.setdefault(id, f"m{next(self._ids)}") if id else f"m{next(self._ids)}"
        message: dict[str, Any] = {
            "msgid": number,
            "aibotid": ROBOT,
            "chattype": "group" if group else "single",
            "from": {"userid": member},
            "create_time": int(time.time()),
            "msgtype": "text",
            "text": {"content": f"@{ROBOT_NAME} {text}" if group else text},
        }
        if group:
            message["chatid"] = group
        if file is not None:
            kind = "image" if file[0].endswith((".png", ".jpg")) else "file"
            message |= {"msgtype": kind, kind: self.kept(file[1])}
            del message["text"]
        return message

    def event(self, kind: str, member: str = "zhang") -> dict[str, Any]:
        number, now = f"m{next(self._ids)}", int(time.time())
        told = {"msgid": number, "create_time": now, "aibotid": ROBOT, "chattype": "single", "from": {"userid": member}}
        return {**told, "msgtype": "event", "event": {"eventtype": kind}}

    async def push(self, command: str, content: dict[str, Any]) -> None:
        number = f"r{next(self._ids)}"
        kind = content["event"]["eventtype"] if _is_event(content) else "message"
        if "from" in content:
            self._callbacks[number] = kind, content.get("chatid") or content["from"]["userid"]
        await self.push_text(json.dumps({"cmd": command, "headers": {"req_id": number}, "body": content}))

    async def push_text(self, text: str) -> None:
        while self._connection is None:  # it may go while we are told that it has come
            await asyncio.wait_for(self.connected.wait(), 60)
        await self._connection.send_str(text)

    async def hang_up(self) -> None:
        assert self._connection is not None
        self.connected.clear()
        await self._connection.close()

    def hold(self) -> None:
        """From now on nothing is answered."""
        self._held = []

    async def release(self) -> None:
        """What was held back is answered now."""
        held, self._held = self._held or [], None
        for each in held:
            await self.push_text(each)

    def drop_held(self) -> None:
        """What was held back is never answered."""
        self._held = None

    def forget(self) -> None:
        """The subscription is gone; the connection stays."""
        self._connection = None
        self.connected.clear()

    def fail(self, share: float) -> None:
        self._share = share

    async def close(self) -> None:
        await self.served.stop()

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        connection = web.WebSocketResponse(max_msg_size=4 * 1024 * 1024)
        await connection.prepare(request)
        async for message in connection:
            if message.type is WSMsgType.TEXT and not await self._frame(connection, json.loads(message.data)):
                break
        if self._connection is connection:
            self._connection = None
            self.connected.clear()
        await connection.close()
        return connection

    async def _frame(self, connection: web.WebSocketResponse, frame: dict[str, Any]) -> bool:
        """Whether the connection goes on."""
        number, content = frame["headers"]["req_id"], frame.get("body", {})
        self.frames.append(frame)
        answers_us = frame["cmd"].startswith("aibot_respond_")
        if number in self._asked and not answers_us:
            self.faults.append(f"req_id twice: {number}")
        self._asked.add(number)
        if frame["cmd"] == "aibot_subscribe":
            answer = await self._subscribe(connection, content)
        elif connection is not self._connection:
            answer = {"errcode": 846609, "errmsg": "not subscribed"}
        elif frame["cmd"] == "ping":
            self.pings += 1
            if not self.pongs:
                return True
            answer = {"errcode": 0, "errmsg": "ok"}
        elif self._random.random() < self._share:
            answer = {"errcode": -1, "errmsg": "system busy"}
        elif answers_us:
            answer = {"errcode": self._respond(frame["cmd"], number, content), "errmsg": "told"}
        else:
            answer = self._done(frame["cmd"], content)
        told = json.dumps({"headers": {"req_id": number}, **answer})
        if self._held is None:
            await connection.send_str(told)
        else:
            self._held.append(told)
        return True

    async def _subscribe(self, connection: web.WebSocketResponse, content: dict[str, Any]) -> dict[str, Any]:
        self.subscriptions += 1
        self.subscribed_at.append(time.monotonic())
        if (content.get("bot_id"), content.get("secret")) != (ROBOT, SECRET):
            return {"errcode": 853000, "errmsg": "invalid bot_id or secret"}
        if self._connection is not None and not self._connection.closed:
            event = self.event("disconnected_event")
            await self._connection.send_str(
                json.dumps({"cmd": "aibot_event_callback", "headers": {"req_id": "out"}, "body": event})
            )
        self._connection = connection
        self._callbacks.clear()
        self.connected.set()
        return {"errcode": 0, "errmsg": "ok"}

    def _done(self, command: str, content: dict[str, Any]) -> dict[str, Any]:
        answer = {
            "aibot_send_msg": self._send,
            "aibot_upload_media_init": self._begin,
            "aibot_upload_media_chunk": self._part,
            "aibot_upload_media_finish": self._finish,
        }[command](content)
        return {"errcode": 0, "errmsg": "ok", "body": answer} if isinstance(answer, dict) else {"errcode": answer}

    def _respond(self, command: str, number: str, content: dict[str, Any]) -> int:
        kind, conversation = self._callbacks.get(number, ("", ""))
        if kind != ("enter_chat" if command == "aibot_respond_welcome_msg" else "message"):
            return 846605
        if command == "aibot_respond_welcome_msg":
            self.welcomed.append(content["text"]["content"])
            return 0
        if content["msgtype"] in MEDIA:
            self.arrived.append(Arrived(conversation, "", *self.media[content[content["msgtype"]]["media_id"]]))
            return 0
        stream = content["stream"]
        if content["msgtype"] != "stream" or len(stream["content"].encode()) > CONTENT_BYTES:
            return 40058
        if self._streams.get(stream["id"]) == "finished":
            return 846608
        self._streams[stream["id"]] = "finished" if stream["finish"] else "open"
        if stream["finish"]:
            self.arrived.append(Arrived(conversation, shown(stream["content"])))
        return 0

    def _send(self, content: dict[str, Any]) -> dict[str, Any] | int:
        conversation, now = content["chatid"], time.monotonic()
        self._sent[conversation] = [each for each in self._sent[conversation] if each > now - 3600]
        if sum(each > now - 60 for each in self._sent[conversation]) >= 30 or len(self._sent[conversation]) >= 1000:
            return 45009
        self._sent[conversation].append(now)
        if content["msgtype"] in MEDIA:
            self.arrived.append(Arrived(conversation, "", *self.media[content[content["msgtype"]]["media_id"]]))
            return {}
        text = content["markdown"]["content"]
        if content["msgtype"] != "markdown" or len(text.encode()) > CONTENT_BYTES:
            return 40058
        self.arrived.append(Arrived(conversation, shown(text)))
        return {}

    def _begin(self, content: dict[str, Any]) -> dict[str, Any] | int:
        upload_id = f"u{next(self._ids)}"
        self._uploads[upload_id] = {**content, "parts": {}}
        return {"upload_id": upload_id} if content["type"] in MEDIA and content["total_chunks"] <= 100 else 40004

    def _part(self, content: dict[str, Any]) -> dict[str, Any] | int:
        upload, part = self._uploads[content["upload_id"]], base64.b64decode(content["base64_data"])
        if len(part) > PART_BYTES or not 0 <= content["chunk_index"] < upload["total_chunks"]:
            return 40006
        upload["parts"][content["chunk_index"]] = part
        return {}

    def _finish(self, content: dict[str, Any]) -> dict[str, Any] | int:
        upload = self._uploads.pop(content["upload_id"])
        whole = b"".join(part for _, part in sorted(upload["parts"].items()))
        announced = (upload["total_size"], upload["total_chunks"], upload["md5"])
        if announced != (len(whole), len(upload["parts"]), hashlib.md5(whole).hexdigest()):
            return 40006
        media_id = f"media-{next(self._ids)}"
        self.media[media_id] = (upload["filename"], whole)
        return {"type": upload["type"], "media_id": media_id, "created_at": "1"}

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["name"]])

    def kept(self, content: bytes) -> dict[str, str]:
        """Every address has its own key."""
        name, key = f"{len(self.files) + 1}", base64.b64encode(self._random.randbytes(32)).decode()
        self.files[name] = encrypted(content, key)
        return {"url": f"{self.served.origin}/files/{name}", "aeskey": key}


def _is_event(content: dict[str, Any]) -> bool:
    return content.get("msgtype") == "event" and isinstance(content.get("event"), dict)
