"""What somebody asks us to verify: a token, a typed report number and code, or a file; from page forms and JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from verify.public.bodies import BodyLimits, SentFile, form, form_with_file, is_multipart, json_object
from verify.public.problems import PROBLEMS, Refused
from verify.validity import SHANGHAI


@dataclass(frozen=True, slots=True)
class Token:
    """The text of a QR, or its digits."""

    text: str


@dataclass(frozen=True, slots=True)
class Typed:
    number: str
    code: str


Asked = Token | Typed | SentFile


async def from_page(request: web.Request, limits: BodyLimits) -> tuple[Asked, datetime | None]:
    """One of the three forms of the page: ``file``, ``token``, or ``number`` and ``code``; and ``at``, if wanted."""
    values: Mapping[str, Any] = await (form_with_file if is_multipart(request) else form)(request, limits)
    return asked_for(values), moment(values.get("at"))


async def from_api(request: web.Request, limits: BodyLimits) -> tuple[Asked, datetime | None]:
    """``{"token", "at"}`` or ``{"number", "code", "at"}`` as JSON, or a multipart body with ``file`` and ``at``."""
    if is_multipart(request):
        values: Mapping[str, Any] = await form_with_file(request, limits)
    else:
        values = await json_object(request, limits)
    return asked_for(values), moment(values.get("at"))


def asked_for(values: Mapping[str, Any]) -> Asked:
    match values:
        case {"file": SentFile() as file}:
            return file
        case {"token": str(token)}:
            return Token(token)
        case {"number": str(number), "code": str(code)}:
            return Typed(number, code)
    raise Refused(PROBLEMS[400])


def moment(value: object) -> datetime | None:
    """ISO 8601; without an offset it is Asia/Shanghai. None when absent."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused(PROBLEMS[400])
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
    except (ValueError, OverflowError) as cause:
        raise Refused(PROBLEMS[400]) from cause
