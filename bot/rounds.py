"""What is to be done every hour whether anybody asks or not: first at the start, then until the end.

* Each act runs in a thread, one after the other. What the database refuses is said, and done in the next hour; so is
  a fault of ours, which neither ends the rounds in silence nor keeps the service from closing what is its own.
* The end waits for the act under way: whoever closes the database afterwards cuts nothing off.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from aiohttp import web

from index.errors import OfficeError

EVERY_SECONDS = 3600.0
LOGGER = logging.getLogger("chenghe.rounds")


class Rounds:
    def __init__(self, acts: Sequence[Callable[[], None]], every_seconds: float = EVERY_SECONDS) -> None:
        self._acts = acts
        self._every_seconds = every_seconds
        self._stopped = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def mount(self, app: web.Application) -> None:
        app.on_startup.append(self._open)
        app.on_cleanup.append(self._close)

    async def _open(self, app: web.Application) -> None:
        self._task = asyncio.create_task(self._run())

    async def _close(self, app: web.Application) -> None:
        self._stopped.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stopped.is_set():
            for act in self._acts:
                await _done(act)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), self._every_seconds)


async def _done(act: Callable[[], None]) -> None:
    try:
        await asyncio.to_thread(act)
    except OfficeError as error:
        LOGGER.error("%s %s%s", error.code, error.message, error.next_step)
    except Exception as fault:  # one act's fault ends no other
        LOGGER.error("what is done every hour was not done", exc_info=fault)
