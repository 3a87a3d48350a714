"""The web chat for staff: a page that asks the assistant and shows where in the source each answer stands.

* Server-rendered pages and plain forms; the scripts only send the same forms in the background and show what comes.
* Asking and reading run in the thread of the reception, which other channels share (``bot.channels.reception``).
* The families of pages: ``web_asking`` and the source below; who may open them: ``web_room``.

    GET  /source/{id}       a policy text; ?start=&end= marks a quote, ?as_of= the day of its status
    GET  /health            200 when the library can be read
"""

import secrets
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from aiohttp import web

from bot.actions.checking import Published
from bot.actions.said import Action
from bot.channels.reception import Reception, ReceptionSettings
from bot.channels.source import Source, source_of, span_in
from bot.channels.usage_page import UsagePages
from bot.channels.web_acting import Acting
from bot.channels.web_asking import Asking
from bot.channels.web_checking import Checking
from bot.channels.web_history import History
from bot.channels.web_room import Check, Room, Visitor
from bot.channels.web_sign_in import Door, SignInPlaces, sign_in_of
from bot.channels.web_talk import Talks
from index.directory.model import Staff
from index.errors import UnknownPolicy
from verify.issuing.portal.sealed import session_key
from verify.public.headers import set_headers
from verify.public.problems import PROBLEMS, Problem, Refused, boundary, json_response

HEALTH = Visitor("/health")
"""Waits in nobody's place."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Parts of the home: two folders and the question log. ``verify_page``: where reports are verified, if known.
    ``sign_in``: where staff may sign in, if that is set up there; ``messages``: the post office's books;
    ``strangers``: where members sign in, others may ask for policy too."""

    library: Path
    search: Path
    questions: Path
    clock: Callable[[], datetime]
    verify_page: str | None = None
    search_database: str | None = field(default=None, repr=False)
    sign_in: SignInPlaces | None = None
    messages: Path | None = None
    strangers: bool = False

    def reception(self) -> ReceptionSettings:
        return ReceptionSettings(self.library, self.search, self.questions, self.clock, self.search_database)


def build(settings: WebSettings) -> web.Application:
    """The service alone, as it stands in the staff network."""
    return alone(Service(settings))


def alone(service: "Service") -> web.Application:
    app = web.Application(middlewares=[boundary(service.problem_page)])
    app.on_response_prepare.append(set_headers)
    service.mount(app)
    app.add_routes([web.get("/health", service.health)])
    return app


@dataclass(frozen=True, slots=True)
class Acts:
    """The actions, and the threads they run in; whoever made them ends them."""

    actions: tuple[Action, ...]
    threads: Executor


class Service:
    """The handlers, and what they share. ``mount`` adds them to an application."""

    def __init__(
        self,
        settings: WebSettings,
        reception: Reception | None = None,
        check: Check | None = None,
        published: Published | None = None,
        acts: Acts | None = None,
    ) -> None:
        """``reception``: shared with other channels; they open and close it, then. ``check``: bearer tokens.
        ``published``: what reports are checked by; None: none are. ``acts``: what members can have done; None: nothing.

        Raises PortalError when the settings of the sign-in cannot be used.
        """
        self._own = reception is None
        self._reception = reception or Reception(settings.reception())
        self._door = sign_in_of(settings.sign_in, settings.clock)
        self._room = Room(self._reception, settings.verify_page, self._door, check, settings.strangers)
        self._checking = None if published is None else Checking(self._room, published)
        self._acting = None if acts is None else Acting(self._room, acts.actions, acts.threads, secrets.token_urlsafe)
        self._asking = Asking(self._room, Talks(_key(settings.sign_in, self._door)), self._checking, self._acting)
        self._usage = UsagePages(self._room, settings.questions, settings.messages, settings.clock)

    def mount(self, app: web.Application) -> None:
        app.add_routes(self._asking.routes())
        if self._acting is not None:
            app.add_routes(self._acting.routes())
        if self._door is not None:
            history = History(self._room, self._asking.page)
            app.add_routes([*self._door.routes(self._room), *history.routes(), *self._usage.routes()])
        app.add_routes(
            [
                web.get("/source/{document_id}", self.source),
                self._room.look.route(),
                self._room.assets.route(),
            ]
        )
        app.on_startup.append(self._open)
        app.on_cleanup.append(self._close)

    async def _open(self, app: web.Application) -> None:
        if self._own:
            await self._reception.open()
        if self._door is not None:
            await self._door.open()

    async def signed_in(self, request: web.Request) -> Staff | None:
        """Who has signed in at the page: an active member; None otherwise, and where nobody can sign in."""
        visitor = None if self._door is None else await self._door.visitor(request)
        return None if visitor is None else visitor.staff

    async def _close(self, app: web.Application) -> None:
        self._usage.close()
        if self._checking is not None:
            self._checking.close()
        if self._door is not None:
            await self._door.close()
        if self._own:
            await self._reception.close()

    async def source(self, request: web.Request) -> web.Response:
        """For everybody who reaches the page: policy texts are public, and answers elsewhere point to them."""
        try:
            day = date.fromisoformat(request.query.get("as_of") or self._room.today().isoformat())
        except ValueError as cause:
            raise Refused(PROBLEMS[400]) from cause
        name, start, end = request.match_info["document_id"], request.query.get("start"), request.query.get("end")
        who = await self._room.visitor(request)
        found = await self._room.in_thread(who, lambda: self._source(name, start, end, day))
        return self._room.page("source.html", source=found)

    async def health(self, request: web.Request) -> web.Response:
        documents = await self._room.in_thread(HEALTH, self._room.library.documents)
        return json_response({"service": "bot", "ok": True, "documents": len(documents)})

    def problem_page(self, request: web.Request, problem: Problem) -> web.Response:
        return self._room.problem(problem)

    def _source(self, name: str, start: str | None, end: str | None, day: date) -> Source:
        library = self._room.library
        try:
            document = library.get(name)
        except UnknownPolicy as cause:
            raise _unknown(cause) from cause
        quote = span_in(document, start, end)
        original = library.raw_span(document.id, *quote) if quote else None
        return source_of(document, library.status(document.id, day), quote, original)


def _key(places: SignInPlaces | None, door: Door | None) -> bytes:
    """Under which the pages keep what is waited for: that of the cookies; for strangers alone one of this process."""
    return secrets.token_bytes(32) if places is None or door is None else session_key(places.keys)


def _unknown(error: UnknownPolicy) -> Refused:
    return Refused(Problem(404, error.code, "没有这份文件", error.message, error.next_step))
