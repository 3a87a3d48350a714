"""The issuing service on the inner network: the one machine with the private key, spoken to in JSON.

    POST /issuing/reports                    {"subject_code", "years", "purpose"?, "actor", "identity_check"?} and
                                             Idempotency-Key → 201
    POST /issuing/batches                    {"subject_codes" | "parent_code", "with_parent"?, "years", …} and
                                             Idempotency-Key → 200, one item for each subject
    GET  /issuing/reports/{number}           the ledger's line, its changes, its place in the log
    GET  /issuing/reports/{number}/report.docx, …/report.pdf, …/qr.png
    POST /issuing/reports/{number}/revoke, …/suspend, …/resume    {"reason", "actor"}
    POST /issuing/reports/{number}/supersede {"reason", "actor", "successor"}
    GET  /issuing/health                     200 when a report could be issued now, 503 when not; no token needed

* Everything but health asks for ``Authorization: Bearer`` with the token in ``keys/api-token`` (made on first start,
  0600), compared in constant time.
* Who acts is named in the request (``actor``, or the header X-Actor of a GET) and stands in the audit log.
* The moment is the service's clock, never the caller's word.
* Errors are JSON {code, message, next_step} in Chinese, never a traceback.
* Pages for companies, staff and guides stand beside it: ``verify.issuing.portal``.
* On start what a crash left open is settled; trust.json is renewed every hour.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from index.channel import Channel
from index.errors import OfficeError
from verify.errors import VerifyError
from verify.issuing.answers import answering, json_answer, malformed, unauthorised
from verify.issuing.bodies import BATCH_LIMIT_BYTES, header, named, read_object, texts, truth, whole_number
from verify.issuing.delivery import Places
from verify.issuing.files import locked, read_private, write_private
from verify.issuing.orders import BatchItem, BatchRequest, IssuedReport, IssueRequest
from verify.issuing.pdf.errors import PdfUnavailable
from verify.issuing.portal.app import Portal
from verify.issuing.portal.room import Place
from verify.issuing.service import Issuing
from verify.issuing.states import ACTS, Event
from verify.public.headers import set_headers
from verify.public.problems import Problem, boundary

LOGGER = logging.getLogger("chenghe.issuing")
RENEW_SECONDS = 3600.0
_NUMBER = r"{number:[A-Z]{4}[0-9]{15}}"
_TOKEN = "api-token"  # noqa: S105 - the name of the file
_UNNAMED = "签发服务接口"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class IssuingSettings:
    """The parts of the home folder that belong to this room, and the wall clock."""

    office: Path
    database: Path
    keys: Path
    reports: Path
    public: Path
    clock: Callable[[], datetime]
    portal: Path
    """portal.toml: where companies and staff sign in; need not exist."""
    renew_seconds: float = RENEW_SECONDS


def build(settings: IssuingSettings) -> web.Application:
    """The service alone."""
    service = Service(settings)
    app = web.Application(middlewares=[boundary(service.problem_page)], client_max_size=64 * 1024)
    app.on_response_prepare.append(set_headers)
    service.mount(app)
    return app


def open_issuing(settings: IssuingSettings) -> Issuing:
    """The one place where this service chooses classes and opens the store."""
    from index.rules.offices import load_office
    from index.store.engine import open_store
    from verify.issuing.opening import open_keys

    office, places = load_office(settings.office), Places(settings.reports, settings.public)
    return Issuing(
        engine=open_store(settings.database),
        office=office,
        keys=open_keys(settings.keys, office, places.trust),
        places=places,
        clock=settings.clock,
    )


def api_token(keys: Path) -> str:
    """The bearer token; made when there is none yet."""
    with locked(keys):
        if not (keys / _TOKEN).exists():
            write_private(keys, _TOKEN, f"{secrets.token_urlsafe(32)}\n".encode())
        return read_private(keys, _TOKEN).decode().strip()


class Service:
    """The handlers. ``mount`` adds them to an application; blocking work runs in threads, one act at a time."""

    def __init__(self, settings: IssuingSettings) -> None:
        self._settings = settings
        self._clock = settings.clock
        self._turn = asyncio.Lock()
        self._portal = Portal(
            Place(settings.portal, settings.office, settings.database, settings.keys, settings.clock, self._in_turn)
        )
        self._issuing: Issuing
        self._token: bytes

    def mount(self, app: web.Application) -> None:
        report = f"/issuing/reports/{_NUMBER}"
        app.add_routes(
            [
                web.post("/issuing/reports", answering(self._known(self.issue))),
                web.post("/issuing/batches", answering(self._known(self.issue_many))),
                web.get(report, answering(self._known(self.show))),
                web.get(f"{report}/report.docx", answering(self._known(self.docx))),
                web.get(f"{report}/report.pdf", answering(self._known(self.pdf))),
                web.get(f"{report}/qr.png", answering(self._known(self.qr_png))),
                *(web.post(f"{report}/{event}", answering(self._known(partial(self.change, event)))) for event in ACTS),
                web.get("/issuing/health", answering(self.health)),
            ]
        )
        self._portal.mount(app)
        app.cleanup_ctx.append(self._running)

    def problem_page(self, request: web.Request, problem: Problem) -> web.Response:
        """What goes wrong before a page of the portal is reached."""
        return self._portal.problem_page(request, problem)

    async def issue(self, request: web.Request) -> web.Response:
        body = await read_object(request, {"subject_code", "years", "purpose", "actor", "identity_check"})
        order = IssueRequest(
            subject_code=named(body, "subject_code"),
            years=whole_number(body, "years"),
            purpose=named(body, "purpose", required=False),
            moment=self._clock(),
            actor=named(body, "actor"),
            idempotency_key=header(request, "Idempotency-Key") or None,
            channel=Channel.SERVICE,
            identity_check=named(body, "identity_check", required=False),
        )
        report = await self._in_turn(self._issuing.issue, order)
        return json_answer(_with_links(report), status=201)

    async def issue_many(self, request: web.Request) -> web.Response:
        """Not in turn: each report of a batch waits for the lock by itself, so that others are served between them."""
        items = await asyncio.to_thread(self._issuing.issue_many, await _batch(request, self._clock))
        return json_answer([_item(item) for item in items])

    async def show(self, request: web.Request) -> web.Response:
        page = await asyncio.to_thread(self._issuing.show, request.match_info["number"], _actor_in(request))
        return json_answer(page.to_json())

    async def docx(self, request: web.Request) -> web.Response:
        report = await self._issued(request)
        return await _file(report.docx, _DOCX, f"{report.number}.docx")

    async def pdf(self, request: web.Request) -> web.Response:
        report = await self._issued(request)
        if report.pdf is None:
            raise PdfUnavailable("这份报告暂时没有 PDF，请先使用 docx。", next_step=report.without_pdf)
        return await _file(report.pdf, "application/pdf", f"{report.number}.pdf")

    async def qr_png(self, request: web.Request) -> web.Response:
        report = await self._issued(request)
        return await _file(report.qr_png, "image/png", f"{report.number}-qr.png")

    async def _issued(self, request: web.Request) -> IssuedReport:
        return await asyncio.to_thread(self._issuing.issued, request.match_info["number"], _actor_in(request))

    async def change(self, event: Event, request: web.Request) -> web.Response:
        names = {"reason", "actor"} | ({"successor"} if event is Event.SUPERSEDE else set())
        body = await read_object(request, names)
        reason, actor = named(body, "reason"), named(body, "actor")
        successor = named(body, "successor") if event is Event.SUPERSEDE else None
        number, now = request.match_info["number"], self._clock()
        entry = await self._in_turn(self._issuing.change, number, event, reason, actor, now, successor)
        return json_answer(entry.to_json())

    async def health(self, request: web.Request) -> web.Response:
        problem = await asyncio.to_thread(self._issuing.problem, self._clock())
        if problem is None:
            return json_answer({"service": "issuing", "ok": True})
        return json_answer({"service": "issuing", "ok": False, "code": problem.code}, status=503)

    def _known(
        self, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Only for callers with the token."""

        async def guarded(request: web.Request) -> web.Response:
            scheme, _, given = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not secrets.compare_digest(
                given.strip().encode(errors="replace"), self._token
            ):
                raise unauthorised()
            return await handler(request)

        return guarded

    async def _in_turn(self, act: Callable[..., Result], *values: object) -> Result:
        async with self._turn:
            return await asyncio.to_thread(act, *values)

    async def _running(self, app: web.Application) -> AsyncIterator[None]:
        """Opens the room, settles what a crash left, and keeps trust.json fresh until the service stops."""
        self._issuing = await asyncio.to_thread(open_issuing, self._settings)
        self._token = (await asyncio.to_thread(api_token, self._settings.keys)).encode()
        await self._attempt(self._issuing.recover)
        await self._say_why_no_pdf()
        await self._portal.open(self._issuing)
        renewing = asyncio.create_task(self._renew())
        yield
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        await self._portal.close()
        await asyncio.to_thread(self._issuing.close)

    async def _say_why_no_pdf(self) -> None:
        """On start, so that it is known before the first report goes out as docx alone."""
        problem = await asyncio.to_thread(self._issuing.pdf_problem, self._clock())
        if problem is not None:
            LOGGER.warning("%s %s 下一步：%s", problem.code, problem.message, problem.next_step)

    def _say_what_the_log_waits_for(self) -> None:
        if (problem := self._issuing.log_problem) is not None:
            LOGGER.warning("登记日志暂未公布：%s %s 下一步：%s", problem.code, problem.message, problem.next_step)

    async def _renew(self) -> None:
        while True:
            await self._attempt(self._issuing.publish, self._clock())
            self._say_what_the_log_waits_for()
            await asyncio.sleep(self._settings.renew_seconds)

    async def _attempt(self, act: Callable[..., object], *values: object) -> None:
        """What can be said later, in an answer, does not stop the service now."""
        try:
            await self._in_turn(act, *values)
        except (OfficeError, VerifyError) as problem:
            LOGGER.warning("%s %s 下一步：%s", problem.code, problem.message, problem.next_step)


