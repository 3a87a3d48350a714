"""One long connection of a WeCom smart robot: JSON frames, each question answered under its ``req_id``.

* ``{"cmd", "headers": {"req_id"}, "body"}``; an answer has no ``cmd`` but ``errcode``. Control characters that no JSON
  may hold are left out first, as WeCom's own client does; what is no such frame then is passed over: it cannot be
  answered.
* A question that is not answered in time fails and may be asked again. With a ``key`` it is then not said again while
  the connection lives, but its answer waited for: what went out on a living connection has arrived, and a second
  message would be shown twice. After ``REPEAT_SECONDS``, or on the next connection, it has perhaps been taken, which
  is told once; then it is said again (docs/decisions/0246).

Source: developer.work.weixin.qq.com 智能机器人长连接 (101463); WeCom's aibot-node-sdk and its Python twin.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import orjson

from bot.channels.calling import LATER_SECONDS
from bot.channels.messages import SendFailed

FRAME_BYTES = 1024 * 1024
REPEAT_SECONDS = 60.0
LATE_ANSWERS = 1024
_NOT_IN_JSON = dict.fromkeys(each for each in range(0x20) if each not in b"\t\n")

LateAnswers = dict[str, dict[str, Any] | None]
"""By key, what WeCom answered when nobody waited any more; None: nothing, before the connection ended. It outlives the
connection."""


@dataclass(slots=True)
class _Question:
    number: str
    key: str | None
    asked_at: float
    answer: asyncio.Future[dict[str, Any]]
    waited_for: bool = True
    taken: bool = False


class Link:
    """``seconds``: for an answer. ``heard``: so many frames have come."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, seconds: float, late: LateAnswers, clock: Callable[[], datetime]
    ) -> None:
        self._socket = socket
        self._seconds = seconds
        self._clock = clock
        self._late = late
        self._questions: dict[str, _Question] = {}
        self.heard = 0

    async def ask(
        self, command: str, content: Mapping[str, object] | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """The frame that answers. Raises SendFailed."""
        if key is not None and key in self._late:
            return _known(self._late.pop(key))
        known = self._open_question(key)
        question = known or self._new_question(command, key)
        question.waited_for = True
        try:
            async with asyncio.timeout(self._seconds):
                if known is None:
                    await self._say(question.number, command, content)
                answer = await asyncio.shield(question.answer)
            question.taken = True
            return answer
        except TimeoutError as cause:
            raise SendFailed("WeCom did not answer in time", LATER_SECONDS) from cause
        except (aiohttp.ClientError, ConnectionError) as cause:
            raise _ended(key) from cause
        finally:
            self._left(question)

    async def frames(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Command and body of what WeCom sends of itself, until the connection ends."""
        async for message in self._socket:
            self.heard += 1
            frame = _frame(message)
            command = frame.get("cmd")
            if isinstance(command, str) and isinstance(frame.get("body"), dict):
                yield command, frame["body"]
            elif not command:
                self._answered(frame)

    async def close(self) -> None:
        """``frames`` ends."""
        await self._socket.close()

    def ended(self) -> None:
        """Whoever still waits is told so, and whoever asks again with the same key."""
        for question in self._questions.values():
            if not question.answer.done():
                question.answer.set_exception(_ended(question.key))
                question.answer.exception()  # nobody may be waiting
                if not question.waited_for:
                    self._remember(question.key, None)
        self._questions.clear()

    async def _say(self, number: str, command: str, content: Mapping[str, object] | None) -> None:
        frame: dict[str, object] = {"cmd": command, "headers": {"req_id": number}}
        if content is not None:
            frame["body"] = content
        await self._socket.send_str(orjson.dumps(frame).decode())

    def _new_question(self, command: str, key: str | None) -> _Question:
        """Numbered as WeCom's own client does."""
        milliseconds = int(self._clock().timestamp() * 1000)
        loop, number = asyncio.get_running_loop(), f"{command}_{milliseconds}_{secrets.token_hex(4)}"
        self._questions[number] = question = _Question(number, key, loop.time(), loop.create_future())
        return question

    def _open_question(self, key: str | None) -> _Question | None:
        """Asked on this connection and not answered yet. Raises SendFailed when that was too long ago."""
        found = next((each for each in self._questions.values() if key is not None and each.key == key), None)
        if found is not None and found.asked_at < asyncio.get_running_loop().time() - REPEAT_SECONDS:
            del self._questions[found.number]
            raise _unknown()
        return found

    def _left(self, question: _Question) -> None:
        """Nobody waits any more; a question with a key is remembered until it is answered."""
        question.waited_for = False
        if question.key is None or question.answer.done():
            self._questions.pop(question.number, None)
            self._keep_late(question)

    def _answered(self, frame: dict[str, Any]) -> None:
        headers = frame.get("headers")
        question = self._questions.get(str(headers.get("req_id"))) if isinstance(headers, dict) else None
        if question is not None and not question.answer.done():
            question.answer.set_result(frame)
            if not question.waited_for:
                self._left(question)

    def _keep_late(self, question: _Question) -> None:
        """An answer that nobody took, as when a busy process noticed the end of its patience first."""
        if not question.taken and question.answer.done() and not question.answer.exception():
            self._remember(question.key, question.answer.result())

    def _remember(self, key: str | None, answer: dict[str, Any] | None) -> None:
        if key is None:
            return
        self._late[key] = answer
        while len(self._late) > LATE_ANSWERS:
            del self._late[next(iter(self._late))]


def _known(answer: dict[str, Any] | None) -> dict[str, Any]:
    if answer is None:
        raise _unknown()
    return answer


def _unknown() -> SendFailed:
    return SendFailed("WeCom never said whether it took it", LATER_SECONDS, perhaps_taken=True)


def _ended(key: str | None) -> SendFailed:
    return SendFailed("the connection to WeCom ended", LATER_SECONDS, perhaps_taken=key is not None)


def _frame(message: aiohttp.WSMessage) -> dict[str, Any]:
    if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
        return {"cmd": "none"}
    try:
        text = message.data if isinstance(message.data, str) else bytes(message.data).decode()
        value = orjson.loads(text.translate(_NOT_IN_JSON))
    except ValueError:  # neither UTF-8 nor JSON
        return {"cmd": "none"}
    return value if isinstance(value, dict) else {"cmd": "none"}
