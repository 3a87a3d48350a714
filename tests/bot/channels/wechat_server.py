"""WeChat's server as an official account and its members see it: callbacks sealed by wechatpy, limits, media.

* Callbacks: signed and, unless ``plain``, sealed with wechatpy's own cryptography; 5 s to answer (``patience``), three
  times in all; an answer that is neither ``success``, nothing, nor a reply that wechatpy opens is an error the member
  sees (``complaints``).
* A reply is a text of at most 2048 bytes from our account to the member who wrote.
* ``message/custom/send``: a current token, the right to it (``may_send``: else 48001), at most 2048 bytes (45002), five
  for each message of a member (45047), within 48 hours (45015).
* ``stable_token``: the secret; the same token until it ends.

Source: developers.weixin.qq.com 消息推送配置, 被动回复用户消息, 客服消息, getStableAccessToken, 全局返回码说明.
"""

import hashlib
import random
import re
import time
from collections import defaultdict
from itertools import count
from typing import Any

import aiohttp
from aiohttp import web
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatException

from bot.channels.app_settings import AppSettings
from bot.channels.messages import Channel, Platform
from bot.channels.wechat import Wechat
from tests.bot.channels.served import Served
from tests.bot.channels.simulated import Arrived, shanghai_now
from tests.bot.channels.tencent_faults import fault

TOKEN = "token-of-the-console"
AES_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
APP_ID = "wx49f0ab532d5d035a"
ACCOUNT = "gh_10f6c3c3ac5a"
SECRET = "app-secret-of-the-test"
TEXT_BYTES = 2048
ATTEMPTS = 3
QUOTA = 5


