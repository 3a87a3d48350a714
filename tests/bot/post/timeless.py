"""An event loop whose time passes only when nobody has anything to do: hours of waiting in milliseconds.

Work in other threads (the database's) is waited for in real time; it takes none of the loop's.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class _Selector(selectors.DefaultSelector):
    loop: "TimelessLoop"

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.loop.threads:
            return super().select(1.0)
        assert timeout is not None, "everybody waits for ever"
        self.loop.now += max(timeout, 1e-6)
        return []


class TimelessLoop(asyncio.SelectorEventLoop):
    """``now``: its time in seconds; ``threads``: how many threads are at work."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.threads = 0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        self.threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_done)
        return future

    def _thread_done(self, _: Any) -> None:
        self.threads -= 1


def run(main: Coroutine[Any, Any, Result], now: float = 0.0) -> tuple[Result, float]:
    """Its result, and the loop's time at the end."""
    with asyncio.Runner(loop_factory=lambda: TimelessLoop(now)) as runner:
        result = runner.run(main)
        loop = runner.get_loop()
        assert isinstance(loop, TimelessLoop)
        return result, loop.now
