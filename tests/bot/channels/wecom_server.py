"""WeCom's server as an application and its members see it: tokens, callbacks sealed by wechatpy, limits, media.

* Callbacks: sealed with wechatpy's own cryptography; repeated up to three times when not acknowledged with 200.
* ``message/send``: a current token, the agent's own id, a visible member; longer text is cut at 2048 bytes as WeCom
  does; what exceeds 30 a minute or 1,000 an hour is dropped silently; with ``enable_duplicate_check`` an equal request
  within the interval is answered with ok and not delivered. When it fails, some answers are lost after delivery.
* ``media/upload``: multipart with a plain ``filename``, 6 bytes to 20 MB. ``gettoken``: the secret; the old token ends
  with the next, and when ``expire()`` says so.
* ``trusted = False``: our address is not among the trusted ones (60020).

Source: developer.work.weixin.qq.com 90236, 90238, 90239, 90253, 90254, 91039, 90313.
"""

import random
import re
import time
from collections import defaultdict
from itertools import count
from typing import Any

import aiohttp
from aiohttp import web
from wechatpy.work.crypto import WeChatCrypto

from bot.channels.app_settings import AppSettings
from bot.channels.messages import Channel, Platform
from bot.channels.wecom import make
from tests.bot.channels.served import Served
from tests.bot.channels.simulated import Arrived, shanghai_now
from tests.bot.channels.tencent_faults import fault
from tests.bot.channels.wecom_contacts import WecomContacts

TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CORP = "ww1436e0e65a779aee"
AGENT = 1000002
SECRET = "app-secret-of-the-test"
TEXT_BYTES = 2048
ATTEMPTS = 4


