"""Forty branches, one request: the clerk ticks the parent's branches, gets a table of results and one zip.

GET  /desk/batch?code=               the branches and the form
POST /desk/batches                   issues; the same key again shows the same reports
GET  /desk/batches/{key}.zip         the files of what was issued in this request

* Who speaks for the parent speaks for its branches: they are parts of it (民法典 art. 74), so an authorisation of the
  parent is enough.
"""

import secrets
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

from aiohttp import web
from sqlalchemy import select

from index.channel import Channel
from index.errors import OfficeError
from index.records.model import Subject
from index.store import tables
from verify.errors import VerifyError
from verify.issuing.orders import BatchItem, BatchRequest
from verify.issuing.portal.claims import Clerk
from verify.issuing.portal.desk import Visitor, admit_visitor, clerk_in, reader_of
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.reports import YEARS, Choice
from verify.issuing.portal.room import Room, not_found
from verify.issuing.portal.settings import Realm, Task

REPORTS_MAX = 200
KEY = r"{key:desk-[A-Za-z0-9_-]{16,40}}"


@dataclass(frozen=True, slots=True)
class Family:
    """A parent and its branches."""

    parent: Subject
    branches: tuple[Subject, ...]

    def name_of(self, code: str) -> str:
        return next((each.name for each in (self.parent, *self.branches) if each.code == code), code)


class DeskBatch:
    """The pages under ``/desk/batch``."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        issuing = partial(self._gate.open_to, Realm.STAFF, task=Task.ISSUE)
        return [
            web.get("/desk/batch", issuing(self.choose)),
            web.post("/desk/batches", issuing(self.issue)),
            web.get(f"/desk/batches/{KEY}.zip", issuing(self.archive)),
        ]

    async def choose(self, asked: Asked) -> web.StreamResponse:
        return await self._form(asked, ticked=None)

    async def issue(self, asked: Asked) -> web.StreamResponse:
        family = await self._room.reading(self._family, clerk_in(asked), asked.text("code", 18))
        sent = asked.texts("subject-")
        ticked = tuple(each.code for each in (family.parent, *family.branches) if each.code in sent)
        choice, visitor = Choice.of(asked), Visitor.of(asked)
        missing = visitor.missing or _missing(ticked, choice)
        key = asked.text("key", 45)
        if missing or not key.startswith("desk-"):
            return await self._form(asked, ticked, missing=missing or "表单不完整，请重新提交。")
        order = self._order(clerk_in(asked), ticked, choice, visitor, key)
        try:
            await self._room.reading(admit_visitor, self._room, clerk_in(asked), visitor, family.parent.code)
            items = await self._room.reading(self._room.issuing.issue_many, order)
        except (OfficeError, VerifyError) as problem:
            return await self._form(asked, ticked, problem)
        return self._results(asked, family, items, key)

    async def archive(self, asked: Asked) -> web.StreamResponse:
        key = asked.request.match_info["key"]
        content = await self._room.reading(self._archive, clerk_in(asked), key)
        headers = {"Content-Disposition": f'attachment; filename="{key}.zip"', "Cache-Control": "no-store"}
        return web.Response(body=content, content_type="application/zip", headers=headers)

    def _results(self, asked: Asked, family: Family, items: tuple[BatchItem, ...], key: str) -> web.Response:
        lines = [(family.name_of(item.subject_code), item) for item in items]
        done = sum(item.report is not None for item in items)
        failed = len(items) - done
        return self._room.page(
            "desk_batch_done.html", asked.session, lines=lines, done=done, failed=failed, family=family, key=key
        )

    async def _form(
        self,
        asked: Asked,
        ticked: tuple[str, ...] | None,
        problem: OfficeError | VerifyError | None = None,
        missing: str = "",
    ) -> web.Response:
        family = await self._room.reading(self._family, clerk_in(asked), asked.text("code", 18))
        return self._room.page(
            "desk_batch.html",
            asked.session,
            status=422 if problem or missing else 200,
            family=family,
            ticked={branch.code for branch in family.branches} if ticked is None else set(ticked),
            years=YEARS,
            choice=Choice.of(asked),
            visitor=Visitor.of(asked),
            key=asked.text("key", 45) or f"desk-{secrets.token_urlsafe(18)}",
            wrong=problem,
            missing=missing,
        )

    def _family(self, clerk: Clerk, code: str) -> Family:
        reader = reader_of(self._room, clerk, code)
        return Family(reader.subject(code), reader.branches(code))

    def _order(self, clerk: Clerk, codes: tuple[str, ...], choice: Choice, visitor: Visitor, key: str) -> BatchRequest:
        return BatchRequest(
            years=choice.years,
            purpose=choice.purpose,
            moment=self._room.now(),
            actor=clerk.actor,
            subject_codes=codes,
            idempotency_key=key,
            channel=Channel.DESK,
            identity_check=visitor.words,
        )

    def _archive(self, clerk: Clerk, key: str) -> bytes:
        """Only the clerk who asked gets it; each report leaves its audit line."""
        table = tables.ledger
        wanted = select(table.c.number).where(table.c.request == key, table.c.actor == clerk.actor)
        with self._room.engine.connect() as connection:
            numbers = connection.execute(wanted.order_by(table.c.number)).scalars().all()
        if not numbers:
            raise not_found()
        content = BytesIO()
        with ZipFile(content, "w", ZIP_STORED) as archive:  # docx and PDF are compressed already
            for number in numbers:
                report = self._room.issuing.issued(number, clerk.actor)
                for path in (report.docx, report.pdf):
                    if path is not None:
                        archive.writestr(f"{report.subject_code}-{number}{path.suffix}", path.read_bytes())
        return content.getvalue()


def _missing(ticked: tuple[str, ...], choice: Choice) -> str:
    if not ticked:
        return "请至少勾选一个主体。"
    if len(ticked) > REPORTS_MAX:
        return f"一次最多 {REPORTS_MAX} 份，请分几次办理。"
    return "" if choice.years else "请先选择查询年限。"
