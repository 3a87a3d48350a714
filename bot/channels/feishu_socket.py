"""Feishu by long connection: we connect to Feishu, so no public address is needed (使用长连接接收事件).

1. ``POST /callback/ws/endpoint`` with the app's id and secret gives an address and how to behave: how often to ping,
   how long to wait before connecting again.
2. Events come as data frames over TLS, in plain: the connection itself is what proves them. Each is answered with the
   same frame and ``{"code": 200}`` once it lies in the post office; with 500 Feishu sends it again. Reading goes on
   meanwhile (``taking``).
3. We ping; a connection on which nothing comes for two pings is dead. A lost connection is opened again, at first after
   a random moment of what Feishu asks for, then with growing pauses, for ever.

* The address holds a ticket: it is never written down. A frame that cannot be read is passed over.

Source: the platform's own client (lark-oapi, ws); open.feishu.cn, 使用长连接接收事件.
"""

import asyncio
import logging
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import orjson
from aiohttp import web

from bot.channels import feishu_events
from bot.channels.app_settings import AppSettings
from bot.channels.calling import unredirected
from bot.channels.contacts import Contacts
from bot.channels.feishu_events import Malformed
from bot.channels.feishu_frames import CONTROL, DATA, FRAME_BYTES, BadFrame, Frame, Parts
from bot.channels.feishu_robot import LIMITS, FeishuRobot, Foreign, robot
from bot.channels.messages import Attachment, Limits, OutFile, Platform, Receive, SendFailed
from bot.channels.taking import Taking
from index.errors import OfficeError

