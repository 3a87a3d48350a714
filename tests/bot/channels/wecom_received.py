"""A post office of a test: keeps what channels receive, and knows what came before."""

import asyncio
from dataclasses import dataclass, field

from bot.channels.messages import Incoming
from index.errors import OfficeError


@dataclass
class Kept:
    """``answer``: the passive answer to the message, if it is ready."""

    known: bool
    answer: str | None = None

    async def passive(self, seconds: float) -> str | None:
        return self.answer


@dataclass
class Received:
    answer: str | None = None
    messages: list[Incoming] = field(default_factory=list)
    again: int = 0
    busy: int = 0
    """So many times the books cannot be written."""
    opened: asyncio.Event | None = None
    """Until then they hang."""
    fault: Exception | None = None

    async def __call__(self, incoming: Incoming) -> Kept:
        if self.fault is not None:
            raise self.fault
        if self.opened is not None:
            await self.opened.wait()
        if self.busy > 0:
            self.busy -= 1
            raise OfficeError("数据正忙。", next_step="请稍后再试。")
        known = any((each.app, each.id) == (incoming.app, incoming.id) for each in self.messages)
        if known:
            self.again += 1
        else:
            self.messages.append(incoming)
        return Kept(known, self.answer)
