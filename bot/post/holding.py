"""Letters held back for a moment, because the platform's own call may take the answer with it.

A message is held from its coming until the channel has asked for the answer and got it or not; a channel that does not
ask within ``UNASKED_SECONDS`` will not.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

UNASKED_SECONDS = 0.5


class Holds:
    """By message number. Used from one event loop."""

    def __init__(self) -> None:
        self._held: dict[int, int] = {}
        self._freed: dict[int, asyncio.Event] = {}

    def briefly(self, number: int) -> None:
        """Held until somebody asks, or nobody does."""
        self._hold(number)
        asyncio.get_running_loop().call_later(UNASKED_SECONDS, self._release, number)

    @contextmanager
    def holding(self, number: int) -> Iterator[None]:
        self._hold(number)
        try:
            yield
        finally:
            self._release(number)

    async def freed(self, number: int) -> None:
        while number in self._held:
            await self._freed.setdefault(number, asyncio.Event()).wait()

    def _hold(self, number: int) -> None:
        self._held[number] = self._held.get(number, 0) + 1

    def _release(self, number: int) -> None:
        self._held[number] -= 1
        if not self._held[number]:
            del self._held[number]
            freed = self._freed.pop(number, None)
            if freed is not None:
                freed.set()
