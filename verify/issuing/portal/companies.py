"""A company online: sign in, choose years and purpose, look, get the report free of charge, find it again (B09).

    GET  /apply                                overview, or the way to sign in
    GET  /apply/subjects, POST /apply/subject  for which of several subjects
    GET  /apply/new, GET /apply/preview        choose, look
    POST /apply/reports                        issue; one key, one report, however often it is sent
    GET  /apply/reports/{number}[/report.docx|report.pdf|qr.png]
    GET  /apply/records                        what departments have provided and published about the subject

* A report or record of another subject does not exist here: whoever asks for one gets "no such page".
"""

import secrets
from functools import partial

from aiohttp import web

from index.channel import Channel
from index.errors import OfficeError
from index.records.model import Subject
from verify.errors import VerifyError
from verify.issuing.content import admit
from verify.issuing.orders import IssuedReport, IssueRequest
from verify.issuing.portal.cases import Cases
from verify.issuing.portal.claims import Person
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.reports import (
    KEY_MAX,
    NUMBER,
    YEARS,
    Choice,
    ShownReport,
    file_of,
    notices_of,
    preview_of,
    shown_report,
)
from verify.issuing.portal.room import Room, not_found, see
from verify.issuing.portal.selfservice import SelfService, subject_code
from verify.issuing.portal.sessions import Session, acting_for
from verify.issuing.portal.settings import Realm