class WecomServer:
    platform = Platform.WECOM

    def __init__(self, name: str = "wecom-app") -> None:
        self.name = name
        self.arrived: list[Arrived] = []
        self.dropped: list[Arrived] = []
        self.calls: list[str] = []
        self.lost = 0
        self.members = {"zhang", "li", "wang"}
        self.anybody = True
        self.trusted = True
        self.unlicensed: set[str] = set()
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, CORP)
        self.media: dict[str, tuple[str, bytes]] = {}
        self.contacts = WecomContacts()
        self._ids = count(1456453720)
        self._said: dict[str, str] = {}
        self._tokens = count(1)
        self._token = ""
        self._ends = 0.0
        self._share = 0.0
        self._random = random.Random(20261122)
        self._sent: dict[str, list[float]] = defaultdict(list)
        self._seen: dict[str, float] = {}
        self._url = ""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_get("/cgi-bin/gettoken", self._gettoken)
        app.router.add_post("/cgi-bin/message/send", self._send)
        app.router.add_post("/cgi-bin/media/upload", self._upload)
        app.router.add_get("/cgi-bin/media/get", self._get)
        app.router.add_get("/cgi-bin/agent/get", self._agent)
        self.contacts.add_to(app, self._refusal)
        self.served = Served(app)

    def settings(self) -> AppSettings:
        return AppSettings(
            self.name,
            {
                "corp_id": CORP,
                "agent_id": str(AGENT),
                "secret": SECRET,
                "token": TOKEN,
                "aes_key": AES_KEY,
                "api": self.served.origin,
            },
        )

    def channel(self) -> Channel:
        return make(self.settings(), shanghai_now, time.monotonic)

    async def connect(self, callback: web.Application | None, origin: str) -> None:
        self._url = f"{origin}/channels/{self.name}"
        await self.served.start()

    async def say(
        self, text: str, *, member: str = "zhang", group: str | None = None, id: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> int:  # fmt: skip
        if group is not None:
            raise NotImplementedError("an app has no groups")
        number = self._said.setdefault(id, str(next(self._ids))) if id else str(next(self._ids))
        content = self.message(text, member, number, file)
        for _ in range(ATTEMPTS):
            try:
                status = (await self.deliver(content))[0]
            except (aiohttp.ClientError, TimeoutError):
                status = 0
            if status == 200:
                break
        return status

    def message(self, text: str, member: str, number: str, file: tuple[str, bytes] | None = None) -> str:
        now = int(time.time())
        start = (
            f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[{member}]]></FromUserName>"
            f"<CreateTime>{now}</CreateTime>"
        )
        end = f"<MsgId>{number}</MsgId><AgentID>{AGENT}</AgentID></xml>"
        if file is None:
            return f"{start}<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>{end}"
        media_id = self._kept(*file)
        if file[0].endswith((".png", ".jpg")):
            middle = f"<MsgType><![CDATA[image]]></MsgType><PicUrl><![CDATA[{self.served.origin}/pic]]></PicUrl>"
        else:
            middle = f"<MsgType><![CDATA[file]]></MsgType><FileName><![CDATA[{file[0]}]]></FileName>"
        return f"{start}{middle}<MediaId><![CDATA[{media_id}]]></MediaId>{end}"

    async def deliver(self, content: str, *, at: float | None = None) -> tuple[int, str]:
        """One callback with ``content`` sealed in it: status and body of our answer."""
        timestamp, nonce = str(int(at or time.time())), str(self._random.randrange(10**9))
        sealed = self.crypto.encrypt_message(content, nonce, timestamp)
        found = {each: re.search(rf"<{each}><!\[CDATA\[(.*?)\]\]>", sealed).group(1) for each in
                 ("Encrypt", "MsgSignature")}  # fmt: skip
        envelope = (
            f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><AgentID><![CDATA[{AGENT}]]></AgentID>"
            f"<Encrypt><![CDATA[{found['Encrypt']}]]></Encrypt></xml>"
        )
        return await self.post(envelope.encode(), found["MsgSignature"], timestamp, nonce)

    async def post(self, body: bytes, signature: str, timestamp: str, nonce: str, **headers: str) -> tuple[int, str]:
        params = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}
        timeout = aiohttp.ClientTimeout(total=60)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(self._url, params=params, data=body, headers={"Content-Type": "text/xml", **headers}) as got,
        ):
            return got.status, await got.text()

    async def verify_url(self, echo: str, *, plain_plus: bool = False, **changed: str) -> tuple[int, bytes]:
        """``plain_plus``: a plus in ``echostr`` is not escaped, so that it is read as a space."""
        timestamp, nonce, encrypted = str(int(time.time())), "47744683", ""
        while not encrypted or (plain_plus and "+" not in encrypted):
            sealed = self.crypto.encrypt_message(echo, nonce, timestamp)
            encrypted = re.search(r"<Encrypt><!\[CDATA\[(.*?)\]\]>", sealed).group(1)
        signature = re.search(r"<MsgSignature><!\[CDATA\[(.*?)\]\]>", sealed).group(1)
        if plain_plus:
            encrypted = encrypted.replace("+", " ")
        params = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": encrypted, **changed}
        async with aiohttp.ClientSession() as session, session.get(self._url, params=params) as got:
            return got.status, await got.read()

    def fail(self, share: float) -> None:
        self._share = share

    def expire(self) -> None:
        """The token ends early, as it may."""
        self._ends = 0.0

    async def close(self) -> None:
        await self.served.stop()

    def _refusal(self, request: web.Request) -> web.Response | None:
        self.calls.append(request.path)
        faulty = fault(self._random, self._share, self.expire)
        if faulty is not None:
            return faulty
        if not self.trusted:
            return web.json_response({"errcode": 60020, "errmsg": "not allow to access from your ip"})
        if request.query.get("access_token", "") != self._token or not self._token:
            return web.json_response({"errcode": 40014, "errmsg": "invalid access_token"})
        if time.monotonic() >= self._ends:
            return web.json_response({"errcode": 42001, "errmsg": "access_token expired"})
        return None

    async def _gettoken(self, request: web.Request) -> web.Response:
        self.calls.append(request.path)
        if self._random.random() < self._share:
            return web.json_response({"errcode": -1, "errmsg": "system busy"})
        if request.query.get("corpid") != CORP:
            return web.json_response({"errcode": 40013, "errmsg": "invalid corpid"})
        if request.query.get("corpsecret") != SECRET:
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
        if time.monotonic() >= self._ends:
            self._token, self._ends = f"token-{next(self._tokens)}", time.monotonic() + 7200
        return web.json_response({"errcode": 0, "errmsg": "ok", "access_token": self._token, "expires_in": 7200})

    async def _send(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        raw = await request.read()
        message: dict[str, Any] = await request.json()
        member = message["touser"]
        if message["agentid"] != AGENT:
            return web.json_response({"errcode": 301002, "errmsg": "not allow operate another agent"})
        if not self.anybody and member not in self.members:
            return web.json_response({"errcode": 81013, "errmsg": "user & party & tag all invalid"})
        if member in self.unlicensed:
            return web.json_response({"errcode": 0, "errmsg": "ok", "unlicenseduser": member})
        if message.get("enable_duplicate_check") == 1:
            now = time.monotonic()
            if now < self._seen.get(raw.hex(), 0.0):
                return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": "again"})
            self._seen[raw.hex()] = now + message.get("duplicate_check_interval", 1800)
        self._arrive(member, message)
        if self._random.random() < self._share / 4 and request.transport is not None:
            self.lost += 1
            request.transport.abort()
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": "m"})

    def _arrive(self, member: str, message: dict[str, Any]) -> None:
        if message["msgtype"] == "text":
            text = message["text"]["content"].encode()[:TEXT_BYTES].decode(errors="replace")
            arrived = Arrived(member, text)
        else:
            name, content = self.media[message["file"]["media_id"]]
            arrived = Arrived(member, "", name, content)
        now = time.monotonic()
        self._sent[member] = [each for each in self._sent[member] if each > now - 3600] + [now]
        recent = sum(each > now - 60 for each in self._sent[member])
        (self.dropped if recent > 30 or len(self._sent[member]) > 1000 else self.arrived).append(arrived)

    async def _upload(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        raw = await request.read()
        head = re.search(rb'name="media"; filename="([^"]+)"', raw)
        if head is None:
            return web.json_response({"errcode": 44001, "errmsg": "empty media data"})
        boundary = raw.split(b"\r\n", 1)[0]
        content = raw.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n" + boundary, 1)[0]
        if len(content) <= 5:
            return web.json_response({"errcode": 40006, "errmsg": "invalid file size"})
        media_id = self._kept(head.group(1).decode(), content)
        return web.json_response({"errcode": 0, "errmsg": "", "type": "file", "media_id": media_id, "created_at": "1"})

    async def _get(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        found = self.media.get(request.query["media_id"])
        if found is None:
            return web.json_response({"errcode": 40007, "errmsg": "invalid media_id"})
        return web.Response(body=found[1], content_type="application/octet-stream")

    async def _agent(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        if request.query.get("agentid") != str(AGENT):
            return web.json_response({"errcode": 301002, "errmsg": "not allow operate another agent with this secret"})
        told = {"errcode": 0, "errmsg": "ok", "agentid": AGENT, "name": "信用问答", "close": 0}
        return web.json_response(told | self.contacts.visible())

    def _kept(self, name: str, content: bytes) -> str:
        media_id = f"media-{len(self.media) + 1}"
        self.media[media_id] = (name, content)
        return media_id
