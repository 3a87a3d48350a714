"""DingTalk robot by Stream (消息接收模式：Stream 模式): we hold a WebSocket to DingTalk and need no public address.

1. ``POST /v1.0/gateway/connections/open`` with Client ID and Secret gives an address and a ticket (90 s, once).
2. The WebSocket is opened there; its host must be DingTalk's.
3. Each frame is acknowledged (``dingtalk_frames``), a message only when it lies in the post office; reading goes on
   meanwhile (``taking``).
4. DingTalk does not repeat robot messages: when it announces ``disconnect``, the next connection is opened while the
   last one is still read; a connection that falls silent is noticed by ping within 45 s.
5. A connection that held for a minute is opened again at once, else after 1, 2, 4 … 60 seconds, each shortened by
   chance.

Who speaks is proven by the connection, which we opened: the conversation's web hook is used for answers.

Source: developerpedia, learn/stream/protocol (钉钉 Stream 协议描述); open.dingtalk.com Stream 模式.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

import aiohttp
from aiohttp import web
from yarl import URL

from bot.channels.addresses import Hosts, hosts_in
from bot.channels.app_settings import AppSettings
from bot.channels.callback import Refused
from bot.channels.calling import Calls, unredirected
from bot.channels.dingtalk import webhook_route
from bot.channels.dingtalk_app import DingTalkApp
from bot.channels.dingtalk_frames import ROBOT_TOPIC, Frame, Kind, acknowledged, read_frame
from bot.channels.dingtalk_messages import incoming, read_message
from bot.channels.dingtalk_robot import Robot, robot_of
from bot.channels.dingtalk_sending import DingTalkSender
from bot.channels.messages import Incoming, Receive, SendFailed
from bot.channels.taking import Taking
from index.errors import StoreError

LOGGER = logging.getLogger("chenghe.channels")
CONNECT_SECONDS = 10.0
PING_SECONDS = 30.0
LINGER_SECONDS = 15.0
STEADY_SECONDS = 60.0
FRAME_BYTES = 256 * 1024
STORE_PAUSES_SECONDS = (0.5, 2.0, 5.0)
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0


def make(
    settings: AppSettings,
    clock: Callable[[], datetime],
    seconds: Callable[[], float],
    pause_seconds: float = PAUSE_SECONDS,
) -> DingTalkApp:
    """Raises UsageError."""
    robot = robot_of(settings)
    gateway = Calls(settings.address("gateway", "https://api.dingtalk.com"))
    sockets = hosts_in(settings, "socket_hosts", (".dingtalk.com",))
    sender = DingTalkSender(settings, robot, clock, seconds)
    return DingTalkApp(robot.app, sender, Stream(robot, gateway, sockets, seconds, pause_seconds))


class Stream:
    """``sockets``: the hosts that connections may go to; ``seconds``: a monotonic clock."""

    def __init__(
        self, robot: Robot, gateway: Calls, sockets: Hosts, seconds: Callable[[], float], pause_seconds: float
    ) -> None:
        self._robot = robot
        self._gateway = gateway
        self._sockets = sockets
        self._seconds = seconds
        self._pause_seconds = pause_seconds
        self._taking = Taking(robot.app)

    def mount(self, app: web.Application, receive: Receive) -> None:
        """DingTalk does not call us."""

    async def run(self, receive: Receive) -> None:
        try:
            await self._connected_for_ever(receive)
        finally:
            await self._taking.close()

    async def _connected_for_ever(self, receive: Receive) -> None:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False, trace_configs=[unredirected()]) as session,
            asyncio.TaskGroup() as lingering,
        ):
            failures = 0
            while True:
                began = self._seconds()
                what = await self._one_connection(session, receive, lingering)
                failures = 0 if self._seconds() - began >= STEADY_SECONDS else failures + 1
                pause = pause_after(failures, self._pause_seconds, secrets.SystemRandom().random())
                LOGGER.warning("%s: no connection to DingTalk, %s; again in %.1f s", self._robot.app, what, pause)
                await asyncio.sleep(pause)

    async def close(self) -> None:
        await self._gateway.close()

    async def _one_connection(
        self, session: aiohttp.ClientSession, receive: Receive, lingering: asyncio.TaskGroup
    ) -> str:
        """Why it has ended, or is about to; then it is still read by ``lingering``."""
        try:
            socket = await self._connected(session)
        except SendFailed as cause:
            return str(cause)
        except (aiohttp.ClientError, TimeoutError) as cause:
            return type(cause).__name__
        ending = False
        try:
            ending = await self._listen(socket, receive)
            return "the platform ends it" if ending else f"closed by {socket.close_code}"
        except aiohttp.ClientError as cause:
            return type(cause).__name__
        finally:
            if ending:
                lingering.create_task(self._linger(socket, receive))
            else:
                await socket.close()

    async def _connected(self, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
        body = {
            "clientId": self._robot.key,
            "clientSecret": self._robot.secret,
            "subscriptions": [{"type": Kind.CALLBACK.value, "topic": ROBOT_TOPIC}],
            "ua": "chenghe",
        }
        opened = await self._gateway.json("POST", "/v1.0/gateway/connections/open", body=body)
        endpoint, ticket = opened.get("endpoint"), opened.get("ticket")
        if not isinstance(endpoint, str) or not isinstance(ticket, str) or not self._sockets.sockets(endpoint):
            raise SendFailed("the gateway named no address of DingTalk", None)
        async with asyncio.timeout(CONNECT_SECONDS):
            return await session.ws_connect(
                URL(endpoint).update_query(ticket=ticket), heartbeat=PING_SECONDS, max_msg_size=FRAME_BYTES
            )

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse, receive: Receive) -> bool:
        """Until the platform has closed the connection (False), or says that it will (True)."""
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                frame = read_frame(message.data)
            except Refused:
                continue  # without an id there is nothing to acknowledge
            if frame.ends:
                return True
            if frame.is_message:
                await self._begun(socket, frame, receive)
            else:
                await socket.send_str(acknowledged(frame, 404 if frame.kind is Kind.CALLBACK else 200))
        return False

    async def _linger(self, socket: aiohttp.ClientWebSocketResponse, receive: Receive) -> None:
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                await self._listen(socket, receive)
        except (TimeoutError, aiohttp.ClientError):
            pass  # it was given up anyway
        finally:
            await socket.close()

    async def _begun(self, socket: aiohttp.ClientWebSocketResponse, frame: Frame, receive: Receive) -> None:
        try:
            message = read_message(frame.content(), self._robot)
        except Refused:
            await socket.send_str(acknowledged(frame, 400))
            return
        if message.addressed:
            heard = incoming(message, self._robot, webhook_route(message))
            await self._taking.begin(heard.conversation, partial(self._taken, socket, frame, heard, receive))
        else:
            await socket.send_str(acknowledged(frame))

    async def _taken(
        self, socket: aiohttp.ClientWebSocketResponse, frame: Frame, heard: Incoming, receive: Receive
    ) -> None:
        """Acknowledged once it lies safe, if the connection is still there."""
        code = 200 if await self._kept(heard, receive) else 500
        with suppress(aiohttp.ClientError, ConnectionError):
            await socket.send_str(acknowledged(frame, code))

    async def _kept(self, message: Incoming, receive: Receive) -> bool:
        """DingTalk sends it only once: when the disk refuses, it is tried again for a while."""
        for pause in (*STORE_PAUSES_SECONDS, None):
            try:
                await receive(message)
                return True
            except StoreError as error:
                if pause is None:
                    LOGGER.error("%s: a message was lost: %s %s", self._robot.app, error.code, error.message)
                    return False
            await asyncio.sleep(pause)
        return False


def pause_after(failures: int, first_seconds: float, chance: float) -> float:
    """Doubled with every failure, up to the longest; between half and all of it, as ``chance`` (0 to 1) has it."""
    if failures == 0:
        return 0.0
    whole = min(first_seconds * 2.0 ** min(failures - 1, 16), LONGEST_PAUSE_SECONDS)
    return whole * (1 + chance) / 2
