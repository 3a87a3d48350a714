"""A reader's word on an answer (有用 or 没用, with a note), from an untrusted request: JSON of the API or the form.

* ``{"id", "verdict": "useful"|"useless", "note"?}``; ``id`` is the unguessable name the answer came with.
* Everything is bounded; what is wrong is named in Chinese.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.assistant.answer import Turn
from bot.channels.asking import LIMITS, refused, require_own_page, turns_of
from index.questions.log import NOTE_MAX
from index.questions.model import Verdict
from verify.public.bodies import form, json_object

_TICKET = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class Rated:
    ticket: str
    verdict: Verdict
    note: str


async def from_api(request: web.Request) -> Rated:
    values = await json_object(request, LIMITS)
    if values.keys() - {"id", "verdict", "note"}:
        raise refused("FIELD_UNKNOWN", "请求里有不认识的项目。", "只接受 id、verdict、note 三项。")
    return _rated(values)


async def from_page(request: web.Request) -> tuple[Rated, tuple[Turn, ...], Mapping[str, str]]:
    """What was said, the conversation it was said in, and the form as sent."""
    require_own_page(request)
    values = await form(request, LIMITS)
    return _rated(values), turns_of(values), values


def _rated(values: Mapping[str, object]) -> Rated:
    ticket, verdict, note = values.get("id"), values.get("verdict"), values.get("note") or ""
    if not isinstance(ticket, str) or not _TICKET.fullmatch(ticket):
        raise refused("ANSWER_MISSING", "没有写明评价的是哪个回答。", "请在 id 中写回答的编号。")
    if verdict not in tuple(Verdict):
        raise refused("VERDICT_UNKNOWN", "看不懂评价。", "verdict 只能是 useful（有用）或 useless（没用）。")
    if not isinstance(note, str) or len(note) > NOTE_MAX:
        raise refused("NOTE_TOO_LONG", f"补充说明超过了 {NOTE_MAX} 个字。", "请写短一些。")
    return Rated(ticket, Verdict(str(verdict)), note)
