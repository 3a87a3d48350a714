"""The verification service: a page for people, an API for institutions, the trust file for everybody.

* It holds the public folder and nothing else: no database, no secret, no index, nothing of issuing (a test looks at
  ``sys.modules``).
* A scanned link is ``/v#digits``; the page sends the digits in the body of ``POST /v``, so they stand in no log.
* Every answer is computed for the request and never kept: ``Cache-Control: no-store``.

    GET  /v            the page: scan, type, upload
    GET  /v/{digits}   the result of a link without "#"
    POST /v            a form: token, number and code, or file
    GET  /v/batch, POST /api/verify/batch   many reports at once: verify.public.batch
    POST /api/verify   one question → one verify entry (design §8): verify.public.api
    GET  /trust.json   pinned root, key list, status list, notice list: all an offline verifier needs
    GET  /status       the status list alone, at the address it names itself by
    GET  /notices      the notice list alone, likewise
    GET  /log/… /registered/… /sealed/…   files of the public folder as they are: verify.public.folder
    GET  /health /metrics /openapi.json   how it is, and how to ask: verify.public.monitoring, .openapi
"""

import asyncio
from datetime import datetime

from aiohttp import web
from aiohttp.typedefs import Middleware

from verify.documents.workers import Readers
from verify.errors import TrustError
from verify.public import asking, openapi
from verify.public.admission import Admission, Kind
from verify.public.api import Api
from verify.public.asking import Asked, Token, Typed
from verify.public.batch import BatchRoom, BatchService
from verify.public.bodies import SentFile
from verify.public.content import sections
from verify.public.desk import Desk
from verify.public.express import EXPRESS, Express
from verify.public.folder import Folder, revalidated
from verify.public.headers import set_headers
from verify.public.look import LOOK, STATIC, Assets, Pages
from verify.public.metrics import Metrics, measuring
from verify.public.monitoring import Monitoring
from verify.public.problems import PROBLEMS, Problem, Refused, boundary
from verify.public.program import Program
from verify.public.published_log import PublishedLog
from verify.public.result import result_of
from verify.public.settings import PublicSettings as PublicSettings
from verify.public.shelf import Shelf
from verify.public.trust_file import TrustFile
from verify.remembering import Memory
from verify.status import TYP
from verify.trust import Trust


def build(settings: PublicSettings) -> web.Application:
    """The service alone, as it stands on the internet."""
    service = Service(settings)
    app = web.Application(middlewares=[service.measuring, boundary(service.problem_page)])
    app.on_response_prepare.append(set_headers)
    service.mount(app)
    return app


class Service:
    """The handlers, and what they share. ``mount`` adds them to an application."""

    def __init__(self, settings: PublicSettings) -> None:
        self._settings = settings
        memory = Memory(settings.memory)
        self._trust = TrustFile(settings.folder / "trust.json", settings.clock, memory)
        self._log = PublishedLog(settings.folder, memory, settings.monotonic)
        self._readers = Readers(settings.threads)
        shelf = Shelf(settings.folder)
        self._desk = Desk(
            self._trust,
            shelf,
            self._log,
            settings.clock,
            self._readers.read,
            threads=settings.threads,
            waiting_max=settings.waiting_max,
        )
        self._admission = Admission(settings)
        self._metrics = Metrics()
        self._assets = Assets.of("/v/static", STATIC)
        self._program = Program()
        self._pages = Pages([LOOK], look=self._program, own=self._program)
        self._folder = Folder(settings.folder, self._count_static)
        room = BatchRoom(self._trust, shelf, self._log, settings.clock)
        self._batch = BatchService(room, self._admission, self._metrics, settings.batch, self._page)
        self._api = Api(self._desk, self._admission, self._metrics, settings.body)
        self._monitoring = Monitoring(
            self._trust, self._log, self._desk, self._admission, self._metrics, settings.clock, settings.scrapers
        )

    @property
    def measuring(self) -> Middleware:
        """The outermost middleware of the application it is mounted in."""
        return measuring(self._metrics)

    def mount(self, app: web.Application) -> None:
        self._program.mount(app)
        self._batch.mount(app)
        app.add_routes(
            [
                web.get("/v", self.start),
                web.post("/v", self.result),
                self._assets.route(),
                web.get(r"/v/{digits}", self.linked),
                web.get("/trust.json", self.trust),
                web.get("/status", self.status),
                web.get("/notices", self.notices),
            ]
        )
        self._api.mount(app)
        self._folder.mount(app)
        self._monitoring.mount(app)
        openapi.mount(app, self._count_static)
        app[EXPRESS] = Express(self._api.at_once, self._metrics)
        app.on_cleanup.append(self._close)

    async def _close(self, app: web.Application) -> None:
        self._desk.close()
        await asyncio.to_thread(self._readers.close)

    async def start(self, request: web.Request) -> web.Response:
        return self._page("start.html")

    async def linked(self, request: web.Request) -> web.Response:
        self._admission.count(request, Kind.TOKEN)
        return await self._answer(Token(request.match_info["digits"]))

    async def result(self, request: web.Request) -> web.Response:
        with self._admission.receiving(request):
            asked, at = await asking.from_page(request, self._settings.body)
        if isinstance(asked, Typed):
            self._admission.count_typed(request, asked.number)
        elif isinstance(asked, Token):
            self._admission.count(request, Kind.TOKEN)
        return await self._answer(asked, at)

    async def _answer(self, asked: Asked, at: datetime | None = None) -> web.Response:
        outcome = await self._desk.outcome(asked, at)
        self._metrics.verdict(outcome.verification)
        content = () if outcome.package is None else sections(outcome.package.fields)
        result = result_of(outcome.verification, None if at is None else self._settings.clock())
        return self._page("result.html", result=result, content=content, compared=isinstance(asked, SentFile))

    def _count_static(self, request: web.Request) -> None:
        self._admission.count(request, Kind.STATIC)

    async def trust(self, request: web.Request) -> web.Response:
        self._count_static(request)
        try:
            text = self._trust.text()
        except TrustError as cause:
            raise _unavailable(cause) from cause
        return revalidated(request, text, "application/json")

    async def status(self, request: web.Request) -> web.Response:
        self._count_static(request)
        return _list_response(request, self._opened_trust().status_list)

    async def notices(self, request: web.Request) -> web.Response:
        self._count_static(request)
        return _list_response(request, self._opened_trust().notice_list)

    def _opened_trust(self) -> Trust:
        try:
            return self._trust.current()
        except TrustError as cause:
            raise _unavailable(cause) from cause

    def problem_page(self, request: web.Request, problem: Problem) -> web.Response:
        return self._page("error.html", status=problem.status, problem=problem)

    def _page(self, template: str, status: int = 200, **values: object) -> web.Response:
        limit_mb = self._settings.body.file_bytes // (1024 * 1024)
        values = {"issuer": self._issuer(), "limit_mb": limit_mb, "modules": self._program.modules(), **values}
        return self._pages.page(template, status=status, **values)

    def _issuer(self) -> str:
        try:
            return self._trust.current().keys.issuer.name
        except TrustError:
            return ""


def _list_response(request: web.Request, signed: bytes | None) -> web.Response:
    if signed is None:
        raise Refused(PROBLEMS[404])
    return revalidated(request, signed, TYP)


def _unavailable(error: TrustError) -> Refused:
    return Refused(Problem(503, error.code, "暂时不可用", error.message, error.next_step))
