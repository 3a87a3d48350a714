"""A platform's server in this process, as its members and our channel see it: what every simulator can do.

It checks what the real one checks – tokens, signatures, sizes, rates – and answers as the real one does when something
is wrong; it repeats what we do not acknowledge in time. Nothing in it is shared with the code it tests.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web

from bot.channels.messages import Channel, Platform
from verify.validity import SHANGHAI


def shanghai_now() -> datetime:
    """The clock of our channels in tests."""
    return datetime.now(SHANGHAI)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message at a member or group. ``conversation``: as our ``Incoming`` names it; ``file``: the name of one."""

    conversation: str
    text: str
    file: str | None = None
    content: bytes = b""


class Simulated(Protocol):
    platform: Platform
    arrived: list[Arrived]

    def channel(self) -> Channel:
        """Our channel, configured for this server."""

    async def connect(self, callback: web.Application | None, origin: str) -> None:
        """From now on it reaches us at ``origin`` (http://127.0.0.1:port), or we have connected to it."""

    async def say(
        self, text: str, *, member: str = "zhang", group: str | None = None, id: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> int:  # fmt: skip
        """Delivers a member's message (again, when ``id`` was used before); the status of our acknowledgement."""

    def fail(self, share: float) -> None:
        """From now on that share of our calls fails: 500, timeouts, expired tokens, system-busy codes."""

    async def close(self) -> None: ...
