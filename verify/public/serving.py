"""A service on a socket until it is asked to stop: listening, writing down, and a restart that loses nothing.

* The socket is taken from the supervisor if it holds one (``LISTEN_FDS``, as systemd hands it over): the next process
  answers what the last one did not accept. Otherwise we bind it.
* SIGINT and SIGTERM: 1 no more connections are accepted; 2 requests under way are answered, and each answer says
  ``Connection: close``; 3 connections that still say nothing are closed after ``DRAIN_SECONDS``; 4 handlers still at
  work get ``SHUTDOWN_SECONDS``; 5 the last lines of the log are written.
* A connection whose first request is not there after ``KEEPALIVE_SECONDS`` is closed; so is one idle for as long.

Source: sd_listen_fds(3); RFC 9112 §9.6 (tear-down).
"""

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

from aiohttp import hdrs, web

from verify.errors import VerifyError
from verify.public.access_log import LOGGER, SERVER_LOGGER, Lines, WithoutDetails, access_logger
from verify.public.express import EXPRESS, Express
from verify.public.standard_error import Handler, Writer
from verify.public.unreadable import Connection

SHUTDOWN_SECONDS = 10.0
DRAIN_SECONDS = 2.0
KEEPALIVE_SECONDS = 30.0
BACKLOG = 1024
PORT_MAX = 65_535
_FIRST_HANDED_OVER = 3

Say = Callable[[str], None]


class ServingError(VerifyError):
    code = "CANNOT_LISTEN"


def listen(host: str, port: int) -> socket.socket:
    """Before anything else is opened, so that a taken port costs nothing. Raises ServingError."""
    handed = _handed_over()
    if handed is not None:
        return handed
    if not 0 <= port <= PORT_MAX:  # getaddrinfo would take it modulo 65536
        raise _cannot_listen(host, port, None)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as cause:
        raise _cannot_listen(host, port, cause) from cause
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as cause:
        listening.close()
        raise _cannot_listen(host, port, cause) from cause
    listening.setblocking(False)
    return listening


def _handed_over() -> socket.socket | None:
    """The supervisor's socket, when it is meant for this process."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    handed = socket.socket(fileno=_FIRST_HANDED_OVER)
    handed.setblocking(False)
    return handed


def origin_of(listening: socket.socket) -> str:
    """The address for people who sit at this machine."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else shown}:{port}"  # noqa: S104 - compared, not bound


def log_to_stderr() -> Say:
    """Of this process, by a thread of its own. Gives what says a line there, between those of the log."""
    writer = Writer()
    shown = Handler(writer)
    shown.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logging.getLogger(SERVER_LOGGER).addFilter(WithoutDetails())
    for name in ("chenghe", SERVER_LOGGER):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [shown], False
        logger.setLevel(logging.INFO)
    logger = logging.getLogger(LOGGER)
    logger.handlers, logger.propagate = [Handler(writer)], False
    return writer.say


async def run(app: web.Application, listening: socket.socket, *, say: Say, announce: Callable[[], None]) -> None:
    """Until SIGINT or SIGTERM. ``announce`` is called once requests are answered."""
    collect_garbage_seldom()
    async with running(app, listening) as drain:
        announce()
        await _asked_to_stop()
        say("正在停止，等待处理中的请求完成……")
        await drain()
    say("已停止。")


def collect_garbage_seldom() -> None:
    """What is loaded stays; answers leave few cycles behind. Looking for them after every 700 objects costs 5 %."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@asynccontextmanager
async def running(app: web.Application, listening: socket.socket) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """While inside, ``app`` is served; gives what to await before leaving, so that nobody's request is lost."""
    lines = Lines(logging.getLogger(LOGGER).info)
    express = app.get(EXPRESS)
    draining = asyncio.Event()
    app.on_response_prepare.append(_closing(draining))
    runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    loop = asyncio.get_running_loop()
    waiting = await loop.create_server(_protocol(runner, lines, express), sock=listening, backlog=BACKLOG)

    async def drain() -> None:
        draining.set()
        waiting.close()
        await _drained(runner, express)

    async with lines.flushing(), _impatient(express):
        try:
            yield drain
        finally:
            waiting.close()
            await runner.cleanup()


def _protocol(runner: web.AppRunner, lines: Lines, express: Express | None) -> Callable[[], asyncio.BaseProtocol]:
    server = runner.server
    assert server is not None
    connection = partial(
        Connection,
        server,
        loop=asyncio.get_running_loop(),
        access_log=logging.getLogger(LOGGER),
        access_log_class=access_logger(lines),
        keepalive_timeout=KEEPALIVE_SECONDS,
    )
    return connection if express is None else express.protocol(connection, lines)


def _closing(draining: asyncio.Event) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def close(request: web.Request, response: web.StreamResponse) -> None:
        if draining.is_set():
            response.force_close()
            response.headers[hdrs.CONNECTION] = "close"

    return close


async def _drained(runner: web.AppRunner, express: Express | None) -> None:
    """Whoever keeps asking is told to close by the answer; the silent are waited for a little."""
    short_way = set() if express is None else express.connections
    if express is not None:
        express.draining = True
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while short_way or (runner.server is not None and runner.server.connections):
                await asyncio.sleep(0.05)
    for connection in list(short_way):
        connection.close()


@asynccontextmanager
async def _impatient(express: Express | None) -> AsyncIterator[None]:
    """Closes connections of the short way that say nothing; aiohttp closes its own."""

    async def look() -> None:
        while express is not None:
            express.close_idle(asyncio.get_running_loop().time())
            await asyncio.sleep(1)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _asked_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _cannot_listen(host: str, port: int, cause: Exception | None) -> ServingError:
    number = cause.errno if isinstance(cause, OSError) else None
    if number == errno.EADDRINUSE:
        return ServingError(
            f"端口 {port} 已被占用。",
            next_step="请停止占用它的程序，或者用 --port 换一个端口。",
            code="PORT_IN_USE",
        )
    if number == errno.EACCES:
        return ServingError(
            f"没有权限使用端口 {port}。", next_step="请用 --port 换一个 1024 以上的端口。", code="PORT_REFUSED"
        )
    return ServingError(
        f"不能在 {host} 的端口 {port} 上监听。",
        next_step="请检查 --host 是否为本机地址，--port 是否在 0 到 65535 之间。",
        code="CANNOT_LISTEN",
    )
