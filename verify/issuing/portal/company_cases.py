"""A company objects to what a report says (B15) or applies for repair (B16), and follows its case.

    GET  /apply/objections/new, POST /apply/objections      ?record= and ?report= name what it is about
    GET  /apply/repairs/new,    POST /apply/repairs         ?record=
    GET  /apply/{objections|repairs}/{number}[/files/{file}]

* What was typed comes back with the problem beside it; only files must be chosen again.
* A company sees its own cases and the files it sent; a handler's name and a unit's own files are the unit's business.
"""

from functools import partial

from aiohttp import web

from index.cases.objection import Objection
from index.cases.repair import Repair
from index.channel import Channel
from index.errors import OfficeError
from index.records.model import Severity
from verify.issuing.portal.cases import (
    CASE_NUMBER,
    COMMITMENT,
    FILE,
    KEY_MAX,
    REASON_MAX,
    Cases,
    Kind,
    application_of,
    evidence_of,
    filing_of,
    handed_out,
    shown_case,
)
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.room import Room, not_found, see
from verify.issuing.portal.selfservice import SelfService, subject_code
from verify.issuing.portal.settings import Realm


class CompanyCases:
    """The pages under ``/apply/objections`` and ``/apply/repairs``."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate
        self._self = SelfService(room)
        self._cases = Cases(room)

    def routes(self) -> list[web.RouteDef]:
        own = partial(self._gate.open_to, Realm.COMPANY)
        routes = [
            web.get("/apply/objections/new", own(self.new_objection)),
            web.post("/apply/objections", own(self.object)),
            web.get("/apply/repairs/new", own(self.new_repair)),
            web.post("/apply/repairs", own(self.apply)),
        ]
        for kind in Kind:
            routes.append(web.get(f"/apply/{kind}/{CASE_NUMBER}", own(partial(self.case, kind))))
            routes.append(web.get(f"/apply/{kind}/{CASE_NUMBER}/files/{FILE}", own(partial(self.file, kind))))
        return routes

    # Objections

    async def new_objection(self, asked: Asked) -> web.StreamResponse:
        return await self._objection_form(asked, None)

    async def object(self, asked: Asked) -> web.StreamResponse:
        filing = filing_of(asked, subject_code(asked), Channel.SELF, asked.session.who.actor)
        try:
            case: Objection = await self._room.acting(
                lambda: self._cases.objections.file(filing, evidence_of(asked), self._room.now())
            )
        except OfficeError as problem:
            return await self._objection_form(asked, problem)
        raise see(f"/apply/objections/{case.number}")

    async def _objection_form(self, asked: Asked, problem: OfficeError | None) -> web.Response:
        code = subject_code(asked)
        records = await self._room.reading(self._self.records, asked.session, code)
        return self._room.page(
            "apply_objection.html",
            asked.session,
            status=422 if problem else 200,
            wrong=problem,
            asked=asked,
            records=records,
            domains=self._room.office.domains_on(self._room.now().date()),
            reason_max=REASON_MAX,
        )

    # Repairs

    async def new_repair(self, asked: Asked) -> web.StreamResponse:
        return await self._repair_form(asked, None)

    async def apply(self, asked: Asked) -> web.StreamResponse:
        application = application_of(asked, subject_code(asked), Channel.SELF, asked.session.who.actor)
        if application is None:
            return await self._repair_form(asked, None, missing="请填写两个日期，并勾选信用承诺。")
        try:
            case: Repair = await self._room.acting(
                lambda: self._cases.repairs.file(application, evidence_of(asked), self._room.now())
            )
        except OfficeError as problem:
            return await self._repair_form(asked, problem)
        raise see(f"/apply/repairs/{case.number}")

    async def _repair_form(self, asked: Asked, problem: OfficeError | None, missing: str = "") -> web.Response:
        records = await self._room.reading(self._self.records, asked.session, subject_code(asked))
        found = [record for record in records if record.key == asked.text("record", KEY_MAX)]
        if not found:
            raise not_found()
        return self._room.page(
            "apply_repair.html",
            asked.session,
            status=422 if problem or missing else 200,
            wrong=problem,
            missing=missing,
            asked=asked,
            record=found[0],
            severities=tuple(Severity),
            commitment=COMMITMENT,
            reason_max=REASON_MAX,
        )

    # Following a case

    async def case(self, kind: Kind, asked: Asked) -> web.StreamResponse:
        case = await self._room.reading(self._own, kind, asked)
        shown = shown_case(case, self._room.office, self._room.now())
        return self._room.page("apply_case.html", asked.session, case=shown, facts=case)

    async def file(self, kind: Kind, asked: Asked) -> web.StreamResponse:
        case = await self._room.reading(self._own, kind, asked)
        file_id = int(asked.request.match_info["file"])
        if file_id not in {file.id for step in case.steps if step.before is None for file in step.files}:
            raise not_found()
        found = await self._room.reading(self._cases.file, kind, case.number, file_id, asked.session.who.actor)
        return handed_out(found)

    def _own(self, kind: Kind, asked: Asked) -> Objection | Repair:
        """Raises Refused (no such page) for a case of another subject."""
        case = self._cases.get(kind, asked.request.match_info["number"], asked.session.who.actor)
        if case.subject_code != subject_code(asked):
            raise not_found()
        return case
