"""A member's own questions, from the question log: the list, newest first, and each answer again.

    GET /history            the list; ?before= older ones
    GET /history/{ticket}   one question with its answer

* Only where staff sign in, and each member only their own: somebody else's question is not found.
* What is read is what the log keeps: personal numbers are masked in it.
"""

import asyncio

from aiohttp import web

from bot.channels.showing_past import shown_again, shown_past
from bot.channels.web_room import Room, Visitor, cannot_answer
from index.errors import OfficeError, UnknownQuestion
from index.questions.listing import asking_by, askings_by
from index.questions.log import NOTE_MAX
from index.questions.model import Asking
from verify.public.problems import Problem, Refused

AT_ONCE = 30


class History:
    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[web.RouteDef]:
        members = self._room.for_members
        return [web.get("/history", members(self.listed)), web.get("/history/{ticket}", members(self.again))]

    async def listed(self, request: web.Request, who: Visitor) -> web.Response:
        asked = request.query.get("before", "")
        await self._room.reception.keeper.settled()
        before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else None
        try:
            found = await asyncio.to_thread(
                askings_by, self._room.reception.questions, _member(who), limit=AT_ONCE + 1, before=before
            )
        except OfficeError as cause:
            raise cannot_answer(cause) from cause
        shown = tuple(map(shown_past, found[:AT_ONCE]))
        older = shown[-1].number if len(found) > AT_ONCE else None
        return self._room.page("history.html", who, asked=shown, older=older, first=before is None)

    async def again(self, request: web.Request, who: Visitor) -> web.Response:
        asking = await self._asking(request.match_info["ticket"], _member(who))
        shown = await self._room.in_thread(lambda: shown_again(asking, self._room.library))
        return self._room.page(
            "history_one.html", who, past=shown_past(asking), shown=shown, note_limit=NOTE_MAX, masked=asking.masked
        )

    async def _asking(self, ticket: str, member: str) -> Asking:
        try:
            return await asyncio.to_thread(asking_by, self._room.reception.questions, member, ticket)
        except UnknownQuestion as cause:
            raise Refused(Problem(404, cause.code, "没有这次提问", cause.message, cause.next_step)) from cause
        except OfficeError as cause:
            raise cannot_answer(cause) from cause


def _member(who: Visitor) -> str:
    """Whoever reaches these pages has signed in."""
    assert who.staff is not None
    return who.staff.id
