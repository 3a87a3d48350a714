"""Whoever acts for a subject brings a signed authorisation: the clerk takes it in before the report (D06).

GET  /desk/authorisations?code=      those of a subject, and the form
POST /desk/authorisations            registers one with its file
"""

from functools import partial

from aiohttp import web

from index.access import Authorisation, Scope
from index.authorisations import Grant, listed, register
from index.errors import OfficeError
from verify.issuing.portal.cases import evidence_of
from verify.issuing.portal.desk import clerk_in
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.room import Room, see
from verify.issuing.portal.settings import Realm, Task


class DeskAuthorisations:
    """The pages under ``/desk/authorisations``."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        issuing = partial(self._gate.open_to, Realm.STAFF, task=Task.ISSUE)
        return [
            web.get("/desk/authorisations", issuing(self.show)),
            web.post("/desk/authorisations", issuing(self.register)),
        ]

    async def show(self, asked: Asked) -> web.StreamResponse:
        return await self._page(asked)

    async def register(self, asked: Asked) -> web.StreamResponse:
        files, first, last = evidence_of(asked), asked.day("valid_from"), asked.day("valid_to")
        if not files or first is None or last is None:
            return await self._page(asked, missing="请填写起止日期，并选择签章后的授权书文件。")
        scope = Scope.RECORDS if asked.text("scope") == Scope.RECORDS else Scope.REPORT
        grant = Grant(asked.text("code", 18), asked.text("grantee", 30), scope, first, last)
        act = partial(register, self._room.engine, grant, files[0], actor=clerk_in(asked).actor, now=self._room.now())
        try:
            made: Authorisation = await self._room.acting(act)
        except OfficeError as problem:
            return await self._page(asked, problem)
        raise see(f"/desk/authorisations?code={made.subject_code}&made={made.number}")

    async def _page(self, asked: Asked, problem: OfficeError | None = None, missing: str = "") -> web.Response:
        code, now = asked.text("code", 18), self._room.now()
        actor = clerk_in(asked).actor
        found = await self._room.reading(listed, self._room.engine, actor=actor, now=now, subject_code=code)
        return self._room.page(
            "desk_authorisations.html",
            asked.session,
            status=422 if problem or missing else 200,
            code=code,
            found=found,
            today=now.date(),
            asked=asked,
            wrong=problem,
            missing=missing,
        )
