"""Signing in and out at the page of the chat, by OpenID Connect; who an account is, the directory of staff says.

    GET  /sign-in       to the provider
    GET  /signed-in     back from it (the registered redirect URI)
    POST /sign-out      ends the session
    GET  /signed-out    offers to end the provider's session too

Rules kept:
* Issuer and subject are the account (``oidc``); somebody who is not, or no longer, in the directory is nobody here.
* Nobody is sent to an address that came with the request.
* Who signed in stands in the audit log before the session begins.

Source: OpenID Connect Core 1.0 §3.1; RFC 9700; docs/decisions/0234.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from bot.channels.asking import LIMITS, require_own_page
from bot.channels.web_room import Room, Visitor
from bot.channels.web_sessions import Sessions
from index.audit import append
from index.directory.model import Account, Staff
from index.directory.store import Directory
from index.errors import OfficeError
from index.store.engine import open_store, writing
from verify.issuing.portal.oidc import flow
from verify.issuing.portal.oidc.errors import NotAccepted, ProviderTrouble, SignInError
from verify.issuing.portal.oidc.fetching import Fetcher
from verify.issuing.portal.oidc.provider import Provider
from verify.issuing.portal.sealed import session_key
from verify.issuing.portal.settings import ProviderSettings, load_portal
from verify.public.bodies import form
from verify.public.problems import Problem

LOGGER = logging.getLogger("chenghe.portal")
PLATFORM = "oidc"
PURPOSE = "政策问答"


@dataclass(frozen=True, slots=True)
class SignInPlaces:
    """Parts of the home: ``settings`` is portal.toml, ``keys`` where the key of the cookies lies, ``database`` the
    office's store with the directory."""

    settings: Path
    keys: Path
    database: Path


def sign_in_of(places: SignInPlaces | None, clock: Callable[[], datetime]) -> "Door | None":
    """None without ``[chat]`` in the settings. Raises PortalError."""
    if places is None:
        return None
    settings = load_portal(places.settings)
    return None if settings.chat is None else Door(places, settings.chat, settings.base_url, clock)


class Door:
    """``open`` before the first request, ``close`` after the last."""

    _directory: Directory
    _sessions: Sessions
    _fetcher: Fetcher
    _provider: Provider

    def __init__(
        self, places: SignInPlaces, provider: ProviderSettings, base_url: str, clock: Callable[[], datetime]
    ) -> None:
        self._places = places
        self._settings = provider
        self._base_url = base_url
        self._clock = clock

    async def open(self) -> None:
        """Raises KeyringError, StoreError."""
        await asyncio.to_thread(self._open)
        self._fetcher = Fetcher()
        self._provider = Provider(self._settings, self._fetcher, self._clock)

    def _open(self) -> None:
        self._sessions = Sessions(session_key(self._places.keys))
        self._engine = open_store(self._places.database)
        self._directory = Directory(self._engine)

    async def close(self) -> None:
        await self._fetcher.close()
        await asyncio.to_thread(self._engine.dispose)

    def routes(self, room: Room) -> list[web.RouteDef]:
        def said(page: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> object:
            async def answer(request: web.Request) -> web.StreamResponse:
                try:
                    return await page(request)
                except (OfficeError, SignInError) as error:
                    return room.problem(_problem(error))

            return answer

        async def ended(request: web.Request) -> web.StreamResponse:
            return room.page("chat_signed_out.html", elsewhere=await self._end_elsewhere())

        pages = {"/sign-in": self._begin, "/signed-in": self._finish, "/signed-out": ended}
        routes = [web.get(path, said(page)) for path, page in pages.items()]  # type: ignore[arg-type]
        return [*routes, web.post("/sign-out", said(self._end))]  # type: ignore[arg-type]

    # Who is there

    async def visitor(self, request: web.Request) -> Visitor | None:
        session = self._sessions.fresh(request, self._clock())
        staff = None if session is None else await self._member(session.account)
        if session is None or staff is None:
            return None
        return Visitor(staff.id, staff, session.token, self._account(session.account))

    def keep(self, request: web.Request, response: web.StreamResponse) -> None:
        session = self._sessions.fresh(request, self._clock())
        if session is not None:
            self._sessions.keep(response, session, self._clock())

    async def _member(self, subject: str) -> Staff | None:
        return await asyncio.to_thread(self._directory.find, self._account(subject))

    def _account(self, subject: str) -> Account:
        return Account(PLATFORM, self._settings.issuer, subject)

    # Coming and going

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        attempt = flow.new_attempt()
        response = web.Response(status=303)
        response.headers["Location"] = await flow.begin(self._provider, attempt, self._back)
        self._sessions.keep_attempt(response, attempt, self._clock())
        return response

    async def _finish(self, request: web.Request) -> web.StreamResponse:
        now = self._clock()
        attempt = self._sessions.take_attempt(request, now)
        if attempt is None:
            raise SignInError("这次登录不是从本页面发起的，或者已经超时。")
        claims = await flow.finish(self._provider, attempt, dict(request.query), self._back, ())
        subject: str = claims["sub"]
        member = await self._member(subject)
        if member is None:
            raise _not_staff(subject)
        await asyncio.to_thread(self._note, member)
        before = self._sessions.held(request, now)
        response = web.Response(status=303, headers={"Location": "/"})
        if before is not None:
            self._sessions.end(response, before, now)
        self._sessions.drop_attempt(response)
        self._sessions.keep(response, self._sessions.start(subject, now, before), now)
        return response

    def _note(self, member: Staff) -> None:
        with writing(self._engine) as connection:
            append(
                connection,
                at=self._clock(),
                actor=f"{member.unit} {member.name}（{member.id}）",
                purpose=PURPOSE,
                action="chat.sign-in",
                target="/",
                detail=member.unit,
            )

    async def _end(self, request: web.Request) -> web.StreamResponse:
        require_own_page(request)
        fields, session = await form(request, LIMITS), self._sessions.held(request, self._clock())
        response = web.Response(status=303, headers={"Location": "/signed-out"})
        visitor = None if session is None else await self.visitor(request)
        if visitor is not None:
            visitor.require(fields.get("token"))
        if session is not None:
            self._sessions.end(response, session, self._clock())
        return response

    async def _end_elsewhere(self) -> str | None:
        """Where the provider's own session can be ended (RP-initiated logout): a link, so that it is one's choice."""
        try:
            address = (await self._provider.metadata()).end_session_endpoint
        except SignInError:
            return None
        back = {"client_id": self._settings.client_id, "post_logout_redirect_uri": f"{self._base_url}/"}
        return None if address is None else f"{address}{'&' if '?' in address else '?'}{urlencode(back)}"

    @property
    def _back(self) -> str:
        return f"{self._base_url}/signed-in"


def _not_staff(subject: str) -> SignInError:
    shown = "".join(each for each in subject if each.isprintable())[:80]
    return SignInError(
        "您的账号还没有登记为本系统的工作人员，或者已经停用。",
        next_step=f"请把账号标识“{shown}”告诉本单位管理员，登记后再登录。",
        code="NOT_STAFF",
    )


def _problem(error: OfficeError | SignInError) -> Problem:
    if isinstance(error, ProviderTrouble | NotAccepted):  # whoever runs the service must hear of it
        LOGGER.warning("%s %s", error.code, error.message)
    status = 503 if isinstance(error, OfficeError | ProviderTrouble) else 403
    return Problem(status, error.code, "没有登录", error.message, error.next_step)
