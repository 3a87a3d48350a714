"""The verification service: a page for people, an API for institutions, the trust file for everybody.

* It holds the public folder and nothing else: no database, no secret, no index, nothing of issuing (a test looks at
  ``sys.modules``).
* A scanned link is ``/v#digits``; the page sends the digits in the body of ``POST /v``, so they stand in no log.
* Every answer is computed for the request and never kept: ``Cache-Control: no-store``.

    GET  /v            the page: scan, type, upload
    GET  /v/{digits}   the result of a link without "#"
    POST /v            a form: token, number and code, or file
    POST /api/verify   {"token", "at"?} or a file (and at) → one verify entry (design §8)
    GET  /trust.json   pinned root, key list, status list, notice list: all an offline verifier needs
    GET  /status       the status list alone, at the address it names itself by
    GET  /notices      the notice list alone, likewise
    GET  /log/… /registered/… /sealed/…   files of the public folder as they are: verify.public.folder
    GET  /health       200 when trust can be relied on, 503 when not
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from aiohttp import web

from verify.errors import TrustError
from verify.public import asking
from verify.public.asking import Asked, Token, Typed
from verify.public.bodies import BodyLimits, SentFile, is_multipart
from verify.public.content import sections
from verify.public.desk import BUSY_SECONDS, Desk
from verify.public.folder import Folder, revalidated
from verify.public.headers import set_headers
from verify.public.limits import Buckets, Rate, client_of
from verify.public.look import LOOK, STATIC, Assets, Pages
from verify.public.problems import PROBLEMS, Problem, Refused, boundary, json_response
from verify.public.result import result_of
from verify.public.shelf import Shelf
from verify.public.trust_file import TrustFile
from verify.status import TYP
from verify.trust import Trust

TYPED_RATE = Rate(burst=10, per_second=1 / 6)
FILE_RATE = Rate(burst=30, per_second=0.5)
TOKEN_RATE = Rate(burst=300, per_second=50.0)
STATIC_RATE = Rate(burst=2000, per_second=200.0)


@dataclass(frozen=True, slots=True)
class PublicSettings:
    """``folder``: the home's ``public/``. ``proxies``: addresses whose X-Forwarded-For is believed."""

    folder: Path
    clock: Callable[[], datetime]
    body: BodyLimits = field(default_factory=BodyLimits)
    typed: Rate = TYPED_RATE
    files: Rate = FILE_RATE
    tokens: Rate = TOKEN_RATE
    static: Rate = STATIC_RATE
    threads: int = 2
    waiting_max: int = 32
    uploads_max: int = 64
    proxies: frozenset[str] = frozenset()
    monotonic: Callable[[], float] = time.monotonic


def build(settings: PublicSettings) -> web.Application:
    """The service alone, as it stands on the internet."""
    service = Service(settings)
    app = web.Application(middlewares=[boundary(service.problem_page)])
    app.on_response_prepare.append(set_headers)
    service.mount(app)
    return app


