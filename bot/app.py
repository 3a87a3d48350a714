"""The machine as a whole: three services on one port, or one of them alone.

    /             staff chat            bot.chat: the page and the apps on the platforms
    /channels …   callbacks of the apps
    /v …          verification          verify.public.app
    /issuing …    issuing               verify.issuing.app
    /apply /desk /guide                 its pages for companies, staff, everybody: verify.issuing.portal

* Each service gets its own part of the home folder and nothing else; ``only`` leaves the others out, code included.
* With ``bot.chat`` the only place where ``chenghe serve`` chooses classes; the clock comes from the caller.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from aiohttp import web

from bot.settings import Home
from verify.public.headers import set_headers
from verify.public.problems import Problem, boundary
from verify.public.serving import Say, listen, log_to_stderr, origin_of, run

if TYPE_CHECKING:
    from verify.issuing.app import IssuingSettings

Name = Literal["bot", "issuing", "public"]
NAMES: tuple[Name, ...] = ("bot", "public", "issuing")
PROXIES_VARIABLE = "CHENGHE_PROXIES"


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
    from bot.chat import Chat

    chat = Chat(settings.home, settings.clock)
    app = web.Application(middlewares=[boundary(chat.page.problem_page)])
    app.on_response_prepare.append(set_headers)
    chat.mount(app)
    app.add_routes([web.get("/health", chat.page.health)])
    return app


def _public_alone(settings: AppSettings) -> web.Application:
    from verify.public.app import PublicSettings, build

    home = settings.home
    return build(PublicSettings(home.public, settings.clock, proxies=settings.proxies, memory=home.public_seen))


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
    from bot.chat import Chat
    from verify.issuing import app as issuing
    from verify.issuing.portal.gate import has_page_at
    from verify.public import app as public

    home = settings.home
    chat = Chat(home, settings.clock, verify_page="/v", issues_here=True)
    outside = public.Service(
        public.PublicSettings(home.public, settings.clock, proxies=settings.proxies, memory=home.public_seen)
    )
    inside = issuing.Service(_issuing_settings(settings))

    def problem_page(request: web.Request, problem: Problem) -> web.Response:
        if has_page_at(request.path):
            return inside.problem_page(request, problem)
        concerned = outside if request.path == "/v" or request.path.startswith("/v/") else chat.page
        return concerned.problem_page(request, problem)

    app = web.Application(middlewares=[outside.measuring, boundary(problem_page)])
    app.on_response_prepare.append(set_headers)
    chat.mount(app)
    outside.mount(app)
    inside.mount(app)
    return app


def serve(home: Home, *, host: str, port: int, only: Name | None, clock: Callable[[], datetime]) -> None:
    """Runs until SIGINT or SIGTERM; requests under way are finished first. Raises ServingError: it cannot listen."""
    listening = listen(host, port)
    say = log_to_stderr()
    proxies = frozenset(filter(None, (part.strip() for part in os.environ.get(PROXIES_VARIABLE, "").split(","))))
    app = build(AppSettings(home, clock, only, proxies))
    asyncio.run(run(app, listening, say=say, announce=lambda: _announce(listening, only, say)))


def _announce(listening: socket.socket, only: Name | None, say: Say) -> None:
    origin = origin_of(listening)
    lines = {
        "bot": f"员工问答：{origin}/",
        "public": f"报告核验：{origin}/v",
        "issuing": f"企业办理：{origin}/apply　窗口办理：{origin}/desk　签发接口：{origin}/issuing/reports",
    }
    for name in NAMES:
        if only in (None, name):
            say(lines[name])
    say("按 Ctrl+C 停止。")
