"""WeCom 企业微信自建应用: members write to the app, the callback is acknowledged at once, the answer is sent actively.

1. The address is verified: ``echostr`` is opened and answered as the bare text.
2. A message: XML with ``Encrypt`` → signature → freshness → flat XML inside → corp id and agent id are ours → durable →
   200 with an empty body. WeCom repeats what is not acknowledged within 5 s, three times, with the same MsgId.
3. An answer: ``message/send`` with the check for duplicates, so that a repetition after a lost answer arrives once.

* Members only; an app has no groups. Events (entering, menus) are acknowledged and not answered.
* The check for duplicates compares the request: it has our ``key`` in it (a field WeCom passes over), and
  ``duplicate_check_interval`` is made from it, so that equal answers to two questions both arrive
  (docs/decisions/0218).

Source: developer.work.weixin.qq.com 接收消息 (90238, 90239), 发送应用消息 (90236), 获取应用 (90227);
../shared/channels.md.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from zlib import crc32

from aiohttp import web

from bot.channels.app_settings import AppSettings
from bot.channels.callback import Refusal, Refused, body, guarded, moment
from bot.channels.contacts import Contacts
from bot.channels.envelope import Envelope
from bot.channels.messages import Attachment, Incoming, Limits, OutFile, Platform, Receive, SendFailed
from bot.channels.uploads import Uploads
from bot.channels.wecom_api import WecomApi
from bot.channels.wecom_callback import envelope_of, opened, verified
from bot.channels.wecom_contacts import contacts_of
from bot.channels.xml_text import read

API = "https://qyapi.weixin.qq.com"
LIMITS = Limits(text_bytes=2048, per_member=((30, 60.0), (1000, 3600.0)))
DUPLICATE_SECONDS = 60
DUPLICATE_SECONDS_MORE = 60
ID_CHARACTERS = 64
_MEDIA = frozenset({"image", "file"})
_TEXTS: Mapping[str, str] = MappingProxyType({"text": "Content", "voice": "Recognition"})
"""The field with what was said; a voice message has it where the company has speech recognition."""


def make(settings: AppSettings, clock: Callable[[], datetime], seconds: Callable[[], float]) -> "WecomApp":
    """Raises UsageError."""
    corp_id, agent_id = settings.text("corp_id"), settings.text("agent_id")
    if not (agent_id.isascii() and agent_id.isdecimal()):
        raise settings.wrong("agent_id", "应是一个数字，如 1000002")
    secret = settings.secret("secret")
    envelope = envelope_of(settings, settings.secret("token"), settings.secret("aes_key"), corp_id)
    api = WecomApi(settings.address("api", API), corp_id, secret, seconds)
    return WecomApp(settings.name, corp_id, agent_id, envelope, api, clock)


class WecomApp:
    """One app of one company."""

    platform = Platform.WECOM
    limits = LIMITS

    def __init__(
        self, app: str, corp_id: str, agent_id: str, envelope: Envelope, api: WecomApi, clock: Callable[[], datetime]
    ) -> None:
        self.app = app
        self.tenant = corp_id
        self._agent_id = agent_id
        self._envelope = envelope
        self._api = api
        self._clock = clock
        self._uploads = Uploads()

    def mount(self, app: web.Application, receive: Receive) -> None:
        async def received(request: web.Request) -> web.StreamResponse:
            incoming = await self._incoming(request)
            if incoming is not None:
                await receive(incoming)
            return web.Response()

        app.router.add_get(f"/channels/{self.app}", guarded(self._verified), allow_head=False)
        app.router.add_post(f"/channels/{self.app}", guarded(received))

    async def run(self, receive: Receive) -> None:
        """WeCom calls us."""

    async def send(self, route: Mapping[str, str], text: str, key: str) -> None:
        await self._sent(route, key, {"msgtype": "text", "text": {"content": text}})

    async def send_file(self, route: Mapping[str, str], file: OutFile, key: str) -> None:
        """A repetition sends the media id of the first upload, else it would not be taken for one."""
        media_id = await self._uploads.once(key, lambda: self._api.upload(file))
        await self._sent(route, key, {"msgtype": "file", "file": {"media_id": media_id}})

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        return await self._api.download(attachment.place["media_id"], limit_bytes)

    async def contacts(self) -> Contacts:
        """Who may see the app. Raises SendFailed."""
        return await contacts_of(self._api, self.tenant, self._agent_id)

    async def check_access(self) -> str:
        """The app's name; asking for it also proves that our address is trusted. Raises SendFailed."""
        found = await self._api.get("/cgi-bin/agent/get", {"agentid": self._agent_id})
        name = found.get("name")
        return name if isinstance(name, str) else ""

    async def close(self) -> None:
        await self._api.close()

    async def _sent(self, route: Mapping[str, str], key: str, content: Mapping[str, object]) -> None:
        message = {
            "touser": route["member"],
            "agentid": int(self._agent_id),
            "safe": 0,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_SECONDS + crc32(key.encode()) % DUPLICATE_SECONDS_MORE,
            "key": sha256(key.encode()).hexdigest(),
            **content,
        }
        answer = await self._api.post("/cgi-bin/message/send", message)
        if answer.get("invaliduser") or answer.get("unlicenseduser"):
            raise SendFailed("the app is not visible to this member, or not licensed for", None)

    async def _verified(self, request: web.Request) -> web.StreamResponse:
        return verified(request, self._envelope, self._clock())

    async def _incoming(self, request: web.Request) -> Incoming | None:
        """The message of a callback; None: an event. Raises Refused."""
        outer = read(await body(request))
        inner = opened(request, outer.get("Encrypt", ""), self._envelope, self._clock())
        fields = read(inner.text.encode())
        kind, sender = _field(fields, "MsgType"), _field(fields, "FromUserName")
        if fields.get("ToUserName") != self.tenant:
            raise Refused(Refusal.FOREIGN)
        if kind == "event":
            return None
        if fields.get("AgentID") != self._agent_id:
            raise Refused(Refusal.FOREIGN)
        return Incoming(
            app=self.app,
            platform=self.platform,
            id=_field(fields, "MsgId"),
            tenant=self.tenant,
            sender=sender,
            conversation=sender,
            group=False,
            text=fields.get(_TEXTS.get(kind, ""), ""),
            sent_at=moment(_field(fields, "CreateTime")),
            route={"member": sender},
            attachments=_attachments(kind, fields),
        )


def _field(fields: Mapping[str, str], name: str) -> str:
    """Raises Refused when it is missing or longer than an id."""
    value = fields.get(name, "")
    if not 0 < len(value) <= ID_CHARACTERS:
        raise Refused(Refusal.MALFORMED)
    return value


def _attachments(kind: str, fields: Mapping[str, str]) -> tuple[Attachment, ...]:
    """A picture or file; it is called by its kind where WeCom tells no name."""
    media_id = fields.get("MediaId", "")
    if kind not in _MEDIA or not media_id:
        return ()
    name = fields.get("FileName") or fields.get("Title") or ("picture.jpg" if kind == "image" else "file")
    return (Attachment(name, {"media_id": media_id}),)
