"""Feishu's platform in this process: its server API, and its events by HTTP.

It refuses what the real one refuses: a wrong secret, an expired token (99991663), more than 5 messages a second to one
chat (230020), a body of more than 150 KB (230025), an empty file (234010), an unknown message (230001). It sends one
``uuid`` once. What we do not acknowledge with 200 within 3 seconds it sends again (here after fractions of a second
instead of 15 s, 5 min, 1 h, 6 h).
"""

import asyncio
import hashlib
import json
import random
import secrets
import socket
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp
from aiohttp import web

from bot.channels.app_settings import AppSettings
from bot.channels.messages import Channel, Platform
from tests.bot.channels.feishu_contacts import FeishuContacts, refused
from tests.bot.channels.feishu_sealed import (
    APP_ID,
    APP_SECRET,
    ENCRYPT_KEY,
    ROBOT,
    TENANT,
    TOKEN,
    encrypted,
    event,
    mention,
    signed,
    text,
)
from tests.bot.channels.simulated import Arrived, shanghai_now

ADDRESSED = "@诚核"
APP = "feishu-office"
ACKNOWLEDGE_SECONDS = 20.0
"""Feishu itself waits three; a machine that stands still for as long is no fault of ours."""
BODY_BYTES = 150 * 1024
RATE_PER_SECOND = 5
AGAIN_SECONDS = (0.3, 0.6, 1.2, 2.4)
PICTURES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass
class _Token:
    value: str = ""
    until: float = 0.0


