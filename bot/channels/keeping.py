"""Writing the question log beside the answering: in a thread of its own, in order, within bounds.

Rules:

* Nobody waits for a line to be written; a reader's word on an answer is written after the answer's own line.
* Up to ``PENDING_MAX`` lines wait while the log cannot take them; what comes on top, or is still waiting
  ``CLOSING_SECONDS`` after the service was told to stop, is lost, and said.
* Who reads the log right after asking waits ``SETTLING_SECONDS`` at most for the line.
* A reader who says 有用 or 没用 waits ``FEEDBACK_SECONDS`` at most, then is told that it was not taken.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from bot.assistant.desk import Desk, Exchange
from index.errors import OfficeError, StoreError
from index.questions.model import Act, Feedback

PENDING_MAX = 1_000
CLOSING_SECONDS = 8.0
FEEDBACK_SECONDS = 8.0
SETTLING_SECONDS = 2.0


class Keeper:
    """The log's thread; used from the event loop only."""

    def __init__(self, desk: Desk, trouble: Callable[[OfficeError], None]) -> None:
        self._desk = desk
        self._trouble = trouble
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log")
        self._pending: set[Future[bool]] = set()

    def keep(self, exchange: Exchange) -> None:
        """Have the exchange written; returns at once."""
        self._write(lambda: self._desk.keep(exchange))

    def note(self, act: Act) -> None:
        """Have a wish written; returns at once."""
        self._write(lambda: self._desk.note(act))

    def _write(self, line: Callable[[], bool]) -> None:
        self._pending = {waiting for waiting in self._pending if not waiting.done()}
        if len(self._pending) >= PENDING_MAX:
            self._trouble(_lost(1))
            return
        self._pending.add(self._thread.submit(line))

    async def take_feedback(self, ticket: str, given: Feedback) -> None:
        """Raises what ``Desk.take_feedback`` raises, and StoreError when too many lines wait before it."""
        taken = asyncio.get_running_loop().run_in_executor(self._thread, self._desk.take_feedback, ticket, given)
        try:
            await asyncio.wait_for(taken, FEEDBACK_SECONDS)
        except TimeoutError as cause:
            raise StoreError("问题记录正忙，评价没有记下。", next_step="请过一会儿再评价。", code="LOG_BUSY") from cause

    async def settled(self) -> None:
        """Waits until what was asked before is in the log; ``SETTLING_SECONDS`` at most."""
        await asyncio.to_thread(wait, set(self._pending), SETTLING_SECONDS)

    async def close(self) -> None:
        """Write what waits, but not for ever."""
        await asyncio.to_thread(wait, self._pending, CLOSING_SECONDS)
        self._thread.shutdown(wait=False, cancel_futures=True)
        lost = sum(line.cancelled() for line in self._pending)
        if lost:
            self._trouble(_lost(lost))


def _lost(lines: int) -> StoreError:
    return StoreError(
        f"有 {lines} 条问答没有记录下来。", next_step="请检查 questions.db 所在磁盘和占用它的程序。", code="LOG_LOST"
    )
