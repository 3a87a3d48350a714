"""A question to the assistant, read from an untrusted request: JSON of the API or the form of the page.

* ``{"question", "as_of", "context": [{"role", "content"}]}``; ``as_of`` defaults to today, ``context`` to nothing.
* A form that another site made the browser send is refused: it would be written into the log as ours.
* Everything is bounded: the question, the number and length of earlier turns. What is wrong is named in Chinese.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web

from bot.assistant.answer import Role, Turn
from verify.public.bodies import BodyLimits, form, json_object
from verify.public.problems import Problem, Refused

QUESTION_MAX = 500
TURNS_MAX = 40
TURNS_KEPT = 12
TURN_MAX = 4000
LIMITS = BodyLimits(file_bytes=0, small_bytes=256 * 1024)


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    as_of: date
    context: tuple[Turn, ...]


async def from_api(request: web.Request, today: date) -> Asked:
    values = await json_object(request, LIMITS)
    unknown = values.keys() - {"question", "as_of", "context"}
    if unknown:
        raise refused("FIELD_UNKNOWN", "请求里有不认识的项目。", "只接受 question、as_of、context 三项。")
    return Asked(_question(values.get("question")), _as_of(values.get("as_of"), today), turns(values.get("context")))


async def from_page(request: web.Request, today: date) -> tuple[Mapping[str, str], Asked | Problem]:
    """The form as sent, to be shown again, and what it asks."""
    require_own_page(request)
    values = await form(request, LIMITS)
    try:
        earlier = turns(json.loads(values.get("context") or "[]"))
        question = _question(values.get("ask") or values.get("question"))
        return values, Asked(question, _as_of(values.get("as_of") or None, today), earlier)
    except (ValueError, RecursionError):
        return values, _problem("CONTEXT_UNREADABLE", "之前的对话没有读懂。", "请刷新页面后重新提问。")
    except Refused as cause:
        return values, cause.problem


def require_own_page(request: web.Request) -> None:
    """Sec-Fetch-Site where the browser sends it (https, this machine), else Origin; our own pages may send ``null``."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "null")
    foreign = site == "cross-site" if site else origin != "null" and origin.partition("://")[2] != request.host
    if foreign:
        raise Refused(
            Problem(403, "OTHER_SITE", "没有接受这个请求", "请求是从别的网站发来的。", "请打开本系统的页面提问。")
        )


def _question(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise refused("QUESTION_MISSING", "没有收到问题。", "请写明要问的内容（接口写在 question 中）。")
    if len(value) > QUESTION_MAX:
        raise refused("QUESTION_TOO_LONG", f"问题超过了 {QUESTION_MAX} 个字。", "请缩短问题，一次只问一件事。")
    return " ".join(value.split())


def _as_of(value: object, today: date) -> date:
    if value is None:
        return today
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as cause:
        raise refused("DAY_UNREADABLE", "看不懂日期。", "请写成 2026-11-21 这样的形式。") from cause


def turns(value: object) -> tuple[Turn, ...]:
    """The last turns of the conversation; older ones are forgotten."""
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > TURNS_MAX:
        raise refused("CONTEXT_UNREADABLE", "之前的对话格式不对。", f"context 应是最多 {TURNS_MAX} 条对话的列表。")
    return tuple(_turn(item) for item in value)[-TURNS_KEPT:]


def turns_of(sent: Mapping[str, object]) -> tuple[Turn, ...]:
    """The turns that a form brings along; none, where they cannot be read."""
    written = sent.get("context")
    try:
        return turns(json.loads(written if isinstance(written, str) and written else "[]"))
    except (ValueError, RecursionError, Refused):
        return ()


def _turn(value: Any) -> Turn:
    match value:
        case {"role": "user" | "assistant" as role, "content": str(content)} if len(value) == 2:
            if len(content) <= TURN_MAX:
                return Turn(Role(role), content)
    raise refused(
        "CONTEXT_UNREADABLE",
        "之前的对话格式不对。",
        f"每条对话写 role（user 或 assistant）和不超过 {TURN_MAX} 个字的 content。",
    )


def _problem(code: str, message: str, next_step: str) -> Problem:
    return Problem(400, code, "没有看懂这个请求", message, next_step)


def refused(code: str, message: str, next_step: str) -> Refused:
    return Refused(_problem(code, message, next_step))
