"""Matter and purpose of a member's look-ups: stated once per matter and conversation, kept for a working day at most.

* Kept in the memory of the process, by member and conversation: never longer than ``HOURS``, never past a restart.
* Only what the member decides may be stated as matter; what is kept stands in the audit line of every read.

Source: issue 6 §3; 个人信息保护法 arts. 34–35. Decision: docs/decisions/0230.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

HOURS = 8
AT_MOST = 10_000
"""Conversations whose duty is kept; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class Stated:
    """``matter``: one of the member's; ``purpose``: in the member's words."""

    matter: str
    purpose: str
    at: datetime


class Duties:
    """Of all conversations. Any thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Stated] = OrderedDict()
        self._lock = Lock()

    def state(self, member: str, conversation: str, stated: Stated) -> None:
        with self._lock:
            self._kept.pop((member, conversation), None)
            self._kept[member, conversation] = stated
            while len(self._kept) > AT_MOST:
                self._kept.popitem(last=False)

    def of(self, member: str, conversation: str, now: datetime) -> Stated | None:
        with self._lock:
            stated = self._kept.get((member, conversation))
        return stated if stated and timedelta(0) <= now - stated.at < timedelta(hours=HOURS) else None

    def forget(self, member: str, conversation: str) -> bool:
        """Whether there was one."""
        with self._lock:
            return self._kept.pop((member, conversation), None) is not None
