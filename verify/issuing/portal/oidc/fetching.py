"""Asking a provider over HTTP, as if it were hostile: bounded bytes and seconds, no redirect, JSON objects only.

* The body is counted after decompression; nothing of it ever stands in a log or in a message.
* No cookie is kept, no proxy of the environment is used.
* A connection is used once: on one kept from the last sign-in a code, which cannot be sent twice, may meet the moment
  at which the provider closes it (RFC 9112 §9.3.1, §9.5).
"""

import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from verify.issuing.portal.oidc.errors import ProviderTrouble

BODY_MAX_BYTES = 256 * 1024
SECONDS = 10.0
_CHUNK_BYTES = 16 * 1024


class Fetcher:
    """One HTTP client for all providers. Made inside the running event loop; ``close`` when done."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            headers={"Accept": "application/json", "User-Agent": "chenghe"},
        )

    async def close(self) -> None:
        await self._session.close()

    async def get(self, address: str, *, authorization: str | None = None) -> dict[str, Any]:
        return await self._object("GET", address, headers=_headers(authorization))

    async def post(
        self, address: str, fields: Mapping[str, str], *, authorization: str | None = None
    ) -> dict[str, Any]:
        return await self._object("POST", address, data=dict(fields), headers=_headers(authorization))

    async def _object(self, method: str, address: str, **sent: Any) -> dict[str, Any]:
        """The answer's object. Raises ProviderTrouble for everything else."""
        try:
            async with self._session.request(method, address, allow_redirects=False, **sent) as answer:
                if answer.status != 200:
                    raise ProviderTrouble(f"返回状态 {answer.status}", answer.status)
                value = json.loads(await _bounded(answer))
        except (aiohttp.ClientError, TimeoutError, OSError) as cause:
            raise ProviderTrouble("连接不上或超时") from cause
        except (ValueError, RecursionError) as cause:
            raise ProviderTrouble("返回的内容不是 JSON") from cause
        if not isinstance(value, dict):
            raise ProviderTrouble("返回的内容不是 JSON 对象")
        return value


def _headers(authorization: str | None) -> dict[str, str]:
    return {} if authorization is None else {"Authorization": authorization}


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > BODY_MAX_BYTES:
            raise ProviderTrouble("返回的内容过大")
    return bytes(body)
