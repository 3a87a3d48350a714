"""What the families of pages of the web chat share: the reception, the look, and who is at the page.

* Work that blocks runs in the reception's thread; what an office's error says becomes a page, never a traceback.
* Where sign-in is set up, ``for_members`` lets nobody in without it, ``for_askers`` strangers too where the office
  answers strangers; without, whoever reaches the page is served (docs/decisions/0234, 0242).
* What one member or the holder of one token does is bounded: ``ACTS`` requests.
* No more than ``WAITING_MAX`` of all wait for the thread, ``WAITING_OF_ONE`` of one member, ``WAITING_STRANGERS`` of
  strangers, who keep no member waiting: the apps on the platforms ask in the same one.
"""

import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from secrets import compare_digest
from typing import Protocol, TypeVar

from aiohttp import hdrs, web

from bot.actions.standing import standing_of
from bot.channels.reception import Reception
from bot.channels.web_line import Line
from bot.errors import BotError
from bot.tokens import Token
from index.directory.model import Account, Staff
from index.errors import OfficeError
from verify.public.limits import Buckets, Rate
from verify.public.look import LOOK, STATIC, Assets, Pages
from verify.public.problems import PROBLEMS, Problem, Refused

HERE = Path(__file__).parent
ACTS = Rate(burst=120, per_second=2.0)
WAITING_MAX = 100
WAITING_OF_ONE, WAITING_STRANGERS = 20, 8
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the page. ``actor``: as the log names them; ``staff``: who has signed in with ``account``, and whose
    forms all carry ``token``."""

    actor: str | None = None
    staff: Staff | None = None
    token: str = ""
    account: Account | None = None

    @property
    def holder(self) -> str:
        """For whom something is kept: this member with the duties of now, in this sign-in; one word."""
        words = json.dumps([self.actor, standing_of(self.staff), self.token])
        return hashlib.sha256(words.encode("ascii")).hexdigest()

    def require(self, token: object) -> None:
        """Raises Refused for a form that was not made for this sign-in, or for one that is over."""
        sent = token if isinstance(token, str) else ""
        if self.staff is None and sent:
            raise Refused(SIGNED_OUT)
        if self.staff is not None and not compare_digest(sent.encode(), self.token.encode()):
            raise Refused(OLD_FORM)


ANYBODY = Visitor()
STRANGERS = "strangers"
"""All who have not signed in count as one."""


class Doorkeeper(Protocol):
    """Who knows who is signed in: ``bot.channels.web_sign_in``."""

    async def visitor(self, request: web.Request) -> Visitor | None:
        """None: not signed in."""

    def keep(self, request: web.Request, response: web.StreamResponse) -> None:
        """The session goes on from now."""


Check = Callable[[str, datetime], Token | None]
Page = Callable[[web.Request, Visitor], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Room:
    """``door`` None: nobody signs in. ``check``: whose bearer token it is; None: nobody has one."""

    def __init__(
        self,
        reception: Reception,
        verify_page: str | None = None,
        door: Doorkeeper | None = None,
        check: Check | None = None,
        strangers: bool = False,
    ) -> None:
        """``strangers``: where members sign in, others may ask for policy too."""
        self._strangers = strangers
        self.reception = reception
        self.library = reception.library
        self.look = Assets.of("/static/look", STATIC)
        self.assets = Assets.of("/static/chat", HERE / "static")
        self.door = door
        self._check = check
        self._verify_page = verify_page
        self._pages = Pages([HERE / "templates", LOOK], look=self.look, own=self.assets)
        self._acts = Buckets(ACTS)
        self._line = Line(WAITING_MAX, WAITING_OF_ONE, BUSY)
        self._line_of_strangers = Line(WAITING_STRANGERS, WAITING_STRANGERS, BUSY)

    def for_members(self, page: Page) -> Handler:
        """A page for whoever is signed in, where signing in is set up."""
        return self._page(page, strangers=False)

    def for_askers(self, page: Page) -> Handler:
        """The same, and for strangers where the office answers them."""
        return self._page(page, strangers=self._strangers)

    def _page(self, page: Page, *, strangers: bool) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            if self.door is None:
                return await page(request, ANYBODY)
            who = await self.door.visitor(request)
            if who is None and strangers:
                self._count(STRANGERS)
                return await page(request, ANYBODY)
            if who is None:
                return self.sign_in_first(request)
            self._count(who.actor or "")
            response = await page(request, who)
            self.keep(request, response)
            return response

        return answer

    def keep(self, request: web.Request, response: web.StreamResponse) -> None:
        """The session goes on from now; said with the head of the answer, which may have gone already."""
        if self.door is not None and not response.prepared:
            self.door.keep(request, response)

    def for_programs(self, page: Page) -> Handler:
        """The same, or for whoever holds a bearer token."""
        members = self.for_members(page)

        async def answer(request: web.Request) -> web.StreamResponse:
            scheme, _, sent = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
            if self._check is None or scheme.lower() != "bearer":
                return await members(request)
            try:
                token = self._check(sent.strip(), self.reception.clock())
            except (OfficeError, BotError) as cause:
                raise Refused(Problem(503, cause.code, "暂时不能回答", cause.message, cause.next_step)) from cause
            if token is None:
                raise Refused(WRONG_TOKEN)
            self._count(f"token {token.id}")
            return await page(request, Visitor(token.staff))

        return answer

    def sign_in_first(self, request: web.Request) -> web.Response:
        if request.method != "GET":
            raise Refused(SIGNED_OUT)
        return self.page("chat_sign_in.html")

    def _count(self, who: str) -> None:
        if wait := self._acts.wait(who, time.monotonic()):
            raise Refused(replace(PROBLEMS[429], next_step="请稍候再试。", retry_after_seconds=wait))

    def text(self, template: str, **values: object) -> str:
        return self._pages.text(template, **values)

    def page(self, template: str, who: Visitor = ANYBODY, *, status: int = 200, **values: object) -> web.Response:
        return self._pages.page(
            template, status=status, verify_page=self._verify_page, who=who, door=self.door is not None, **values
        )

    def problem(self, problem: Problem) -> web.Response:
        return self.page("problem.html", status=problem.status, problem=problem)

    async def visitor(self, request: web.Request) -> Visitor:
        """Who is at a page that is for everybody."""
        who = None if self.door is None else await self.door.visitor(request)
        return ANYBODY if who is None else who

    async def in_thread(self, who: Visitor, work: Callable[[], Result]) -> Result:
        try:
            with self.in_line(who):
                return await self.reception.in_thread(work)
        except OfficeError as cause:
            raise cannot_answer(cause) from cause

    @contextmanager
    def in_line(self, who: Visitor) -> Iterator[None]:
        """While something of theirs waits for the thread. Raises Refused when too much does."""
        stranger = who.actor is None and self.door is not None
        with self._line.place(who.actor or ""), self._line_of_strangers.place("") if stranger else nullcontext():
            yield

    def today(self) -> date:
        return self.reception.clock().date()


def cannot_answer(error: OfficeError) -> Refused:
    return Refused(Problem(503, error.code, "暂时不能回答", error.message, error.next_step))


BUSY = Problem(
    503, "BUSY", "暂时不能回答", "正在回答的问题太多，这次没有受理。", "请过几秒钟再试。", retry_after_seconds=2
)
SIGNED_OUT = Problem(
    401,
    "SIGNED_OUT",
    "登录已经超时",
    "较长时间没有操作会自动退出，刚才的内容没有提交。",
    "请重新登录后再试。",
)
WRONG_TOKEN = Problem(
    401, "TOKEN_UNKNOWN", "没有受理", "令牌不对、已停用或已过期。", "请向管理员要一个令牌（chenghe api-token new）。"
)
OLD_FORM = Problem(403, "FORM_OUTDATED", "没有受理", "页面已经过期，刚才的内容没有提交。", "请刷新页面后重新提交。")
