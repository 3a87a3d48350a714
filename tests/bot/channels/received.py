"""A post office that only remembers: what a channel hands in, for tests of one channel."""

from dataclasses import dataclass, field

from bot.channels.messages import Incoming, Receipt


@dataclass(slots=True)
class Seen:
    known: bool

    async def passive(self, seconds: float) -> str | None:
        return None


@dataclass(slots=True)
class Received:
    messages: list[Incoming] = field(default_factory=list)

    async def receive(self, incoming: Incoming) -> Receipt:
        known = any((each.app, each.id) == (incoming.app, incoming.id) for each in self.messages)
        if not known:
            self.messages.append(incoming)
        return Seen(known)
