"""The tools over streamable HTTP: who may call them, how often, and the service that does so.

* Nobody gets as far as the protocol without a bearer token (``chenghe api-token``); the body is not read before.
* A token that a browser's page would have to know keeps foreign pages out, so that any Host may stand before us.
* Each request stands alone: no sessions are kept, a restart loses nothing, and nothing but POST is answered: a stream
  that only waits would hold a line for nothing.
* A head must be here within ``HEAD_SECONDS``, a body within ``BODY_SECONDS``: whoever is slow holds none of the lines.

    POST /mcp      the Model Context Protocol

Source: modelcontextprotocol.io (Streamable HTTP, security); RFC 6750; docs/decisions/0239.
"""

import asyncio
import signal
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from typing import Any

import orjson
import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.transport_security import TransportSecuritySettings
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.errors import BotError
from bot.holders import Check
from bot.tokens import Token
from index.errors import OfficeError
from verify.public.limits import Buckets, Rate, client_of

PATH = "/mcp"
BODY_BYTES = 15 * 1024 * 1024
CLOSING_SECONDS, AT_ONCE = 10, 200
HEAD_SECONDS, BODY_SECONDS = 10.0, 60.0
RATE = Rate(burst=60, per_second=2.0)
WRONG_TOKENS = Rate(burst=10, per_second=0.2)
TOKEN = "chenghe.token"  # noqa: S105 - the name of a field
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Gate:
    """The application behind bearer tokens. ``clock``: wall clock, aware."""

    def __init__(self, app: App, check: Check, clock: Callable[[], datetime], rate: Rate = RATE) -> None:
        self._app = app
        self._check = check
        self._clock = clock
        self._asking = Buckets(rate)
        self._guessing = Buckets(WRONG_TOKENS)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            token = self._check(_bearer(scope), self._clock())
        except (BotError, OfficeError) as error:
            await _refuse(send, 503, error.code, f"{error.message}下一步：{error.next_step}", 5)
            return
        wait = self._wait(scope, token)
        if wait:
            await _refuse(send, 429, "rate_limit_exceeded", f"请求太频繁。下一步：请 {wait} 秒后再试。", wait)
        elif token is None:
            await _refuse(
                send, 401, "invalid_token", "没有令牌，或者令牌不对、已停用、已过期。下一步：请向管理员要一个令牌。"
            )
        elif scope["method"] != "POST":
            await _refuse(send, 405, "method_not_allowed", "不支持这种访问方式。下一步：请用 POST。")
        else:
            await self._app({**scope, TOKEN: token}, receive, send)

    def _wait(self, scope: Message, token: Token | None) -> int:
        if token is not None:
            return self._asking.wait(token.id, time.monotonic())
        peer = scope.get("client")
        return self._guessing.wait(client_of(peer[0] if peer else None, None, frozenset()), time.monotonic())


class Line(H11Protocol):
    """A connection that is closed when a request does not arrive whole in time."""

    _ending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._end_in(HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        waited_for = self._waits_for()
        super().data_received(data)
        if self._waits_for() != waited_for or self._ending is None:
            self._end_in(self._waits_for())

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._end_in(None)

    def _waits_for(self) -> float | None:
        """How long for what comes next; None: the request is here."""
        if self.cycle is None or self.cycle.response_complete:
            return HEAD_SECONDS
        return BODY_SECONDS if self.cycle.more_body else None

    def _end_in(self, seconds: float | None) -> None:
        if self._ending is not None:
            self._ending.cancel()
        self._ending = None if seconds is None else self.loop.call_later(seconds, self.transport.close)


def holder(context: Context[Any, Any]) -> str | None:
    """The member for whom a request over HTTP is made."""
    request = context.request_context.request
    token = request.scope.get(TOKEN) if request is not None else None
    return token.staff if isinstance(token, Token) else None


def application(server: MCPServer[Any], check: Check, clock: Callable[[], datetime], rate: Rate = RATE) -> Gate:
    inner = server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=BODY_BYTES,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return Gate(inner, check, clock, rate)


async def serve(app: Gate, listening: socket.socket) -> None:
    """Until SIGINT or SIGTERM. uvicorn raises the signal again when it is done: it must not end us before our books."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _heard)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        http=Line,
        ws="none",
        timeout_graceful_shutdown=CLOSING_SECONDS,
        limit_concurrency=AT_ONCE,
    )
    await uvicorn.Server(config).serve([listening])


def _heard() -> None:
    """uvicorn does what is to be done."""


def _bearer(scope: Message) -> str:
    sent = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    scheme, _, token = sent.decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _refuse(send: Send, status: int, code: str, message: str, wait: int | None = None) -> None:
    body = orjson.dumps({"error": code, "error_description": message})
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"cache-control", b"no-store")]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status == 405:
        headers.append((b"allow", b"POST"))
    if wait:
        headers.append((b"retry-after", str(wait).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
