"""An app's access token: fetched once for all who wait for it, kept until shortly before it ends or is refused.

* One refresh at a time; whoever asks meanwhile gets its outcome (a second refresh would make the first token invalid on
  some platforms, and the quota of refreshes is small).
* A token may end early: whoever is told so by the platform calls ``refused(token)`` and asks again.
* It lives in memory only; a restart fetches a new one.
"""

import asyncio
from collections.abc import Awaitable, Callable

EARLIER_SECONDS = 300.0

Fetched = tuple[str, float]
"""The token, and for how many seconds the platform says it holds."""


class AccessToken:
    """``fetch`` may raise SendFailed, which everybody who waits gets. ``seconds``: a monotonic clock."""

    def __init__(self, fetch: Callable[[], Awaitable[Fetched]], seconds: Callable[[], float]) -> None:
        self._fetch = fetch
        self._seconds = seconds
        self._token = ""
        self._until = float("-inf")
        self._fetching: asyncio.Future[str] | None = None

    async def get(self) -> str:
        if self._seconds() < self._until:
            return self._token
        if self._fetching is None:
            self._fetching = asyncio.ensure_future(self._refresh())
        return await asyncio.shield(self._fetching)

    def refused(self, token: str) -> None:
        """The platform did not take ``token``; a newer one is left alone."""
        if token == self._token:
            self._until = float("-inf")

    async def _refresh(self) -> str:
        try:
            token, lasting = await self._fetch()
            self._token, self._until = token, self._seconds() + max(lasting - EARLIER_SECONDS, lasting / 2)
            return token
        finally:
            self._fetching = None
