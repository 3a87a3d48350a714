"""An objection or an application for repair brought to the desk: the clerk checks who brings it and files it in the
subject's name (B15, B16, D07).

GET  /desk/objections/new?code=, POST /desk/objections      the subject's records and the form; files it
GET  /desk/repairs/new?code=,    POST /desk/repairs         the same
"""

from collections.abc import Callable
from functools import partial

from aiohttp import web

from index.cases.objection import Objection
from index.cases.repair import Repair
from index.channel import Channel
from index.errors import OfficeError
from index.records.model import CreditRecord, Severity, Subject
from verify.issuing.portal.cases import (
    COMMITMENT,
    REASON_MAX,
    Cases,
    application_of,
    evidence_of,
    filing_of,
)
from verify.issuing.portal.claims import Clerk
from verify.issuing.portal.desk import Visitor, admit_visitor, clerk_in, reader_of
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.room import Room, see
from verify.issuing.portal.settings import Realm, Task

MATTER = "窗口代为提交异议和修复申请"


class DeskFiling:
    """The pages on which a clerk files for a visitor."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate
        self._cases = Cases(room)

    def routes(self) -> list[web.RouteDef]:
        issuing = partial(self._gate.open_to, Realm.STAFF, task=Task.ISSUE)
        return [
            web.get("/desk/objections/new", issuing(self.new_objection)),
            web.post("/desk/objections", issuing(self.object)),
            web.get("/desk/repairs/new", issuing(self.new_repair)),
            web.post("/desk/repairs", issuing(self.apply)),
        ]

    async def new_objection(self, asked: Asked) -> web.StreamResponse:
        return await self._form(asked, "desk_objection.html")

    async def object(self, asked: Asked) -> web.StreamResponse:
        code = asked.text("code", 18)
        filing = filing_of(asked, code, Channel.DESK, _filed_by(asked))
        return await self._filed(
            asked,
            "desk_objection.html",
            lambda: self._cases.objections.file(filing, evidence_of(asked), self._room.now()),
        )

    async def new_repair(self, asked: Asked) -> web.StreamResponse:
        return await self._form(asked, "desk_repair.html")

    async def apply(self, asked: Asked) -> web.StreamResponse:
        application = application_of(asked, asked.text("code", 18), Channel.DESK, _filed_by(asked))
        if application is None:
            return await self._form(asked, "desk_repair.html", missing="请填写两个日期，并勾选信用承诺。")
        return await self._filed(
            asked,
            "desk_repair.html",
            lambda: self._cases.repairs.file(application, evidence_of(asked), self._room.now()),
        )

    async def _filed(self, asked: Asked, template: str, file: Callable[[], Objection | Repair]) -> web.Response:
        """Files once the visitor is admitted; else the form again with what was typed."""
        visitor, clerk, code = Visitor.of(asked), clerk_in(asked), asked.text("code", 18)
        if visitor.missing:
            return await self._form(asked, template, missing=visitor.missing)
        try:
            await self._room.reading(admit_visitor, self._room, clerk, visitor, code)
            case = await self._room.acting(file)
        except OfficeError as problem:
            return await self._form(asked, template, problem)
        raise see(f"/desk/subject?code={case.subject_code}")

    async def _form(
        self, asked: Asked, template: str, problem: OfficeError | None = None, missing: str = ""
    ) -> web.Response:
        subject, records = await self._room.reading(self._found, clerk_in(asked), asked.text("code", 18))
        return self._room.page(
            template,
            asked.session,
            status=422 if problem or missing else 200,
            wrong=problem,
            missing=missing,
            asked=asked,
            subject=subject,
            records=records,
            visitor=Visitor.of(asked),
            domains=self._room.office.domains_on(self._room.now().date()),
            severities=tuple(Severity),
            commitment=COMMITMENT,
            reason_max=REASON_MAX,
        )

    def _found(self, clerk: Clerk, code: str) -> tuple[Subject, tuple[CreditRecord, ...]]:
        reader = reader_of(self._room, clerk, code, MATTER)
        return reader.subject(code), reader.list_for(code).records


def _filed_by(asked: Asked) -> str:
    return f"{clerk_in(asked).actor}（{Visitor.of(asked).words}）"
