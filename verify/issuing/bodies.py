"""Reading what a caller sends: one small JSON object with the expected names and types, or a refusal that says why."""

import json
from typing import Any

from aiohttp import web

from verify.issuing.answers import malformed, too_large

BODY_LIMIT_BYTES = 16 * 1024
BATCH_LIMIT_BYTES = 64 * 1024
"""A thousand codes of 18 characters, quoted and apart."""
TEXT_MAX = 500
HEADER_MAX = 200


async def read_object(request: web.Request, names: set[str], limit_bytes: int = BODY_LIMIT_BYTES) -> dict[str, Any]:
    """The body's object. Raises IssuingError for anything else, and for names nobody expects."""
    data = await request.content.read(limit_bytes + 1)
    while not request.content.at_eof() and len(data) <= limit_bytes:
        data += await request.content.read(limit_bytes + 1 - len(data))
    if len(data) > limit_bytes:
        raise too_large()
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise malformed("不是 JSON") from error
    if not isinstance(value, dict):
        raise malformed("应为一个 JSON 对象")
    if unknown := sorted(set(value) - names):
        raise malformed(f"不认识的项目 {'、'.join(unknown)[:100]}")
    return value


def named(body: dict[str, Any], name: str, *, required: bool = True) -> str:
    """A text. Raises IssuingError when it is missing, empty, too long or of another type."""
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > TEXT_MAX or not value.isprintable():
        raise malformed(f"{name} 应为不超过 {TEXT_MAX} 字的文字")
    if required and not value.strip():
        raise malformed(f"缺少 {name}")
    return value.strip()


def header(request: web.Request, name: str) -> str:
    """A header's text, empty when it is not there. Raises IssuingError when it is too long or not printable."""
    value = request.headers.get(name, "").strip()
    if len(value) > HEADER_MAX or not value.isprintable():
        raise malformed(f"{name} 应为不超过 {HEADER_MAX} 字的文字")
    return value


def texts(body: dict[str, Any], name: str) -> tuple[str, ...]:
    """A list of short texts."""
    value = body.get(name)
    if not isinstance(value, list):
        raise malformed(f"{name} 应为一个列表")
    return tuple(named({name: each}, name) for each in value)


def truth(body: dict[str, Any], name: str) -> bool:
    """true or false; false when it is not there."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise malformed(f"{name} 应为 true 或 false")
    return value


def whole_number(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if type(value) is not int:
        raise malformed(f"{name} 应为整数")
    return value
