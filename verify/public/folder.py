"""The public folder, file by file, as it lies on disk: what a proxy or a bucket could serve as well.

* Four kinds of names and no others, each with its own strict pattern: a name that fits leads to one file below the
  folder, never out of it; nothing is listed, no symbolic link is followed.
* What never changes (a full tile) may be kept for ever; what does change is asked for anew (``no-cache`` with an ETag
  over the content, equal on every copy of the folder); sealed contents are kept by nobody.

    /log/checkpoint               the newest signed checkpoint          text, no-cache
    /log/cosigned                 the newest that is cosigned           likewise
    /log/tile/{level}/{n}[.p/w]   hashes of the tree                    immutable; a partial tile for an hour
    /log/tile/entries/{n}[.p/w]   the leaves                            likewise
    /registered/{xx}/{ref}        the leaves of one report              no-cache
    /sealed/{locator}             the content of one report, sealed     private, no-store

Sources: C2SP tlog-tiles (paths, content types, caching); docs/credential.md §7, §10; RFC 9110 §8.8.3, RFC 9111.
"""

import asyncio
import errno
import os
import re
import stat
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path

from aiohttp import hdrs, web

from verify.public.problems import PROBLEMS, Refused
from verify.sealing import SEALED_LIMIT_BYTES

FOR_EVER = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"
REVALIDATE = "no-cache"
BY_NOBODY = "private, no-store"
BINARY, CBOR, TEXT = "application/octet-stream", "application/cbor", "text/plain; charset=utf-8"
_LEVEL = r"(?:[0-9]|[1-5][0-9]|6[0-3])"
_WHICH = r"(?:x[0-9]{3}/){0,6}[0-9]{3}"
_WIDTH = r"(?:[1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_TILE = re.compile(rf"(?:{_LEVEL}|entries)/{_WHICH}(?P<partial>\.p/{_WIDTH})?")
_REF = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{62}")
_ABSENT = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.EISDIR))
_LOCATOR = re.compile(r"[0-9a-f]{32}")

Count = Callable[[web.Request], None]


class Folder:
    """``count`` is asked before each file: it raises Refused for a client over its rate."""

    def __init__(self, folder: Path, count: Count) -> None:
        self._folder = folder
        self._count = count

    def mount(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/log/checkpoint", self.checkpoint),
                web.get("/log/cosigned", self.cosigned),
                web.get(r"/log/tile/{tile:.+}", self.tile),
                web.get(r"/registered/{ref:.+}", self.registered),
                web.get(r"/sealed/{locator}", self.sealed),
            ]
        )

    async def checkpoint(self, request: web.Request) -> web.Response:
        return revalidated(request, await self._file(request, "log/checkpoint"), TEXT)

    async def cosigned(self, request: web.Request) -> web.Response:
        return revalidated(request, await self._file(request, "log/cosigned"), TEXT)

    async def tile(self, request: web.Request) -> web.Response:
        fits = _fitting(_TILE, request.match_info["tile"])
        content = await self._file(request, f"log/tile/{fits[0]}")
        return _response(content, BINARY, FOR_EVER if fits["partial"] is None else FOR_AN_HOUR)

    async def registered(self, request: web.Request) -> web.Response:
        name = _fitting(_REF, request.match_info["ref"])[0]
        return revalidated(request, await self._file(request, f"registered/{name}"), CBOR)

    async def sealed(self, request: web.Request) -> web.Response:
        name = _fitting(_LOCATOR, request.match_info["locator"])[0]
        return _response(await self._file(request, f"sealed/{name}"), BINARY, BY_NOBODY)

    def _file(self, request: web.Request, name: str) -> Awaitable[bytes]:
        self._count(request)
        return asyncio.to_thread(_read, self._folder / name)


def revalidated(request: web.Request, content: bytes, content_type: str) -> web.Response:
    """``content`` under its ETag; 304 for a browser that has it."""
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {hdrs.CACHE_CONTROL: REVALIDATE, hdrs.ETAG: tag}
    known = {part.strip().removeprefix("W/") for part in request.headers.get(hdrs.IF_NONE_MATCH, "").split(",")}
    if tag in known:
        return web.Response(status=304, headers=headers)
    return web.Response(body=content, headers={hdrs.CONTENT_TYPE: content_type, **headers})


def _response(content: bytes, content_type: str, caching: str) -> web.Response:
    return web.Response(body=content, headers={hdrs.CONTENT_TYPE: content_type, hdrs.CACHE_CONTROL: caching})


def _fitting(pattern: re.Pattern[str], name: str) -> re.Match[str]:
    found = pattern.fullmatch(name)
    if found is None:
        raise Refused(PROBLEMS[404])
    return found


def _read(path: Path) -> bytes:
    """One regular file of bounded size; anything else is not there. A disk that fails is a fault, not an absence."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > SEALED_LIMIT_BYTES:
                raise Refused(PROBLEMS[404])
            return file.read(SEALED_LIMIT_BYTES)
    except OSError as cause:
        if cause.errno not in _ABSENT:
            raise
        raise Refused(PROBLEMS[404]) from cause
