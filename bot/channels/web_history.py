"""A member's own conversations, from the question log: the list by day, newest first, and each of them to go on with.

    GET  /history                        the list; ?before= older ones
    GET  /history/{conversation}         the conversation on the page of the chat; the next question goes on with it
    POST /history/{conversation}/delete  puts it out of the list

* Only where staff sign in, and each member only their own: somebody else's conversation is not found.
* What is read is what the log keeps: personal numbers are masked in it; of look-ups and other acts there is what was
  asked for, and never what was answered.
* What is put away is listed no more; the log keeps it until its purge, as the law wants, and says so.

Decision: docs/decisions/0242.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from aiohttp import web

from bot.channels.asking import LIMITS, require_own_page
from bot.channels.showing_past import listed_by_day, shown_conversation, turns_again
from bot.channels.web_page import ChatPage
from bot.channels.web_room import Room, Visitor, cannot_answer
from bot.channels.web_talk import Talk
from index.calendar import SHANGHAI
from index.errors import OfficeError, UnknownQuestion
from index.questions.conversations import conversation_of, conversations_by, remove
from verify.public.bodies import form
from verify.public.problems import Problem, Refused

AT_ONCE = 30
Result = TypeVar("Result")


class History:
    def __init__(self, room: Room, page: ChatPage) -> None:
        self._room = room
        self._page = page

    def routes(self) -> list[web.RouteDef]:
        members = self._room.for_members
        return [
            web.get("/history", members(self.listed)),
            web.get("/history/{conversation}", members(self.again)),
            web.post("/history/{conversation}/delete", members(self.put_away)),
        ]

    async def listed(self, request: web.Request, who: Visitor) -> web.Response:
        before, store, member = _moment(request.query.get("before", "")), self._room.reception.questions, _member(who)
        await self._room.reception.keeper.settled()
        found = await _read(lambda: conversations_by(store, member, limit=AT_ONCE + 1, before=before))
        older = found[AT_ONCE - 1].last_at.isoformat() if len(found) > AT_ONCE else None
        days = listed_by_day(found[:AT_ONCE], self._room.today())
        return self._room.page("history.html", who, days=days, older=older, first=before is None)

    async def again(self, request: web.Request, who: Visitor) -> web.Response:
        name, store, member = request.match_info["conversation"], self._room.reception.questions, _member(who)
        await self._room.reception.keeper.settled()
        said = await _read(lambda: conversation_of(store, member, name))
        past = await self._room.in_thread(who, lambda: shown_conversation(name, said, self._room.library))
        talk = Talk(name, self._page.talks.new().sending, turns_again(said))
        return await self._page.shown(who, talk, past=past)

    async def put_away(self, request: web.Request, who: Visitor) -> web.Response:
        require_own_page(request)
        who.require((await form(request, LIMITS)).get("token"))
        name, store, member = request.match_info["conversation"], self._room.reception.questions, _member(who)
        await self._room.reception.keeper.settled()
        await _read(lambda: remove(store, member, name, self._room.reception.clock()))
        return web.Response(status=303, headers={"Location": "/history"})


async def _read(work: Callable[[], Result]) -> Result:
    try:
        return await asyncio.to_thread(work)
    except UnknownQuestion as cause:
        raise Refused(Problem(404, cause.code, "没有这次对话", cause.message, cause.next_step)) from cause
    except OfficeError as cause:
        raise cannot_answer(cause) from cause


def _moment(written: str) -> datetime | None:
    """As the page's own link has it; anything else begins at the newest."""
    try:
        return datetime.fromisoformat(written).astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        return None


def _member(who: Visitor) -> str:
    """Whoever reaches these pages has signed in."""
    assert who.staff is not None
    return who.staff.id