LOGGER = logging.getLogger("chenghe.channels")
CONNECT_SECONDS = 15.0
FIRST_PAUSE_SECONDS = 1.0
_CLOSING = aiohttp.ClientWSTimeout(ws_close=2.0)
_SERVICE = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What Feishu asks for, within what is sensible."""

    ping_seconds: float = 120.0
    pause_seconds: float = 120.0
    spread_seconds: float = 30.0

    def configured(self, asked: object) -> "Behaviour":
        if not isinstance(asked, dict):
            return self
        return Behaviour(
            _within(asked.get("PingInterval"), 1.0, 300.0, self.ping_seconds),
            _within(asked.get("ReconnectInterval"), 1.0, 600.0, self.pause_seconds),
            _within(asked.get("ReconnectNonce"), 0.0, 60.0, self.spread_seconds),
        )


class FeishuSocket:
    """``seconds``: a monotonic clock; ``uniform``: a random number between two."""

    platform = Platform.FEISHU
    limits: Limits = LIMITS

    def __init__(
        self, robot: FeishuRobot, seconds: Callable[[], float], uniform: Callable[[float, float], float]
    ) -> None:
        self._robot = robot
        self._seconds = seconds
        self._uniform = uniform
        self._behaviour = Behaviour()
        self._taking = Taking(robot.app)

    @property
    def app(self) -> str:
        return self._robot.app

    def mount(self, app: web.Application, receive: Receive) -> None:
        """We call Feishu."""

    async def run(self, receive: Receive) -> None:
        try:
            await self._connected_for_ever(receive)
        finally:
            await self._taking.close()

    async def _connected_for_ever(self, receive: Receive) -> None:
        failures = 0
        while True:
            try:
                await self._connected(receive)
                failures = 0
                pause = FIRST_PAUSE_SECONDS + self._uniform(0.0, self._behaviour.spread_seconds)
            except _NotConnected as cause:
                failures += 1
                longest = min(FIRST_PAUSE_SECONDS * 2.0 ** min(failures, 12), self._behaviour.pause_seconds)
                pause = self._uniform(longest / 2.0, longest)
                LOGGER.warning("%s: no long connection to Feishu (%s); again in %.0f s", self.app, cause, pause)
            await asyncio.sleep(pause)

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

    async def _connected(self, receive: Receive) -> None:
        """Until the connection ends. Raises _NotConnected when there never was one."""
        url = await self._address()
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
        straight = [unredirected()]
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False, trace_configs=straight) as session:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    socket = await session.ws_connect(url, max_msg_size=FRAME_BYTES, timeout=_CLOSING)
            except (aiohttp.ClientError, TimeoutError, OSError) as cause:
                raise _NotConnected(type(cause).__name__) from cause
            async with socket:
                await self._served(socket, _service(url), receive)

    async def _address(self) -> str:
        try:
            told = await self._robot.api.endpoint()
        except SendFailed as cause:
            raise _NotConnected(str(cause)) from cause
        self._behaviour = self._behaviour.configured(told.get("ClientConfig"))
        url = told.get("URL")
        if not isinstance(url, str) or not _allowed(url):
            raise _NotConnected("an address that is not Feishu's")
        return url

    async def _served(self, socket: aiohttp.ClientWebSocketResponse, service: int, receive: Receive) -> None:
        parts = Parts()
        async with asyncio.TaskGroup() as group:
            pinging = group.create_task(self._pinging(socket, service))
            try:
                while (content := await self._received(socket)) is not None:
                    await self._handled(socket, content, parts, receive)
            finally:
                pinging.cancel()

    async def _received(self, socket: aiohttp.ClientWebSocketResponse) -> bytes | None:
        """The next frame; None when the connection has ended, or nothing came for two pings."""
        while True:
            try:
                async with asyncio.timeout(2.0 * self._behaviour.ping_seconds + 5.0):
                    message = await socket.receive()
            except TimeoutError:
                return None
            if message.type is aiohttp.WSMsgType.BINARY:
                return bytes(message.data)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return None

    async def _pinging(self, socket: aiohttp.ClientWebSocketResponse, service: int) -> None:
        ping = Frame(0, 0, service, CONTROL, (("type", "ping"),)).to_bytes()
        while not socket.closed:
            if not await _sent(socket, ping):
                return
            await asyncio.sleep(self._behaviour.ping_seconds)

    async def _handled(
        self, socket: aiohttp.ClientWebSocketResponse, content: bytes, parts: Parts, receive: Receive
    ) -> None:
        try:
            frame = Frame.from_bytes(content)
            if frame.method == CONTROL:
                self._controlled(frame)
            elif frame.method == DATA and frame.header("type") == "event":
                event = parts.joined(frame, self._seconds())
                if event is not None:
                    await self._taking.begin(_chat(event), partial(self._taken, socket, frame, event, receive))
        except BadFrame:
            LOGGER.warning("%s: a frame from Feishu could not be read", self.app)

    async def _taken(
        self, socket: aiohttp.ClientWebSocketResponse, frame: Frame, event: bytes, receive: Receive
    ) -> None:
        await _sent(socket, _acknowledged(frame, await self._code(event, receive)))

    def _controlled(self, frame: Frame) -> None:
        """A pong may bring a new behaviour."""
        if frame.header("type") != "pong" or not frame.payload:
            return
        try:
            self._behaviour = self._behaviour.configured(feishu_events.json_object(frame.payload))
        except Malformed as cause:
            raise BadFrame from cause

    async def _code(self, content: bytes, receive: Receive) -> int:
        """200: it lies in the post office, or is nothing to us; 500: once more, please."""
        try:
            incoming = await self._robot.understood(feishu_events.envelope(feishu_events.json_object(content)))
        except (Malformed, Foreign) as cause:
            LOGGER.warning("%s: an event from Feishu was refused (%s)", self.app, type(cause).__name__)
            return 200
        except SendFailed:
            return 500
        try:
            if incoming is not None:
                await receive(incoming)
        except OfficeError as cause:
            LOGGER.warning("%s: a message could not be kept (%s)", self.app, cause.code)
            return 500
        return 200


class _NotConnected(Exception):
    """What went wrong, without the address."""


def _allowed(url: str) -> bool:
    """TLS, but for this machine (tests)."""
    try:
        parts = urlsplit(url)
        local = parts.scheme == "ws" and parts.hostname in ("127.0.0.1", "localhost")
        return (local or parts.scheme == "wss") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def _service(url: str) -> int:
    found = parse_qs(urlsplit(url).query).get("service_id", [""])[0]
    return int(found) if _SERVICE.fullmatch(found) else 0


def _chat(content: bytes) -> str:
    """Of which conversation an event says it is; "" where it says none."""
    try:
        match feishu_events.json_object(content).get("event"):
            case {"message": {"chat_id": str(chat)}} | {"open_chat_id": str(chat)}:
                return chat
    except Malformed:
        pass  # refused when it is taken
    return ""


async def _sent(socket: aiohttp.ClientWebSocketResponse, content: bytes) -> bool:
    """False: the connection has ended meanwhile."""
    try:
        await socket.send_bytes(content)
    except (ConnectionError, aiohttp.ClientError):
        return False
    return True


def _acknowledged(frame: Frame, code: int) -> bytes:
    payload: dict[str, Any] = {"code": code, "headers": None, "data": None}
    answer = Frame(
        frame.sequence,
        frame.log,
        frame.service,
        frame.method,
        (*frame.headers, ("biz_rt", "0")),
        frame.payload_encoding,
        frame.payload_type,
        orjson.dumps(payload),
        frame.log_new,
    )
    return answer.to_bytes()


def _within(asked: object, least: float, most: float, default: float) -> float:
    """A negative number or nothing is no wish."""
    if not isinstance(asked, int | float) or isinstance(asked, bool) or asked < 0:
        return default
    return min(max(float(asked), least), most)


def make(settings: AppSettings, clock: Callable[[], datetime], seconds: Callable[[], float]) -> FeishuSocket:
    """Raises UsageError."""
    return FeishuSocket(robot(settings, seconds), seconds, random.SystemRandom().uniform)
