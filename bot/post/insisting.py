"""What must be written down in the end, however long the database is in the way: a full disk is emptied some day.

Each wait is twice the one before, half a minute at most. That the database refuses is said where it does
(``committing``): once, not by everybody who waits for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from index.errors import StoreError

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0
Result = TypeVar("Result")


async def surely(act: Callable[[], Awaitable[Result]]) -> Result:
    """Its result, as soon as the database takes it."""
    seconds = FIRST_SECONDS
    while True:
        try:
            return await act()
        except StoreError:
            pass  # it is known
        await asyncio.sleep(seconds)
        seconds = min(seconds * 2, LONGEST_SECONDS)
