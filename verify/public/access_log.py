"""What a service writes down: one line per request, without personal data, many lines at once.

* Moment, method, route pattern, status, milliseconds. No path, no query, no address, no user agent: a path of ``/v/…``
  *is* a credential with a company's name in it.
* The pattern comes from our own route table, the method only if it is a known one, so nobody can write into the log.
* A line costs the request the appending of a tuple; words are made of it later, ``LINES`` at a time, every ``SECONDS``,
  and when the service stops. A process that is killed loses the lines of the last second, and nothing else.
* aiohttp's own complaint about malformed HTTP quotes what was sent and from where; only its kind is kept.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import lru_cache

from aiohttp import hdrs, web
from aiohttp.abc import AbstractAccessLogger

from verify.validity import SHANGHAI

LOGGER = "chenghe.access"
SERVER_LOGGER = "aiohttp.server"
LINES = 500
SECONDS = 1.0


class Lines:
    """Lines not yet written. ``write`` gets them as one text; ``seconds_now`` is the wall clock in epoch seconds."""

    def __init__(
        self, write: Callable[[str], None], *, seconds_now: Callable[[], float] = time.time, lines: int = LINES
    ) -> None:
        self._write = write
        self._now = seconds_now
        self._lines = lines
        self._waiting: list[tuple[float, str, str, int, float]] = []

    def add(self, method: str, pattern: str, status: int, seconds: float) -> None:
        self._waiting.append((self._now(), method, pattern, status, seconds))
        if len(self._waiting) >= self._lines:
            self.flush()

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._write("\n".join(_words(*line) for line in waiting))

    @asynccontextmanager
    async def flushing(self, every_seconds: float = SECONDS) -> AsyncIterator[None]:
        """While inside, what waits is written every ``every_seconds``; on leaving, all of it."""

        async def again() -> None:
            while True:
                await asyncio.sleep(every_seconds)
                self.flush()

        task = asyncio.create_task(again())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            self.flush()


def access_logger(lines: Lines) -> type[AbstractAccessLogger]:
    """For ``web.AppRunner(access_log_class=…)``, which makes one for every connection: all add to ``lines``."""

    class TerseAccessLogger(AbstractAccessLogger):
        def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
            lines.add(_method(request), _pattern(request), response.status, time)

    return TerseAccessLogger


class WithoutDetails(logging.Filter):
    """For aiohttp's server logger."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else "无"
        record.msg, record.args = "HTTP 请求无法处理，异常种类：%s", (kind,)
        record.exc_info = record.exc_text = None
        return True


def _words(moment: float, method: str, pattern: str, status: int, seconds: float) -> str:
    return f"{_second(int(moment))} {method} {pattern} {status} {seconds * 1000:.1f}ms"


@lru_cache(maxsize=4)
def _second(moment: int) -> str:
    """Thousands of lines share one."""
    return f"{datetime.fromtimestamp(moment, SHANGHAI):%Y-%m-%d %H:%M:%S}"


def _method(request: web.BaseRequest) -> str:
    return request.method if request.method in hdrs.METH_ALL else "OTHER"


def _pattern(request: web.BaseRequest) -> str:
    """A request that aiohttp could not read never got to a route."""
    found = getattr(request, "_match_info", None)
    resource = None if found is None else found.route.resource
    return "-" if resource is None else str(resource.canonical)
