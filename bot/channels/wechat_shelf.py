"""Texts for members of an account that may not write first: laid ready, and taken when the member writes.

An account without the customer-service API can say something only as the answer to a callback. So a text that is
"sent" is laid on the shelf; the callback that is open for its member takes it at once, else the member's next
"继续" does.

* One text lies ready for a member; the next comes when it is taken (the post office sends in order).
* A text that is taken is sent: ``lay`` comes back, at once or when it is called again with the same key.
* Who asks something else has done with the rest of the answer he was reading: it is given up. An answer of which he
  has seen nothing is not.
* It lives in memory: after a restart the post office lays the texts again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

from bot.channels.messages import SendFailed

LAID_SECONDS = 20.0
BUSY_SECONDS = 0.5
WAITING_MAX = 16
"""So many texts are waited for long: the post office has 32 calls of an app under way."""
MEMBERS_KEPT = 10_000
KEYS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Laid:
    """``message``: the id of what it answers; ``more``: another text of the same answer follows."""

    key: str
    message: str
    text: str
    more: bool


@dataclass(slots=True)
class _Place:
    """One member's. ``read``: what he had last."""

    laid: Laid | None = None
    read: Laid | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def lay(self, laid: Laid | None) -> None:
        """Wakes all who wait for this member."""
        self.laid = laid
        self.changed.set()
        self.changed = asyncio.Event()


class Shelf:
    def __init__(self) -> None:
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._taken: OrderedDict[Hashable, None] = OrderedDict()
        self._given_up: OrderedDict[Hashable, None] = OrderedDict()
        self._waiting = 0

    async def lay(self, member: str, laid: Laid, seconds: float = LAID_SECONDS) -> None:
        """Until it is taken. Raises SendFailed: not taken yet (it lies there all the same), or given up."""
        self._waiting += 1
        try:
            await self._lay(member, laid, seconds if self._waiting <= WAITING_MAX else BUSY_SECONDS)
        finally:
            self._waiting -= 1

    async def _lay(self, member: str, laid: Laid, seconds: float) -> None:
        place = self._place(member)
        if not self._is_done(member, laid):
            place.lay(laid)
        try:
            async with asyncio.timeout(seconds):
                while not self._is_done(member, laid):
                    await place.changed.wait()
        except TimeoutError as cause:
            raise SendFailed("the member has not written yet", 0.0) from cause
        if laid.key not in self._taken:
            raise SendFailed("the member asked something else", None)

    async def take(self, member: str, seconds: float) -> Laid | None:
        """What lies ready for the member, or does so within ``seconds``."""
        place = self._place(member)
        try:
            async with asyncio.timeout(seconds):
                while place.laid is None:
                    await place.changed.wait()
        except TimeoutError:
            return None
        laid = place.laid
        place.read = laid
        _remember(self._taken, laid.key)
        place.lay(None)
        return laid

    def is_reading(self, member: str) -> bool:
        """Whether something lies ready for the member, or will."""
        place = self._places.get(member)
        return place is not None and (place.laid is not None or (place.read is not None and place.read.more))

    def ask_anew(self, member: str) -> None:
        """The member has asked something: the rest of the answer he was reading is given up."""
        place = self._places.get(member)
        if place is None or place.read is None or not place.read.more:
            return
        _remember(self._given_up, (member, place.read.message))
        lies = place.laid is not None and place.laid.message != place.read.message
        place.read = None
        place.lay(place.laid if lies else None)

    def _is_done(self, member: str, laid: Laid) -> bool:
        return laid.key in self._taken or (member, laid.message) in self._given_up

    def _place(self, member: str) -> _Place:
        place = self._places.setdefault(member, _Place())
        self._places.move_to_end(member)
        while len(self._places) > MEMBERS_KEPT:
            self._places.popitem(last=False)
        return place


def _remember(keys: OrderedDict[Hashable, None], key: Hashable) -> None:
    keys[key] = None
    while len(keys) > KEYS_KEPT:
        keys.popitem(last=False)
