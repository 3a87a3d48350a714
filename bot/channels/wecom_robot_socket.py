"""WeCom smart robot 智能机器人 by long connection: needs no public address, and can send files.

1. Connect, ``aibot_subscribe`` with robot id and secret, a ping every 30 s; two pings that are refused, or on which
   nothing at all comes, end the connection.
2. ``aibot_msg_callback``: a message, made durable at once beside the reading (``taking``). WeCom does not wait for an
   acknowledgement and does not repeat: what is on the wire when the process dies is lost to us (docs/decisions/0219).
3. Answers go by ``aibot_send_msg`` to the conversation, which outlives connection and process (the ``req_id`` of a
   callback does not: 846605 after the next connection); files are uploaded in parts of 512 KB first.
4. A connection that ends is opened again after 1, 2, 4 … 30 s; after a minute when another process took it over (WeCom
   keeps one connection for each robot) or the secret was refused. WeCom may forget a subscription while the
   connection stays (846609): then we close it, and open the next.

Source: developer.work.weixin.qq.com 智能机器人长连接 (101463); the frames of WeCom's own aibot-node-sdk.
"""

import asyncio
import base64
import hashlib
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import aiohttp
from aiohttp import web

from bot.channels.addresses import hosts_in
from bot.channels.app_settings import AppSettings
from bot.channels.callback import Refused
from bot.channels.calling import LATER_SECONDS, Calls, code_of, unredirected
from bot.channels.messages import Attachment, Incoming, Limits, OutFile, Platform, Receive, SendFailed
from bot.channels.taking import Taking
from bot.channels.uploads import Uploads
from bot.channels.wecom_robot import NOT_SUBSCRIBED, fetched, judge_robot
from bot.channels.wecom_robot_link import FRAME_BYTES, LateAnswers, Link
from bot.channels.wecom_robot_message import MEDIA_HOSTS, Robot, read_message
from bot.channels.wecom_robot_text import TEXT_BYTES, as_markdown
from index.errors import OfficeError

