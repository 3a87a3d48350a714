"""What every platform's callback has in common: a bounded reading of the request, and refusals that tell nothing.

* A request that is not the platform's is answered with a status and one word, never with a reason, never with 500:
  403 forged, stale or meant for somebody else; 400 malformed (wrong charset, DTD …); 413 too large; 408 too slow.
* The body is read as bytes, up to a limit that is counted after any Content-Encoding is undone.
* A callback is fresh within the time in which the platform repeats it, give or take the clocks; what is repeated
  within it, the post office knows by its id.

Source: issue 6 §4; docs/decisions/0217.
"""

import asyncio
import functools
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import Enum, auto
from http import HTTPStatus
from types import MappingProxyType

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from index.errors import OfficeError
from verify.validity import SHANGHAI

LOGGER = logging.getLogger("chenghe.channels")
BODY_BYTES = 128 * 1024
BODY_SECONDS = 10.0
PARAMETER_CHARACTERS = 4096
FRESH_SECONDS = 300.0
_CHARSETS = frozenset({"utf-8", "utf8"})
_TIMESTAMP = re.compile(r"[0-9]{1,11}", re.ASCII)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refusal(Enum):
    """Why, as far as the sender is told: the name."""

    FORGED = auto()
    STALE = auto()
    FOREIGN = auto()
    MALFORMED = auto()
    TOO_LARGE = auto()
    TOO_SLOW = auto()

    @property
    def status(self) -> HTTPStatus:
        return _STATUSES.get(self, HTTPStatus.FORBIDDEN)


_STATUSES = MappingProxyType(
    {
        Refusal.MALFORMED: HTTPStatus.BAD_REQUEST,
        Refusal.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Refusal.TOO_SLOW: HTTPStatus.REQUEST_TIMEOUT,
    }
)


class Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal


def guarded(handler: Handler) -> Handler:
    """``handler``, with every Refused answered by its status and name, and a fault of our books by 503: again."""

    @functools.wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            return web.Response(status=refused.refusal.status, text=refused.refusal.name)
        except OfficeError as fault:
            LOGGER.error("%s %s", request.path, fault.code)
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)

    return answer


async def body(request: web.Request, limit_bytes: int = BODY_BYTES) -> bytes:
    """Raises Refused."""
    if (request.charset or "utf-8").lower() not in _CHARSETS:
        raise Refused(Refusal.MALFORMED)
    if (request.content_length or 0) > limit_bytes:
        raise Refused(Refusal.TOO_LARGE)
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_chunked(64 * 1024):
                content += chunk
                if len(content) > limit_bytes:
                    raise Refused(Refusal.TOO_LARGE)
    except TimeoutError as cause:
        raise Refused(Refusal.TOO_SLOW) from cause
    except (HttpProcessingError, web.RequestPayloadError, ConnectionError) as cause:  # the last: hung up half-way
        raise Refused(Refusal.MALFORMED) from cause
    return bytes(content)


def parameter(request: web.Request, name: str) -> str:
    """The one value of a query parameter. Raises Refused."""
    values = request.query.getall(name, [])
    if len(values) != 1 or not 0 < len(values[0]) <= PARAMETER_CHARACTERS or not values[0].isascii():
        raise Refused(Refusal.MALFORMED)
    return values[0]


def moment(timestamp: str) -> datetime:
    """Seconds since 1970. Raises Refused."""
    if _TIMESTAMP.fullmatch(timestamp) is None:
        raise Refused(Refusal.MALFORMED)
    return datetime.fromtimestamp(int(timestamp), SHANGHAI)


def check_fresh(sent_at: datetime, now: datetime, seconds: float = FRESH_SECONDS) -> None:
    """Raises Refused when it was sent more than ``seconds`` before or after ``now``."""
    if abs(now - sent_at) > timedelta(seconds=seconds):
        raise Refused(Refusal.STALE)
