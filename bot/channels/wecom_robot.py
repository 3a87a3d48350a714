"""WeCom smart robot 智能机器人 by callback: JSON in the sealed envelope, answered in the callback itself where in time.

1. The address is verified within a second: ``echostr`` is opened and answered as the bare text.
2. A message: ``{"encrypt"}`` → signature → freshness → JSON inside → durable.
3. The answer that is ready in time, counted from the callback's coming, is sealed and returned as a finished stream; a
   repeated callback gets the same.
4. Else the callback is acknowledged empty, and the answer is sent to the message's ``response_url``: once, within an
   hour (docs/decisions/0219).

* The receive id is empty: whose message it is shows in the keys, and in ``aibotid`` where ``robot_ids`` are given.
* Of ``response_url`` only the code is kept; the address is ours to know.
* A robot by callback cannot send files: WeCom has no way for it. The long connection has (``wecom_robot_socket``).

Source: developer.work.weixin.qq.com 智能机器人 (100719, 101031, 101033, 101138); ../shared/channels.md.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import orjson
from aiohttp import web

from bot.channels.addresses import hosts_in
from bot.channels.app_settings import AppSettings
from bot.channels.callback import Refusal, Refused, body, guarded, parameter
from bot.channels.calling import LATER_SECONDS, Calls, code_of
from bot.channels.envelope import RANDOM_BYTES, Envelope
from bot.channels.messages import Attachment, Incoming, Limits, OutFile, Platform, Receive, SendFailed
from bot.channels.wecom import API
from bot.channels.wecom_api import BUSY
from bot.channels.wecom_callback import envelope_of, opened, verified
from bot.channels.wecom_robot_message import MEDIA_HOSTS, Robot, opened_file, read_message
from bot.channels.wecom_robot_text import TEXT_BYTES, as_markdown

LOGGER = logging.getLogger("chenghe.channels")
RESPONSE = "/cgi-bin/aibot/response"
LIMITS = Limits(
    text_bytes=TEXT_BYTES, per_member=((30, 60.0), (1000, 3600.0)), passive_seconds=3.5, files=False, one_answer=True
)
RESPONSE_CODE_CHARACTERS = 1024
NOT_SUBSCRIBED = 846609
"""Of the long connection: WeCom forgot that we subscribed; another connection mends it."""
_PASSING = {**BUSY, NOT_SUBSCRIBED: LATER_SECONDS}


def make(settings: AppSettings, clock: Callable[[], datetime], seconds: Callable[[], float]) -> "WecomRobot":
    """Raises UsageError."""
    token, aes_key = settings.secret("token"), settings.secret("aes_key")
    envelope = envelope_of(settings, token, aes_key, "")
    robot = Robot(
        settings.name,
        settings.text("corp_id"),
        settings.text("robot_name"),
        settings.texts("robot_ids"),
        aes_key,
        hosts_in(settings, "media_hosts", MEDIA_HOSTS),
    )
    base = settings.address("api", API)
    return WecomRobot(robot, envelope, base, clock, seconds)


class WecomRobot:
    platform = Platform.WECOM
    limits = LIMITS

    def __init__(
        self,
        robot: Robot,
        envelope: Envelope,
        base: str,
        clock: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self.app = robot.app
        self._robot = robot
        self._envelope = envelope
        self._base = base
        self._calls = Calls(base)
        self._clock = clock
        self._seconds = seconds

    def mount(self, app: web.Application, receive: Receive) -> None:
        async def received(request: web.Request) -> web.StreamResponse:
            until = self._seconds() + (LIMITS.passive_seconds or 0.0)
            incoming = await self._incoming(request)
            if incoming is None:
                return web.Response()
            receipt = await receive(incoming)
            answer = await receipt.passive(max(0.0, until - self._seconds()))
            return web.Response() if answer is None else self._answer(incoming.id, answer, parameter(request, "nonce"))

        app.router.add_get(f"/channels/{self.app}", guarded(self._verified), allow_head=False)
        app.router.add_post(f"/channels/{self.app}", guarded(received))

    async def run(self, receive: Receive) -> None:
        """WeCom calls us."""

    async def send(self, route: Mapping[str, str], text: str, key: str) -> None:
        """Once for each message: WeCom takes a response code one time."""
        code = route.get("response_code", "")
        if not code:
            raise SendFailed("the message came without a response_url", None)
        answer = await self._calls.json(
            "POST",
            RESPONSE,
            params={"response_code": code},
            body={"msgtype": "markdown", "markdown": {"content": as_markdown(text)}},
        )
        judge_robot(answer)

    async def send_file(self, route: Mapping[str, str], file: OutFile, key: str) -> None:
        raise SendFailed("a smart robot by callback cannot send files", None)

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        return await fetched(self._calls, self._robot, attachment, limit_bytes)

    async def close(self) -> None:
        await self._calls.close()

    async def _verified(self, request: web.Request) -> web.StreamResponse:
        return verified(request, self._envelope, self._clock())

    async def _incoming(self, request: web.Request) -> Incoming | None:
        """Raises Refused."""
        inner = opened(request, _encrypted(await body(request)), self._envelope, self._clock())
        value = _json(inner.text.encode())
        incoming = read_message(self._robot, value, inner.at)
        if incoming is None:
            return None
        code = self._response_code(value.get("response_url"))
        return replace(incoming, route={**incoming.route, "response_code": code}) if code else incoming

    def _answer(self, message_id: str, text: str, nonce: str) -> web.Response:
        """A stream of one part, finished; named after the message, so that a repetition is the same stream.

        ``nonce``: that of the callback, as WeCom wants it.
        """
        stream = {
            "id": hashlib.sha256(message_id.encode()).hexdigest()[:32],
            "finish": True,
            "content": as_markdown(text),
        }
        content = orjson.dumps({"msgtype": "stream", "stream": stream}).decode()
        timestamp = int(self._clock().timestamp())
        random = secrets.token_bytes(RANDOM_BYTES)
        sealed = self._envelope.seal(content, timestamp=str(timestamp), nonce=nonce, random=random)
        answer = {
            "encrypt": sealed.encrypted,
            "msgsignature": sealed.signature,
            "timestamp": timestamp,
            "nonce": sealed.nonce,
        }
        return web.Response(body=orjson.dumps(answer), content_type="application/json")

    def _response_code(self, address: object) -> str:
        """The code of a response_url of the server we call; "" for anything else."""
        if not isinstance(address, str) or not address.startswith(f"{self._base}{RESPONSE}?"):
            return ""
        codes = parse_qs(urlsplit(address).query).get("response_code", [])
        return codes[0] if len(codes) == 1 and len(codes[0]) <= RESPONSE_CODE_CHARACTERS else ""


def judge_robot(answer: Mapping[str, object]) -> None:
    """Raises SendFailed unless WeCom took it. A robot has no settings that could be mended later."""
    code = code_of(answer.get("errcode"))
    if code != 0:
        raise SendFailed(f"WeCom answered {code}", _PASSING.get(-1 if code is None else code))


async def fetched(calls: Calls, robot: Robot, attachment: Attachment, limit_bytes: int) -> bytes:
    """A picture or file of a member, opened. Raises SendFailed."""
    address = attachment.place["url"]
    if address not in robot.media_hosts:
        LOGGER.warning("%s: a file lies on %r, not a host of media_hosts", robot.app, _host(address))
        raise SendFailed("the file does not lie on a host of media_hosts", None)
    content = await calls.download(address, limit_bytes + 32)
    content = opened_file(content, attachment.place.get("key") or robot.media_key)
    if len(content) > limit_bytes:
        raise SendFailed("the file is too large", None)
    return content


def _host(address: str) -> str:
    return "/".join(address.split("/")[2:3])[:100]


def _encrypted(content: bytes) -> str:
    value = _json(content).get("encrypt")
    if not isinstance(value, str):
        raise Refused(Refusal.MALFORMED)
    return value


def _json(content: bytes) -> dict[str, object]:
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as cause:
        raise Refused(Refusal.MALFORMED) from cause
    if not isinstance(value, dict):
        raise Refused(Refusal.MALFORMED)
    return value