class Service:
    """The handlers, and what they share. ``mount`` adds them to an application."""

    def __init__(self, settings: PublicSettings) -> None:
        self._settings = settings
        self._trust = TrustFile(settings.folder / "trust.json")
        self._desk = Desk(
            self._trust,
            Shelf(settings.folder),
            settings.clock,
            threads=settings.threads,
            waiting_max=settings.waiting_max,
        )
        self._uploads = 0
        self._assets = Assets.of("/v/static", STATIC)
        self._pages = Pages([LOOK], look=self._assets, own=self._assets)
        self._folder = Folder(settings.folder, self._count_static)
        self._buckets: dict[type[Asked] | type[Folder], Buckets] = {
            Typed: Buckets(settings.typed),
            SentFile: Buckets(settings.files),
            Token: Buckets(settings.tokens),
            Folder: Buckets(settings.static),
        }

    def mount(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/v", self.start),
                web.post("/v", self.result),
                self._assets.route(),
                web.get(r"/v/{digits}", self.linked),
                web.post("/api/verify", self.api),
                web.get("/trust.json", self.trust),
                web.get("/status", self.status),
                web.get("/notices", self.notices),
                web.get("/health", self.health),
            ]
        )
        self._folder.mount(app)
        app.on_cleanup.append(self._close)

    async def _close(self, app: web.Application) -> None:
        self._desk.close()

    async def start(self, request: web.Request) -> web.Response:
        return self._page("start.html")

    async def linked(self, request: web.Request) -> web.Response:
        asked = Token(request.match_info["digits"])
        self._count(request, Token)
        return await self._answer(asked)

    async def result(self, request: web.Request) -> web.Response:
        with self._receiving(request):
            asked = await asking.from_page(request, self._settings.body)
        if not isinstance(asked, SentFile):
            self._count(request, type(asked))
        return await self._answer(asked)

    async def _answer(self, asked: Asked) -> web.Response:
        outcome = await self._desk.outcome(asked)
        content = () if outcome.package is None else sections(outcome.package.fields)
        return self._page("result.html", result=result_of(outcome.verification), content=content)

    async def api(self, request: web.Request) -> web.Response:
        with self._receiving(request):
            asked, at = await asking.from_api(request, self._settings.body)
        if isinstance(asked, Token):
            self._count(request, Token)
        verification = await self._desk.verify(asked, at)
        named = asked.name if isinstance(asked, SentFile) else asked.text
        return json_response({"input": named, **verification.to_json()})

    async def trust(self, request: web.Request) -> web.Response:
        try:
            text = self._trust.text()
        except TrustError as cause:
            raise _unavailable(cause) from cause
        return revalidated(request, text, "application/json")

    async def status(self, request: web.Request) -> web.Response:
        return _list_response(request, self._opened_trust().status_list)

    async def notices(self, request: web.Request) -> web.Response:
        return _list_response(request, self._opened_trust().notice_list)

    def _opened_trust(self) -> Trust:
        try:
            return self._trust.current()
        except TrustError as cause:
            raise _unavailable(cause) from cause

    async def health(self, request: web.Request) -> web.Response:
        try:
            self._trust.current()
        except TrustError as error:
            return json_response({"service": "public", "ok": False, "code": error.code}, status=503)
        return json_response({"service": "public", "ok": True})

    def problem_page(self, request: web.Request, problem: Problem) -> web.Response:
        return self._page("error.html", status=problem.status, problem=problem)

    def _page(self, template: str, status: int = 200, **values: object) -> web.Response:
        limit_mb = self._settings.body.file_bytes // (1024 * 1024)
        return self._pages.page(template, status=status, issuer=self._issuer(), limit_mb=limit_mb, **values)

    def _issuer(self) -> str:
        try:
            return self._trust.current().keys.issuer.name
        except TrustError:
            return ""

    @contextmanager
    def _receiving(self, request: web.Request) -> Iterator[None]:
        """Before a file is read: a client over its rate does not get to send it, and only so many are sent at once."""
        if not is_multipart(request):
            yield
            return
        self._count(request, SentFile)
        if self._uploads >= self._settings.uploads_max:
            raise Refused(replace(PROBLEMS[503], retry_after_seconds=BUSY_SECONDS))
        self._uploads += 1
        try:
            yield
        finally:
            self._uploads -= 1

    def _count_static(self, request: web.Request) -> None:
        self._count(request, Folder)

    def _count(self, request: web.Request, kind: type[Asked] | type[Folder]) -> None:
        client = client_of(request.remote, request.headers.get("X-Forwarded-For"), self._settings.proxies)
        seconds = self._buckets[kind].wait(client, self._settings.monotonic())
        if seconds:
            raise Refused(replace(PROBLEMS[429], retry_after_seconds=seconds))


def _list_response(request: web.Request, signed: bytes | None) -> web.Response:
    if signed is None:
        raise Refused(PROBLEMS[404])
    return revalidated(request, signed, TYP)


def _unavailable(error: TrustError) -> Refused:
    return Refused(Problem(503, error.code, "暂时不可用", error.message, error.next_step))
