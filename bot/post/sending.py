"""The letters of one app on their way: in order in each conversation, as fast as the platform takes them, tried again.

1. A letter waits while the platform's own call may still take it (``holding``), and until its next try is due.
2. It waits for its turn: no window of the platform's limits ever holds more calls, of the member or of the app.
3. The try is written down; the platform is called; what came of it is written down.
4. Not taken: again later (``retrying``), or given up with all that follows of the same answer.

* A process that ends between the platform's taking a letter and our writing it down sends it again, with the same
  ``key``; what that means on platforms that recognise no key: docs/decisions/0214.
* A fault of the channel's own code is a try that failed, and said in the log.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from random import random

from bot.channels.messages import Channel, SendFailed
from bot.post.holding import Holds
from bot.post.inbox import Line
from bot.post.insisting import surely
from bot.post.lines import Lines
from bot.post.office import PostOffice
from bot.post.outbox import Letter
from bot.post.pacing import Pace
from bot.post.retrying import is_over, rest_seconds, wait_seconds

CALL_SECONDS = 60.0
AT_ONCE = 32
"""Calls of one app under way."""
RECIPIENTS_MAX = 10_000
LOGGER = logging.getLogger("chenghe.post")


class Sender:
    """Used from one event loop."""

    def __init__(
        self, office: PostOffice, channel: Channel, holds: Holds, chance: Callable[[], float] = random
    ) -> None:
        self._office = office
        self._channel = channel
        self._holds = holds
        self._chance = chance
        self._lines = Lines[Line](self._send)
        self._calls: set[asyncio.Task[bool]] = set()
        self._again: dict[int, float] = {}
        """When letters that this process failed to send are tried again, by the loop's clock."""
        self._app = Pace((*channel.limits.per_app, (AT_ONCE, 0.0)))
        self._recipients: dict[str, Pace] = {}
        self._turns = asyncio.Lock()
        self._ended = asyncio.Condition()

    def recall(self, recipient: str, ended_at: float) -> None:
        """A call of an earlier process. ``ended_at``: on this loop's clock; told in order."""
        self._app.ended_before(ended_at)
        self._pace_of(recipient).ended_before(ended_at)

    def put(self, line: Line, letter: int) -> None:
        self._lines.put(line, letter)

    async def close(self, seconds: float) -> None:
        """Calls under way get so long to be answered and written down; what waits stays in the books."""
        await self._lines.close(0)
        if self._calls:
            _, late = await asyncio.wait(self._calls, timeout=seconds)
            for call in late:
                call.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _send(self, number: int) -> None:
        while (letter := await surely(partial(self._office.letter, number))) is not None:
            await self._holds.freed(letter.message)
            await self._due(letter)
            await self._turn(letter.recipient)
            call = asyncio.create_task(self._call(letter))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
            if await asyncio.shield(call):
                return

    async def _due(self, letter: Letter) -> None:
        again = self._again.pop(letter.number, None)
        if again is not None:
            await asyncio.sleep(max(0.0, again - _seconds()))
        elif letter.failed_at is not None and letter.not_before is not None:
            await asyncio.sleep(rest_seconds(letter.failed_at, letter.not_before, self._office.clock()))

    async def _turn(self, recipient: str) -> None:
        """Comes back when the platform may be called, and counts the call as begun."""
        pace = self._pace_of(recipient)
        while True:
            await self._free(pace)
            async with self._turns:
                await self._free(self._app)
                if pace.free_at(_seconds()) <= _seconds():
                    pace.begin()
                    self._app.begin()
                    return

    async def _free(self, pace: Pace) -> None:
        while (moment := pace.free_at(now := _seconds())) > now:
            if moment == float("inf"):
                async with self._ended:
                    await self._ended.wait()
            else:
                await asyncio.sleep(moment - now)

    async def _call(self, letter: Letter) -> bool:
        """One try; whether the letter is done."""
        try:
            attempt = await surely(partial(self._office.begin_try, letter))
            failed = None if attempt is None else await self._delivered(letter)
            if attempt is not None and failed is None:  # before anything else: a kill until here sends it again
                await surely(partial(self._office.sent, letter, attempt))
        finally:
            await self._call_ended(letter.recipient)
        return attempt is None or failed is None or await self._failed(letter, attempt, failed)

    async def _call_ended(self, recipient: str) -> None:
        self._app.end(_seconds())
        self._pace_of(recipient).end(_seconds())
        async with self._ended:
            self._ended.notify_all()

    async def _delivered(self, letter: Letter) -> SendFailed | None:
        """None: the platform has it."""
        sending = asyncio.ensure_future(self._deliver(letter))
        try:
            await asyncio.wait([sending], timeout=CALL_SECONDS)
        finally:
            sending.cancel()
        if not sending.done() or sending.cancelled():
            return SendFailed(f"no answer within {CALL_SECONDS:.0f} seconds", 0.0, perhaps_taken=True)
        fault = sending.exception()
        if fault is None or isinstance(fault, SendFailed):
            return fault
        LOGGER.error("%s: sending failed by a fault of our own", self._channel.app, exc_info=fault)
        return SendFailed(f"fault of the channel: {type(fault).__name__}", 0.0, perhaps_taken=True)

    async def _deliver(self, letter: Letter) -> None:
        if letter.file is not None:
            await self._channel.send_file(letter.route, letter.file, letter.key)
        else:
            await self._channel.send(letter.route, letter.text, letter.key)

    async def _failed(self, letter: Letter, attempt: int, failed: SendFailed) -> bool:
        tries = letter.tries + 1
        seconds = wait_seconds(tries, failed.after_seconds or 0.0, self._chance())
        if failed.after_seconds is None or is_over(letter.written_at, self._office.clock(), seconds, tries):
            LOGGER.error("%s: gave up letter %d: %s", self._channel.app, letter.number, failed)
            await surely(partial(self._office.give_up, letter, attempt, str(failed)))
            return True
        self._again[letter.number] = _seconds() + seconds
        doubtful = failed.perhaps_taken and not self._channel.limits.knows_keys
        await surely(partial(self._office.failed, letter, attempt, str(failed), seconds, doubtful=doubtful))
        return False

    def _pace_of(self, recipient: str) -> Pace:
        if len(self._recipients) > RECIPIENTS_MAX:
            self._recipients = {name: pace for name, pace in self._recipients.items() if not pace.idle}
        return self._recipients.setdefault(recipient, Pace(self._channel.limits.per_member))


def _seconds() -> float:
    return asyncio.get_running_loop().time()
