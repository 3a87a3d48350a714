"""Who may enter which page: the guard before every page, for everybody or for whoever is signed in.

Rules kept:
* The guard reads the form, so that no page can forget the token; it keeps the session alive; it words every problem.
* What somebody does is bounded: 120 requests at once, then two a second; eight forms with files at a time, two of one
  person, so that nobody keeps all the places by sending slowly.
"""

import logging
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from aiohttp import web

from index.errors import OfficeError
from verify.errors import VerifyError
from verify.issuing.portal.claims import Clerk
from verify.issuing.portal.forms import Asked, read_form, refuse_elsewhere
from verify.issuing.portal.oidc.errors import NotAccepted, ProviderTrouble
from verify.issuing.portal.room import Room, said, see
from verify.issuing.portal.sessions import Session
from verify.issuing.portal.settings import Realm, Task
from verify.public.bodies import is_multipart
from verify.public.limits import Buckets, Rate
from verify.public.problems import PROBLEMS, Problem, Refused

LOGGER = logging.getLogger("chenghe.portal")
ACTS = Rate(burst=120, per_second=2.0)
UPLOADS_MAX, UPLOADS_OF_ONE = 8, 2
_PLACES = ("/apply/", "/desk/", "/guide/")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Page = Callable[[Asked], Awaitable[web.StreamResponse]]


class Gate:
    """``open_to`` makes a handler of a page."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._acts = Buckets(ACTS)
        self._uploads: Counter[str] = Counter()

    def for_everybody(self, handler: Handler, realm: Realm | None = None) -> Handler:
        """A page without sign-in; its problems are put into words."""

        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except (OfficeError, VerifyError) as problem:
                if isinstance(problem, ProviderTrouble | NotAccepted):  # whoever runs the service must hear of it
                    LOGGER.warning("%s %s", problem.code, problem.message)
                return self._room.problem(said(problem), realm=realm)
            except web.HTTPException:
                raise
            except Exception as fault:  # noqa: BLE001 - the one boundary behind which nothing is left to go on with
                return self._room.problem(_fault(fault), realm=realm)

        return answer

    def open_to(self, realm: Realm, page: Page, task: Task | None = None) -> Handler:
        """A page for whoever is signed in to ``realm`` and, among staff, may do ``task``."""

        async def answer(request: web.Request) -> web.StreamResponse:
            opened = self._room.sessions.opened(request, realm, self._room.now())
            if opened is None or not opened.fresh:
                return self._not_signed_in(request, realm)
            response = await self._answer(request, opened.session, page, task)
            if not response.cookies:  # a page that began or ended a session has said so itself
                self._room.sessions.keep(response, opened.session, self._room.now())
            return response

        return answer

    def _not_signed_in(self, request: web.Request, realm: Realm) -> web.StreamResponse:
        if request.method == "GET":
            raise see(f"/{realm}")
        if request.path == f"/{realm}/sign-out":  # who wants to leave has left; the provider's session may go on
            raise see(f"/{realm}/signed-out")
        return self._room.problem(_OVER, realm=realm)

    async def _answer(
        self, request: web.Request, session: Session, page: Page, task: Task | None
    ) -> web.StreamResponse:
        try:
            _refuse_without(task, session)
            return await page(await self._asked(request, session))
        except web.HTTPException as answer:
            if answer.status >= 400:
                return self._room.problem(PROBLEMS.get(answer.status, PROBLEMS[400]), session)
            return web.Response(status=answer.status, headers={"Location": answer.headers["Location"]})
        except (OfficeError, VerifyError) as problem:
            return self._room.problem(said(problem), session)
        except Exception as fault:  # noqa: BLE001 - the one boundary behind which nothing is left to go on with
            return self._room.problem(_fault(fault), session)

    async def _asked(self, request: web.Request, session: Session) -> Asked:
        who = f"{session.realm} {session.who.identifier}"
        if wait := self._acts.wait(who, time.monotonic()):
            raise Refused(replace(PROBLEMS[429], next_step="请稍候再试。", retry_after_seconds=wait))
        if request.method != "POST":
            return Asked(request, session, {})
        refuse_elsewhere(request, self._room.settings.base_url)
        with self._receiving(request, who):
            return Asked(request, session, await read_form(request, session))

    @contextmanager
    def _receiving(self, request: web.Request, who: str) -> Iterator[None]:
        if not is_multipart(request):
            yield
            return
        if self._uploads.total() >= UPLOADS_MAX or self._uploads[who] >= UPLOADS_OF_ONE:
            raise Refused(replace(PROBLEMS[503], retry_after_seconds=10))
        self._uploads[who] += 1
        try:
            yield
        finally:
            self._uploads[who] -= 1
            self._uploads += Counter()  # forgets whoever sends nothing now


def _refuse_without(task: Task | None, session: Session) -> None:
    if task is not None and (not isinstance(session.who, Clerk) or task not in session.who.tasks):
        raise Refused(_NOT_ALLOWED)


def has_page_at(path: str) -> bool:
    """Whether a path is the portal's."""
    return f"{path}/".startswith(_PLACES)


async def own_pages_refer(request: web.Request, response: web.StreamResponse) -> None:
    """For ``on_response_prepare``, after ``set_headers``: our own forms must be able to say that they are ours.

    With no-referrer a browser sends ``Origin: null`` (Fetch standard, §3.2 of the Origin header).
    """
    if has_page_at(request.path):
        response.headers["Referrer-Policy"] = "same-origin"


def _fault(fault: BaseException) -> Problem:
    """Where it happened, and of what kind; not the message, which may quote what a person sent."""
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(fault.__traceback__)]
    LOGGER.error("%s at %s", type(fault).__name__, " < ".join(reversed(places)))
    return replace(
        PROBLEMS[500], message="这次没能办成，问题已经记录。", next_step="请稍后重试；仍不行，请联系信用办。"
    )


_OVER = Problem(
    401,
    "SIGNED_OUT",
    "登录已经超时",
    "为了安全，较长时间没有操作就会自动退出；刚才提交的内容没有办理。",
    "请在新窗口重新登录，再回到填写的页面重新提交，填好的内容还在那里。",
)
_NOT_ALLOWED = Problem(
    403, "TASK_NOT_ALLOWED", "没有权限", "您的账号没有办理这件事的权限。", "需要办理的，请联系信用办开通。"
)
