"""Our side of one platform in a test: the channel of its simulator on a port, and what it handed in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar

from aiohttp import web

from bot.channels.messages import Channel, Receive
from tests.bot.channels.served import Served


class Server(Protocol):
    def channel(self) -> Channel: ...

    async def connect(self, callback: web.Application | None, origin: str) -> None: ...


Kept = TypeVar("Kept")


class OurSide(Generic[Kept]):
    """``received``: what ``receive`` keeps."""

    def __init__(self, server: Server, received: Kept, receive: Receive) -> None:
        self.received = received
        self.channel = server.channel()
        self.app = web.Application()
        self.channel.mount(self.app, receive)
        self.served = Served(self.app)


@asynccontextmanager
async def opened(server: Server, received: Kept, receive: Receive) -> AsyncIterator[OurSide[Kept]]:
    """Listening, and known to the platform."""
    ours = OurSide(server, received, receive)
    await ours.served.start()
    await server.connect(ours.app, ours.served.origin)
    try:
        yield ours
    finally:
        await ours.channel.close()
        await ours.served.stop()
