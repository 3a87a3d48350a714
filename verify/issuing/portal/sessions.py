"""Who is signed in, kept in a sealed cookie: nothing about a person is stored on the server.

Rules kept:
* It is a sealed cookie (``sealed``).
* It ends 20 minutes after it was last used and 8 hours after the sign-in; signing out ends its copies too, as long as
  the service runs. Decision: docs/decisions/0152.
* Every sign-in makes a new session: what a browser held before is never continued, only the form token of the same
  person, so that a form filled in before the end can still be sent.

Source: OWASP session management; RFC 6265bis (prefixes, SameSite); RFC 9700 §4.7 (CSRF).
"""

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from verify.issuing.portal.claims import Clerk, Person
from verify.issuing.portal.oidc.flow import Attempt
from verify.issuing.portal.sealed import Attempts, Sealed, Spent, cookie_name, drop_cookie, set_cookie
from verify.issuing.portal.settings import Realm, Task

IDLE = timedelta(minutes=20)
LONGEST = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. ``subject``: the code a company's person acts for now; empty until chosen."""

    realm: Realm
    number: str
    token: str
    """Every form of this session carries it."""
    began: datetime
    who: Person | Clerk
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """``fresh`` False: authentic, but over."""

    session: Session
    fresh: bool


class Sessions:
    """Seals and opens. Every function that needs it takes the moment."""

    def __init__(self, key: bytes) -> None:
        self._sealed = Sealed(key)
        self._attempts = Attempts(self._sealed)
        self._ended = Spent(LONGEST)

    # Sessions

    def start(self, realm: Realm, who: Person | Clerk, now: datetime, before: Opened | None) -> Session:
        """A new session. ``before``: what this browser held."""
        same = before is not None and before.session.realm is realm and before.session.who.identifier == who.identifier
        token = before.session.token if same and before is not None else secrets.token_urlsafe(24)
        subject = who.subjects[0] if isinstance(who, Person) and len(who.subjects) == 1 else ""
        return Session(realm, secrets.token_urlsafe(24), token, now, who, subject)

    def keep(self, response: web.StreamResponse, session: Session, now: datetime) -> None:
        """Sends the session with ``response``, as used just now."""
        set_cookie(response, cookie_name(session.realm), self._sealed.seal(_session_values(session), now))

    def opened(self, request: web.Request, realm: Realm, now: datetime) -> Opened | None:
        """What the request's cookie says; None when there is none of ours, or it was ended."""
        found = self._sealed.opened(request.cookies.get(cookie_name(realm), ""), now)
        if found is None:
            return None
        values, used = found
        try:
            session = _session(values)
        except (KeyError, TypeError, ValueError):  # a sign-in under way, or of another version of this program
            return None
        if session.realm is not realm or session.number in self._ended:
            return None
        return Opened(session, now - used <= IDLE and timedelta() <= now - session.began <= LONGEST)

    def end(self, response: web.StreamResponse, session: Session, now: datetime) -> None:
        self._ended.add(session.number, now)
        drop_cookie(response, cookie_name(session.realm))

    # Sign-ins under way

    def keep_attempt(self, response: web.StreamResponse, realm: Realm, attempt: Attempt, now: datetime) -> None:
        self._attempts.keep(response, realm.value, attempt, now)

    def take_attempt(self, request: web.Request, realm: Realm, now: datetime) -> Attempt | None:
        """The sign-in this browser began, once."""
        return self._attempts.take(request, realm.value, now)

    def drop_attempt(self, response: web.StreamResponse, realm: Realm) -> None:
        self._attempts.drop(response, realm.value)


def acting_for(session: Session, code: str) -> Session:
    """The session, now for one of the person's subjects. Raises LookupError for any other code."""
    if not isinstance(session.who, Person) or code not in session.who.subjects:
        raise LookupError(code)
    return replace(session, subject=code)


def _session_values(session: Session) -> dict[str, Any]:
    who = asdict(session.who)
    if isinstance(session.who, Clerk):
        who["tasks"] = sorted(session.who.tasks)
    return asdict(session) | {"realm": session.realm.value, "began": session.began.isoformat(), "who": who}


def _session(values: dict[str, Any]) -> Session:
    who, realm = values["who"], Realm(values["realm"])
    person: Person | Clerk
    if realm is Realm.COMPANY:
        person = Person(**who | {"subjects": tuple(who["subjects"])})
    else:
        person = Clerk(**who | {"tasks": frozenset(Task(task) for task in who["tasks"])})
    return Session(**values | {"realm": realm, "began": datetime.fromisoformat(values["began"]), "who": person})