class Companies:
    """The pages under ``/apply``."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate
        self._self = SelfService(room)
        self._cases = Cases(room)

    def routes(self) -> list[web.RouteDef]:
        own = partial(self._gate.open_to, Realm.COMPANY)
        return [
            web.get("/apply", self._gate.for_everybody(self.start, Realm.COMPANY)),
            web.get("/apply/subjects", own(self.subjects)),
            web.post("/apply/subject", own(self.choose_subject)),
            web.get("/apply/new", own(self.new)),
            web.get("/apply/preview", own(self.preview)),
            web.post("/apply/reports", own(self.issue)),
            web.get(f"/apply/reports/{NUMBER}", own(self.report)),
            web.get(f"/apply/reports/{NUMBER}/{{name:report\\.docx|report\\.pdf|qr\\.png}}", own(self.file)),
            web.get("/apply/records", own(self.records)),
        ]

    async def start(self, request: web.Request) -> web.StreamResponse:
        opened = self._room.sessions.opened(request, Realm.COMPANY, self._room.now())
        if opened is not None and opened.fresh:
            return await self._gate.open_to(Realm.COMPANY, self.home)(request)
        ready = self._room.provider(Realm.COMPANY) is not None
        return self._room.page("apply_landing.html", realm=Realm.COMPANY, ready=ready, ended=opened is not None)

    async def home(self, asked: Asked) -> web.StreamResponse:
        code = subject_code(asked)
        subject = await self._room.reading(self._self.subject, asked.session, code)
        reports = await self._room.reading(self._reports, asked.session, code)
        cases = await self._room.reading(self._cases.of_subject, code, asked.session.who.actor)
        branches = await self._room.reading(self._self.branches, asked.session, code)
        return self._room.page(
            "apply_home.html", asked.session, subject=subject, branches=len(branches), reports=reports, cases=cases
        )

    async def subjects(self, asked: Asked) -> web.StreamResponse:
        who = _person(asked)
        named = await self._room.reading(self._self.names, asked.session, who.subjects)
        return self._room.page("apply_subjects.html", asked.session, subjects=named)

    async def choose_subject(self, asked: Asked) -> web.StreamResponse:
        try:
            session = acting_for(asked.session, asked.text("code", 18))
        except LookupError as cause:
            raise not_found() from cause
        response = web.Response(status=303, headers={"Location": "/apply"})
        self._room.sessions.keep(response, session, self._room.now())
        return response

    async def new(self, asked: Asked) -> web.StreamResponse:
        return await self._form(asked, Choice.of(asked))

    async def preview(self, asked: Asked) -> web.StreamResponse:
        choice = Choice.of(asked)
        if not choice.years:
            return await self._form(asked, choice, missing="请先选择查询年限。")
        order = self._order(asked, choice, None)
        content = await self._room.reading(self._room.issuing.preview, order)
        return self._room.page(
            "apply_preview.html",
            asked.session,
            choice=choice,
            parts=preview_of(content),
            calendar_published=content.calendar_published,
            key=secrets.token_urlsafe(18),
        )

    async def issue(self, asked: Asked) -> web.StreamResponse:
        choice, key = Choice.of(asked), asked.text("key", KEY_MAX)
        if not choice.years or not key:
            return await self._form(asked, choice, missing="请先选择查询年限。")
        order = self._order(asked, choice, key)
        report: IssuedReport = await self._room.acting(lambda: self._room.issuing.issue(order))
        raise see(f"/apply/reports/{report.number}")

    async def report(self, asked: Asked) -> web.StreamResponse:
        shown = await self._own_report(asked)
        issued, page = await self._room.reading(self._room.issuing.opened, shown.number, asked.session.who.actor)
        return self._room.page("apply_report.html", asked.session, report=shown, issued=issued, changes=page.changes)

    async def file(self, asked: Asked) -> web.StreamResponse:
        shown = await self._own_report(asked)
        issued = await self._room.reading(self._room.issuing.issued, shown.number, asked.session.who.actor)
        return await self._room.reading(file_of, issued, asked.request.match_info["name"])

    async def records(self, asked: Asked) -> web.StreamResponse:
        code = subject_code(asked)
        subject = await self._room.reading(self._self.subject, asked.session, code)
        records = await self._room.reading(self._self.records, asked.session, code)
        names = {domain.number: domain.name for domain in self._room.office.domains}
        return self._room.page("apply_records.html", asked.session, subject=subject, records=records, domains=names)

    # What the pages read

    async def _form(self, asked: Asked, choice: Choice, missing: str = "") -> web.Response:
        subject = await self._room.reading(self._self.subject, asked.session, subject_code(asked))
        refusal = await self._room.reading(self._refusal, subject)
        values = {"subject": subject, "choice": choice, "years": YEARS, "missing": missing, "refusal": refusal}
        return self._room.page("apply_new.html", asked.session, status=422 if missing else 200, **values)

    def _refusal(self, subject: Subject) -> OfficeError | VerifyError | None:
        """Why no report can be had, said before anything is chosen."""
        try:
            admit(subject, self._room.office, YEARS[0][0])
        except (OfficeError, VerifyError) as refusal:
            return refusal
        return self._room.issuing.problem(self._room.now())

    def _order(self, asked: Asked, choice: Choice, key: str | None) -> IssueRequest:
        code = subject_code(asked)
        return IssueRequest(
            subject_code=code,
            years=choice.years,
            purpose=choice.purpose,
            moment=self._room.now(),
            actor=asked.session.who.actor,
            idempotency_key=None if key is None else f"apply:{code}:{key}",
            channel=Channel.SELF,
            identity_check=self._self.checked(asked.session),
        )

    async def _own_report(self, asked: Asked) -> ShownReport:
        reports = await self._room.reading(self._reports, asked.session, subject_code(asked))
        found = [report for report in reports if report.number == asked.request.match_info["number"]]
        if not found:
            raise not_found()
        return found[0]

    def _reports(self, session: Session, code: str) -> tuple[ShownReport, ...]:
        entries = self._room.issuing.reports_of(code, session.who.actor)
        notices = notices_of(self._room.engine, tuple(entry.number for entry in entries))
        return tuple(shown_report(entry, self._room.now(), notices.get(entry.number, ())) for entry in entries)


def _person(asked: Asked) -> Person:
    assert isinstance(asked.session.who, Person)
    return asked.session.who
