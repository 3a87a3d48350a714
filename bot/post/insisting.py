"""What must be written down in the end, however long the database is in the way: a full disk is emptied some day.

Each wait is twice the one before, half a minute at most; every refusal is said.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from index.errors import StoreError

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0
LOGGER = logging.getLogger("chenghe.post")
Result = TypeVar("Result")


async def surely(act: Callable[[], Awaitable[Result]]) -> Result:
    """Its result, as soon as the database takes it."""
    seconds = FIRST_SECONDS
    while True:
        try:
            return await act()
        except StoreError as error:
            LOGGER.error("%s %s%s", error.code, error.message, error.next_step)
        await asyncio.sleep(seconds)
        seconds = min(seconds * 2, LONGEST_SECONDS)
