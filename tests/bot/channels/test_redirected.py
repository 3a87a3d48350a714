"""Answers bot/channels/calling.py unredirected: a long connection goes to the host that was checked, and no other.

aiohttp follows a redirect of a WebSocket: the robot's secret, or the ticket of a connection, would go with it, and
whoever answered there would be believed to be the platform.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels import dingtalk_stream, feishu_socket, wecom_robot_socket
from bot.channels.app_settings import AppSettings
from bot.channels.messages import Channel
from tests.bot.channels.received import Received
from tests.bot.channels.simulated import shanghai_now

MAKERS: dict[str, Any] = {
    "dingtalk-stream": (
        dingtalk_stream.make,
        {"client_id": "k", "client_secret": "s", "corp_id": "c"},
        ("api", "old_api", "gateway"),
        ("socket_hosts", "webhook_hosts", "file_hosts"),
    ),
    "feishu-socket": (feishu_socket.make, {"app_id": "cli_example1", "app_secret": "s"}, ("api",), ()),
    "wecom-robot-socket": (
        wecom_robot_socket.make,
        {"corp_id": "ww1", "robot_name": "诚核", "robot_id": "r", "secret": "s"},
        ("api",),
        ("media_hosts",),
    ),
}


class Elsewhere:
    """What a redirect leads to: it would take the connection."""

    def __init__(self) -> None:
        self.visits = 0

    async def take(self, request: web.Request) -> web.WebSocketResponse:
        self.visits += 1
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.close()
        return socket


class Redirecting:
    """A platform whose address for the connection answers 302."""

    def __init__(self, to: str) -> None:
        self._to = to
        self.tried = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1.0/gateway/connections/open", self._dingtalk)
        app.router.add_post("/callback/ws/endpoint", self._feishu)
        app.router.add_get("/", self._redirect)
        return app

    async def _dingtalk(self, request: web.Request) -> web.Response:
        return web.json_response({"endpoint": f"ws://{request.host}/", "ticket": "t"})

    async def _feishu(self, request: web.Request) -> web.Response:
        return web.json_response({"code": 0, "data": {"URL": f"ws://{request.host}/?service_id=1"}})

    async def _redirect(self, request: web.Request) -> web.Response:
        self.tried.set()
        return web.Response(status=302, headers={"Location": self._to})


def made(kind: str, origin: str) -> Channel:
    make, values, addresses, hosts = MAKERS[kind]
    where = {**dict.fromkeys(addresses, origin), **{host: [origin] for host in hosts}}
    channel: Channel = make(AppSettings("app", {**values, **where}), shanghai_now, time.monotonic)
    return channel


@pytest.mark.parametrize("kind", MAKERS)
async def test_a_connection_that_is_sent_elsewhere_does_not_go_there(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere, app = Elsewhere(), web.Application()
    app.router.add_get("/", elsewhere.take)
    async with TestServer(app) as other:
        redirecting = Redirecting(f"http://127.0.0.1:{other.port}/")
        async with TestServer(redirecting.app()) as server:
            channel = made(kind, f"http://127.0.0.1:{server.port}")
            running = asyncio.create_task(channel.run(Received().receive))
            async with asyncio.timeout(60):
                await redirecting.tried.wait()
                while "Redirected" not in caplog.text and not elsewhere.visits:
                    await asyncio.sleep(0.01)
            assert elsewhere.visits == 0
            assert not running.done()
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await channel.close()