class WechatServer:
    platform = Platform.WECHAT

    def __init__(self, name: str = "wechat", *, plain: bool = False, may_send: bool = True, quota: int = QUOTA) -> None:
        self.name = name
        self.plain = plain
        self.may_send = may_send
        self.quota = quota
        self.patience = 5.0
        self.passive_seconds = 4.0
        self.arrived: list[Arrived] = []
        self.complaints: list[str] = []
        self.calls: list[str] = []
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        self.media: dict[str, bytes] = {}
        self._ids = count(6054768590064713728)
        self._said: dict[str, tuple[str, int]] = {}
        self._quota: dict[str, int] = defaultdict(int)
        self._tokens = count(1)
        self._token = ""
        self._ends = 0.0
        self._share = 0.0
        self._random = random.Random(20261122)
        self._url = ""
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", self._stable_token)
        app.router.add_post("/cgi-bin/message/custom/send", self._send)
        app.router.add_get("/cgi-bin/media/get", self._get)
        self.served = Served(app)

    def settings(self, **changed: object) -> AppSettings:
        values: dict[str, object] = {
            "app_id": APP_ID,
            "app_secret": SECRET,
            "original_id": ACCOUNT,
            "token": TOKEN,
            "encryption": "明文模式" if self.plain else "安全模式",
            "reply": "active" if self.may_send else "passive",
            "api": self.served.origin,
        }
        if not self.plain:
            values["aes_key"] = AES_KEY
        return AppSettings(self.name, {**values, **changed})

    def channel(self) -> Channel:
        return Wechat(self.settings(), shanghai_now, time.monotonic, self.passive_seconds)

    async def connect(self, callback: web.Application | None, origin: str) -> None:
        self._url = f"{origin}/channels/{self.name}"
        await self.served.start()

    async def say(
        self, text: str, *, member: str = "zhang", group: str | None = None, id: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> int:  # fmt: skip
        if group is not None:
            raise NotImplementedError("an official account has no groups")
        fresh = str(next(self._ids)), int(time.time())
        number, created = self._said.setdefault(id, fresh) if id else fresh
        self._quota[member] = self.quota
        return await self.deliver(self.message(text, member, number, created, file), member)

    def message(self, text: str, member: str, number: str, created: int, file: tuple[str, bytes] | None = None) -> str:
        if file is None:
            return self.written(
                member, created, "text", f"<Content><![CDATA[{text}]]></Content><MsgId>{number}</MsgId>"
            )
        self.media[file[0]] = file[1]
        rest = f"<PicUrl><![CDATA[http://mmbiz.qpic.cn/x]]></PicUrl><MediaId><![CDATA[{file[0]}]]></MediaId>"
        return self.written(member, created, "image", f"{rest}<MsgId>{number}</MsgId>")

    def written(self, member: str, created: int, kind: str, rest: str) -> str:
        return (
            f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[{member}]]></FromUserName>"
            f"<CreateTime>{created}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{rest}</xml>"
        )

    async def event(self, event: str, key: str = "", member: str = "zhang", created: int | None = None) -> int:
        rest = f"<Event><![CDATA[{event}]]></Event><EventKey><![CDATA[{key}]]></EventKey>"
        self._quota[member] = 3
        return await self.deliver(self.written(member, created or int(time.time()), "event", rest), member)

    async def deliver(self, content: str, member: str) -> int:
        """The callback, again when it is not answered; what it replies arrives."""
        for _ in range(ATTEMPTS):
            try:
                status, answer = await self.call(content)
            except (aiohttp.ClientError, TimeoutError):
                status = 0
                continue
            if status == 200:
                self._reply(answer, member)
                return status
        self.complaints.append(f"{member}: 该公众号提供的服务出现故障")
        return status

    async def call(self, content: str, *, at: float | None = None) -> tuple[int, str]:
        """One callback with ``content``: status and body of our answer."""
        timestamp, nonce = str(int(at or time.time())), str(self._random.randrange(10**9))
        params = {"signature": signature(timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "openid": "o"}
        if self.plain:
            return await self.post(content.encode(), params)
        sealed = self.crypto.encrypt_message(content, nonce, timestamp)
        encrypted, signed = (found(name, sealed) for name in ("Encrypt", "MsgSignature"))
        envelope = (
            f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        )
        return await self.post(envelope.encode(), {**params, "encrypt_type": "aes", "msg_signature": signed})

    async def post(self, body: bytes, params: dict[str, str], **headers: str) -> tuple[int, str]:
        timeout = aiohttp.ClientTimeout(total=self.patience)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(self._url, params=params, data=body, headers={"Content-Type": "text/xml", **headers}) as got,
        ):
            return got.status, await got.text()

    async def verify_url(self, echo: str, **changed: str) -> tuple[int, str]:
        timestamp, nonce = str(int(time.time())), "1372623149"
        params = {"signature": signature(timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "echostr": echo}
        async with aiohttp.ClientSession() as session, session.get(self._url, params={**params, **changed}) as got:
            return got.status, await got.text()

    def fail(self, share: float) -> None:
        self._share = share

    def expire(self) -> None:
        """The token ends early, as it may."""
        self._ends = 0.0

    async def close(self) -> None:
        await self.served.stop()

    def _reply(self, answer: str, member: str) -> None:
        if answer in ("", "success"):
            return
        try:
            if not self.plain:
                signed, stamp, nonce = (found(name, answer) for name in ("MsgSignature", "TimeStamp", "Nonce"))
                answer = self.crypto.decrypt_message(answer, signed, stamp, nonce)
            message: Any = parse_message(answer)
        except (WeChatException, AttributeError, ValueError) as cause:
            self.complaints.append(f"{member}: {cause!r}")
            return
        if (message.source, message.target, message.type) != (ACCOUNT, member, "text"):
            self.complaints.append(f"{member}: {message!r}")
        elif len(message.content.encode()) > TEXT_BYTES:
            self.complaints.append(f"{member}: too long")
        else:
            self.arrived.append(Arrived(member, message.content))

    def _refusal(self, request: web.Request) -> web.Response | None:
        self.calls.append(request.path)
        faulty = fault(self._random, self._share, self.expire)
        if faulty is not None:
            return faulty
        if request.query.get("access_token", "") != self._token or not self._token:
            return refused(40001, "invalid credential, access_token is invalid or not latest")
        return refused(42001, "access_token expired") if time.monotonic() >= self._ends else None

    async def _stable_token(self, request: web.Request) -> web.Response:
        self.calls.append(request.path)
        asked = await request.json()
        if self._random.random() < self._share:
            return refused(-1, "system error")
        if asked.get("grant_type") != "client_credential" or asked.get("appid") != APP_ID:
            return refused(40013, "invalid appid")
        if asked.get("secret") != SECRET:
            return refused(40125, "invalid appsecret")
        if time.monotonic() >= self._ends:
            self._token, self._ends = f"token-{next(self._tokens)}", time.monotonic() + 7200
        return web.json_response({"access_token": self._token, "expires_in": 7200})

    async def _send(self, request: web.Request) -> web.Response:
        message: dict[str, Any] = await request.json()
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        if not self.may_send:
            return refused(48001, "api unauthorized")
        member, text = message["touser"], message["text"]["content"]
        if member not in self._quota:
            return refused(45015, "response out of time limit or subscription is canceled")
        if len(text.encode()) > TEXT_BYTES:
            return refused(45002, "content size out of limit")
        if self._quota[member] == 0:
            return refused(45047, "out of response count limit")
        self._quota[member] -= 1
        self.arrived.append(Arrived(member, text))
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _get(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        content = self.media.get(request.query["media_id"])
        return refused(40007, "invalid media_id") if content is None else web.Response(body=content)


def signature(timestamp: str, nonce: str, token: str = TOKEN) -> str:
    return hashlib.sha1("".join(sorted([token, timestamp, nonce])).encode()).hexdigest()


def found(name: str, xml: str) -> str:
    """The text of one field, with or without CDATA."""
    match = re.search(rf"<{name}>(?:<!\[CDATA\[)?([^\]<]*)", xml)
    return match.group(1) if match else ""


def refused(code: int, message: str) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": message})
