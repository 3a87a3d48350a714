"""Reading the body of an untrusted request, bounded in bytes, fields and seconds.

* A malformed body is ``Refused`` with 400, too large with 413, too slow with 408, of another type with 415; never 500.
* Bytes are counted after aiohttp has undone a Content-Encoding, so that a compressed body is bounded too.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from verify.public.problems import PROBLEMS, Refused

FIELDS_MAX = 8
NAME_CHARACTERS_MAX = 120
BOUNDARY_MAX = 70
_CHUNK_BYTES = 64 * 1024
_NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """``small_bytes``: JSON, forms and single fields; ``seconds``: to send all of it."""

    file_bytes: int = 10 * 1024 * 1024
    small_bytes: int = 16 * 1024
    seconds: float = 60.0
    fields: int = FIELDS_MAX


@dataclass(frozen=True, slots=True)
class SentFile:
    """``name`` is for people only: last component, printable, short. Nothing is ever written under it."""

    name: str
    content: bytes


def is_multipart(request: web.Request) -> bool:
    return request.content_type == "multipart/form-data"


async def json_object(request: web.Request, limits: BodyLimits) -> dict[str, Any]:
    """RFC 8259 in UTF-8: no lone surrogate, no NaN, not too deep."""
    if request.headers.get(hdrs.CONTENT_TYPE) != "application/json" and request.content_type != "application/json":
        raise Refused(PROBLEMS[415])
    body = _arrived(request, limits.small_bytes)
    if body is None:
        async with bounded(limits.seconds):
            body = await _whole(request, limits.small_bytes)
    try:
        values = orjson.loads(body)
    except orjson.JSONDecodeError as cause:
        raise Refused(PROBLEMS[400]) from cause
    if not isinstance(values, dict):
        raise Refused(PROBLEMS[400])
    return values


async def form(request: web.Request, limits: BodyLimits) -> dict[str, str]:
    """An ordinary form. Of a field sent twice the first counts."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused(PROBLEMS[415])
    async with bounded(limits.seconds):
        body = (await _whole(request, limits.small_bytes)).decode("utf-8")
        fields = parse_qsl(body, keep_blank_values=True, max_num_fields=limits.fields, errors="strict")
    return dict(reversed(fields))


async def form_with_file(request: web.Request, limits: BodyLimits) -> dict[str, str | SentFile]:
    """A multipart form."""
    if not is_multipart(request):
        raise Refused(PROBLEMS[415])
    async with bounded(limits.seconds):
        body = await _whole(request, limits.file_bytes + limits.small_bytes)
        return _parts(body, boundary_of(request), limits)


def _parts(body: bytes, boundary: str, limits: BodyLimits) -> dict[str, str | SentFile]:
    """RFC 7578, split at the delimiter. Own, because aiohttp's reader puts the sender's text into warnings."""
    preamble, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("ascii"), limits.fields + 1)
    if preamble.strip() or not parts or not parts[-1].startswith(b"--"):
        raise Refused(PROBLEMS[400])
    values: dict[str, str | SentFile] = {}
    for part in parts[:-1]:
        head, separator, content = part.partition(b"\r\n\r\n")
        if not separator:
            raise Refused(PROBLEMS[400])
        name, filename = disposition(head.decode("utf-8"))
        if len(content) > (limits.small_bytes if filename is None else limits.file_bytes):
            raise Refused(PROBLEMS[413])
        sent = content.decode("utf-8") if filename is None else SentFile(display_name(filename), content)
        values.setdefault(name, sent)
    return values


def _arrived(request: web.Request, limit: int) -> bytes | None:
    """A small plain body that came with its headers: nothing to wait for. None: it has to be waited for, or refused."""
    length = request.content_length
    if length is None or length > limit or not request.content.is_eof() or hdrs.CONTENT_ENCODING in request.headers:
        return None
    if request.content.exception() is not None:
        return None
    return request.content.read_nowait()


async def _whole(request: web.Request, limit: int) -> bytes:
    """What says that it is too large is refused before it is sent."""
    if (request.content_length or 0) > limit:
        raise Refused(PROBLEMS[413])
    content = bytearray()
    async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
        content += chunk
        if len(content) > limit:
            raise Refused(PROBLEMS[413])
    return bytes(content)


@asynccontextmanager
async def bounded(seconds: float) -> AsyncIterator[None]:
    """Translates whatever a malformed or slow body makes the parsers raise; nothing of ours runs inside."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as cause:
        raise Refused(PROBLEMS[408]) from cause
    except (ValueError, HttpProcessingError, web.RequestPayloadError) as cause:
        raise Refused(PROBLEMS[400]) from cause


def boundary_of(request: web.Request) -> str:
    message = Message()
    message["Content-Type"] = request.headers[hdrs.CONTENT_TYPE]
    boundary = message.get_boundary("")
    if not 1 <= len(boundary) <= BOUNDARY_MAX:
        raise Refused(PROBLEMS[400])
    return boundary


def disposition(head: str) -> tuple[str, str | None]:
    """Field name and file name from the headers of one part."""
    lines = [line.partition(":") for line in head.split("\r\n")]
    found = next((value for name, _, value in lines if name.strip().lower() == "content-disposition"), "")
    message = Message()
    message["Content-Disposition"] = _NOT_PRINTED.sub("", found)
    name = message.get_param("name", "", header="Content-Disposition")
    return (name if isinstance(name, str) else ""), message.get_filename()


def display_name(name: str) -> str:
    """The last component of a path of any system, printable, at most 120 characters; 未命名文件 if nothing is left."""
    last = re.split(r"[/\\]", name)[-1].encode("utf-8", "replace").decode("utf-8")
    return _NOT_PRINTED.sub("", last).strip()[-NAME_CHARACTERS_MAX:] or "未命名文件"
