"""DingTalk's servers as a robot and its members see them: web hooks, the API, files, and the two ways to be heard.

* HTTP: the message is posted once, signed with ``timestamp`` and ``sign``; the status of our answer counts, and what
  it says must be a JSON object.
* Stream: ``connections/open`` checks the app and what it subscribes to; the ticket opens one connection; messages go
  to the newest one, once; each must be acknowledged with 200 by its ``messageId``. ``ping()``, ``disconnect()``,
  ``drop()`` do what the platform does.
* A web hook answers ``{"errcode": 300001}`` when its session is unknown or has ended; 20 texts a minute (130101).
* The API takes a current token in its header; a robot's own code; a member's user id; texts in ``sampleText``, files
  uploaded before and of the kinds that DingTalk shows. Errors are HTTP 400, 401, 403 with ``code``.

Source: open.dingtalk.com 接收消息, 机器人发送消息, 上传媒体文件, 下载机器人接收消息的文件; developerpedia,
learn/stream/protocol.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import random
import time
from collections import defaultdict
from itertools import count
from typing import Any

import aiohttp
from aiohttp import web

from bot.channels import dingtalk, dingtalk_stream
from bot.channels.app_settings import AppSettings
from bot.channels.messages import Channel, Platform
from tests.bot.channels.dingtalk_contacts import DingTalkContacts
from tests.bot.channels.served import Served
from tests.bot.channels.simulated import Arrived, shanghai_now

CORP = "ding6ccabc44d2c8d38b"
KEY = "dingf0apw4ibx5u5ktba"
SECRET = "client-secret-of-the-test"
SESSION_SECONDS = 5400
HOOK_A_MINUTE = 20
SHOWN = {"xlsx", "pdf", "zip", "rar", "doc", "docx"}
TOPIC = "/v1.0/im/bot/messages/get"
ACKNOWLEDGED_SECONDS = 20.0


class DingTalkServer:
    """The robot receives by HTTP."""

    platform = Platform.DINGTALK

    def __init__(self, name: str = "dingtalk") -> None:
        self.name = name
        self.arrived: list[Arrived] = []
        self.addressed: list[list[str]] = []
        self.calls: list[str] = []
        self.strangers: set[str] = set()
        self.uploaded: dict[str, tuple[str, bytes]] = {}
        self.files: dict[str, bytes] = {}
        self.contacts = DingTalkContacts()
        self.sessions: dict[str, tuple[str, float]] = {}
        self.session_seconds: float = SESSION_SECONDS
        self._hooked: dict[str, list[float]] = defaultdict(list)
        self._numbers = count(1)
        self._token = ""
        self._ends = 0.0
        self._share = 0.0
        self._random = random.Random(20261122)
        self._url = ""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_post("/v1.0/oauth2/accessToken", self._access_token)
        app.router.add_post("/v1.0/robot/oToMessages/batchSend", self._to_members)
        app.router.add_post("/v1.0/robot/groupMessages/send", self._to_group)
        app.router.add_post("/v1.0/robot/messageFiles/download", self._download)
        app.router.add_post("/robot/sendBySession", self._by_session)
        app.router.add_post("/media/upload", self._upload)
        app.router.add_get("/files/{code}", self._file)
        self.contacts.add_to(app, self._refused)
        self.app = app
        self.served = Served(app)
        self.file_host = self.served.origin

    def settings(self, **changed: object) -> AppSettings:
        values: dict[str, object] = {
            "client_id": KEY,
            "client_secret": SECRET,
            "corp_id": CORP,
            "api": self.served.origin,
            "old_api": self.served.origin,
            "webhook_hosts": [self.served.origin],
            "file_hosts": [self.served.origin],
        }
        return AppSettings(self.name, {**values, **changed})

    def channel(self) -> Channel:
        return dingtalk.make(self.settings(), shanghai_now, time.monotonic)

    async def connect(self, callback: web.Application | None, origin: str) -> None:
        self._url = f"{origin}/channels/{self.name}"
        await self.served.start()

    def call_at(self, path: str, origin: str) -> None:
        self._url = origin + path

    async def say(
        self, text: str, *, member: str = "zhang", group: str | None = None, id: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> int:  # fmt: skip
        return await self.deliver(self.message(text, member, group, id, file))

    def message(
        self,
        text: str,
        member: str = "zhang",
        group: str | None = None,
        id: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> dict[str, Any]:
        """As DingTalk words it; a member of ``strangers`` has no user id here."""
        number, now = next(self._numbers), int(time.time() * 1000)
        conversation = group or f"cid-{member}"
        session = hashlib.sha256(f"{self.name}{number}".encode()).hexdigest()[:32]
        self.sessions[session] = (group or self._named(member), time.time() + self.session_seconds)
        values: dict[str, Any] = {
            "chatbotCorpId": CORP,
            "chatbotUserId": "$:LWCP_v1:$robot",
            "conversationId": conversation,
            "conversationType": "2" if group else "1",
            "createAt": now,
            "isAdmin": False,
            "msgId": id or f"msg{number}==",
            "robotCode": KEY,
            "senderCorpId": CORP,
            "senderId": f"$:LWCP_v1:${member}",
            "senderNick": member,
            "senderStaffId": member,
            "sessionWebhook": f"{self.served.origin}/robot/sendBySession?session={session}",
            "sessionWebhookExpiredTime": now + int(self.session_seconds * 1000),
        }
        if member in self.strangers:
            del values["senderStaffId"], values["senderCorpId"]
        if group:
            addressed = text.startswith("@诚核")
            values |= {"isInAtList": addressed, "atUsers": [{"dingtalkId": "$:LWCP_v1:$robot"}] if addressed else []}
            text = text.removeprefix("@诚核")
        return values | self._content(text, file)

    def _named(self, member: str) -> str:
        """A conversation with one member, as our Incoming names it."""
        return f"$:LWCP_v1:${member}" if member in self.strangers else member

    def _content(self, text: str, file: tuple[str, bytes] | None) -> dict[str, Any]:
        if file is None:
            return {"msgtype": "text", "text": {"content": text}}
        code = f"code-{len(self.files)}=="
        self.files[code] = file[1]
        if file[0].endswith((".png", ".jpg")):
            return {"msgtype": "picture", "content": {"downloadCode": code, "pictureDownloadCode": "p"}}
        return {
            "msgtype": "file",
            "content": {"downloadCode": code, "fileName": file[0], "spaceId": "1", "fileId": "2"},
        }

    async def deliver(self, values: dict[str, Any]) -> int:
        return (await self.post(json.dumps(values, ensure_ascii=False).encode(), signed()))[0]

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        sent = {"Content-Type": "application/json; charset=utf-8", **headers}
        timeout = aiohttp.ClientTimeout(total=60)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(self._url, data=body, headers=sent) as got,
        ):
            text = await got.text()
            if got.status == 200:
                assert isinstance(json.loads(text), dict), text
            return got.status, text

    def fail(self, share: float) -> None:
        self._share = share

    def expire(self) -> None:
        """The token ends early, as it may."""
        self._ends = 0.0

    async def close(self) -> None:
        await self.served.stop()

    def _fault(self, request: web.Request) -> web.Response | None:
        """What goes wrong before anything has happened."""
        self.calls.append(request.path)
        if self._random.random() >= self._share:
            return None
        kind = self._random.randrange(5)
        if kind == 0:
            return web.Response(status=500)
        if kind == 1:
            return web.json_response({"code": "ServiceUnavailable", "message": "busy"}, status=503)
        if kind == 2 and request.path.startswith("/v1.0/robot"):
            self.expire()
            return denied(400, "InvalidAuthentication")
        if kind == 3 and request.path.startswith("/v1.0"):
            return denied(403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi")
        if kind == 4 and not request.path.startswith("/v1.0"):
            return web.json_response({"errcode": -1, "errmsg": "系统繁忙"})
        return web.Response(text="<html>not JSON</html>")

    def _denied(self, request: web.Request) -> web.Response | None:
        fault = self._fault(request)
        if fault is not None:
            return fault
        token = request.headers.get("x-acs-dingtalk-access-token", "")
        good = token and token == self._token and time.monotonic() < self._ends
        return None if good else denied(400, "InvalidAuthentication")

    async def _access_token(self, request: web.Request) -> web.Response:
        fault, asked = self._fault(request), await request.json()
        if fault is not None:
            return fault
        if asked != {"appKey": KEY, "appSecret": SECRET}:
            return denied(400, "invalidClientIdOrSecret")
        if time.monotonic() >= self._ends:
            self._token, self._ends = f"token-{next(self._numbers)}", time.monotonic() + 7200
        return web.json_response({"accessToken": self._token, "expireIn": 7200})

    async def _to_members(self, request: web.Request) -> web.Response:
        asked, refusal = await request.json(), self._denied(request)
        if refusal is not None:
            return refusal
        (member,) = asked["userIds"]
        wrong = {"invalidStaffIdList": [member]} if member.startswith("$:") else {"invalidStaffIdList": []}
        if not wrong["invalidStaffIdList"]:
            self._arrive(member, asked)
        return web.json_response({"processQueryKey": "q", "flowControlledStaffIdList": [], **wrong})

    async def _to_group(self, request: web.Request) -> web.Response:
        asked, refusal = await request.json(), self._denied(request)
        if refusal is not None:
            return refusal
        self._arrive(asked["openConversationId"], asked)
        return web.json_response({"processQueryKey": "q"})

    def _arrive(self, conversation: str, asked: dict[str, Any]) -> None:
        assert asked["robotCode"] == KEY
        assert len(asked["msgParam"].encode()) <= 15_000
        content = json.loads(asked["msgParam"])
        if asked["msgKey"] == "sampleText":
            self.arrived.append(Arrived(conversation, content["content"]))
            return
        assert (asked["msgKey"], content["fileType"] in SHOWN) == ("sampleFile", True)
        data = self.uploaded[content["mediaId"]][1]
        self.arrived.append(Arrived(conversation, "", content["fileName"], data))

    async def _by_session(self, request: web.Request) -> web.Response:
        fault, asked = self._fault(request), await request.json()
        if fault is not None:
            return fault
        conversation, until = self.sessions.get(request.query["session"], ("", 0.0))
        if time.time() >= until:
            return web.json_response({"errcode": 300001, "errmsg": "session 不存在"})
        now = time.monotonic()
        recent = self._hooked[conversation] = [at for at in self._hooked[conversation] if now - at < 60]
        if len(recent) >= HOOK_A_MINUTE:
            return web.json_response({"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"})
        recent.append(now)
        self.addressed.append(asked.get("at", {}).get("atUserIds", []))
        self.arrived.append(Arrived(conversation, asked["text"]["content"]))
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _upload(self, request: web.Request) -> web.Response:
        form, fault = await request.post(), self._fault(request)
        if fault is not None:
            return fault
        if request.query.get("access_token") != self._token or request.query.get("type") != "file":
            return web.json_response({"errcode": 40014, "errmsg": "不合法的access_token"})
        media = form["media"]
        assert isinstance(media, web.FileField)
        assert media.filename.isascii()
        code = f"@lAz{len(self.uploaded)}"
        self.uploaded[code] = media.filename, media.file.read()
        return web.json_response({"errcode": 0, "errmsg": "ok", "media_id": code, "type": "file"})

    async def _download(self, request: web.Request) -> web.Response:
        asked, refusal = await request.json(), self._denied(request)
        if refusal is not None:
            return refusal
        if asked["robotCode"] != KEY or asked["downloadCode"] not in self.files:
            return denied(400, "unknownError")
        return web.json_response({"downloadUrl": f"{self.file_host}/files/{asked['downloadCode']}"})

    def _refused(self, request: web.Request) -> web.Response | None:
        fault = self._fault(request)
        if fault is None and request.query.get("access_token") != self._token:
            return web.json_response({"errcode": 40014, "errmsg": "不合法的access_token"})
        return fault

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["code"]])


class DingTalkStreamServer(DingTalkServer):
    """The robot receives by Stream."""

    def __init__(self, name: str = "dingtalk-stream") -> None:
        super().__init__(name)
        self.subscribed: list[dict[str, str]] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.opened = asyncio.Event()
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.endpoint = self.served.origin.replace("http://", "ws://") + "/connect"
        self.app.router.add_post("/v1.0/gateway/connections/open", self._open)
        self.app.router.add_get("/connect", self._connect)

    def settings(self, **changed: object) -> AppSettings:
        return super().settings(**{"gateway": self.served.origin, "socket_hosts": [self.served.origin], **changed})

    def channel(self) -> Channel:
        return dingtalk_stream.make(self.settings(), shanghai_now, time.monotonic, pause_seconds=0.05)

    async def connect(self, callback: web.Application | None, origin: str) -> None:
        await self.served.start()

    async def deliver(self, values: dict[str, Any]) -> int:
        """To the newest connection; DingTalk does not repeat robot messages. 0: nobody is connected, or answers."""
        return int((await self.push("CALLBACK", TOPIC, json.dumps(values))).get("code", 0))

    async def push(self, kind: str, topic: str, data: str, **headers: str) -> dict[str, Any]:
        """One frame as soon as we are connected, and how it was acknowledged; empty when it was not."""
        async with asyncio.timeout(ACKNOWLEDGED_SECONDS):
            while not self.sockets:
                await asyncio.sleep(0.01)
        number = f"213d841d_{next(self._numbers)}"
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        named = {"topic": topic, "contentType": "application/json", "messageId": number}
        frame = {"specVersion": "1.0", "type": kind, "headers": {**named, **headers}, "data": data}
        try:
            await self.sockets[-1].send_str(json.dumps(frame))
            return await asyncio.wait_for(waiting, ACKNOWLEDGED_SECONDS)
        except (TimeoutError, ConnectionError):
            return {}

    async def ping(self) -> dict[str, Any]:
        return await self.push("SYSTEM", "ping", '{"opaque": "123-dsfs"}')

    async def disconnect(self) -> None:
        """Announced: the connection is closed when a next one is open, and takes nothing more."""
        self.opened.clear()
        frame = {"type": "SYSTEM", "headers": {"topic": "disconnect"}, "data": '{"reason": "connection is expired"}'}
        await self.sockets[-1].send_str(json.dumps(frame))

    async def drop(self) -> None:
        """Not announced."""
        self.opened.clear()
        for socket in list(self.sockets):
            await socket.close()

    async def close(self) -> None:
        for socket in list(self.sockets):
            await socket.close()
        await super().close()

    async def _open(self, request: web.Request) -> web.Response:
        asked, fault = await request.json(), self._fault(request)
        if fault is not None:
            return fault
        if (asked.get("clientId"), asked.get("clientSecret")) != (KEY, SECRET):
            return denied(401, "authFailed")
        if not asked.get("subscriptions"):
            return denied(400, "subscriptionsEmpty")
        self.subscribed = asked["subscriptions"]
        ticket = f"7724109a-{next(self._numbers)}+/="
        self._tickets.add(ticket)
        return web.json_response({"endpoint": self.endpoint, "ticket": ticket})

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        self.opened.set()
        try:
            async for message in socket:
                answer = json.loads(message.data)
                waiting = self._waiting.pop(answer["headers"]["messageId"], None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
        finally:
            self.sockets.remove(socket)
        return socket


def signed(timestamp: int | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers of a call at that moment (milliseconds)."""
    stamp = str(timestamp or int(time.time() * 1000))
    mac = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256)
    return {"timestamp": stamp, "sign": base64.b64encode(mac.digest()).decode()}


def denied(status: int, code: str) -> web.Response:
    return web.json_response({"code": code, "requestid": "0F1A", "message": "denied"}, status=status)
