"""Queues beside each other: what stands in one line is done in order, the lines do not wait for each other."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
LOGGER = logging.getLogger("chenghe.post")


class Lines(Generic[Key]):
    """``work`` does one piece of work. Should it raise, the next one is done. Used from one event loop."""

    def __init__(self, work: Callable[[int], Awaitable[None]]) -> None:
        self._work = work
        self._lines: dict[Key, deque[int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def put(self, line: Key, number: int) -> None:
        """Once closed, nothing more begins."""
        if self._closed:
            return
        if line in self._lines:
            self._lines[line].append(number)
            return
        self._lines[line] = deque([number])
        self._start(line)

    async def close(self, seconds: float) -> None:
        """No more is begun; what is under way gets so long, then is cancelled."""
        self._closed = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _start(self, line: Key) -> None:
        task = asyncio.create_task(self._through(line))
        self._tasks.add(task)
        task.add_done_callback(partial(self._ended, line))

    async def _through(self, line: Key) -> None:
        waiting = self._lines[line]
        while waiting and not self._closed:
            await self._work(waiting.popleft())
        del self._lines[line]

    def _ended(self, line: Key, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            LOGGER.error("a piece of work was left for the next start", exc_info=fault)
            self._start(line)
