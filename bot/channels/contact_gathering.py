"""Gathering a company's contacts from many calls: all of them or none, each member once.

* What passes by itself (busy, too fast, a token that ended) is asked again after a moment; anything else ends the
  gathering: half a company would be taken for one that half its members have left.
* What cannot be read – a row that is no object, a member without an account, a list that is none – ends it too: left
  out, somebody who is there would be taken for one who has gone.
* A list is read page by page to its end; one whose pages come round again does not end.
* A member of several departments has the one that the platform calls the main one, else the first that has a name: the
  callers go through departments in the order of their numbers, so that moving one in the console changes nobody's unit.

Source: issue 6 §3; docs/decisions/0248.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from bot.channels.contacts import Contacts
from bot.channels.messages import SendFailed
from index.directory.model import Account
from index.directory.syncing import Contact

AGAIN_SECONDS = (0.2, 1.0, 3.0)
WAITED_SECONDS = 10.0
"""Who asks for a longer wait is asked again by the administrator."""
PAGES_MAX = 2000
DEPARTMENTS_MAX = 5000
MEMBERS_MAX = 100_000

Row = Mapping[str, Any]
Page = tuple[list[Row], str]
"""The rows, and where the next page begins; '' at the end."""
Result = TypeVar("Result")


class Gathering:
    """The members met so far."""

    def __init__(self, platform: str, tenant: str) -> None:
        self._platform, self._tenant = platform, tenant
        self._met: dict[str, tuple[int, Contact]] = {}

    def __contains__(self, account: str) -> bool:
        return account in self._met

    def meet(self, account: str, name: str, unit: str, *, main: bool = False) -> None:
        """``name``: '' where it is not told; ``main``: the platform says that this is the member's own unit."""
        rank = 0 if main else 1 if unit else 2
        if account in self._met and self._met[account][0] <= rank:
            return
        if len(self._met) >= MEMBERS_MAX:
            raise SendFailed(f"more than {MEMBERS_MAX} members", None)
        self._met[account] = rank, Contact(Account(self._platform, self._tenant, account), name or account, unit)

    def contacts(self) -> Contacts:
        return Contacts(self._tenant, tuple(contact for _, contact in self._met.values()))


async def insisted(ask: Callable[[], Awaitable[Result]]) -> Result:
    """The answer; what passes by itself is waited for. Raises SendFailed."""
    for seconds in AGAIN_SECONDS:
        try:
            return await ask()
        except SendFailed as failed:
            if failed.after_seconds is None or failed.after_seconds > WAITED_SECONDS:
                raise
            await asyncio.sleep(max(seconds, failed.after_seconds))
    return await ask()


async def all_rows(page: Callable[[str], Awaitable[Page]]) -> list[Row]:
    """The rows of every page from ``page('')`` on. Raises SendFailed."""
    found: list[Row] = []
    begun = {""}
    cursor = ""
    while True:
        rows, cursor = await insisted(lambda cursor=cursor: page(cursor))  # type: ignore[misc]
        found += rows
        if len(found) > MEMBERS_MAX:
            raise SendFailed(f"more than {MEMBERS_MAX} rows in one list", None)
        if not cursor:
            return found
        if cursor in begun or len(begun) >= PAGES_MAX:
            raise SendFailed("the platform's list does not end", None)
        begun.add(cursor)


async def all_below(
    roots: Mapping[Any, str], children: Callable[[Any], Awaitable[Mapping[Any, str]]]
) -> dict[Any, str]:
    """Departments by number with their names: the roots and whatever is below them, each once. Raises SendFailed."""
    found, waiting = dict(roots), list(roots)
    while waiting:
        for number, name in (await children(waiting.pop())).items():
            if number not in found:
                found[number] = name
                waiting.append(number)
        if len(found) > DEPARTMENTS_MAX:
            raise SendFailed(f"more than {DEPARTMENTS_MAX} departments", None)
    return found


def objects(values: object, what: str) -> list[Row]:
    """Raises SendFailed when it is no list of objects."""
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise SendFailed(f"the platform gave no {what}", None)
    return values


def each_of(row: Row, field: str, kind: type[Result]) -> list[Result]:
    """A list of numbers or words; empty where the platform tells none. Raises SendFailed when it is another thing."""
    values = [] if row.get(field) is None else row[field]
    if not isinstance(values, list) or not all(type(each) is kind for each in values):
        raise SendFailed(f"the platform gave no list of {field}", None)
    return values


def has_more(told: Row) -> bool:
    """Whether another page follows. Raises SendFailed when that is not told."""
    more = told.get("has_more", False)
    if not isinstance(more, bool):
        raise SendFailed("the platform does not say whether there is more", None)
    return more


def named(row: Row, field: str, what: str) -> str:
    """What a row is known by. Raises SendFailed where the platform does not show it."""
    found = text(row, field)
    if not found:
        raise SendFailed(f"the platform does not show the {field} of {what}", None)
    return found


def text(row: Row, field: str) -> str:
    """'' where the platform does not tell it."""
    value = row.get(field)
    return value if isinstance(value, str) else ""
