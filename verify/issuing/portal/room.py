"""What the pages of the portal share: the office, its store, issuing, the sessions, the clock – and one way to a page.

* ``Room`` is made with the service and opened when the service starts; pages are handlers over it.
* Work that blocks runs in threads: reading side by side, acts one at a time, in the turn of the whole service.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from aiohttp import web
from sqlalchemy import Engine

from index.errors import OfficeError
from index.rules.model import Office
from index.rules.offices import load_office
from index.store.engine import open_store
from verify.errors import VerifyError
from verify.issuing.answers import status_of
from verify.issuing.portal.oidc.fetching import Fetcher
from verify.issuing.portal.oidc.provider import Provider
from verify.issuing.portal.sealed import session_key
from verify.issuing.portal.sessions import Session, Sessions
from verify.issuing.portal.settings import PortalSettings, Realm, load_portal
from verify.issuing.service import Issuing
from verify.issuing.wording import day_text
from verify.public.look import LOOK, STATIC, Assets, Pages
from verify.public.problems import PROBLEMS, Problem, Refused

HERE = Path(__file__).parent
Result = TypeVar("Result")
Given = ParamSpec("Given")


@dataclass(frozen=True, slots=True)
class Place:
    """The home's parts the portal needs. ``settings``: its portal.toml. ``in_turn``: runs an act in a thread, in the
    service's turn."""

    settings: Path
    office: Path
    database: Path
    keys: Path
    clock: Callable[[], datetime]
    in_turn: Callable[..., Awaitable[Any]]


class Room:
    """``open`` before the first request, ``close`` after the last."""

    engine: Engine
    office: Office
    issuing: Issuing
    sessions: Sessions
    settings: PortalSettings
    _fetcher: Fetcher

    def __init__(self, place: Place) -> None:
        self._place = place
        self._providers: dict[Realm, Provider] = {}
        self.look = Assets.of("/guide/look", STATIC)
        self.own = Assets.of("/guide/files", HERE / "static")
        self._pages = Pages([HERE / "templates", LOOK], look=self.look, own=self.own)

    async def open(self, issuing: Issuing) -> None:
        """Raises PortalError when portal.toml cannot be used, KeyringError when the key of the cookies cannot."""
        self.issuing = issuing
        await asyncio.to_thread(self._open)
        self._fetcher = Fetcher()
        for realm in Realm:
            if (chosen := self.settings.provider(realm)) is not None:
                self._providers[realm] = Provider(chosen, self._fetcher, self._place.clock)

    def _open(self) -> None:
        self.settings = load_portal(self._place.settings)
        self.sessions = Sessions(session_key(self._place.keys))
        self.office = load_office(self._place.office)
        self.engine = open_store(self._place.database)

    async def close(self) -> None:
        await self._fetcher.close()
        await asyncio.to_thread(self.engine.dispose)

    def now(self) -> datetime:
        return self._place.clock()

    def provider(self, realm: Realm) -> Provider | None:
        return self._providers.get(realm)

    async def reading(self, read: Callable[Given, Result], *values: Given.args, **named: Given.kwargs) -> Result:
        return await asyncio.to_thread(read, *values, **named)

    async def acting(self, act: Callable[[], Result]) -> Result:
        done: Result = await self._place.in_turn(act)
        return done

    # Pages

    def page(
        self, template: str, session: Session | None = None, *, status: int = 200, **values: object
    ) -> web.Response:
        """A page. ``session``: who sees it, if anybody is signed in."""
        shared = {"office": self.office, "session": session, "problem": None, "realm": None, "day": day_text}
        return self._pages.page(template, status=status, **(shared | values))

    def problem(self, problem: Problem, session: Session | None = None, realm: Realm | None = None) -> web.Response:
        realm = session.realm if session is not None else realm
        answer = self.page("problem.html", session, status=problem.status, problem=problem, realm=realm)
        if problem.retry_after_seconds is not None:
            answer.headers["Retry-After"] = str(problem.retry_after_seconds)
        return answer


def said(error: OfficeError | VerifyError) -> Problem:
    """An error of ours as it is shown to people."""
    if isinstance(error, Refused):
        return error.problem
    return Problem(status_of(error), error.code, "没有办成", error.message, error.next_step)


def not_found() -> Refused:
    return Refused(PROBLEMS[404])


def see(address: str) -> web.HTTPSeeOther:
    """A redirect within the portal; ``address`` is ours, never the caller's."""
    return web.HTTPSeeOther(address)
