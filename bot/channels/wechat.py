"""WeChat official account 公众号（服务号、订阅号): members write to the account, and are answered.

1. The address is verified: ``signature`` = hex SHA-1 of the sorted, joined token, timestamp and nonce; ``echostr`` is
   answered as it came.
2. A message in 安全模式 and 兼容模式: the sealed envelope (``bot.channels.envelope``) for our AppID, and only what is
   inside it, whatever stands beside it. In 明文模式 the signature of step 1, which does not cover the body: who
   writes is then not believed, and nobody in the directory is found for the sender.
3. It is fresh, and for our account (``ToUserName`` = 原始ID); ``wechat_messages`` reads it.
4. It lies in the post office; then, by ``reply``:
   * ``active``: the callback is answered ``success``, the answer is sent by the customer-service API.
   * ``passive`` (the account has no right to that): the callback's own answer is the answer, if it is ready within
     the 5 s; what is longer, the member has with "继续". An answer that is late is had by the platform's repetitions.

WeChat shows no files of accounts.

Source: developers.weixin.qq.com 公众号与服务号的消息推送配置, 接收普通消息, 接收事件推送, 被动回复用户消息,
消息加解密说明; ../shared/channels.md; docs/decisions/0220.
"""

import asyncio
import functools
import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from aiohttp import web

from bot.channels import xml_text
from bot.channels.app_settings import AppSettings
from bot.channels.callback import Refusal, Refused, body, check_fresh, guarded, moment, parameter
from bot.channels.envelope import RANDOM_BYTES, Envelope, Sealed
from bot.channels.messages import Attachment, Incoming, Limits, OutFile, Platform, Receive, SendFailed
from bot.channels.wechat_api import WechatApi
from bot.channels.wechat_messages import field, incoming_of
from bot.channels.wechat_shelf import Laid, Shelf

API = "https://api.weixin.qq.com"
TEXT_BYTES = 2048
PASSIVE_SECONDS = 4.0
"""Of the platform's 5; the rest is the way there and back."""
REPEATED_SECONDS = 10.0
"""A message that is younger will be repeated when it is not answered within 5 s: that is its third time."""
HANG_UP_SECONDS = 1.5
ANSWERS_KEPT = 1000
PLAIN = "明文模式"
GO_ON = "继续"
MORE = "\n（回复“继续”，看后面的内容）"
NOT_YET = "后面的内容还在准备。下一步：请过一会儿再回复“继续”。"
_NUMBERED = re.compile(r"（([0-9]+)/([0-9]+)）")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def make(settings: AppSettings, clock: Callable[[], datetime], seconds: Callable[[], float]) -> "Wechat":
    """Raises UsageError."""
    return Wechat(settings, clock, seconds)


