"""The tools opened from a home: a reception of their own, and the published lists that reports are checked by."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot import clock
from bot.actions.checking import Published
from bot.channels.reception import Reception, ReceptionSettings
from bot.language_model import read_rephraser
from bot.mcp import Actor, Tools
from bot.settings import Home
from verify.documents.workers import Readers
from verify.remembering import Memory

READERS = 1


@asynccontextmanager
async def opened(home: Home, actor: Actor) -> AsyncIterator[Tools]:
    settings = ReceptionSettings(home.library, home.search, home.questions, clock.now, home.search_database)
    reception = Reception(settings, read_rephraser(home.language_model))
    with Readers(READERS) as readers:
        published = Published(home.public, clock.now, readers.read, Memory(home.public_seen))
        await reception.open()
        try:
            yield Tools(reception, published, actor)
        finally:
            await reception.close()
