"""Who may ask with a bearer token right now: what the file of tokens says, and the directory of staff.

* A token for a member holds while the member is active; it is looked up anew for each request.
* The directory is opened with the first token that stands for a member: a bot without one needs no office.db.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from bot import rooms
from bot.settings import Home
from bot.tokens import Token, TokenBook

if TYPE_CHECKING:
    from sqlalchemy import Engine

Check = Callable[[str, datetime], Token | None]


class Holders:
    """``check`` raises UsageError and StoreError when file or directory cannot be read."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._book = TokenBook(home.api_tokens)
        self._engine: Engine | None = None

    def check(self, sent: str, now: datetime) -> Token | None:
        """The token, if its holder may ask."""
        token = self._book.check(sent, now)
        return token if token is None or token.staff is None or self._is_active(token.staff) else None

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()

    def _is_active(self, member: str) -> bool:
        from index.directory.store import Directory

        if self._engine is None:
            self._engine = rooms.store(self._home)
        found = Directory(self._engine).get(member)
        return found is not None and found.active
