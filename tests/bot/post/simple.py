"""A platform in this process for the tests of the post office: it keeps count, and fails when it is told to.

It recognises keys if it is told to, as WeCom and Feishu do; it checks no signatures: there is no network here.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from bot.channels.messages import Attachment, Incoming, Limits, OutFile, Platform, Receive, SendFailed
from verify.validity import SHANGHAI

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)
LIMITS = Limits(text_bytes=2048)


@dataclass(slots=True)
class Taken:
    """What reached a member. ``at``: the loop's seconds."""

    to: str
    text: str
    key: str
    at: float


@dataclass(slots=True)
class SimplePlatform:
    """A Channel and its platform in one. ``faults``: what each of the next calls raises, None: it is taken."""

    app: str = "office"
    limits: Limits = LIMITS
    platform: Platform = Platform.WECOM
    seconds: float = 0.0
    faults: Callable[[], SendFailed | None] = lambda: None
    taken: list[Taken] = field(default_factory=list)
    called: list[tuple[str, float]] = field(default_factory=list)

    def mount(self, app: web.Application, receive: Receive) -> None: ...

    async def run(self, receive: Receive) -> None: ...

    async def send(self, route: Mapping[str, str], text: str, key: str) -> None:
        loop = asyncio.get_running_loop()
        self.called.append((route["to"], loop.time()))
        if self.seconds:
            await asyncio.sleep(self.seconds)
        fault = self.faults()
        if fault is not None:
            raise fault
        self.taken.append(Taken(route["to"], text, key, loop.time()))

    async def send_file(self, route: Mapping[str, str], file: OutFile, key: str) -> None:
        await self.send(route, f"[{file.name} {len(file.content)}]", key)

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        raise SendFailed("none", None)

    async def close(self) -> None: ...


def incoming(
    id: str, text: str = "有效期多久？", *, sender: str = "zhang", app: str = "office", group: str | None = None
) -> Incoming:
    conversation = group or sender
    return Incoming(
        app, Platform.WECOM, id, "ww1", sender, conversation, group is not None, text, NOW, {"to": conversation}
    )
