"""The staff side of ``chenghe serve``, put together from the home: one reception, the page, the apps on the platforms.

* The page is always there; the apps are when ``channels.toml`` names some. Both have the same actions.
* What needs an account – records, reports, objections – is looked up in the directory of office.db, where there is one,
  or staff sign in, or there are apps; a page that only answers from the texts needs neither it nor ``messages.db``.
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
from bot.channels.web import Acts, Service, WebSettings
from bot.channels.web_sign_in import SignInPlaces
from bot.holders import Holders
from bot.language_model import read_rephraser
from bot.post.duties import Duties
from bot.post.office import open_messages
from bot.post.retention import purge
from bot.rounds import Rounds
from bot.settings import Home
from index.policies.library import Library
from index.refusals import settle
from index.store.engine import writing
from verify.documents.workers import Readers
from verify.issuing.portal.settings import load_portal
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
        configured = read_channels(home.channels, clock, time.monotonic)
        settings = WebSettings(
            home.library,
            home.search,
            home.questions,
            clock,
            verify_page,
            search_database=home.search_database,
            sign_in=SignInPlaces(home.portal, home.chat, home.database),
            messages=home.messages,
            strangers=configured.strangers,
        )
        self.reception = Reception(settings.reception(), read_rephraser(home.language_model))
        self._holders = Holders(home)
        self._api = OpenAiApi(self.reception, self._holders.check)
        self._readers = Readers(READERS)
        published = Published(home.public, clock, self._readers.read, Memory(home.public_seen))
        self._doing = _Doing(home, self.reception.library, published, configured, issues_here)
        acts = Acts(self._doing.actions, self._doing.threads)
        self.page = Service(settings, self.reception, self._holders.check, published, acts)
        self._rounds = Rounds(self._doing.rounds(clock))
        has_apps = bool(configured.channels)
        self._platforms = _Platforms(home, self.reception, self._doing, configured) if has_apps else None

    def mount(self, app: web.Application) -> None:
        """The reception opens first and closes last."""
        app.on_startup.append(self._open)
        self._rounds.mount(app)
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
        self._doing.close()


class _Doing:
    """What members can have done, on the page and on the platforms. ``engine``: of office.db; None: none is needed."""

    def __init__(
        self, home: Home, library: Library, published: Published | None, configured: Configured, issues_here: bool
    ) -> None:
        from bot import rooms
        from bot.actions.chosen import Rooms, actions

        self.engine = rooms.store(home) if _knows_members(home, configured) else None
        self._messages = None if self.engine is None else open_messages(home.messages)
        self.threads = ThreadPoolExecutor(ACTING_THREADS, thread_name_prefix="act")
        known = Rooms(
            rooms.office(home),
            library,
            self.engine,
            _issuing(home, configured, issues_here),
            published,
            None if self._messages is None else Duties(self._messages),
        )
        self.actions = actions(known)

    def rounds(self, clock: Callable[[], datetime]) -> tuple[Callable[[], None], ...]:
        """What is to be done every hour: the refusals of strangers told, what is over forgotten."""
        office, messages = self.engine, self._messages
        if office is None or messages is None:
            return ()

        def forget() -> None:
            with writing(messages) as connection:
                purge(connection, clock())

        return lambda: settle(office, clock()), forget

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    def close(self) -> None:
        self.threads.shutdown(wait=False)
        for engine in (self.engine, self._messages):
            if engine is not None:
                engine.dispose()


def _knows_members(home: Home, configured: Configured) -> bool:
    return bool(configured.channels) or home.database.exists() or load_portal(home.portal).chat is not None


class _Platforms:
    """The apps and the directory: what is loaded only where there are apps."""

    def __init__(self, home: Home, reception: Reception, doing: _Doing, configured: Configured) -> None:
        from bot.answering import Answering
        from bot.channels.messaging import Messaging, fetching
        from index.directory.store import Directory

        assert doing.engine is not None  # where there are apps there is an office
        answering = Answering(
            directory=Directory(doing.engine),
            actions=doing.actions,
            ask=reception.answer,
            in_thread=doing.in_thread,
            fetch=fetching(configured.channels),
            clock=reception.clock,
            strangers=configured.strangers,
        )
        self._messaging = Messaging(configured.channels, home.messages, answering.answer, reception.clock)

    def mount(self, app: web.Application) -> None:
        self._messaging.mount(app)


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
