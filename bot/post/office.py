"""The post office's books: ``messages.db`` behind awaitable acts, each of which is durable when it comes back.

* ``accept``: a message is written down before the platform hears that we have it.
* ``answered``: its answer's letters, the memory and the end of its waiting are one transaction.
* The clock is the caller's; the acts are those of ``inbox``, ``outbox``, ``remembering``, ``retention``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from bot.actions.said import Pending
from bot.channels.messages import Incoming, OutFile
from bot.post import counting, inbox, outbox, remembering, retention
from bot.post.committing import Commits
from bot.post.counting import Counts, GivenUp
from bot.post.inbox import Begun, Line, Received
from bot.post.outbox import Letter
from bot.post.remembering import Exchanged, Memory, place_of
from bot.post.tables import MESSAGES
from bot.post.troubles import Trouble
from index.store.engine import open_store

WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one message: ``texts`` in order, a file after them; ``said`` is kept for the next question.

    ``pending``: what is waited for now; ``holder``: to whom it is said.
    """

    texts: Sequence[str]
    file: OutFile | None
    said: str
    pending: Pending | None
    holder: str = ""


def open_messages(path: Path) -> Engine:
    """``messages.db``, made or migrated if need be. What is deleted there is overwritten. Raises StoreError."""
    engine = open_store(path, MESSAGES, wait_seconds=WAIT_SECONDS)
    engine.dispose()
    event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA secure_delete=ON"))
    return engine


class PostOffice:
    """Used from one event loop. Its acts raise StoreError: nothing happened then."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._commits = Commits(engine)
        self.lock = Trouble()
        """With the file that says who works on the books."""
        self.clock = clock
        path = engine.url.database or ""
        self.lock_path = Path(f"{path}.post")

    @property
    def trouble(self) -> str:
        """What keeps it from its work; '' when nothing does."""
        return self._commits.trouble.now or self.lock.now

    async def probe(self) -> None:
        """Writes and takes back, so that a trouble that is over is known to be over. Raises StoreError."""
        at = self.clock()
        await self._commits.run(lambda connection: retention.probe(connection, at))

    async def accept(self, incoming: Incoming) -> Received:
        at = self.clock()
        return await self._commits.run(lambda connection: inbox.accept(connection, incoming, at))

    async def waiting(self) -> list[tuple[Line, int]]:
        return await self._commits.run(inbox.waiting)

    async def begin(self, number: int) -> tuple[Begun, Memory] | None:
        """The message and what was said before it; None when it has been answered."""
        at = self.clock()

        def act(connection: Connection) -> tuple[Begun, Memory] | None:
            begun = inbox.begin(connection, number)
            if begun is None:
                return None
            return begun, remembering.remembered(connection, place_of(begun.incoming), at)

        return await self._commits.run(act)

    async def answered(self, begun: Begun, before: Memory, answer: Answered) -> list[int]:
        """The numbers of the letters to be sent; none when it was answered already."""
        at = self.clock()

        def act(connection: Connection) -> list[int]:
            if not inbox.answered(connection, begun.number, at):
                return []
            exchanged = Exchanged(begun.incoming.text, answer.said, answer.pending, answer.holder)
            remembering.remember(connection, place_of(begun.incoming), before, exchanged, at)
            return outbox.put(connection, begun.number, begun.incoming, answer.texts, answer.file, at)

        return await self._commits.run(act)

    async def is_answered(self, number: int) -> bool:
        return await self._commits.run(lambda connection: inbox.is_answered(connection, number))

    async def claim(self, number: int, in_time: Callable[[], bool]) -> str | None:
        """``outbox.claim``: the answer for the platform's own call. ``in_time`` is asked by the books' thread."""
        at = self.clock()
        return await self._commits.run(lambda connection: outbox.claim(connection, number, at, in_time))

    async def queued(self) -> list[tuple[Line, int]]:
        return await self._commits.run(outbox.queued)

    async def letter(self, number: int) -> Letter | None:
        """None when it is done."""
        return await self._commits.run(lambda connection: outbox.find(connection, number))

    async def begin_try(self, letter: Letter) -> int | None:
        """The number of the attempt; None when the letter is done."""
        at = self.clock()
        return await self._commits.run(lambda connection: outbox.begin_try(connection, letter, at))

    async def sent(self, letter: Letter, attempt: int) -> None:
        at = self.clock()
        await self._commits.run(lambda connection: outbox.sent(connection, letter, attempt, at))

    async def failed(
        self, letter: Letter, attempt: int, fault: str, after_seconds: float, *, doubtful: bool = False
    ) -> None:
        at = self.clock()
        then = at + timedelta(seconds=after_seconds)

        def act(connection: Connection) -> None:
            outbox.failed(connection, letter, attempt, at, fault=fault, not_before=then, doubtful=doubtful)

        await self._commits.run(act)

    async def give_up(self, letter: Letter, attempt: int | None, fault: str) -> None:
        at = self.clock()
        await self._commits.run(lambda connection: outbox.give_up(connection, letter, attempt, at, fault=fault))

    async def calls(self, seconds: float, forgetful: Sequence[str] = ()) -> list[tuple[str, str, float]]:
        """App, recipient, and how many seconds ago it ended, of the calls of the last ``seconds``, oldest first.

        ``forgetful``: the apps whose platform will not recognise a repetition.
        """
        at = self.clock()

        def act(connection: Connection) -> list[tuple[str, str, float]]:
            outbox.end_attempts(connection, at, forgetful)
            return outbox.calls(connection, at, seconds)

        return await self._commits.run(act)

    async def counts(self) -> Counts:
        at = self.clock()
        return await self._commits.run(lambda connection: counting.counts(connection, at))

    async def given_up(self) -> tuple[GivenUp, ...]:
        return await self._commits.run(counting.given_up)

    async def purge(self) -> None:
        at = self.clock()
        await self._commits.run(lambda connection: retention.purge(connection, at))

    async def close(self) -> None:
        await self._commits.close()
