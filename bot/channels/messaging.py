"""The apps on the platforms as one service: their callback addresses, their long connections, and the post office.

* Without ``channels.toml`` there is nothing here, and nothing runs.
* What a platform sends is in the post office before it is acknowledged; answering and sending go on beside.
* A long connection that breaks is the channel's to open again; one that ends with a fault of ours is told in the log,
  and opened again after ``AGAIN_SECONDS``.
* What keeps the post office from its work – a full disk, books that cannot be opened, a fault of ours – is in the log
  once and at ``/health/messages`` as long as it lasts; it goes on by itself when the disk is back.
* Stopping: the connections first, then what is under way, then the books.

    POST /channels/{app}      the callback of one app; GET where its platform checks the address so
    GET  /health/messages     200 while messages are kept, answered and sent; 503 with the trouble when not
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

from aiohttp import web

from bot.answering import Fetch
from bot.channels.carrying import FILE_BYTES, Carrying
from bot.channels.messages import Attachment, Channel, Incoming, SendFailed
from bot.post.office import PostOffice, open_messages
from bot.post.working import Answer, Post
from index.errors import StoreError

FETCH_AGAIN_SECONDS = (0.3, 1.0)
AGAIN_SECONDS = 5.0
LOGGER = logging.getLogger("chenghe.channels")


def fetching(channels: Sequence[Channel]) -> Fetch:
    """Gets what a member sent from the app it was sent to; what passes by itself is waited for a moment."""
    by_app = {channel.app: channel for channel in channels}

    async def fetch(incoming: Incoming, attachment: Attachment) -> bytes:
        for wait_seconds in FETCH_AGAIN_SECONDS:
            try:
                return await by_app[incoming.app].fetch(attachment, FILE_BYTES)
            except SendFailed as failed:
                if failed.after_seconds is None:
                    raise
                await asyncio.sleep(wait_seconds)
        return await by_app[incoming.app].fetch(attachment, FILE_BYTES)

    return fetch


class Messaging:
    """``messages``: the path of the post office's books. ``answer``: what a message is answered with."""

    def __init__(
        self, channels: Sequence[Channel], messages: Path, answer: Answer, clock: Callable[[], datetime]
    ) -> None:
        self._channels = {channel.app: channel for channel in channels}
        self._engine = open_messages(messages)
        self.office = PostOffice(self._engine, clock)
        self._post = Post(self.office, channels, answer, Carrying().room)
        self._working: asyncio.Task[None] | None = None
        self._ended = ""
        self._connections: list[asyncio.Task[None]] = []

    def mount(self, app: web.Application) -> None:
        for channel in self._channels.values():
            channel.mount(app, self._post.receive)
        app.router.add_get("/health/messages", self._health)
        app.on_startup.append(self._open)
        app.on_cleanup.append(self._close)

    async def _open(self, app: web.Application) -> None:
        self._working = asyncio.create_task(self._at_work())
        self._connections = [asyncio.create_task(self._connected(each)) for each in self._channels.values()]

    async def _at_work(self) -> None:
        try:
            await self._post.run()
        except Exception as fault:  # else only silence would tell it
            LOGGER.error("the post office has ended", exc_info=fault)
            self._ended = f"{type(fault).__name__}，请重新启动服务"

    async def _health(self, request: web.Request) -> web.Response:
        try:
            if self.office.trouble:
                await self.office.probe()
            counts: dict[str, int] = asdict(await self.office.counts())
        except StoreError:
            counts = {}
        trouble = self._ended or self.office.trouble
        told = {"service": "messages", "ok": not trouble, "trouble": trouble, **counts}
        return web.json_response(told, status=HTTPStatus.SERVICE_UNAVAILABLE if trouble else HTTPStatus.OK)

    async def _connected(self, channel: Channel) -> None:
        while True:
            try:
                await channel.run(self._post.receive)
                return
            except Exception as fault:  # noqa: BLE001 - one channel's fault must not silence it for good, nor the others
                LOGGER.error("%s %s", channel.app, type(fault).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _close(self, app: web.Application) -> None:
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._post.drain()
        if self._working is not None:
            await self._working
        for channel in self._channels.values():
            await channel.close()
        await self.office.close()
        self._engine.dispose()
