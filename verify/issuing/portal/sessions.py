"""Who is signed in, kept in a sealed cookie: nothing about a person is stored on the server.

Rules kept:
* A cookie is encrypted and authenticated (Fernet) under a key file of this service; a changed one is no cookie.
* It ends 20 minutes after it was last used and 8 hours after the sign-in; signing out ends its copies too, as long as
  the service runs. Decision: docs/decisions/0152.
* ``__Host-`` name, Secure, HttpOnly, SameSite=Lax. Every sign-in makes a new session: what a browser held before is
  never continued, only the form token of the same person, so that a form filled in before the end can still be sent.
* A sign-in under way is a cookie of its own, ten minutes long, used once.

Source: OWASP session management; RFC 6265bis (prefixes, SameSite); RFC 9700 §4.7 (CSRF).
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography.fernet import Fernet, InvalidToken

from verify.issuing.files import locked, read_private, write_private
from verify.issuing.portal.claims import Clerk, Person
from verify.issuing.portal.oidc.flow import Attempt
from verify.issuing.portal.settings import Realm, Task

IDLE = timedelta(minutes=20)
LONGEST = timedelta(hours=8)
ATTEMPT_LASTS = timedelta(minutes=10)
_KEY = "portal-key"
_COOKIE_MAX = 4000
_SPENT_MAX = 100_000


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


def session_key(keys: Path) -> bytes:
    """The key of the cookies; made when there is none yet."""
    with locked(keys):
        if not (keys / _KEY).exists():
            write_private(keys, _KEY, Fernet.generate_key())
        return read_private(keys, _KEY)


class Sessions:
    """Seals and opens. Every function that needs it takes the moment."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)
        self._ended = _Spent(LONGEST)
        self._used = _Spent(ATTEMPT_LASTS)

    # Sessions

    def start(self, realm: Realm, who: Person | Clerk, now: datetime, before: Opened | None) -> Session:
        """A new session. ``before``: what this browser held."""
        same = before is not None and before.session.realm is realm and before.session.who.identifier == who.identifier
        token = before.session.token if same and before is not None else secrets.token_urlsafe(24)
        subject = who.subjects[0] if isinstance(who, Person) and len(who.subjects) == 1 else ""
        return Session(realm, secrets.token_urlsafe(24), token, now, who, subject)

    def keep(self, response: web.StreamResponse, session: Session, now: datetime) -> None:
        """Sends the session with ``response``, as used just now."""
        _set(response, _name(session.realm), self._seal(_session_values(session), now))

    def opened(self, request: web.Request, realm: Realm, now: datetime) -> Opened | None:
        """What the request's cookie says; None when there is none of ours, or it was ended."""
        found = self._open(request.cookies.get(_name(realm), ""), now)
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
        _drop(response, _name(session.realm))

    # Sign-ins under way

    def keep_attempt(self, response: web.StreamResponse, realm: Realm, attempt: Attempt, now: datetime) -> None:
        values = {"realm": realm.value, "attempt": asdict(attempt)}
        _set(response, _name(realm, "-sign-in"), self._seal(values, now), ATTEMPT_LASTS)

    def take_attempt(self, request: web.Request, realm: Realm, now: datetime) -> Attempt | None:
        """The sign-in this browser began, once."""
        found = self._open(request.cookies.get(_name(realm, "-sign-in"), ""), now)
        if found is None or found[0].get("realm") != realm.value or now - found[1] > ATTEMPT_LASTS:
            return None
        try:
            attempt = Attempt(**found[0]["attempt"])
        except (KeyError, TypeError):
            return None
        if attempt.state in self._used:
            return None
        self._used.add(attempt.state, now)
        return attempt

    def drop_attempt(self, response: web.StreamResponse, realm: Realm) -> None:
        _drop(response, _name(realm, "-sign-in"))

    # Sealing

    def _seal(self, values: Mapping[str, Any], now: datetime) -> str:
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        return self._fernet.encrypt_at_time(text.encode(), int(now.timestamp())).decode("ascii")

    def _open(self, cookie: str, now: datetime) -> tuple[dict[str, Any], datetime] | None:
        if not 0 < len(cookie) <= _COOKIE_MAX or not cookie.isascii():
            return None
        try:
            seconds = self._fernet.extract_timestamp(cookie)
            values = json.loads(self._fernet.decrypt(cookie))
        except InvalidToken:
            return None
        return (values if isinstance(values, dict) else {}), datetime.fromtimestamp(seconds, now.tzinfo)


class _Spent:
    """What must not come again, as long as it could: for ``lasts``, and no more than a bounded number, oldest first."""

    def __init__(self, lasts: timedelta) -> None:
        self._lasts = lasts
        self._names: dict[str, datetime] = {}

    def add(self, name: str, now: datetime) -> None:
        self._names[name] = now
        while len(self._names) > _SPENT_MAX or now - next(iter(self._names.values())) > self._lasts:
            del self._names[next(iter(self._names))]

    def __contains__(self, name: str) -> bool:
        return name in self._names


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


def _name(realm: Realm, suffix: str = "") -> str:
    return f"__Host-chenghe-{realm.value}{suffix}"


def _set(response: web.StreamResponse, name: str, value: str, lasts: timedelta | None = None) -> None:
    seconds = None if lasts is None else int(lasts.total_seconds())
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax")


def _drop(response: web.StreamResponse, name: str) -> None:
    response.del_cookie(name, path="/", secure=True, httponly=True, samesite="Lax")
