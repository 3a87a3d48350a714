"""Feishu's long connection in this process: frames as its own client reads and writes them, tickets, pings.

A frame is a protobuf message, written here by hand, by lark-oapi's own reading of it (test_feishu_sdk.py), so that
nothing is shared with the code under test.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from bot.channels.app_settings import AppSettings
from bot.channels.messages import Channel
from tests.bot.channels.feishu_contacts import refused
from tests.bot.channels.feishu_sealed import APP_ID, APP_SECRET
from tests.bot.channels.feishu_server import ACKNOWLEDGE_SECONDS, FeishuPlatform
from tests.bot.channels.simulated import shanghai_now


@dataclass
class FeishuSocketServer(FeishuPlatform):
    """Events by the long connection. ``part_bytes``: longer events come in several frames."""

    kind: str = "feishu-socket"
    part_bytes: int = 64 * 1024
    behaviour: dict[str, int] = field(
        default_factory=lambda: {"ReconnectCount": -1, "ReconnectInterval": 1, "ReconnectNonce": 0, "PingInterval": 1}
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.pings = 0
        self.connections = 0
        self.connected = asyncio.Event()
        self.acknowledged: list[dict[str, Any]] = []
        self._socket: web.WebSocketResponse | None = None
        self._waiting: dict[str, asyncio.Future[int]] = {}
        self._tickets: set[str] = set()

    def channel(self) -> Channel:
        from bot.channels import feishu_socket

        return feishu_socket.make(AppSettings(self.name, self._settings()), shanghai_now, time.monotonic)

    async def connect(self, callback: web.Application | None, origin: str) -> None:
        await self.start()
        async with asyncio.timeout(60):
            await self.connected.wait()

    async def deliver(self, told: dict[str, Any]) -> int:
        """The code of the acknowledgement; 0: none in time."""
        name, content = secrets.token_hex(8), json.dumps(told, ensure_ascii=False).encode()
        parts = [content[at : at + self.part_bytes] for at in range(0, len(content), self.part_bytes)]
        waiting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting[name] = waiting
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                await self.connected.wait()
                assert self._socket is not None
                for seq, part in enumerate(parts):
                    headers = {"type": "event", "message_id": name, "trace_id": secrets.token_hex(8)}
                    headers |= {"sum": str(len(parts)), "seq": str(seq)}
                    await self._socket.send_bytes(frame(1, headers, part))
                return await waiting
        except (TimeoutError, ConnectionError):
            return 0
        finally:
            del self._waiting[name]

    async def drop(self) -> None:
        """The connection is lost."""
        if self._socket is not None:
            await self._socket.close(code=1001)

    async def raw(self, content: bytes) -> None:
        assert self._socket is not None
        await self._socket.send_bytes(content)

    def _more(self, app: web.Application) -> None:
        app.router.add_post("/callback/ws/endpoint", self._endpoint)
        app.router.add_get("/ws/v2", self._long)

    async def _endpoint(self, request: web.Request) -> web.StreamResponse:
        self.calls["endpoint"] += 1
        asked = await request.json()
        if (asked.get("AppID"), asked.get("AppSecret")) != (APP_ID, APP_SECRET):
            return refused(10014, 200)
        if self._failure() in ("broken", "busy"):
            return refused(1, 200)
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        url = f"ws{self.origin[4:]}/ws/v2?device_id=7&service_id=33554678&ticket={ticket}"
        return web.json_response({"code": 0, "msg": "ok", "data": {"URL": url, "ClientConfig": self.behaviour}})

    async def _long(self, request: web.Request) -> web.StreamResponse:
        if request.query["ticket"] not in self._tickets:
            return web.Response(status=403, headers={"handshake-status": "403", "handshake-msg": "forbidden"})
        self._tickets.discard(request.query["ticket"])
        self._socket = long = web.WebSocketResponse()
        await long.prepare(request)
        self.connections += 1
        self.connected.set()
        async for message in long:
            if message.type is aiohttp.WSMsgType.BINARY:
                await self._heard(long, message.data)
        if self._socket is long:
            self.connected.clear()
        return long

    async def _heard(self, long: web.WebSocketResponse, content: bytes) -> None:
        method, headers, payload = read_frame(content)
        if method == 0 and headers["type"] == "ping":
            self.pings += 1
            await long.send_bytes(frame(0, {"type": "pong"}, json.dumps(self.behaviour).encode()))
            return
        answer = json.loads(payload)
        self.acknowledged.append(answer)
        waiting = self._waiting.get(headers["message_id"])
        if waiting is not None and not waiting.done():
            waiting.set_result(answer["code"])


def frame(method: int, headers: dict[str, str], payload: bytes) -> bytes:
    """A protobuf message, written by hand: fields 1 to 4 numbers, 5 headers, 8 the payload."""
    content = b"".join(_tagged(number << 3, _varint(value)) for number, value in ((1, 1), (2, 2), (3, 3), (4, method)))
    for key, value in headers.items():
        pair = b"".join(
            _tagged(tag, _varint(len(word)) + word) for tag, word in ((10, key.encode()), (18, value.encode()))
        )
        content += _tagged(42, _varint(len(pair)) + pair)
    return content + _tagged(66, _varint(len(payload)) + payload)


def read_frame(content: bytes) -> tuple[int, dict[str, str], bytes]:
    method, headers, payload = 0, {}, b""
    for tag, value in _tags(content):
        if tag == 32:
            method = int.from_bytes(value, "little")
        if tag == 42:
            pair = dict(_tags(value))
            headers[pair[10].decode()] = pair[18].decode()
        if tag == 66:
            payload = value
    return method, headers, payload


def _tags(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        tag, at = _varint_at(content, at)
        number, at = _varint_at(content, at)
        if tag & 7 == 2:
            yield tag, content[at : at + number]
            at += number
        else:
            yield tag, number.to_bytes(8, "little")


def _tagged(tag: int, content: bytes) -> bytes:
    return _varint(tag) + content


def _varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value % 128 + 128]) + _varint(value // 128)


def _varint_at(content: bytes, at: int) -> tuple[int, int]:
    low = content[at]
    if low < 128:
        return low, at + 1
    high, end = _varint_at(content, at + 1)
    return low - 128 + 128 * high, end
