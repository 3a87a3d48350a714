"""Messages of a long connection on their way into the post office, beside the reading of the connection.

* Reading never waits for the books: on the same connection the platform acknowledges what we send, and asks whether
  we live. What waits for the disk together lies in the books with one commit.
* What is in one line (a conversation) goes in one after the other, in the order of its coming. ``AT_ONCE`` are under
  way at most; then the reading waits after all.
* What the platform is to hear of a message it hears when the message lies in the books, not before.
* A fault of ours with one message is said in the log, and ends neither the connection nor the others.

Source: issue 6 §2; docs/decisions/0246.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial

AT_ONCE = 256
CLOSING_SECONDS = 5.0
Take = Callable[[], Coroutine[None, None, None]]
LOGGER = logging.getLogger("chenghe.channels")


class Taking:
    """Of one app, over all its connections. Used from one event loop."""

    def __init__(self, app: str) -> None:
        self._app = app
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: dict[str, asyncio.Task[None]] = {}

    async def begin(self, line: str, take: Take) -> None:
        """Comes back at once, or when there is room."""
        await self._slots.acquire()
        task = asyncio.create_task(_after(self._last.get(line), take))
        self._last[line] = task
        self._tasks.add(task)
        task.add_done_callback(partial(self._ended, line))

    async def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """What is under way gets so long; the platform was not told that we have the rest, and the log is."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            if late:
                LOGGER.error("%s: %d messages were perhaps not kept: the books took too long", self._app, len(late))

    def _ended(self, line: str, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._last.get(line) is task:
            del self._last[line]
        self._slots.release()
        if not task.cancelled() and (fault := task.exception()) is not None:
            LOGGER.error("%s: a message was lost by a fault of our own", self._app, exc_info=fault)


async def _after(earlier: asyncio.Task[None] | None, take: Take) -> None:
    if earlier is not None:
        await asyncio.wait([earlier])
    await take()
