"""Reading what a caller sends: one small JSON object with the expected names and types, or a refusal that says why."""

import json
from typing import Any

from aiohttp import web

from verify.issuing.answers import malformed, too_large

BODY_LIMIT_BYTES = 16 * 1024
TEXT_MAX = 500
HEADER_MAX = 200


async def read_object(request: web.Request, names: set[str]) -> dict[str, Any]:
    """The body's object. Raises IssuingError for anything else, and for names nobody expects."""
    data = await request.content.read(BODY_LIMIT_BYTES + 1)
    while not request.content.at_eof() and len(data) <= BODY_LIMIT_BYTES:
        data += await request.content.read(BODY_LIMIT_BYTES + 1 - len(data))
    if len(data) > BODY_LIMIT_BYTES:
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


def whole_number(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if type(value) is not int:
        raise malformed(f"{name} 应为整数")
    return value
