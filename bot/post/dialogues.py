"""The memory of conversations for who does not go through the post office: the page of the web chat.

* The same table, the same rules (``remembering``): what was asked back survives a restart, and is nobody else's.
* What is kept is durable when it comes back.
"""

from datetime import datetime

from sqlalchemy import Engine

from bot.post import remembering
from bot.post.remembering import Exchanged, Memory, Place
from index.store.engine import writing


class Dialogues:
    """``engine``: of ``messages.db`` (``bot.post.office.open_messages``). Any thread. Raises StoreError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def recall(self, place: Place, holder: str, at: datetime) -> Memory:
        """What was said to this holder (``standing_of``) lately."""
        with self._engine.connect() as connection:
            return remembering.remembered(connection, place, at).of(holder)

    def keep(self, place: Place, before: Memory, exchanged: Exchanged, at: datetime) -> None:
        with writing(self._engine) as connection:
            remembering.forget_old(connection, at)
            remembering.remember(connection, place, before, exchanged, at)