LOGGER = logging.getLogger("chenghe.channels")
API = "https://openws.work.weixin.qq.com"
LIMITS = Limits(text_bytes=TEXT_BYTES, per_member=((30, 60.0), (1000, 3600.0)), knows_keys=False)
PART_BYTES = 512 * 1024
PARTS = 100
FILE_BYTES_LEAST = 5
PINGS_MISSED = 2
CONNECT_SECONDS = 20.0
RECEIVE_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between pings, for an answer, before the first and the later attempts to connect, and after having been
    put out."""

    ping: float = 30.0
    answer: float = 10.0
    first: float = 1.0
    most: float = 30.0
    put_out: float = 60.0


def make(
    settings: AppSettings, clock: Callable[[], datetime], seconds: Callable[[], float], pace: Pace | None = None
) -> "WecomRobotSocket":
    """Raises UsageError."""
    robot_id, secret = settings.text("robot_id"), settings.secret("secret")
    robot = Robot(
        settings.name,
        settings.text("corp_id"),
        settings.text("robot_name"),
        (robot_id,),
        media_hosts=hosts_in(settings, "media_hosts", MEDIA_HOSTS),
    )
    key = {"bot_id": robot_id, "secret": secret}
    return WecomRobotSocket(robot, key, settings.address("api", API), clock, pace or Pace())


class PutOut(Exception):
    """WeCom does not want this connection: another one took over, or the secret is wrong."""


class WecomRobotSocket:
    platform = Platform.WECOM
    limits = LIMITS

    def __init__(
        self, robot: Robot, key: Mapping[str, str], base: str, clock: Callable[[], datetime], pace: Pace
    ) -> None:
        self.app = robot.app
        self._robot = robot
        self._key = key
        self._base = base
        self._clock = clock
        self._pace = pace
        self._calls = Calls(base)
        self._link: Link | None = None
        self._was_subscribed = False
        self._uploads = Uploads()
        self._taking = Taking(robot.app)
        self._late: LateAnswers = {}

    def mount(self, app: web.Application, receive: Receive) -> None:
        """We call WeCom."""

    async def run(self, receive: Receive) -> None:
        wait = self._pace.first
        try:
            async with aiohttp.ClientSession(trust_env=False, trace_configs=[unredirected()]) as session:
                while True:
                    why, wait = await self._connected_once(session, receive, wait)
                    LOGGER.warning("%s: no long connection to WeCom (%s); again in %.0f s", self.app, why, wait)
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, self._pace.most)
        finally:
            await self._taking.close()

    async def send(self, route: Mapping[str, str], text: str, key: str) -> None:
        await self._sent(route, {"msgtype": "markdown", "markdown": {"content": as_markdown(text)}}, key)

    async def send_file(self, route: Mapping[str, str], file: OutFile, key: str) -> None:
        media_id = await self._uploads.once(key, lambda: self._upload(file))
        await self._sent(route, {"msgtype": "file", "file": {"media_id": media_id}}, key)

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        return await fetched(self._calls, self._robot, attachment, limit_bytes)

    async def close(self) -> None:
        await self._calls.close()

    async def _connected_once(self, session: aiohttp.ClientSession, receive: Receive, wait: float) -> tuple[str, float]:
        """Until the connection ends: why, and how long to wait now; ``wait`` if it never was one."""
        self._was_subscribed = False
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                socket = await session.ws_connect(self._base, max_msg_size=FRAME_BYTES)
            try:
                await self._served(Link(socket, self._pace.answer, self._late, self._clock), receive)
            finally:
                await socket.close()
            why = "closed"
        except PutOut as put_out:
            return str(put_out), self._pace.put_out
        except (aiohttp.ClientError, SendFailed, OSError) as fault:
            why = type(fault).__name__
        return why, self._pace.first if self._was_subscribed else wait

    async def _served(self, link: Link, receive: Receive) -> None:
        """Reads and pings until one of the two ends."""
        tasks = [asyncio.create_task(self._read(link, receive)), asyncio.create_task(self._kept(link))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._link = None
            link.ended()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _kept(self, link: Link) -> None:
        """Subscribes, then pings. Raises PutOut, SendFailed."""
        answer = await link.ask("aibot_subscribe", self._key)
        if answer.get("errcode") != 0:
            raise PutOut(f"subscription refused: {code_of(answer.get('errcode'))}")
        self._link, self._was_subscribed = link, True
        LOGGER.info("%s: connected to WeCom", self.app)
        missed = 0
        while missed < PINGS_MISSED:
            await asyncio.sleep(self._pace.ping)
            missed = 0 if await _alive(link) else missed + 1

    async def _read(self, link: Link, receive: Receive) -> None:
        """Raises PutOut."""
        async for command, content in link.frames():
            if command == "aibot_msg_callback":
                await self._received(content, receive)
            elif command == "aibot_event_callback" and _event(content) == "disconnected_event":
                raise PutOut("another connection took over")

    async def _received(self, content: Mapping[str, Any], receive: Receive) -> None:
        try:
            incoming = read_message(self._robot, content, self._clock())
        except Refused as refused:
            LOGGER.warning("%s: a message from WeCom was refused (%s)", self.app, refused)
            return
        if incoming is not None:
            await self._taking.begin(incoming.conversation, partial(self._kept_at_last, incoming, receive))

    async def _kept_at_last(self, incoming: Incoming, receive: Receive) -> None:
        """WeCom says a message once: while our books cannot take it, it is tried again."""
        for _ in range(RECEIVE_ATTEMPTS):
            try:
                await receive(incoming)
                return
            except OfficeError as fault:
                LOGGER.error("%s: a message could not be kept (%s)", self.app, fault.code)
                await asyncio.sleep(self._pace.first)

    async def _sent(self, route: Mapping[str, str], content: Mapping[str, object], key: str) -> None:
        await self._asked("aibot_send_msg", {"chatid": route["conversation"], **content}, key)

    async def _asked(self, command: str, content: Mapping[str, object], key: str | None = None) -> dict[str, Any]:
        """The body of the answer. Raises SendFailed."""
        link = self._link
        if link is None:
            raise SendFailed("not connected to WeCom", self._pace.first)
        answer = await link.ask(command, content, key)
        if answer.get("errcode") == NOT_SUBSCRIBED:
            await link.close()
        judge_robot(answer)
        found = answer.get("body")
        return found if isinstance(found, dict) else {}

    async def _upload(self, file: OutFile) -> str:
        size, parts = len(file.content), math.ceil(len(file.content) / PART_BYTES)
        if size < FILE_BYTES_LEAST or parts > PARTS:
            raise SendFailed("WeCom takes files of 5 bytes to 50 MB", None)
        digest = hashlib.md5(file.content, usedforsecurity=False).hexdigest()
        start = {"type": "file", "filename": file.name, "total_size": size, "total_chunks": parts, "md5": digest}
        upload_id = (await self._asked("aibot_upload_media_init", start)).get("upload_id")
        for index in range(parts):
            part = base64.b64encode(file.content[index * PART_BYTES : (index + 1) * PART_BYTES]).decode("ascii")
            chunk = {"upload_id": upload_id, "chunk_index": index, "base64_data": part}
            await self._asked("aibot_upload_media_chunk", chunk)
        media_id = (await self._asked("aibot_upload_media_finish", {"upload_id": upload_id})).get("media_id")
        if not isinstance(media_id, str):
            raise SendFailed("WeCom gave no media id", LATER_SECONDS)
        return media_id


async def _alive(link: Link) -> bool:
    """Answered well; or not yet, while other frames come."""
    heard = link.heard
    try:
        answer = await link.ask("ping")
    except SendFailed:
        return link.heard > heard
    return answer.get("errcode") == 0


def _event(content: Mapping[str, Any]) -> object:
    event = content.get("event")
    return event.get("eventtype") if isinstance(event, dict) else None