@dataclass
class FeishuPlatform:
    """The server API, without a way for events. ``calls``: how often each address was asked for."""

    platform: Platform = Platform.FEISHU
    kind: str = "feishu"
    arrived: list[Arrived] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    chats: dict[str, str] = field(default_factory=dict)
    token_seconds: float = 7200.0
    name: str = APP
    seconds: Callable[[], float] = time.monotonic
    """By which it counts how many come in a second."""

    def __post_init__(self) -> None:
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(128)
        self.origin = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.contacts = FeishuContacts(TENANT)
        self._token = _Token()
        self._files: dict[str, tuple[str, bytes]] = {}
        self._resources: dict[tuple[str, str], tuple[str, bytes]] = {}
        self._sent: dict[tuple[str, str], str] = {}
        self._times: dict[str, deque[float]] = defaultdict(deque)
        self._share, self._random = 0.0, random.Random(6)
        self._again: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None

    def channel(self) -> Channel:
        from bot.channels import feishu

        values = self._settings() | {"encrypt_key": ENCRYPT_KEY, "verification_token": TOKEN}
        return feishu.make(AppSettings(self.name, values), shanghai_now, time.monotonic)

    def _settings(self) -> dict[str, object]:
        return {"app_id": APP_ID, "app_secret": APP_SECRET, "api": self.origin}

    async def start(self) -> None:
        if self._runner is not None:
            return
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/open-apis/auth/v3/tenant_access_token/internal", self._give_token)
        app.router.add_get("/open-apis/bot/v3/info", self._guarded(self._robot))
        app.router.add_post("/open-apis/im/v1/files", self._guarded(self._take_file))
        app.router.add_post("/open-apis/im/v1/messages/{message}/reply", self._guarded(self._take_reply))
        app.router.add_get("/open-apis/im/v1/messages/{message}/resources/{key}", self._guarded(self._give_resource))
        self.contacts.add_to(app, self._guarded)
        self._more(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.SockSite(self._runner, self._listening).start()

    def _more(self, app: web.Application) -> None:
        pass

    def fail(self, share: float) -> None:
        self._share = share

    def expire_token(self) -> None:
        self._token = _Token()

    async def close(self) -> None:
        for task in self._again:
            task.cancel()
        if self._runner is not None:
            await self._runner.cleanup()
        self._listening.close()

    async def say(
        self, text: str, *, member: str = "zhang", group: str | None = None, id: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> int:  # fmt: skip
        told = self.message(text, member, group, id, file)
        status = await self.deliver(told)
        if status != 200:
            self.repeat(partial(self.deliver, told))
        return status

    async def deliver(self, told: dict[str, Any]) -> int:
        """An event, once: the status of the acknowledgement, 0 for none in time."""
        raise NotImplementedError

    def message(
        self, words: str, member: str, group: str | None, id: str | None, file: tuple[str, bytes] | None
    ) -> dict[str, Any]:
        """The event of a member's message; the same ``id``, the same message."""
        name = f"om_{hashlib.sha256((id or uuid.uuid4().hex).encode()).hexdigest()[:32]}"
        chat = f"oc_{group}" if group else f"oc_with_{member}"
        self.chats[name] = chat
        told = {"message_id": name, "chat_id": chat, "chat_type": "group" if group else "p2p"}
        if group and words.startswith(ADDRESSED):
            words = words.replace(ADDRESSED, "@_user_1", 1)
            told |= {"mentions": [mention(ROBOT, "@_user_1", "诚核")]}  # type: ignore[dict-item]
        header = {} if id is None else {"event_id": hashlib.sha256(id.encode()).hexdigest()[:32]}
        return event(text(words, **told) if file is None else self._with_file(told, words, file), member, **header)

    def _with_file(self, told: dict[str, Any], words: str, file: tuple[str, bytes]) -> dict[str, Any]:
        picture = file[0].lower().endswith(PICTURES)
        key = f"{'img' if picture else 'file'}_v3_{secrets.token_hex(8)}"
        self._resources[told["message_id"], key] = ("image" if picture else "file", file[1])
        if not picture:
            return told | {"message_type": "file", "content": json.dumps({"file_key": key, "file_name": file[0]})}
        if not words:
            return told | {"message_type": "image", "content": json.dumps({"image_key": key})}
        row = [[{"tag": "text", "text": words}], [{"tag": "img", "image_key": key}]]
        return told | {"message_type": "post", "content": json.dumps({"title": "", "content": row})}

    def repeat(self, deliver: Callable[[], Awaitable[int]]) -> None:
        """Until it is acknowledged, four times."""

        async def again() -> None:
            for pause in AGAIN_SECONDS:
                await asyncio.sleep(pause)
                if await deliver() == 200:
                    return

        task = asyncio.create_task(again())
        self._again.add(task)
        task.add_done_callback(self._again.discard)

    def _guarded(
        self, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            self.calls[request.path.rpartition("/")[2]] += 1
            failure = self._failure()
            if failure == "after":
                await handler(request)  # done, but we never hear of it
            if failure in ("after", "cut"):
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=500)
            if failure == "busy":
                return refused(99991400, 400, {"x-ogw-ratelimit-reset": "1"})
            if failure == "expired":
                self.expire_token()
            if failure == "broken":
                return web.Response(status=500, text="<html>")
            if request.headers.get("Authorization") != f"Bearer {self._token.value}" or time.time() > self._token.until:
                return refused(99991663, 400)
            return await handler(request)

        return answer

    def _failure(self) -> str:
        if self._random.random() >= self._share:
            return ""
        return self._random.choice(["broken", "cut", "after", "busy", "expired"])

    async def _give_token(self, request: web.Request) -> web.StreamResponse:
        self.calls["token"] += 1
        asked = await request.json()
        if self._failure() in ("broken", "cut", "after"):
            return web.Response(status=502)
        if asked != {"app_id": APP_ID, "app_secret": APP_SECRET}:
            return refused(10014, 200)
        if not self._token.value:
            self._token = _Token(f"t-{secrets.token_hex(16)}", time.time() + self.token_seconds)
        expire = int(self._token.until - time.time())
        return web.json_response({"code": 0, "msg": "ok", "tenant_access_token": self._token.value, "expire": expire})

    async def _robot(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"code": 0, "msg": "ok", "bot": {"app_name": "诚核", "open_id": ROBOT}})

    async def _take_file(self, request: web.Request) -> web.StreamResponse:
        fields = await request.post()
        content = fields["file"]
        if isinstance(content, web.FileField):
            content = content.file.read()
        data = content.encode() if isinstance(content, str) else bytes(content)
        if fields["file_type"] not in ("opus", "mp4", "pdf", "doc", "xls", "ppt", "stream") or not fields["file_name"]:
            return refused(234001, 400)
        if not data:
            return refused(234010, 400)
        key = f"file_v3_{secrets.token_hex(8)}"
        self._files[key] = (str(fields["file_name"]), data)
        return web.json_response({"code": 0, "msg": "success", "data": {"file_key": key}})

    async def _take_reply(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if len(body) > BODY_BYTES:
            return refused(230025, 400)
        asked = json.loads(body)
        chat = self.chats.get(request.match_info["message"])
        if chat is None or len(asked.get("uuid", "")) > 50:
            return refused(230001, 400)
        known = self._sent.get((chat, asked["uuid"]))
        if known is None:
            if self._too_fast(chat):
                return refused(230020, 400)
            self.arrived.append(self._arrived(chat, asked["msg_type"], json.loads(asked["content"])))
            known = self._sent[chat, asked["uuid"]] = f"om_{secrets.token_hex(16)}"
        return web.json_response({"code": 0, "msg": "success", "data": {"message_id": known, "chat_id": chat}})

    def _arrived(self, chat: str, kind: str, content: dict[str, str]) -> Arrived:
        if kind == "text":
            return Arrived(chat, content["text"])
        name, data = self._files[content["file_key"]]
        return Arrived(chat, "", name, data)

    def _too_fast(self, chat: str) -> bool:
        times, now = self._times[chat], self.seconds()
        while times and now - times[0] >= 1.0:
            times.popleft()
        if len(times) >= RATE_PER_SECOND:
            return True
        times.append(now)
        return False

    async def _give_resource(self, request: web.Request) -> web.StreamResponse:
        found = self._resources.get((request.match_info["message"], request.match_info["key"]))
        if found is None or found[0] != request.query.get("type"):
            return refused(234001, 400)
        return web.Response(body=found[1], content_type="application/octet-stream")


class FeishuServer(FeishuPlatform):
    """Events by HTTP, encrypted and signed."""

    async def connect(self, callback: web.Application | None, origin: str) -> None:
        await self.start()
        self.address = f"{origin}/channels/{self.name}"

    async def deliver(self, told: dict[str, Any]) -> int:
        body = json.dumps({"encrypt": encrypted(json.dumps(told, ensure_ascii=False))}).encode()
        return (await self.send(body, signed(body)))[0]

    async def send(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        timeout = aiohttp.ClientTimeout(total=ACKNOWLEDGE_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self.address, data=body, headers=headers) as response,
            ):
                return response.status, await response.text()
        except (TimeoutError, aiohttp.ClientError):
            return 0, ""
