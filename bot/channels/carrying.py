"""How many bytes of members' files may be in memory at one time, of all apps together.

* Before a message with files is answered, room for all of them is taken at once, as large as they may be; it is given
  back when the message is answered. Nobody holds some and waits for more.
* The messages of one app get ``APP_BYTES`` at most, so that a platform that hangs while its files are fetched leaves
  room for the others; all together get ``ALL_BYTES``.
* Room is given in the order of asking. A message without files asks for none, and never waits for it; nor for a
  message that does: who waits for room holds no place among those that are answered (``Post``).

Source: issue 6 §1, §4; docs/decisions/0247.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.answering import FILES_MAX
from bot.channels.messages import Incoming

FILE_BYTES = 20 * 1024 * 1024
APP_BYTES = FILES_MAX * FILE_BYTES
ALL_BYTES = 3 * APP_BYTES


class Room:
    """Used from one event loop."""

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._free_bytes = size_bytes
        self._turn = asyncio.Lock()
        self._given_back = asyncio.Event()

    @asynccontextmanager
    async def taken(self, size_bytes: int) -> AsyncIterator[None]:
        """More than there ever is, is all there is."""
        wanted = min(size_bytes, self._size_bytes)
        async with self._turn:
            while self._free_bytes < wanted:
                self._given_back.clear()
                await self._given_back.wait()
            self._free_bytes -= wanted
        try:
            yield
        finally:
            self._free_bytes += wanted
            self._given_back.set()


class Carrying:
    def __init__(self, app_bytes: int = APP_BYTES, all_bytes: int = ALL_BYTES) -> None:
        self._app_bytes = app_bytes
        self._apps: dict[str, Room] = {}
        self._all = Room(all_bytes)

    @asynccontextmanager
    async def room(self, incoming: Incoming) -> AsyncIterator[None]:
        """Begins when there is room for the files of the message."""
        wanted = FILE_BYTES * min(len(incoming.attachments), FILES_MAX)
        if not wanted:
            yield
            return
        app = self._apps.setdefault(incoming.app, Room(self._app_bytes))
        async with app.taken(wanted), self._all.taken(wanted):
            yield
