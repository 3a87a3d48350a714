"""An objection brought to the desk: the clerk checks who brings it and files it in the subject's name (B15, D07).

GET  /desk/objections/new?code=      the subject's records and the form
POST /desk/objections                files it
"""

from functools import partial

from aiohttp import web

from index.cases.objection import Objection
from index.channel import Channel
from index.errors import OfficeError
from index.records.model import CreditRecord, Subject
from verify.issuing.portal.cases import REASON_MAX, Cases, evidence_of, filing_of
from verify.issuing.portal.claims import Clerk
from verify.issuing.portal.desk import Visitor, admit_visitor, clerk_in, reader_of
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.room import Room, see
from verify.issuing.portal.settings import Realm, Task

MATTER = "窗口代为提交异议"


class DeskFiling:
    """The pages ``/desk/objections/new`` and ``/desk/objections``."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate
        self._cases = Cases(room)

    def routes(self) -> list[web.RouteDef]:
        issuing = partial(self._gate.open_to, Realm.STAFF, task=Task.ISSUE)
        return [
            web.get("/desk/objections/new", issuing(self.new)),
            web.post("/desk/objections", issuing(self.file)),
        ]

    async def new(self, asked: Asked) -> web.StreamResponse:
        return await self._form(asked)

    async def file(self, asked: Asked) -> web.StreamResponse:
        visitor, clerk, code = Visitor.of(asked), clerk_in(asked), asked.text("code", 18)
        if visitor.missing:
            return await self._form(asked, missing=visitor.missing)
        filing = filing_of(asked, code, Channel.DESK, f"{clerk.actor}（{visitor.words}）")
        try:
            await self._room.reading(admit_visitor, self._room, clerk, visitor, code)
            case: Objection = await self._room.acting(
                lambda: self._cases.objections.file(filing, evidence_of(asked), self._room.now())
            )
        except OfficeError as problem:
            return await self._form(asked, problem)
        raise see(f"/desk/subject?code={case.subject_code}")

    async def _form(self, asked: Asked, problem: OfficeError | None = None, missing: str = "") -> web.Response:
        subject, records = await self._room.reading(self._found, clerk_in(asked), asked.text("code", 18))
        return self._room.page(
            "desk_objection.html",
            asked.session,
            status=422 if problem or missing else 200,
            wrong=problem,
            missing=missing,
            asked=asked,
            subject=subject,
            records=records,
            visitor=Visitor.of(asked),
            domains=self._room.office.domains_on(self._room.now().date()),
            reason_max=REASON_MAX,
        )

    def _found(self, clerk: Clerk, code: str) -> tuple[Subject, tuple[CreditRecord, ...]]:
        reader = reader_of(self._room, clerk, code, MATTER)
        return reader.subject(code), reader.list_for(code).records
