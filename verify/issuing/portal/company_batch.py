"""A company with branches: the reports of all of them in one request, by itself, free of charge (B09).

    GET  /apply/batch                the branches, the form, and what was issued this way before
    POST /apply/batches              issues; the same key again shows the same reports
    GET  /apply/batches/{key}.zip    the files of one request

* Only the registered branches of the company that signed in, each read under the company's own entitlement.
* One request of this kind at a time, and of one company no second one waits: single reports are not held up.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from aiohttp import web
from sqlalchemy import func, select

from index.channel import Channel
from index.store import tables
from verify.issuing.orders import BatchRequest
from verify.issuing.portal.batches import KEY, KEY_MAX, REPORTS_MAX, Family, archive_of, missing_in
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.reports import YEARS, Choice
from verify.issuing.portal.room import Room
from verify.issuing.portal.selfservice import SelfService, subject_code
from verify.issuing.portal.sessions import Session
from verify.issuing.portal.settings import Realm
from verify.issuing.wording import moment_text
from verify.public.problems import Problem, Refused

SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier request: the last part of its key, when, how many reports of how many that were asked for."""

    key: str
    made: str
    reports: int
    asked: int


class CompanyBatch:
    """The pages under ``/apply/batch`` and ``/apply/batches``."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate
        self._self = SelfService(room)
        self._one = asyncio.Lock()
        self._under_way: dict[str, str] = {}

    def routes(self) -> list[web.RouteDef]:
        own = partial(self._gate.open_to, Realm.COMPANY)
        return [
            web.get("/apply/batch", own(self.choose)),
            web.post("/apply/batches", own(self.issue)),
            web.get(f"/apply/batches/{{key:{KEY}}}.zip", own(self.archive)),
        ]

    async def choose(self, asked: Asked) -> web.StreamResponse:
        family = await self._room.reading(self._family, asked.session, subject_code(asked))
        return await self._form(asked, family, family.proposed)

    async def issue(self, asked: Asked) -> web.StreamResponse:
        code, key, choice = subject_code(asked), asked.text("key", KEY_MAX), Choice.of(asked)
        family = await self._room.reading(self._family, asked.session, code)
        ticked = family.ticked(asked)
        if missing := missing_in(ticked, choice, key):
            return await self._form(asked, family, frozenset(ticked), missing)
        order = self._order(asked, ticked, choice, key)
        async with self._turn(code, key):
            items = await self._room.reading(self._room.issuing.issue_many, order)
        return self._room.page(
            "apply_batch_done.html", asked.session, lines=family.lines(items), family=family, key=key
        )

    async def archive(self, asked: Asked) -> web.StreamResponse:
        """Of this company: its code is part of the key."""
        wanted = tables.ledger.c.request == _whole_key(subject_code(asked), asked.request.match_info["key"])
        return await self._room.reading(archive_of, self._room, wanted, asked.session.who.actor)

    @asynccontextmanager
    async def _turn(self, code: str, key: str) -> AsyncIterator[None]:
        """The same form sent twice waits and gets the same reports. Raises Refused for another one of this company."""
        if self._under_way.setdefault(code, key) != key:
            raise Refused(_UNDER_WAY)
        try:
            async with self._one:
                yield
        finally:
            self._under_way.pop(code, None)

    async def _form(self, asked: Asked, family: Family, ticked: frozenset[str], missing: str = "") -> web.Response:
        key = asked.text("key", KEY_MAX) or secrets.token_urlsafe(18)
        return self._room.page(
            "apply_batch.html",
            asked.session,
            status=422 if missing else 200,
            family=family,
            ticked=ticked,
            years=YEARS,
            choice=Choice.of(asked),
            key=key,
            missing=missing,
            reports_max=REPORTS_MAX,
            earlier=await self._room.reading(self._earlier, family.parent.code),
        )

    def _family(self, session: Session, code: str) -> Family:
        return Family(self._self.subject(session, code), self._self.branches(session, code))

    def _order(self, asked: Asked, codes: tuple[str, ...], choice: Choice, key: str) -> BatchRequest:
        code = subject_code(asked)
        return BatchRequest(
            years=choice.years,
            purpose=choice.purpose,
            moment=self._room.now(),
            actor=asked.session.who.actor,
            subject_codes=codes,
            applicant=code,
            idempotency_key=_whole_key(code, key),
            channel=Channel.SELF,
            identity_check=self._self.checked(asked.session),
        )

    def _earlier(self, code: str) -> tuple[Earlier, ...]:
        """What was issued this way before, newest first."""
        requests, ledger, prefix = tables.report_requests.c, tables.ledger.c, _whole_key(code, "")
        query = (
            select(requests.key, requests.created_at, func.count(ledger.number), requests.subject_codes)
            .where(requests.key.startswith(prefix, autoescape=True), ledger.request == requests.key)
            .group_by(requests.key)
            .order_by(requests.created_at.desc())
            .limit(SHOWN_MAX)
        )
        with self._room.engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(
            Earlier(key.removeprefix(prefix), moment_text(made), reports, len(json.loads(codes)))
            for key, made, reports, codes in rows
        )


def _whole_key(code: str, key: str) -> str:
    return f"apply:{code}:{key}"


_UNDER_WAY = Problem(
    409,
    "BATCH_UNDER_WAY",
    "没有受理",
    "本企业的上一次批量开具还在办理。",
    "请稍等片刻，到“为分支机构批量开具”查看结果后再提交。",
)
