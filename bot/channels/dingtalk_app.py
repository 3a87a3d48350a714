"""An app on DingTalk as a channel: what it says goes one way (``dingtalk_sending``), whichever way it is spoken to.

``Hearing`` is how messages come: by HTTP (``dingtalk``) or by Stream (``dingtalk_stream``).
"""

from collections.abc import Mapping
from typing import Protocol

from aiohttp import web

from bot.channels.contacts import Contacts
from bot.channels.dingtalk_sending import LIMITS, DingTalkSender
from bot.channels.messages import Attachment, Limits, OutFile, Platform, Receive


class Hearing(Protocol):
    """``Channel``'s own, for one way of being spoken to."""

    def mount(self, app: web.Application, receive: Receive) -> None: ...

    async def run(self, receive: Receive) -> None: ...

    async def close(self) -> None: ...


class DingTalkApp:
    """``app``: its name with us."""

    platform = Platform.DINGTALK
    limits: Limits = LIMITS

    def __init__(self, app: str, sender: DingTalkSender, hearing: Hearing) -> None:
        self.app = app
        self._sender = sender
        self._hearing = hearing

    def mount(self, app: web.Application, receive: Receive) -> None:
        self._hearing.mount(app, receive)

    async def run(self, receive: Receive) -> None:
        await self._hearing.run(receive)

    async def send(self, route: Mapping[str, str], text: str, key: str) -> None:
        await self._sender.send(route, text)

    async def send_file(self, route: Mapping[str, str], file: OutFile, key: str) -> None:
        await self._sender.send_file(route, file)

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        return await self._sender.fetch(attachment, limit_bytes)

    async def contacts(self) -> Contacts:
        """Raises SendFailed."""
        return await self._sender.contacts()

    async def check_access(self) -> str:
        return await self._sender.check_access()

    async def close(self) -> None:
        await self._hearing.close()
        await self._sender.close()
