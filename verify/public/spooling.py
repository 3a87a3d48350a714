"""A large multipart body, bounded, in a temporary file without a name; its parts are found there, not copied.

* Counted while it comes: too large is 413 before the rest is sent, too slow 408, malformed 400.
* The file was never in a directory or is taken out of it at once: nothing is left, however the service ends.

Source: RFC 7578; docs/decisions/0061.
"""

import io
import mmap
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from verify.public.bodies import boundary_of, bounded, disposition, is_multipart
from verify.public.problems import PROBLEMS, Refused

PART_HEAD_MAX = 8 * 1024
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """``start`` to ``end`` of the body. ``filename`` is None for a field."""

    name: str
    filename: str | None
    body: mmap.mmap
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    def head(self, size: int) -> bytes:
        return self.body[self.start : min(self.end, self.start + size)]

    def content(self) -> bytes:
        return self.body[self.start : self.end]

    def file(self) -> io.BufferedReader:
        """The same, to be read and sought in without a copy."""
        return io.BufferedReader(_Window(self))


@asynccontextmanager
async def spooled(request: web.Request, *, limit_bytes: int, seconds: float, parts: int) -> AsyncIterator[list[Part]]:
    """The parts of the body, at most ``parts`` of them, as long as the block lasts."""
    if not is_multipart(request):
        raise Refused(PROBLEMS[415])
    if (request.content_length or 0) > limit_bytes:
        raise Refused(PROBLEMS[413])
    boundary = boundary_of(request).encode("ascii", "replace")
    with tempfile.TemporaryFile(prefix="chenghe-batch-") as file:
        size = 0
        async with bounded(seconds):
            async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
                size += len(chunk)
                if size > limit_bytes:
                    raise Refused(PROBLEMS[413])
                file.write(chunk)
        file.flush()
        if not size:
            raise Refused(PROBLEMS[400])
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
            yield _parts(body, boundary, parts)


def _parts(body: mmap.mmap, boundary: bytes, most: int) -> list[Part]:
    first = b"--" + boundary
    if body[: len(first)] != first:
        raise Refused(PROBLEMS[400])
    found: list[Part] = []
    for start, end in _between(body, first, b"\r\n" + first):
        if len(found) >= most:
            raise Refused(PROBLEMS[413])
        found.append(_part(body, start, end))
    return found


def _between(body: mmap.mmap, first: bytes, delimiter: bytes) -> Iterator[tuple[int, int]]:
    """Where each part begins and ends. The delimiter that closes the body has two dashes more."""
    place = len(first)
    while body[place : place + 2] != b"--":
        if body[place : place + 2] != b"\r\n":
            raise Refused(PROBLEMS[400])
        end = body.find(delimiter, place)
        if end < 0:
            raise Refused(PROBLEMS[400])
        yield place + 2, end
        place = end + len(delimiter)


def _part(body: mmap.mmap, start: int, end: int) -> Part:
    close = body.find(b"\r\n\r\n", start, min(end, start + PART_HEAD_MAX))
    if close < 0:
        raise Refused(PROBLEMS[400])
    try:
        name, filename = disposition(body[start:close].decode("utf-8"))
    except ValueError as cause:
        raise Refused(PROBLEMS[400]) from cause
    return Part(name, filename, body, close + 4, end)


class _Window(io.RawIOBase):
    """A part as a file of its own."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._part.size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._place = base + offset
        return self._place

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        start = min(self._part.start + self._place, self._part.end)
        chunk = self._part.body[start : min(self._part.end, start + len(buffer))]
        buffer[: len(chunk)] = chunk
        self._place += len(chunk)
        return len(chunk)
