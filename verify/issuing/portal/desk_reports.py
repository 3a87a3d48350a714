"""One issued report at the desk: its page, its files, and the changes of its state.

    GET  /desk/reports/{number}[/report.docx|report.pdf|qr.png]
    POST /desk/reports/{number}/state          revoke, replace, suspend, resume: each with a reason

* The page shows every change with who made it and why; looking at it is one line of the audit.
* Who may issue may also withdraw what was issued. A step that is not possible any more is refused and says why.
"""

from functools import partial

from aiohttp import web

from index.errors import OfficeError
from verify.errors import VerifyError
from verify.issuing.portal.desk import clerk_in
from verify.issuing.portal.desk_cases import known_step
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.reports import NUMBER, file_of, notices_of, shown_report
from verify.issuing.portal.room import Room, see
from verify.issuing.portal.settings import Realm, Task
from verify.issuing.states import ACTS, REASON_MAX, Event, State, possible


class DeskReports:
    """The pages under ``/desk/reports``."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        issuing = partial(self._gate.open_to, Realm.STAFF, task=Task.ISSUE)
        place = f"/desk/reports/{NUMBER}"
        return [
            web.get(place, issuing(self.report)),
            web.post(f"{place}/state", issuing(self.change)),
            web.get(f"{place}/{{name:report\\.docx|report\\.pdf|qr\\.png}}", issuing(self.file)),
        ]

    async def report(self, asked: Asked) -> web.StreamResponse:
        return await self._page(asked)

    async def change(self, asked: Asked) -> web.StreamResponse:
        try:
            await self._room.acting(lambda: self._change(asked))
        except (OfficeError, VerifyError) as problem:
            return await self._page(asked, problem)
        raise see(f"/desk/reports/{asked.request.match_info['number']}")

    async def file(self, asked: Asked) -> web.StreamResponse:
        number, actor = asked.request.match_info["number"], clerk_in(asked).actor
        issued = await self._room.reading(self._room.issuing.issued, number, actor)
        return await self._room.reading(file_of, issued, asked.request.match_info["name"])

    def _change(self, asked: Asked) -> None:
        number, event = asked.request.match_info["number"], known_step(Event, asked.text("event"), among=ACTS)
        successor = asked.text("successor", 24) if event is Event.SUPERSEDE else None
        actor, reason = clerk_in(asked).actor, asked.text("reason", REASON_MAX)
        self._room.issuing.change(number, event, reason, actor, self._room.now(), successor)

    async def _page(self, asked: Asked, problem: OfficeError | VerifyError | None = None) -> web.Response:
        number, actor = asked.request.match_info["number"], clerk_in(asked).actor
        issued, page = await self._room.reading(self._room.issuing.opened, number, actor)
        notices = await self._room.reading(notices_of, self._room.engine, (number,))
        return self._room.page(
            "desk_report.html",
            asked.session,
            status=422 if problem else 200,
            report=shown_report(page.entry, self._room.now(), notices.get(number, ())),
            issued=issued,
            entry=page.entry,
            changes=page.changes,
            logged=page.place,
            possible=possible(State(page.entry.state)),
            asked=asked,
            wrong=problem,
            reason_max=REASON_MAX,
        )
