"""Calls to a platform's server: bounded in time and size, never redirected, and what goes wrong said in one way.

* One ``Calls`` for each app; its session opens with the first call and is closed with the channel.
* A server that cannot be reached, takes too long, or answers 5xx, 408, 425 or 429 is asked again
  later (``SendFailed`` with ``after_seconds``); any other refusal is for good (None). What the platform says in its
  JSON, the channel judges.
* What was sent is never in an error: it holds tokens and names. Nor is what was answered, but for a code: whoever
  answers may say again what we have sent.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson

from bot.channels.messages import SendFailed

SECONDS = 10.0
ANSWER_BYTES = 1024 * 1024
LATER_SECONDS = 0.0
LATER_MOST_SECONDS = 600.0


_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


class CallRefused(SendFailed):
    """Answered with a status that is not 200. Some platforms say in ``content`` why; then the channel judges.

    ``asked_seconds``: how long the platform asks us to wait, if it does.
    """

    def __init__(self, status: int, content: bytes, asked_seconds: float | None) -> None:
        later = status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        broken = status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        seconds = (asked_seconds or LATER_SECONDS) if later else None
        super().__init__(f"the platform answered {status}", seconds, perhaps_taken=broken)
        self.status = status
        self.content = content
        self.asked_seconds = asked_seconds


class Redirected(aiohttp.ClientError):
    """A long connection was to go elsewhere: what it carries is for the host that was checked, and no other."""


def unredirected() -> aiohttp.TraceConfig:
    """For a session that opens long connections: aiohttp follows a redirect there and cannot be told not to."""

    async def refuse(*_: object) -> None:
        raise Redirected

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(refuse)
    return trace


class Calls:
    """``base``: scheme and host, without trailing slash."""

    def __init__(self, base: str, seconds: float = SECONDS) -> None:
        self._base = base
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        limit_bytes: int = ANSWER_BYTES,
    ) -> dict[str, Any]:
        """The JSON object that is answered. ``path`` may be a whole address that the channel has checked."""
        data = None if body is None else orjson.dumps(body)
        sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        return _object(await self._bytes(method, path, params, data, sent, limit_bytes))

    async def form(
        self, path: str, fields: aiohttp.FormData, params: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """An upload; the JSON object that is answered."""
        return _object(await self._bytes("POST", path, params, fields, headers or {}, ANSWER_BYTES))

    async def download(
        self,
        path: str,
        limit_bytes: int,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        return await self._bytes("GET", path, params, None, dict(headers or {}), limit_bytes)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _bytes(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        data: object,
        headers: Mapping[str, str],
        limit_bytes: int,
    ) -> bytes:
        url = path if path.startswith("http") else self._base + path
        try:
            async with self._opened().request(
                method, url, params=params, data=data, headers=headers, allow_redirects=False
            ) as response:
                answer = await _read(response, limit_bytes)
                if response.status != HTTPStatus.OK:
                    raise CallRefused(response.status, answer, _asked(response.headers))
                return answer
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as cause:
            unreached = isinstance(cause, aiohttp.ClientConnectorError)
            what = f"the platform cannot be reached: {type(cause).__name__}"
            raise SendFailed(what, LATER_SECONDS, perhaps_taken=not unreached) from cause

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=False)
        return self._session


def code_of(value: object) -> int | None:
    """A platform's number for what happened; None for anything else in its place."""
    return value if type(value) is int else None


async def _read(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    answer = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        answer += chunk
        if len(answer) > limit_bytes:
            raise SendFailed("the platform's answer is too large", None)
    return bytes(answer)


def _object(answer: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(answer)
    except orjson.JSONDecodeError as cause:
        raise SendFailed("the platform's answer is not JSON", LATER_SECONDS, perhaps_taken=True) from cause
    if not isinstance(value, dict):
        raise SendFailed("the platform's answer is no object", LATER_SECONDS, perhaps_taken=True)
    return value


def _asked(headers: Mapping[str, str]) -> float | None:
    """``x-ogw-ratelimit-reset`` is Feishu's word for it."""
    asked = headers.get("Retry-After") or headers.get("x-ogw-ratelimit-reset", "")
    return min(float(asked), LATER_MOST_SECONDS) if asked.isascii() and asked.isdecimal() else None
