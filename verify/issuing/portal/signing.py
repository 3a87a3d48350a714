"""Signing in and out, at the two doors.

    GET  /apply/sign-in, /desk/sign-in        to the provider
    GET  /apply/signed-in, /desk/signed-in    back from it (the registered redirect URI)
    POST /apply/sign-out, /desk/sign-out      ends the session; offers to end the provider's too
    GET  /apply/signed-out, /desk/signed-out

Rules kept:
* Nobody is sent to an address that came with the request. The two realms have redirect URIs of their own.
* Who signed in stands in the audit log before the session begins.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web

from index.audit import append
from index.store.engine import writing
from verify.issuing.portal.claims import Clerk, Person, clerk_of, person_of
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.gate import Gate
from verify.issuing.portal.oidc import flow
from verify.issuing.portal.oidc.errors import SignInError
from verify.issuing.portal.oidc.provider import Provider
from verify.issuing.portal.room import Room
from verify.issuing.portal.settings import Realm
from verify.public.problems import Problem, Refused


class SignIn:
    """The pages that begin and end a session."""

    def __init__(self, room: Room, gate: Gate) -> None:
        self._room = room
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        return [route for realm in Realm for route in self._routes(realm)]

    def _routes(self, realm: Realm) -> list[web.RouteDef]:
        place, anybody = f"/{realm}", self._gate.for_everybody
        return [
            web.get(f"{place}/sign-in", anybody(lambda request: self._begin(realm), realm)),
            web.get(f"{place}/signed-in", anybody(lambda request: self._finish(request, realm), realm)),
            web.post(f"{place}/sign-out", self._gate.open_to(realm, self._end)),
            web.get(f"{place}/signed-out", anybody(lambda request: self._ended(realm), realm)),
        ]

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


_NOT_SET_UP = Problem(
    503,
    "SIGN_IN_NOT_SET_UP",
    "还不能登录",
    "本系统还没有接入统一身份认证平台。",
    "请先到信用办窗口办理；管理人员请按 docs/serving.md 填写 portal.toml。",
)
