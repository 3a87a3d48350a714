"""The assistant as the channels of one process share it: one library, one index, one thread that asks.

* Asking and reading run in one thread, so that a slow question never stops the others from being heard; the question
  log is written in another, after the answer.
* What other processes change in library and log (``policies add``, ``questions answer``) is seen by the next question.
* ``open`` once before the first question, ``close`` once at the end; several channels may hold it.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from bot.assistant.answer import Turn
from bot.assistant.desk import Desk, Exchange
from bot.assistant.engine import Assistant
from bot.assistant.rephrasing import Rephraser
from bot.assistant.retrieval import Found, find
from bot.channels.keeping import Keeper
from index.errors import OfficeError
from index.policies.library import Library
from index.questions.book import ApprovedBook
from index.questions.model import Channel
from index.questions.store import QuestionStore
from index.search.finding import Finder
from index.search.following import Follower
from index.search.opening import open_backend

LOGGER = logging.getLogger("chenghe.questions")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ReceptionSettings:
    """Parts of the home: two folders and the question log."""

    library: Path
    search: Path
    questions: Path
    clock: Callable[[], datetime]
    search_database: str | None = field(default=None, repr=False)


class Reception:
    """Its methods are called from the event loop, except ``exchange``."""

    def __init__(self, settings: ReceptionSettings, rephraser: Rephraser | None = None) -> None:
        """``rephraser``: a language model that may say answers in other words; None: answers are as quoted."""
        self._rephraser = rephraser
        self.clock = settings.clock
        self.library = Library(settings.library)
        self._search = open_backend(settings.search, settings.search_database)
        self._follower = Follower(self.library, self._search)
        self._store = QuestionStore(settings.questions)
        self._desk = self._open_desk()
        self.keeper = Keeper(self._desk, _say_trouble)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ask")

    def _open_desk(self) -> Desk:
        book = ApprovedBook(self._store, self.library)
        self._finder = Finder(self._search, book.confirmed)
        return Desk(
            assistant=Assistant(self.library, self._finder),
            library=self.library,
            book=book,
            store=self._store,
            clock=self.clock,
            ticket=secrets.token_urlsafe,
            version=f"chenghe {version('chenghe')}",
            trouble=_say_trouble,
        )

    @property
    def questions(self) -> QuestionStore:
        """The log. Any thread may read it."""
        return self._store

    async def open(self) -> None:
        """The index is brought in line with the library once before the first question."""
        await self.in_thread(self._follower.follow)

    async def close(self) -> None:
        await self.keeper.close()
        await self.in_thread(self._search.close)
        self._thread.shutdown(wait=False)
        self._store.close()

    async def answer(
        self,
        question: str,
        *,
        as_of: date,
        channel: Channel,
        context: Sequence[Turn] = (),
        actor: str | None = None,
        conversation: str | None = None,
    ) -> Exchange:
        """The answer; its line goes into the log afterwards. Raises OfficeError."""
        said = {"as_of": as_of, "channel": channel, "context": context, "actor": actor, "conversation": conversation}
        exchange = await self.in_thread(lambda: self.exchange(question, **said))
        if self._rephraser is not None:
            exchange = await self._rephraser.exchange(exchange)
        self.keeper.keep(exchange)
        return exchange

    def exchange(self, question: str, **said: Any) -> Exchange:
        """``said``: as ``Desk.ask`` takes it. For whoever is in the thread already; he has the line kept."""
        self._follow()
        return self._desk.ask(question, **said)

    async def search(self, words: str, *, as_of: date, limit: int) -> list[Found]:
        """The passages that fit best. Raises OfficeError."""

        def found() -> list[Found]:
            self._follow()
            return find(self.library, self._finder, words, as_of=as_of, limit=limit)

        return await self.in_thread(found)

    def _follow(self) -> None:
        try:
            self._follower.follow()
        except OfficeError as busy:  # another process is just indexing: answered from what is there
            LOGGER.warning("%s %s", busy.code, busy.message)

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _say_trouble(error: OfficeError) -> None:
    LOGGER.error("%s %s", error.code, error.message)
