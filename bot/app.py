"""The machine as a whole: three services on one port, or one of them alone.

    /             staff chat            bot.channels.web
    /v …          verification          verify.public.app
    /issuing …    issuing               verify.issuing.app
    /apply /desk /guide                 its pages for companies, staff, everybody: verify.issuing.portal

* Each service gets its own part of the home folder and nothing else; ``only`` leaves the others out, code included.
* The only place where ``chenghe serve`` chooses classes; the clock comes from the caller.
"""

import asyncio
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from aiohttp import web

from bot import console
from bot.errors import BotError
from bot.settings import Home
from verify.public.access_log import LOGGER, SERVER_LOGGER, TerseAccessLogger, WithoutDetails
from verify.public.headers import set_headers
from verify.public.problems import Problem, boundary

if TYPE_CHECKING:
    from verify.issuing.app import IssuingSettings

Name = Literal["bot", "issuing", "public"]
NAMES: tuple[Name, ...] = ("bot", "public", "issuing")
PROXIES_VARIABLE = "CHENGHE_PROXIES"
SHUTDOWN_SECONDS = 10.0
KEEPALIVE_SECONDS = 30.0
PORT_MAX = 65_535


@dataclass(frozen=True, slots=True)
class AppSettings:
    """``only``: one service; None: all three. ``proxies``: addresses whose X-Forwarded-For is believed."""

    home: Home
    clock: Callable[[], datetime]
    only: Name | None = None
    proxies: frozenset[str] = frozenset()


def build(settings: AppSettings) -> web.Application:
    """The services of ``settings.only``, or all of them in one application."""
    if settings.only == "bot":
        return _bot_alone(settings)
    if settings.only == "public":
        return _public_alone(settings)
    if settings.only == "issuing":
        return _issuing_alone(settings)
    return _together(settings)


def _bot_alone(settings: AppSettings) -> web.Application:
    from bot.channels.web import WebSettings, build

    home = settings.home
    return build(
        WebSettings(home.library, home.search, home.questions, settings.clock, search_database=home.search_database)
    )


def _public_alone(settings: AppSettings) -> web.Application:
    from verify.public.app import PublicSettings, build

    return build(PublicSettings(settings.home.public, settings.clock, proxies=settings.proxies))


def _issuing_alone(settings: AppSettings) -> web.Application:
    from verify.issuing.app import build

    return build(_issuing_settings(settings))


def _issuing_settings(settings: AppSettings) -> "IssuingSettings":
    from verify.issuing.app import IssuingSettings

    home = settings.home
    return IssuingSettings(
        home.office, home.database, home.keys, home.reports, home.public, settings.clock, home.portal
    )


def _together(settings: AppSettings) -> web.Application:
    from bot.channels import web as chat
    from verify.issuing import app as issuing
    from verify.issuing.portal.gate import has_page_at
    from verify.public import app as public

    home = settings.home
    asked = chat.WebSettings(
        home.library, home.search, home.questions, settings.clock, "/v", search_database=home.search_database
    )
    staff = chat.Service(asked)
    outside = public.Service(public.PublicSettings(home.public, settings.clock, proxies=settings.proxies))
    inside = issuing.Service(_issuing_settings(settings))

    def problem_page(request: web.Request, problem: Problem) -> web.Response:
        if has_page_at(request.path):
            return inside.problem_page(request, problem)
        concerned = outside if request.path == "/v" or request.path.startswith("/v/") else staff
        return concerned.problem_page(request, problem)

    app = web.Application(middlewares=[boundary(problem_page)])
    app.on_response_prepare.append(set_headers)
    staff.mount(app)
    outside.mount(app)
    inside.mount(app)
    return app


def serve(home: Home, *, host: str, port: int, only: Name | None, clock: Callable[[], datetime]) -> None:
    """Runs until SIGINT or SIGTERM; requests under way are finished first. Raises BotError when it cannot listen."""
    listening = _listen(host, port)
    _log_to_stderr()
    proxies = frozenset(filter(None, (part.strip() for part in os.environ.get(PROXIES_VARIABLE, "").split(","))))
    app = build(AppSettings(home, clock, only, proxies))
    asyncio.run(_run(app, listening, only))


async def _run(app: web.Application, listening: socket.socket, only: Name | None) -> None:
    runner = web.AppRunner(
        app,
        access_log=logging.getLogger(LOGGER),
        access_log_class=TerseAccessLogger,
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        _announce(listening, only)
        await _asked_to_stop()
        console.say("正在停止，等待处理中的请求完成……")
    finally:
        await runner.cleanup()
    console.say("已停止。")


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


def _listen(host: str, port: int) -> socket.socket:
    """Before anything else is opened, so that a taken port costs nothing."""
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
        listening.listen(128)
    except OSError as cause:
        listening.close()
        raise _cannot_listen(host, port, cause) from cause
    listening.setblocking(False)
    return listening


def _cannot_listen(host: str, port: int, cause: Exception | None) -> BotError:
    number = cause.errno if isinstance(cause, OSError) else None
    if number == errno.EADDRINUSE:
        return BotError(
            f"端口 {port} 已被占用。",
            next_step="请停止占用它的程序，或者用 --port 换一个端口。",
            code="PORT_IN_USE",
        )
    if number == errno.EACCES:
        return BotError(
            f"没有权限使用端口 {port}。", next_step="请用 --port 换一个 1024 以上的端口。", code="PORT_REFUSED"
        )
    return BotError(
        f"不能在 {host} 的端口 {port} 上监听。",
        next_step="请检查 --host 是否为本机地址，--port 是否在 0 到 65535 之间。",
        code="CANNOT_LISTEN",
    )


def _announce(listening: socket.socket, only: Name | None) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    origin = f"http://{'127.0.0.1' if host == '0.0.0.0' else shown}:{port}"  # noqa: S104 - compared, not bound
    lines = {
        "bot": f"员工问答：{origin}/",
        "public": f"报告核验：{origin}/v",
        "issuing": f"企业办理：{origin}/apply　窗口办理：{origin}/desk　签发接口：{origin}/issuing/reports",
    }
    for name in NAMES:
        if only in (None, name):
            console.say(lines[name])
    console.say("按 Ctrl+C 停止。")


def _log_to_stderr() -> None:
    shown = logging.StreamHandler(sys.stderr)
    shown.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logging.getLogger(SERVER_LOGGER).addFilter(WithoutDetails())
    for name in ("chenghe", SERVER_LOGGER):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [shown], False
        logger.setLevel(logging.INFO)
