"""A fictional company as a platform's console shows it: departments, members, and what an app may see of them.

The simulators of the contacts (``feishu_contacts``, ``dingtalk_contacts``, ``wecom_contacts``) tell it as each platform
does. ``busy``, ``broken``: which of the coming calls, by number, are answered with what passes by itself, or for good;
``per_second``: more calls than that in a second are refused as too fast.
"""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

ROOT = 1
Row = TypeVar("Row")


@dataclass(slots=True)
class Person:
    """``units``: the main one first. ``gone``: in the lists still, but frozen or disabled."""

    name: str
    units: tuple[int, ...] = ()
    gone: bool = False


@dataclass(slots=True)
class Company:
    """``units``: number to parent and name. ``range``, ``named``: the units and members that the app may see."""

    units: dict[int, tuple[int, str]] = field(
        default_factory=lambda: {ROOT: (0, "云汀市（虚构）"), 2: (ROOT, "市信用办（虚构）"), 3: (2, "综合科")}
    )
    people: dict[str, Person] = field(
        default_factory=lambda: {"zhang": Person("张某", (2,)), "li": Person("李某", (3,)), "wang": Person("", (3, 2))}
    )
    range: set[int] = field(default_factory=lambda: {ROOT})
    named: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    """Permissions that the console has not granted."""
    per_second: int = 0
    reset_seconds: int = 1
    """After which the platform says to call again, if it says so."""
    busy: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    calls: int = 0
    reversed: bool = False
    """Lists come in another order."""
    _times: deque[float] = field(default_factory=deque)

    def trouble(self) -> str:
        """What becomes of the next call: 'busy', 'broken', or ''."""
        self.calls += 1
        if self.calls in self.broken:
            return "broken"
        return "busy" if self.calls in self.busy or self._too_fast() else ""

    def above(self, number: int) -> Iterator[int]:
        while number in self.units:
            yield number
            number = self.units[number][0]

    def sees(self, number: int) -> bool:
        return any(each in self.range for each in self.above(number))

    def sees_member(self, account: str) -> bool:
        return account in self.named or any(self.sees(each) for each in self.people[account].units)

    def below(self, number: int) -> list[tuple[int, str]]:
        return self._ordered([(each, name) for each, (parent, name) in self.units.items() if parent == number])

    def members(self, number: int) -> list[tuple[str, Person]]:
        return self._ordered([(account, each) for account, each in self.people.items() if number in each.units])

    def _ordered(self, rows: list[Row]) -> list[Row]:
        return rows[::-1] if self.reversed else rows

    def _too_fast(self) -> bool:
        now = time.monotonic()
        while self._times and now - self._times[0] >= 1.0:
            self._times.popleft()
        if self.per_second and len(self._times) >= self.per_second:
            return True
        self._times.append(now)
        return False