async def _batch(request: web.Request, clock: Callable[[], datetime]) -> BatchRequest:
    common = {"years", "purpose", "actor", "identity_check"}
    body = await read_object(request, {"subject_codes", "parent_code", "with_parent"} | common, BATCH_LIMIT_BYTES)
    if ("subject_codes" in body) == ("parent_code" in body):
        raise malformed("subject_codes 和 parent_code 应当有且只有一个")
    return BatchRequest(
        years=whole_number(body, "years"),
        purpose=named(body, "purpose", required=False),
        moment=clock(),
        actor=named(body, "actor"),
        subject_codes=texts(body, "subject_codes") if "subject_codes" in body else (),
        parent_code=named(body, "parent_code") if "parent_code" in body else None,
        with_parent=truth(body, "with_parent"),
        idempotency_key=header(request, "Idempotency-Key") or None,
        channel=Channel.SERVICE,
        identity_check=named(body, "identity_check", required=False),
    )


def _item(item: BatchItem) -> dict[str, object]:
    return item.to_json() | {"report": _with_links(item.report) if item.report else None}


def _actor_in(request: web.Request) -> str:
    """Who reads, for the audit log."""
    return header(request, "X-Actor") or _UNNAMED


def _with_links(report: IssuedReport) -> dict[str, object]:
    """The report's JSON with addresses instead of paths of this machine, and whether its window was guessed."""
    place = f"/issuing/reports/{report.number}"
    pdf = f"{place}/report.pdf" if report.pdf is not None else None
    files = {"docx": f"{place}/report.docx", "pdf": pdf, "qr_png": f"{place}/qr.png"}
    return report.to_json() | {"files": files, "calendar_published": report.calendar_published}


async def _file(path: Path, kind: str, name: str) -> web.Response:
    content = await asyncio.to_thread(path.read_bytes)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=kind, headers=headers)
