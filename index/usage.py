"""How much the assistant is used, for administrators: questions a day, refused, slow, by channel. Figures only.

Rules kept:
* No question, no answer and nobody's name is read: counts of the log's lines, by day and channel.
* Small talk asks nothing of the texts, so it is no question here.
* A question is refused when no answer was found in the texts; slow when its answer took more than ``SLOW_MS``.
* Every day of the time asked for is there, also those without a question; days are those of Asia/Shanghai.

Source: issue 6 §3; 个人信息保护法 art. 6 (no more than needed).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce

from sqlalchemy import Select, String, case, func, select, type_coerce

from index.calendar import SHANGHAI
from index.questions.model import Channel
from index.questions.store import QuestionStore
from index.questions.tables import askings

SLOW_MS = 1_000


@dataclass(frozen=True, slots=True)
class Figures:
    """``slowest_ms``: the longest answer; 0 without a question."""

    asked: int = 0
    refused: int = 0
    slow: int = 0
    slowest_ms: float = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.asked + other.asked,
            self.refused + other.refused,
            self.slow + other.slow,
            max(self.slowest_ms, other.slowest_ms),
        )

    @property
    def answered(self) -> int:
        return self.asked - self.refused


@dataclass(frozen=True, slots=True)
class Usage:
    """``days``: each day of the time, oldest first; ``channels``: those that were used, most used first."""

    days: tuple[tuple[date, Figures], ...]
    channels: tuple[tuple[Channel, Figures], ...]

    @property
    def whole(self) -> Figures:
        return _sum(figures for _, figures in self.days)


def usage(store: QuestionStore, first: date, last: date) -> Usage:
    """From ``first`` to ``last``, both included. Raises StoreError."""
    by_day, by_channel = defaultdict[date, Figures](Figures), defaultdict[Channel, Figures](Figures)
    with store.reading() as connection:
        rows = connection.execute(_counted(first, last)).all() if connection else []
        for day, channel, asked, refused, slow, slowest_ms in rows:
            figures = Figures(asked, refused, slow, slowest_ms)
            by_day[date.fromisoformat(day)] += figures
            by_channel[Channel(channel)] += figures
    days = (first + timedelta(days=passed) for passed in range((last - first).days + 1))
    channels = sorted(by_channel.items(), key=lambda found: (-found[1].asked, found[0]))
    return Usage(tuple((day, by_day[day]) for day in days), tuple(channels))


def _counted(first: date, last: date) -> Select[str, str, int, int, int, float]:
    day = func.substr(type_coerce(askings.c.at, String), 1, 10)
    refused = func.sum(case((askings.c.answered, 0), else_=1))
    slow = func.sum(case((askings.c.elapsed_ms > SLOW_MS, 1), else_=0))
    return (
        select(day, askings.c.channel, func.count(), refused, slow, func.max(askings.c.elapsed_ms))
        .where(askings.c.small_talk.is_(False))
        .where(askings.c.at >= _midnight(first))
        .where(askings.c.at < _midnight(last + timedelta(days=1)))
        .group_by(day, askings.c.channel)
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _sum(figures: Iterable[Figures]) -> Figures:
    return reduce(Figures.__add__, figures, Figures())