class Wechat:
    def __init__(
        self,
        settings: AppSettings,
        clock: Callable[[], datetime],
        seconds: Callable[[], float],
        passive_seconds: float = PASSIVE_SECONDS,
    ) -> None:
        self._app = settings.name
        self._app_id = settings.text("app_id")
        self._account = settings.text("original_id")
        self._token = settings.secret("token")
        self._envelope = _envelope(settings, self._token, self._app_id)
        self._passive = settings.choice("reply", ("active", "passive"), "active") == "passive"
        self._api = WechatApi(settings.address("api", API), self._app_id, settings.secret("app_secret"), seconds)
        self._clock = clock
        self._seconds = seconds
        self._passive_seconds = passive_seconds
        self._shelf = Shelf()
        self._answers: OrderedDict[tuple[str, str], str] = OrderedDict()

    @property
    def app(self) -> str:
        return self._app

    @property
    def platform(self) -> Platform:
        return Platform.WECHAT

    @property
    def limits(self) -> Limits:
        if self._passive:
            return Limits(
                TEXT_BYTES - len(MORE.encode()), passive_seconds=self._passive_seconds, files=False, knows_keys=False
            )
        return Limits(TEXT_BYTES, files=False, knows_keys=False)

    def mount(self, app: web.Application, receive: Receive) -> None:
        app.router.add_get(f"/channels/{self.app}", guarded(self._verified), allow_head=False)
        app.router.add_post(f"/channels/{self.app}", guarded(functools.partial(self._answered, receive)))

    async def run(self, receive: Receive) -> None:
        """WeChat calls us."""

    async def send(self, route: Mapping[str, str], text: str, key: str) -> None:
        if self._passive:
            await self._shelf.lay(route["member"], Laid(key, route["message"], text, _goes_on(text)))
        else:
            await self._api.send_text(route["member"], text)

    async def send_file(self, route: Mapping[str, str], file: OutFile, key: str) -> None:
        raise SendFailed("official accounts show no files", None)

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        return await self._api.download(attachment.place["media_id"], limit_bytes)

    async def check_access(self) -> str:
        return await self._api.check_access()

    async def close(self) -> None:
        await self._api.close()

    async def _verified(self, request: web.Request) -> web.StreamResponse:
        self._check_signature(request)
        return web.Response(text=parameter(request, "echostr"))

    async def _answered(self, receive: Receive, request: web.Request) -> web.StreamResponse:
        incoming = incoming_of(await self._fields(request), self._app, self._app_id if self._envelope else "")
        if incoming is None:
            return _done()
        if self._passive:
            answer = await self._answer_to(incoming, receive)
            return _done() if answer is None else self._reply(incoming, answer)
        await receive(incoming)
        return _done()

    async def _answer_to(self, incoming: Incoming, receive: Receive) -> str | None:
        """The text of the callback's own answer; the same again for the same message."""
        asked = incoming.sender, incoming.id
        if asked in self._answers:
            return self._answers[asked]
        until = self._seconds() + self._passive_seconds
        if incoming.text == GO_ON and self._shelf.is_reading(incoming.sender):
            answer: str | None = await self._from_the_shelf(incoming, until) or NOT_YET
        else:
            self._shelf.ask_anew(incoming.sender)
            receipt = await receive(incoming)
            left = max(0.0, until - self._seconds())  # writing it down may have taken some
            answer = await receipt.passive(left) or await self._from_the_shelf(incoming, until)
        if answer is not None and answer != NOT_YET:
            self._answers[asked] = answer
            while len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return answer

    async def _from_the_shelf(self, incoming: Incoming, until: float) -> str | None:
        laid = await self._shelf.take(incoming.sender, max(0.0, until - self._seconds()))
        if laid is not None:
            other = laid.message != incoming.id and incoming.text != GO_ON
            return laid.text + (MORE if other or laid.more else "")
        if incoming.text != GO_ON and self._clock() - incoming.sent_at < timedelta(seconds=REPEATED_SECONDS):
            await asyncio.sleep(HANG_UP_SECONDS)  # WeChat hangs up, and asks again
        return None

    def _check_signature(self, request: web.Request) -> None:
        """Raises Refused."""
        timestamp, nonce = parameter(request, "timestamp"), parameter(request, "nonce")
        expected = plain_signature(self._token, timestamp, nonce)
        if not hmac.compare_digest(expected.encode(), parameter(request, "signature").encode()):
            raise Refused(Refusal.FORGED)
        check_fresh(moment(timestamp), self._clock())

    async def _fields(self, request: web.Request) -> dict[str, str]:
        """What the message says, proven as far as the mode can. Raises Refused."""
        if self._envelope is None:
            self._check_signature(request)
            fields = xml_text.read(await body(request))
        else:
            if "signature" in request.query:
                self._check_signature(request)
            outer = xml_text.read(await body(request))
            sealed = Sealed(
                outer.get("Encrypt", ""),
                parameter(request, "msg_signature"),
                parameter(request, "timestamp"),
                parameter(request, "nonce"),
            )
            fields = xml_text.read(self._envelope.open(sealed).encode())
            check_fresh(moment(sealed.timestamp), self._clock())
        if "Encrypt" in fields:
            raise Refused(Refusal.MALFORMED)
        if field(fields, "ToUserName") != self._account:
            raise Refused(Refusal.FOREIGN)
        return fields

    def _reply(self, incoming: Incoming, text: str) -> web.StreamResponse:
        created = str(int(self._clock().timestamp()))
        message = xml_text.written(
            {
                "ToUserName": incoming.sender,
                "FromUserName": self._account,
                "CreateTime": created,
                "MsgType": "text",
                "Content": _NOT_XML.sub("", text),
            }
        )
        if self._envelope is not None:
            sealed = self._envelope.seal(
                message, timestamp=created, nonce=secrets.token_hex(8), random=secrets.token_bytes(RANDOM_BYTES)
            )
            message = xml_text.written(
                {
                    "Encrypt": sealed.encrypted,
                    "MsgSignature": sealed.signature,
                    "TimeStamp": sealed.timestamp,
                    "Nonce": sealed.nonce,
                }
            )
        return web.Response(text=message, content_type="application/xml")


def plain_signature(token: str, timestamp: str, nonce: str) -> str:
    return hashlib.sha1("".join(sorted((token, timestamp, nonce))).encode(), usedforsecurity=False).hexdigest()


def _envelope(settings: AppSettings, token: str, app_id: str) -> Envelope | None:
    """None in 明文模式. Raises UsageError."""
    if settings.choice("encryption", ("安全模式", "兼容模式", PLAIN), "安全模式") == PLAIN:
        return None
    aes_key = settings.secret("aes_key")
    try:
        return Envelope(token, aes_key, app_id)
    except ValueError as cause:
        raise settings.wrong("aes_key", "应是后台生成的 43 个字符") from cause


def _done() -> web.Response:
    """There is nothing to say here; the platform is content."""
    return web.Response(text="success")


def _goes_on(text: str) -> bool:
    """（2/3） goes on, （3/3） does not."""
    numbers = _NUMBERED.match(text)
    return numbers is not None and int(numbers[1]) < int(numbers[2])
