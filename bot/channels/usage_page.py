"""The administrators' page: how much the assistant is used, and how the post office stands.

* Only a signed-in member with the role 管理 sees it; where nobody can sign in there is no such page.
* Figures only: no question, no answer, nobody's name. Of letters that were given up: app, account and fault.
* The figures are read in a thread of their own: whoever looks at them keeps no question waiting.
* The pictures are SVG drawn on the server; every number is in a table too.

    GET  /admin/usage       ?days= how many days up to today (7, 30, 90, 365)

Source: issue 6 §3.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from bot.channels.plots import Plot, stacked
from bot.channels.web_room import Room, Visitor, cannot_answer
from bot.post.counting import Counts, GivenUp
from index.directory.model import Role
from index.errors import OfficeError
from index.questions.store import QuestionStore
from index.usage import Figures, Usage, usage
from verify.public.problems import PROBLEMS, Problem, Refused

SPANS = (7, 30, 90, 365)
USUAL = 30


@dataclass(frozen=True, slots=True)
class Post:
    """How the post office stands."""

    counts: Counts
    given_up: tuple[GivenUp, ...]


class UsagePages:
    """``messages``: the post office's books, which need not exist; ``questions``: the question log."""

    def __init__(self, room: Room, questions: Path, messages: Path | None, clock: Callable[[], datetime]) -> None:
        self._room, self._messages, self._clock = room, messages, clock
        self._store = QuestionStore(questions)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/admin/usage", self._room.for_members(self.page))]

    def close(self) -> None:
        self._store.close()

    async def page(self, request: web.Request, who: Visitor) -> web.Response:
        if who.staff is None:
            raise Refused(PROBLEMS[404])
        if Role.ADMIN not in who.staff.roles:
            raise Refused(NOT_ADMIN)
        days = _span(request.query.get("days", str(USUAL)))
        try:
            found, post = await asyncio.to_thread(self._read, days)
        except OfficeError as error:
            raise cannot_answer(error) from error
        return self._room.page("usage.html", who, spans=SPANS, span=days, post=post, shown=shown(found))

    def _read(self, days: int) -> tuple[Usage, Post | None]:
        last = self._clock().date()
        return usage(self._store, last - timedelta(days=days - 1), last), self._post()

    def _post(self) -> Post | None:
        """None: no platform has ever brought a message here."""
        from bot.post import counting
        from bot.post.office import open_messages

        if self._messages is None or not self._messages.exists():
            return None
        engine = open_messages(self._messages)
        try:
            with engine.connect() as connection:
                return Post(counting.counts(connection, self._clock()), counting.given_up(connection))
        finally:
            engine.dispose()


def shown(found: Usage) -> dict[str, object]:
    """What the template draws: plots, and the same as rows."""
    names = [f"{day:%m-%d}" for day, _ in found.days]
    figures = [each for _, each in found.days]
    return {
        "whole": found.whole,
        "questions": _answers(names, figures),
        "slow": stacked(names, [("slow", "慢", [each.slow for each in figures])]),
        "channels": _answers([channel.label for channel, _ in found.channels], [each for _, each in found.channels]),
        "days": [(day, each) for day, each in reversed(found.days) if each.asked],
        "by_channel": found.channels,
    }


def _answers(names: list[str], figures: list[Figures]) -> Plot:
    answered, refused = [each.answered for each in figures], [each.refused for each in figures]
    return stacked(names, [("answered", "已回答", answered), ("refused", "没有找到依据", refused)])


def _span(text: str) -> int:
    if text not in map(str, SPANS):
        raise Refused(PROBLEMS[400])
    return int(text)


NOT_ADMIN = Problem(
    403, "NOT_ADMIN", "不能查看", "使用情况只给管理员看。", "需要查看的，请管理员在名册中加上“管理”角色。"
)
