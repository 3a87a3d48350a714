"""The staff side of ``chenghe serve``, put together from the home: one reception, the page, the apps on the platforms.

* The page is always there; the apps are when ``channels.toml`` names some.
* What needs an account – records, reports, objections – is looked up in the directory of office.db; without accounts
  everybody is a stranger.
* Actions run in threads of their own: reading a report or waiting for an issue stops no question.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

from bot.actions.checking import Published
from bot.channels.configuring import Configured, read_channels
from bot.channels.openai_api import OpenAiApi
from bot.channels.reception import Reception
from bot.channels.web import Service, WebSettings
from bot.channels.web_sign_in import SignInPlaces
from bot.holders import Holders
from bot.language_model import read_rephraser
from bot.post.duties import Duties
from bot.post.office import open_messages
from bot.settings import Home
from verify.documents.workers import Readers
from verify.remembering import Memory

if TYPE_CHECKING:
    from bot.actions.issuing_room import IssuingRoom
    from verify.issuing.orders import IssuedReport, IssueRequest

ACTING_THREADS = 32
"""They mostly wait, for a reader or the issuing room; every message passes through one."""
READERS = 2
Result = TypeVar("Result")


class Chat:
    """``issues_here``: whether this process may issue reports (``serve`` of all services)."""

    def __init__(
        self, home: Home, clock: Callable[[], datetime], *, verify_page: str | None = None, issues_here: bool = False
    ) -> None:
        settings = WebSettings(
            home.library,
            home.search,
            home.questions,
            clock,
            verify_page,
            search_database=home.search_database,
            sign_in=SignInPlaces(home.portal, home.chat, home.database),
            messages=home.messages,
        )
        self.reception = Reception(settings.reception(), read_rephraser(home.language_model))
        self._holders = Holders(home)
        self._api = OpenAiApi(self.reception, self._holders.check)
        self._readers = Readers(READERS)
        published = Published(home.public, clock, self._readers.read, Memory(home.public_seen))
        checked_here = published if home.public.is_dir() else None
        self.page = Service(settings, self.reception, self._holders.check, checked_here)
        configured = read_channels(home.channels, clock, time.monotonic)
        self._messages = open_messages(home.messages)
        self._platforms = (
            _Platforms(home, self.reception, published, configured, issues_here, Duties(self._messages))
            if configured.channels
            else None
        )

    def mount(self, app: web.Application) -> None:
        """The reception opens first and closes last."""
        app.on_startup.append(self._open)
        self.page.mount(app)
        self._api.mount(app)
        if self._platforms is not None:
            self._platforms.mount(app)
        app.on_cleanup.append(self._close)

    async def _open(self, app: web.Application) -> None:
        await self.reception.open()

    async def _close(self, app: web.Application) -> None:
        await self.reception.close()
        await asyncio.to_thread(self._readers.close)
        self._holders.close()
        self._messages.dispose()


class _Platforms:
    """The apps, the directory and the actions: what is loaded only where there are apps."""

    def __init__(
        self,
        home: Home,
        reception: Reception,
        published: Published,
        configured: Configured,
        issues_here: bool,
        duties: Duties,
    ) -> None:
        from bot import rooms
        from bot.actions.chosen import Rooms, actions
        from bot.answering import Answering
        from bot.channels.messaging import Messaging, fetching
        from index.directory.store import Directory

        self._engine = rooms.store(home)
        self._threads = ThreadPoolExecutor(ACTING_THREADS, thread_name_prefix="act")
        known = Rooms(
            rooms.office(home),
            reception.library,
            self._engine,
            _issuing(home, configured, issues_here),
            published,
            duties,
        )
        answering = Answering(
            directory=Directory(self._engine),
            actions=actions(known),
            ask=reception.answer,
            in_thread=self._in_thread,
            fetch=fetching(configured.channels),
            clock=reception.clock,
            strangers=configured.strangers,
        )
        self._messaging = Messaging(configured.channels, home.messages, answering.answer, reception.clock)

    def mount(self, app: web.Application) -> None:
        self._messaging.mount(app)
        app.on_cleanup.append(self._close)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _close(self, app: web.Application) -> None:
        self._threads.shutdown(wait=False)
        self._engine.dispose()


@dataclass(frozen=True, slots=True)
class _Opened:
    """The issuing room of this process, opened for each report: its keys are in memory for no longer."""

    home: Home

    def issue(self, request: "IssueRequest") -> "IssuedReport":
        from bot import rooms

        return rooms.issuing(self.home).issue(request)


def _issuing(home: Home, configured: Configured, issues_here: bool) -> "IssuingRoom | None":
    from bot import clock
    from bot.actions.issuing_room import Elsewhere, Here

    if configured.issuing is not None:
        return Elsewhere(*configured.issuing)
    return Here(_Opened(home), clock.now) if issues_here else None
