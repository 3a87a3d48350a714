"""Who may enter which page: signing in, signing out, and the guard before every page that is not for everybody.

    GET  /apply/sign-in, /desk/sign-in        to the provider
    GET  /apply/signed-in, /desk/signed-in    back from it (the registered redirect URI)
    POST /apply/sign-out, /desk/sign-out      ends the session; offers to end the provider's too
    GET  /apply/signed-out, /desk/signed-out

Rules kept:
* Nobody is sent to an address that came with the request. The two realms have redirect URIs of their own.
* The guard reads the form, so that no page can forget the token; it keeps the session alive; it words every problem.
* What somebody does is bounded: 120 requests at once, then two a second; eight forms with files at a time, two of one
  person, so that nobody keeps all the places by sending slowly.
"""

import logging
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web

from index.audit import append
from index.errors import OfficeError
from index.store.engine import writing
from verify.errors import VerifyError
from verify.issuing.portal.claims import Clerk, Person, clerk_of, person_of
from verify.issuing.portal.forms import Asked, read_form, refuse_elsewhere
from verify.issuing.portal.oidc import flow
from verify.issuing.portal.oidc.errors import NotAccepted, ProviderTrouble, SignInError
from verify.issuing.portal.oidc.provider import Provider
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

    def routes(self) -> list[web.RouteDef]:
        return [route for realm in Realm for route in self._routes(realm)]

    def _routes(self, realm: Realm) -> list[web.RouteDef]:
        place = f"/{realm}"
        return [
            web.get(f"{place}/sign-in", self.for_everybody(lambda request: self._begin(realm), realm)),
            web.get(f"{place}/signed-in", self.for_everybody(lambda request: self._finish(request, realm), realm)),
            web.post(f"{place}/sign-out", self.open_to(realm, self._end)),
            web.get(f"{place}/signed-out", self.for_everybody(lambda request: self._ended(realm), realm)),
        ]

    # Guards

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

    # Signing in and out

    async def _begin(self, realm: Realm) -> web.StreamResponse:
        provider, attempt = self._provider(realm), flow.new_attempt()
        response = web.Response(status=303)
        response.headers["Location"] = await flow.begin(provider, attempt, self._back(realm))
        self._room.sessions.keep_attempt(response, realm, attempt, self._room.now())
        return response

    async def _finish(self, request: web.Request, realm: Realm) -> web.StreamResponse:
        provider, now = self._provider(realm), self._room.now()
        attempt = self._room.sessions.take_attempt(request, realm, now)
        if attempt is None:
            raise SignInError("这次登录不是从本页面发起的，或者已经超时。")
        who = await self._who(provider, realm, attempt, dict(request.query))
        await self._room.reading(self._note, realm, who)
        before = self._room.sessions.opened(request, realm, now)
        session = self._room.sessions.start(realm, who, now, before)
        response = web.Response(status=303, headers={"Location": f"/{realm}"})
        if before is not None:
            self._room.sessions.end(response, before.session, now)
        self._room.sessions.drop_attempt(response, realm)
        self._room.sessions.keep(response, session, now)
        return response

    async def _who(
        self, provider: Provider, realm: Realm, attempt: flow.Attempt, answer: Mapping[str, str]
    ) -> Person | Clerk:
        settings = self._room.settings
        company = settings.company if realm is Realm.COMPANY else None
        if company is not None:
            wanted = (company.subject_claim, company.name_claim, *company.required)
            return person_of(await flow.finish(provider, attempt, answer, self._back(realm), wanted), company)
        staff = settings.staff
        assert staff is not None  # its provider was there
        wanted = (staff.unit_claim, staff.name_claim, staff.role_claim)
        claims = await flow.finish(provider, attempt, answer, self._back(realm), wanted)
        return clerk_of(claims, staff, self._room.office)

    def _note(self, realm: Realm, who: Person | Clerk) -> None:
        with writing(self._room.engine) as connection:
            append(
                connection,
                at=self._room.now(),
                actor=who.actor,
                purpose="网上办理" if realm is Realm.COMPANY else "窗口办理",
                action="portal.sign-in",
                target=f"/{realm}",
                detail="、".join(who.subjects) if isinstance(who, Person) else who.unit,
            )

    async def _end(self, asked: Asked) -> web.StreamResponse:
        realm = asked.session.realm
        response = web.Response(status=303, headers={"Location": f"/{realm}/signed-out"})
        self._room.sessions.end(response, asked.session, self._room.now())
        return response

    async def _ended(self, realm: Realm) -> web.StreamResponse:
        return self._room.page("signed_out.html", realm=realm, elsewhere=await self._end_elsewhere(realm))

    async def _end_elsewhere(self, realm: Realm) -> str | None:
        """Where the provider's own session can be ended (RP-initiated logout): a link, so that it is one's choice."""
        provider = self._room.provider(realm)
        try:
            address = None if provider is None else (await provider.metadata()).end_session_endpoint
        except SignInError:
            return None
        if provider is None or address is None:
            return None
        back = {
            "client_id": provider.settings.client_id,
            "post_logout_redirect_uri": f"{self._room.settings.base_url}/{realm}",
        }
        return f"{address}{'&' if '?' in address else '?'}{urlencode(back)}"

    def _provider(self, realm: Realm) -> Provider:
        provider = self._room.provider(realm)
        if provider is None:
            raise Refused(_NOT_SET_UP)
        return provider

    def _back(self, realm: Realm) -> str:
        return f"{self._room.settings.base_url}/{realm}/signed-in"


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
_NOT_SET_UP = Problem(
    503,
    "SIGN_IN_NOT_SET_UP",
    "还不能登录",
    "本系统还没有接入统一身份认证平台。",
    "请先到信用办窗口办理；管理人员请按 docs/serving.md 填写 portal.toml。",
)
