"""The thread of ``messages.db``: what is asked of it at one time is one transaction.

* Whoever awaits ``run`` comes back after the commit: what it did survives a power cut.
* What waits while a transaction is under way goes into the next one together: fifty messages a second cost no more
  waits for the disk than five.
* An operation that fails takes nothing of the others with it: they are done again, each by itself.
* What the database refuses is a trouble until it takes something again: reading alone proves nothing of a full disk.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from sqlite3 import Connection as DriverConnection
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from bot.post.troubles import Trouble
from index.errors import StoreError
from index.store.engine import writing

TOGETHER_MAX = 512
"""A message takes some eight operations: with fifty a second a disk that needs a third of a second keeps pace."""
Result = TypeVar("Result")
Operation = Callable[[Connection], Any]
Asked = tuple[Operation, asyncio.Future[Any]]


class Commits:
    """Used from one event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="post")
        self.trouble = Trouble()
        self._asked: list[Asked] = []
        self._at_work: asyncio.Task[None] | None = None

    async def run(self, operation: Callable[[Connection], Result]) -> Result:
        """Its result, committed. Raises StoreError; nothing of it happened then."""
        outcome: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._asked.append((operation, outcome))
        if self._at_work is None or self._at_work.done():
            self._at_work = asyncio.create_task(self._work())
        return await outcome

    async def close(self) -> None:
        """Does what was asked before."""
        if self._at_work is not None:
            await self._at_work
        self._thread.shutdown()

    async def _work(self) -> None:
        while self._asked:
            together, self._asked = self._asked[:TOGETHER_MAX], self._asked[TOGETHER_MAX:]
            await self._do(together)

    async def _do(self, together: Sequence[Asked]) -> None:
        done = self._in_thread([operation for operation, _ in together])
        await asyncio.wait([done])
        fault = done.exception()
        if fault is not None and len(together) > 1 and not isinstance(fault, StoreError):
            for each in together:
                await self._do([each])
            return
        if isinstance(fault, StoreError):
            self.trouble.begins(f"{fault.code} {fault.message}{fault.next_step}")
        results, wrote = ([None] * len(together), False) if fault is not None else done.result()
        if wrote:
            self.trouble.ends()
        for (_, outcome), result in zip(together, results, strict=True):
            if outcome.done():  # whoever asked was cancelled
                continue
            if fault is not None:
                outcome.set_exception(fault)
            else:
                outcome.set_result(result)

    def _in_thread(self, operations: Sequence[Operation]) -> asyncio.Future[tuple[list[Any], bool]]:
        return asyncio.get_running_loop().run_in_executor(self._thread, _commit, self._engine, operations)


def _commit(engine: Engine, operations: Sequence[Operation]) -> tuple[list[Any], bool]:
    """The results, and whether anything was written."""
    try:
        with writing(engine) as connection:
            before = _changes(connection)
            results = [operation(connection) for operation in operations]
            wrote = _changes(connection) > before
        return results, wrote
    except DatabaseError as error:
        raise StoreError(
            f"消息队列读写不了：{error.orig}。",
            next_step="请检查 messages.db 的读写权限和磁盘空间；必要时用备份恢复。",
        ) from error


def _changes(connection: Connection) -> int:
    """How many rows this connection has ever written."""
    driver = connection.connection.driver_connection
    return driver.total_changes if isinstance(driver, DriverConnection) else 0
