"""Where a question becomes a verdict: tokens at once, typed codes and files in a small pool of threads.

* No usable trust: indeterminate, whatever was asked. Never green.
* At most ``waiting_max`` questions wait for a thread; one more is ``Refused`` with 503, so that memory stays bounded.
* Every check takes the moment from the clock of the settings; ``at`` moves only the moment asked about.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from verify.binding import FieldPackage
from verify.check import Authentic, Verification, authenticate_all, judge, refused, untrusted
from verify.documents.examine import Reader, examine
from verify.errors import TrustError
from verify.public.admission import BUSY_SECONDS
from verify.public.asking import Asked, Token, Typed
from verify.public.bodies import SentFile
from verify.public.problems import PROBLEMS, Refused
from verify.public.published_log import PublishedLog
from verify.public.shelf import Shelf
from verify.public.trust_file import TrustFile
from verify.reasons import Rejection
from verify.trust import Trust

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict and, when its content is kept here sealed, what was issued."""

    verification: Verification
    package: FieldPackage | None


class Desk:
    def __init__(
        self,
        trust: TrustFile,
        shelf: Shelf,
        log: PublishedLog,
        clock: Callable[[], datetime],
        reader: Reader,
        *,
        threads: int,
        waiting_max: int,
    ) -> None:
        self._trust = trust
        self._shelf = shelf
        self._log = log
        self._clock = clock
        self._reader = reader
        self._held: Trust | None = None
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="verify")
        self._places = self._free = threads + waiting_max

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def waiting(self) -> int:
        """Typed codes and files that are worked on or wait for it."""
        return self._places - self._free

    def tokens_at_once(self, asked: Sequence[tuple[str, datetime | None]]) -> list[Verification]:
        """``token`` of each, in the event loop: what lies in the folder is looked at once in a turn of it.

        Whatever is answered in one turn was asked before it began, so nobody is told anything out of date.
        """
        now = self._clock()
        try:
            trust = self._held or self._hold()
        except TrustError as error:
            return [untrusted(error, at or now) for _, at in asked]
        found = authenticate_all([text for text, _ in asked], trust, now)
        return [self._told(each, trust, at or now, now) for each, (_, at) in zip(found, asked, strict=True)]

    def _hold(self) -> Trust:
        trust = self._trust.current()
        self._log.hold()
        self._held = trust
        asyncio.get_running_loop().call_soon(self._release)
        return trust

    def _release(self) -> None:
        self._held = None
        self._log.release()

    def token(self, text: str | bytes, at: datetime | None = None) -> Verification:
        """A signature takes some 0.1 ms: not worth a thread."""
        now = self._clock()
        try:
            trust = self._trust.current()
        except TrustError as error:
            return untrusted(error, at or now)
        return self._judged(text, trust, at or now, now)

    async def verify(self, asked: Asked, at: datetime | None = None) -> Verification:
        if isinstance(asked, Token):
            return self.token(asked.text, at)
        return await self._in_thread(lambda: self._blocking(asked, at))

    async def outcome(self, asked: Asked, at: datetime | None = None) -> Outcome:
        """For the page: the verdict and the sealed content."""
        return await self._in_thread(lambda: self._with_content(asked, at))

    def _with_content(self, asked: Asked, at: datetime | None) -> Outcome:
        verification = self.token(asked.text, at) if isinstance(asked, Token) else self._blocking(asked, at)
        credential = verification.credential
        return Outcome(verification, None if credential is None else self._shelf.package_for(credential))

    def _blocking(self, asked: Typed | SentFile, at: datetime | None) -> Verification:
        if isinstance(asked, Typed):
            return self._typed(asked, at)
        now = self._clock()
        try:
            trust = self._trust.current()
        except TrustError as error:
            return untrusted(error, at or now)
        return examine(
            asked.content,
            name=asked.name,
            trust=trust,
            at=at or now,
            now=now,
            sealed=self._shelf,
            evidence=lambda credential: self._log.evidence(credential, trust),
            reader=self._reader,
        )

    def _typed(self, asked: Typed, at: datetime | None) -> Verification:
        try:
            token = self._shelf.token_for(asked.number, asked.code)
        except Rejection as rejection:
            return refused(rejection, at or self._clock())
        return self.token(token, at)

    def _judged(self, scanned: str | bytes, trust: Trust, at: datetime, now: datetime) -> Verification:
        """``verify.check.check``, with what the log says of the credential in between."""
        return self._told(authenticate_all((scanned,), trust, now)[0], trust, at, now)

    def _told(self, found: Authentic | Rejection, trust: Trust, at: datetime, now: datetime) -> Verification:
        if isinstance(found, Rejection):
            return refused(found, at)
        return judge(found, trust=trust, at=at, now=now, log=self._log.evidence(found.credential, trust))

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        if self._free <= 0:
            raise Refused(replace(PROBLEMS[503], retry_after_seconds=BUSY_SECONDS))
        self._free -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._free += 1
