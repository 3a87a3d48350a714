"""Forty branches, one request: the clerk ticks the parent's branches, gets a table of results and one zip.

GET  /desk/batch?code=               the branches and the form
POST /desk/batches                   issues; the same key again shows the same reports
GET  /desk/batches/{key}.zip         the files of what was issued in this request

* Who speaks for the parent speaks for its branches: they are parts of it (民法典 art. 74), so an authorisation of the
  parent is enough.
"""

import secrets
from functools import partial

from aiohttp import web

from index.channel import Channel
from index.errors import OfficeError
from index.store import tables
from verify.errors import VerifyError
from verify.issuing.orders import BatchRequest
from verify.issuing.portal.batches import KEY, KEY_MAX, Family, archive_of, missing_in
from verify.issuing.portal.claims import Clerk
from verify.issuing.portal.desk import Visitor, admit_visitor, clerk_in, reader_of
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.reports import YEARS, Choice
from verify.issuing.portal.room import Room
from verify.issuing.portal.settings import Realm, Task


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
            web.get(f"/desk/batches/{{key:{KEY}}}.zip", issuing(self.archive)),
        ]

    async def choose(self, asked: Asked) -> web.StreamResponse:
        family = await self._room.reading(self._family, clerk_in(asked), asked.text("code", 18))
        return self._form(asked, family, family.proposed)

    async def issue(self, asked: Asked) -> web.StreamResponse:
        family = await self._room.reading(self._family, clerk_in(asked), asked.text("code", 18))
        ticked, choice, visitor = family.ticked(asked), Choice.of(asked), Visitor.of(asked)
        key = asked.text("key", KEY_MAX)
        if missing := visitor.missing or missing_in(ticked, choice, key):
            return self._form(asked, family, frozenset(ticked), missing=missing)
        order = self._order(clerk_in(asked), family, ticked, choice, visitor, key)
        try:
            await self._room.reading(admit_visitor, self._room, clerk_in(asked), visitor, family.parent.code)
            items = await self._room.reading(self._room.issuing.issue_many, order)
        except (OfficeError, VerifyError) as problem:
            return self._form(asked, family, frozenset(ticked), problem)
        return self._room.page("desk_batch_done.html", asked.session, lines=family.lines(items), family=family, key=key)

    async def archive(self, asked: Asked) -> web.StreamResponse:
        """Only the clerk who asked gets it."""
        key, actor, ledger = _whole_key(asked.request.match_info["key"]), clerk_in(asked).actor, tables.ledger.c
        wanted = (ledger.request == key) & (ledger.actor == actor)
        return await self._room.reading(archive_of, self._room, wanted, actor)

    def _form(
        self,
        asked: Asked,
        family: Family,
        ticked: frozenset[str],
        problem: OfficeError | VerifyError | None = None,
        missing: str = "",
    ) -> web.Response:
        return self._room.page(
            "desk_batch.html",
            asked.session,
            status=422 if problem or missing else 200,
            family=family,
            ticked=ticked,
            years=YEARS,
            choice=Choice.of(asked),
            visitor=Visitor.of(asked),
            key=asked.text("key", KEY_MAX) or secrets.token_urlsafe(18),
            wrong=problem,
            missing=missing,
        )

    def _family(self, clerk: Clerk, code: str) -> Family:
        reader = reader_of(self._room, clerk, code)
        return Family(reader.subject(code), reader.branches(code))

    def _order(
        self, clerk: Clerk, family: Family, codes: tuple[str, ...], choice: Choice, visitor: Visitor, key: str
    ) -> BatchRequest:
        return BatchRequest(
            years=choice.years,
            purpose=choice.purpose,
            moment=self._room.now(),
            actor=clerk.actor,
            subject_codes=codes,
            applicant=family.parent.code,
            idempotency_key=_whole_key(key),
            channel=Channel.DESK,
            identity_check=visitor.words,
        )


def _whole_key(key: str) -> str:
    return f"desk:{key}"
