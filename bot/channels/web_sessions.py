"""Which account is signed in at the page of the chat, kept in a sealed cookie: nothing about it lies on the server.

Rules kept:
* The cookie names the account at the provider and nothing more; who that is, and whether they still are, the directory
  of staff says at each request.
* It ends 20 minutes after it was last used and 8 hours after the sign-in; signing out ends its copies too, as long as
  the service runs. As in the portal: docs/decisions/0152, 0234.
* Every sign-in makes a new session; of what a browser held before only the form token of the same account goes on, so
  that a question typed before the end can still be sent.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from aiohttp import web

from verify.issuing.portal.oidc.flow import Attempt
from verify.issuing.portal.sealed import Attempts, Sealed, Spent, cookie_name, drop_cookie, set_cookie
from verify.issuing.portal.sessions import IDLE, LONGEST

REALM = "chat"
_NAME = cookie_name(REALM)


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of ``account``. ``token``: every form of this session carries it."""

    number: str
    token: str
    began: datetime
    account: str


class Sessions:
    """Seals and opens. Every function that needs it takes the moment."""

    def __init__(self, key: bytes) -> None:
        self._sealed = Sealed(key)
        self._attempts = Attempts(self._sealed)
        self._ended = Spent(LONGEST)

    def start(self, account: str, now: datetime, before: Session | None) -> Session:
        """``before``: what this browser held."""
        same = before is not None and before.account == account
        token = before.token if same and before is not None else secrets.token_urlsafe(24)
        return Session(secrets.token_urlsafe(24), token, now, account)

    def keep(self, response: web.StreamResponse, session: Session, now: datetime) -> None:
        values = asdict(session) | {"realm": REALM, "began": session.began.isoformat()}
        set_cookie(response, _NAME, self._sealed.seal(values, now))

    def held(self, request: web.Request, now: datetime) -> Session | None:
        """The session of the request's cookie, over or not; None for none of ours, or one that was ended."""
        found = self._found(request, now)
        return None if found is None else found[0]

    def fresh(self, request: web.Request, now: datetime) -> Session | None:
        """The session, if it is not over."""
        found = self._found(request, now)
        if found is None:
            return None
        session, used = found
        return session if now - used <= IDLE and timedelta() <= now - session.began <= LONGEST else None

    def end(self, response: web.StreamResponse, session: Session, now: datetime) -> None:
        self._ended.add(session.number, now)
        drop_cookie(response, _NAME)

    def _found(self, request: web.Request, now: datetime) -> tuple[Session, datetime] | None:
        opened = self._sealed.opened(request.cookies.get(_NAME, ""), now)
        if opened is None or opened[0].pop("realm", None) != REALM:
            return None
        values, used = opened
        try:
            session = Session(**values | {"began": datetime.fromisoformat(values["began"])})
        except (KeyError, TypeError, ValueError):  # a sign-in under way, or of another version of this program
            return None
        return None if session.number in self._ended else (session, used)

    # Sign-ins under way

    def keep_attempt(self, response: web.StreamResponse, attempt: Attempt, now: datetime) -> None:
        self._attempts.keep(response, REALM, attempt, now)

    def take_attempt(self, request: web.Request, now: datetime) -> Attempt | None:
        return self._attempts.take(request, REALM, now)

    def drop_attempt(self, response: web.StreamResponse) -> None:
        self._attempts.drop(response, REALM)
