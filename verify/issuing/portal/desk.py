"""The desk: a clerk finds the subject, says whose identity was checked and how, looks, and issues (D07).

    GET  /desk                                 search, what waits, or the way to sign in
    GET  /desk/subject?code=                   the subject, its reports, the form
    POST /desk/preview, POST /desk/reports     look; issue; one key, one report, however often it is sent

* What was checked stands in the ledger beside the report. Whoever acts for the subject needs its registered
  authorisation, which is looked up before anything is shown.
"""

import secrets
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from index.access import Authorised, Claim, Duty, Scope, SelfReading
from index.admission import admit
from index.channel import Channel
from index.errors import OfficeError, UnknownSubject
from index.masking import mask_name, mask_text
from index.records.model import Subject
from index.records.reading import Reader
from verify.errors import VerifyError
from verify.issuing.orders import IssuedReport, IssueRequest
from verify.issuing.portal.cases import Cases
from verify.issuing.portal.claims import Clerk
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.reports import (
    KEY_MAX,
    YEARS,
    Choice,
    ShownReport,
    notices_of,
    preview_of,
    shown_report,
)
from verify.issuing.portal.room import Room, see
from verify.issuing.portal.settings import Realm, Task

MATTER = "专用信用报告窗口办理"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who stands at the desk. ``authorisation``: number of the registered one, for whoever acts for the subject."""

    by_agent: bool
    document: str
    grantee: str
    authorisation: str

    @classmethod
    def of(cls, asked: Asked) -> "Visitor":
        return cls(
            asked.text("applicant") == "agent",
            asked.text("document", 60),
            asked.text("grantee", 30),
            asked.text("authorisation", 24),
        )

    @property
    def missing(self) -> str:
        """What the clerk has not said yet; empty when all is said."""
        if len(self.document) < 2:
            return "请写明核对了哪些证件。"
        if self.by_agent and not (self.grantee and self.authorisation):
            return "委托办理的，请填写被授权人姓名和授权书登记编号。"
        return ""

    @property
    def words(self) -> str:
        """As the ledger keeps it: a number that was typed all the same is masked."""
        document = mask_text(self.document).text
        if not self.by_agent:
            return f"窗口核对，本人办理：{document}"
        return f"窗口核对，委托办理：{document}；授权书 {self.authorisation}，被授权人 {mask_name(self.grantee)}"

    def claim(self, code: str, clerk: Clerk) -> Claim:
        if self.by_agent:
            return Authorised(self.authorisation, self.grantee, MATTER, clerk.actor)
        return SelfReading(code, f"{MATTER}，{self.document}", MATTER, clerk.actor)


class Desk:
    """The pages under ``/desk`` that issue single reports."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate
        self._cases = Cases(room)

    def routes(self) -> list[web.RouteDef]:
        issuing = partial(self._gate.open_to, Realm.STAFF, task=Task.ISSUE)
        return [
            web.get("/desk", self._gate.for_everybody(self.start, Realm.STAFF)),
            web.get("/desk/subject", issuing(self.subject)),
            web.post("/desk/preview", issuing(self.preview)),
            web.post("/desk/reports", issuing(self.issue)),
        ]

    async def start(self, request: web.Request) -> web.StreamResponse:
        opened = self._room.sessions.opened(request, Realm.STAFF, self._room.now())
        if opened is not None and opened.fresh:
            return await self._gate.open_to(Realm.STAFF, self.home)(request)
        ready = self._room.provider(Realm.STAFF) is not None
        return self._room.page("desk_landing.html", realm=Realm.STAFF, ready=ready, ended=opened is not None)

    async def home(self, asked: Asked) -> web.StreamResponse:
        return self._home(asked, None)

    async def subject(self, asked: Asked) -> web.StreamResponse:
        try:
            return await self._form(asked)
        except UnknownSubject as problem:
            return self._home(asked, problem)

    async def preview(self, asked: Asked) -> web.StreamResponse:
        choice, visitor = Choice.of(asked), Visitor.of(asked)
        missing = visitor.missing or ("" if choice.years else "请先选择查询年限。")
        if missing:
            return await self._form(asked, missing=missing)
        try:
            await self._room.reading(admit_visitor, self._room, clerk_in(asked), visitor, asked.text("code", 18))
            order = self._order(asked, choice, visitor, None)
            content = await self._room.reading(self._room.issuing.preview, order)
        except (OfficeError, VerifyError) as problem:
            return await self._form(asked, problem)
        return self._room.page(
            "desk_preview.html",
            asked.session,
            choice=choice,
            visitor=visitor,
            parts=preview_of(content),
            calendar_published=content.calendar_published,
            code=order.subject_code,
            key=secrets.token_urlsafe(18),
        )

    async def issue(self, asked: Asked) -> web.StreamResponse:
        choice, visitor, key = Choice.of(asked), Visitor.of(asked), asked.text("key", KEY_MAX)
        if visitor.missing or not choice.years or not key:
            return await self._form(asked, missing=visitor.missing or "请先选择查询年限。")
        try:
            await self._room.reading(admit_visitor, self._room, clerk_in(asked), visitor, asked.text("code", 18))
            order = self._order(asked, choice, visitor, key)
            report: IssuedReport = await self._room.acting(lambda: self._room.issuing.issue(order))
        except (OfficeError, VerifyError) as problem:
            return await self._form(asked, problem)
        raise see(f"/desk/reports/{report.number}")

    # What the pages read

    def _home(self, asked: Asked, unknown: UnknownSubject | None) -> web.Response:
        may, code = clerk_in(asked).tasks, asked.text("code", 18)
        status = 404 if unknown else 200
        return self._room.page(
            "desk_home.html", asked.session, status=status, may=may, Task=Task, wrong=unknown, code=code
        )

    async def _form(
        self, asked: Asked, problem: OfficeError | VerifyError | None = None, missing: str = ""
    ) -> web.Response:
        code = asked.text("code", 18).upper()
        subject, branches = await self._room.reading(self._found, clerk_in(asked), code)
        reports = await self._room.reading(self._reports, clerk_in(asked), code)
        return self._room.page(
            "desk_subject.html",
            asked.session,
            status=422 if problem or missing else 200,
            subject=subject,
            branches=len(branches),
            reports=reports,
            cases=await self._room.reading(self._cases.of_subject, code, clerk_in(asked).actor),
            years=YEARS,
            choice=Choice.of(asked),
            visitor=Visitor.of(asked),
            wrong=problem,
            missing=missing,
        )

    def _found(self, clerk: Clerk, code: str) -> tuple[Subject, tuple[Subject, ...]]:
        reader = reader_of(self._room, clerk, code)
        return reader.subject(code), reader.branches(code)

    def _reports(self, clerk: Clerk, code: str) -> tuple[ShownReport, ...]:
        entries = self._room.issuing.reports_of(code, clerk.actor)
        notices = notices_of(self._room.engine, tuple(entry.number for entry in entries))
        return tuple(shown_report(entry, self._room.now(), notices.get(entry.number, ())) for entry in entries)

    def _order(self, asked: Asked, choice: Choice, visitor: Visitor, key: str | None) -> IssueRequest:
        clerk, code = clerk_in(asked), asked.text("code", 18)
        return IssueRequest(
            subject_code=code,
            years=choice.years,
            purpose=choice.purpose,
            moment=self._room.now(),
            actor=clerk.actor,
            idempotency_key=None if key is None else f"desk:{clerk.identifier}:{code}:{key}",
            channel=Channel.DESK,
            identity_check=visitor.words,
            authorisation=visitor.authorisation if visitor.by_agent else None,
            grantee=visitor.grantee if visitor.by_agent else "",
        )


def clerk_in(asked: Asked) -> Clerk:
    assert isinstance(asked.session.who, Clerk)
    return asked.session.who


def admit_visitor(room: Room, clerk: Clerk, visitor: Visitor, code: str) -> None:
    """Whether this visitor may have the subject's report (and, of a parent, its branches'). Raises AccessDenied."""
    claim = visitor.claim(code, clerk)
    admit(room.engine, claim, code, scope=Scope.REPORT, now=room.now(), office=room.office)


def reader_of(room: Room, clerk: Clerk, code: str, matter: str = MATTER) -> Reader:
    """What a clerk may read of a subject to serve it. Raises AccessDenied."""
    claim = Duty(clerk.unit, matter, clerk.actor, matter)
    entitlement = admit(room.engine, claim, code, now=room.now(), office=room.office)
    return Reader(room.engine, entitlement=entitlement, now=room.now())
