"""Feishu by HTTP: Feishu posts each event to ``/channels/<app>`` (将事件发送至开发者服务器).

1. A body with a valid signature is Feishu's, if it was signed within the time in which Feishu repeats events (15 s,
   5 min, 1 h, 6 h: 7.1 hours, and the clocks).
2. A body without one is only ever answered when it is the challenge of a new address and has the Verification Token:
   everything else is refused in one way, so that nobody learns from us what decrypts.
3. Without an Encrypt Key (``encryption = "off"``) nothing is signed: the Verification Token stands for the signature.
4. An event is acknowledged when it lies in the post office. What we cannot take now, Feishu is told to repeat (503).

Source: open.feishu.cn, 将事件发送至开发者服务器, 步骤三：接收事件; docs/decisions/0223.
"""

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

from aiohttp import web

from bot.channels import callback, feishu_events
from bot.channels.app_settings import AppSettings
from bot.channels.callback import Refusal, Refused
from bot.channels.contacts import Contacts
from bot.channels.feishu_envelope import FeishuEnvelope, Undecryptable
from bot.channels.feishu_events import Envelope, Malformed
from bot.channels.feishu_robot import LIMITS, FeishuRobot, Foreign, robot
from bot.channels.messages import Attachment, Limits, OutFile, Platform, Receive, SendFailed
from index.errors import OfficeError

BODY_BYTES = 512 * 1024
FRESH_SECONDS = 8 * 3600.0
CHALLENGE_CHARACTERS = 1024


class Feishu:
    """``envelope`` None: events come in plain."""

    platform = Platform.FEISHU
    limits: Limits = LIMITS

    def __init__(
        self, robot: FeishuRobot, token: str, envelope: FeishuEnvelope | None, clock: Callable[[], datetime]
    ) -> None:
        self._robot = robot
        self._token = token.encode()
        self._envelope = envelope
        self._clock = clock

    @property
    def app(self) -> str:
        return self._robot.app

    def mount(self, app: web.Application, receive: Receive) -> None:
        async def posted(request: web.Request) -> web.StreamResponse:
            return await self._posted(request, receive)

        app.router.add_post(f"/channels/{self.app}", callback.guarded(posted))

    async def run(self, receive: Receive) -> None:
        """Feishu calls us."""

    async def send(self, route: Mapping[str, str], text: str, key: str) -> None:
        await self._robot.send(route, text, key)

    async def send_file(self, route: Mapping[str, str], file: OutFile, key: str) -> None:
        await self._robot.send_file(route, file, key)

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        return await self._robot.fetch(attachment, limit_bytes)

    async def contacts(self) -> Contacts:
        """Who may see the app. Raises SendFailed."""
        return await self._robot.contacts()

    async def check_access(self) -> str:
        return await self._robot.api.check_access()

    async def close(self) -> None:
        await self._robot.api.close()

    async def _posted(self, request: web.Request, receive: Receive) -> web.Response:
        body = await callback.body(request, BODY_BYTES)
        _require_json(request)
        try:
            read = self._opened(self._envelope, request, body) if self._envelope else self._plain(body)
            if read.type == "url_verification":
                return _challenged(read.challenge)
            incoming = await self._robot.understood(read)
            if incoming is not None:
                await receive(incoming)
        except Malformed as cause:
            raise Refused(Refusal.MALFORMED) from cause
        except Foreign as cause:
            raise Refused(Refusal.FOREIGN) from cause
        except (SendFailed, OfficeError):
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return web.json_response({})

    def _opened(self, envelope: FeishuEnvelope, request: web.Request, body: bytes) -> Envelope:
        """Steps 1 and 2. Raises Refused, Malformed."""
        timestamp = request.headers.get("X-Lark-Request-Timestamp", "")
        nonce = request.headers.get("X-Lark-Request-Nonce", "")
        signature = request.headers.get("X-Lark-Signature", "")
        if not envelope.signed(body, timestamp, nonce, signature):
            return self._unsigned(envelope, body)
        callback.check_fresh(callback.moment(timestamp), self._clock(), FRESH_SECONDS)
        read = _decrypted(envelope, body)
        self._require_token(read)
        return read

    def _unsigned(self, envelope: FeishuEnvelope, body: bytes) -> Envelope:
        try:
            read = _decrypted(envelope, body)
        except Malformed as cause:
            raise Refused(Refusal.FORGED) from cause
        if read.type != "url_verification":
            raise Refused(Refusal.FORGED)
        self._require_token(read)
        return read

    def _plain(self, body: bytes) -> Envelope:
        """Step 3. Raises Refused, Malformed."""
        read = feishu_events.envelope(feishu_events.json_object(body))
        self._require_token(read)
        if read.sent_at is not None:
            callback.check_fresh(read.sent_at, self._clock(), FRESH_SECONDS)
        return read

    def _require_token(self, read: Envelope) -> None:
        if not hmac.compare_digest(read.token.encode(), self._token):
            raise Refused(Refusal.FORGED)


def _decrypted(envelope: FeishuEnvelope, body: bytes) -> Envelope:
    """Raises Malformed."""
    encrypted = feishu_events.json_object(body).get("encrypt")
    if not isinstance(encrypted, str):
        raise Malformed
    try:
        return feishu_events.envelope(feishu_events.json_object(envelope.opened(encrypted)))
    except Undecryptable as cause:
        raise Malformed from cause


def _require_json(request: web.Request) -> None:
    charset = request.charset or "utf-8"
    if request.content_type != "application/json" or charset.lower() != "utf-8":
        raise Refused(Refusal.MALFORMED)


def _challenged(challenge: str) -> web.Response:
    if not 0 < len(challenge) <= CHALLENGE_CHARACTERS:
        raise Refused(Refusal.MALFORMED)
    return web.json_response({"challenge": challenge})


def make(settings: AppSettings, clock: Callable[[], datetime], seconds: Callable[[], float]) -> Feishu:
    """Raises UsageError."""
    encrypted = settings.choice("encryption", ("on", "off"), "on") == "on"
    envelope = FeishuEnvelope(settings.secret("encrypt_key")) if encrypted else None
    return Feishu(robot(settings, seconds), settings.secret("verification_token"), envelope, clock)
