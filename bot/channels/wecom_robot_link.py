"""One long connection of a WeCom smart robot: JSON frames, each question answered under its ``req_id``.

* ``{"cmd", "headers": {"req_id"}, "body"}``; an answer has no ``cmd`` but ``errcode``. What is no such frame is passed
  over: it cannot be answered.
* A question that is not answered in time, or whose connection ends, fails and may be asked again.

Source: developer.work.weixin.qq.com 智能机器人长连接 (101463).
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import orjson

from bot.channels.calling import LATER_SECONDS
from bot.channels.messages import SendFailed

FRAME_BYTES = 1024 * 1024


class Link:
    """``seconds``: for an answer."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, seconds: float) -> None:
        self._socket = socket
        self._seconds = seconds
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def ask(self, command: str, content: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The frame that answers. Raises SendFailed."""
        number = f"{command}_{secrets.token_hex(8)}"
        frame: dict[str, object] = {"cmd": command, "headers": {"req_id": number}}
        if content is not None:
            frame["body"] = content
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            async with asyncio.timeout(self._seconds):
                await self._socket.send_str(orjson.dumps(frame).decode())
                return await answer
        except TimeoutError as cause:
            raise SendFailed("WeCom did not answer in time", LATER_SECONDS) from cause
        except (aiohttp.ClientError, ConnectionError) as cause:
            raise SendFailed("the connection to WeCom ended", LATER_SECONDS) from cause
        finally:
            self._waiting.pop(number, None)

    async def frames(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Command and body of what WeCom sends of itself, until the connection ends."""
        async for message in self._socket:
            frame = _frame(message)
            command = frame.get("cmd")
            if isinstance(command, str) and isinstance(frame.get("body"), dict):
                yield command, frame["body"]
            elif not command:
                self._answered(frame)

    def ended(self) -> None:
        """Whoever still waits is told so."""
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(SendFailed("the connection to WeCom ended", LATER_SECONDS))

    def _answered(self, frame: dict[str, Any]) -> None:
        headers = frame.get("headers")
        waiting = self._waiting.get(str(headers.get("req_id"))) if isinstance(headers, dict) else None
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)


def _frame(message: aiohttp.WSMessage) -> dict[str, Any]:
    if message.type is not aiohttp.WSMsgType.TEXT:
        return {"cmd": "none"}
    try:
        value = orjson.loads(message.data)
    except orjson.JSONDecodeError:
        return {"cmd": "none"}
    return value if isinstance(value, dict) else {"cmd": "none"}
