"""Cookies that only this service can write or read, and the sign-in under way that one of them holds. No session yet.

Rules kept:
* A cookie is encrypted and authenticated (Fernet); a changed one is no cookie. ``__Host-`` name, Secure, HttpOnly,
  SameSite=Lax.
* A sign-in under way is ten minutes long, and used once.

Source: OWASP session management; RFC 6265bis (prefixes, SameSite); RFC 9700 §4.7 (CSRF).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography.fernet import Fernet, InvalidToken

from verify.issuing.files import locked, read_private, write_private
from verify.issuing.portal.oidc.flow import Attempt

ATTEMPT_LASTS = timedelta(minutes=10)
_KEY = "portal-key"
_COOKIE_MAX = 4000
_SPENT_MAX = 100_000


def session_key(keys: Path) -> bytes:
    """The key of the cookies; made when there is none yet."""
    with locked(keys):
        if not (keys / _KEY).exists():
            write_private(keys, _KEY, Fernet.generate_key())
        return read_private(keys, _KEY)


class Sealed:
    """Values as texts that say nothing to anybody else. Every function that needs it takes the moment."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)

    def seal(self, values: Mapping[str, Any], now: datetime) -> str:
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        return self._fernet.encrypt_at_time(text.encode(), int(now.timestamp())).decode("ascii")

    def opened(self, cookie: str, now: datetime) -> tuple[dict[str, Any], datetime] | None:
        """The values, and when they were sealed."""
        if not 0 < len(cookie) <= _COOKIE_MAX or not cookie.isascii():
            return None
        try:
            seconds = self._fernet.extract_timestamp(cookie)
            values = json.loads(self._fernet.decrypt(cookie))
        except InvalidToken:
            return None
        return (values if isinstance(values, dict) else {}), datetime.fromtimestamp(seconds, now.tzinfo)


class Spent:
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


class Attempts:
    """Sign-ins under way, each in its browser's cookie. ``realm``: at which door."""

    def __init__(self, sealed: Sealed) -> None:
        self._sealed = sealed
        self._used = Spent(ATTEMPT_LASTS)

    def keep(self, response: web.StreamResponse, realm: str, attempt: Attempt, now: datetime) -> None:
        values = {"realm": realm, "attempt": asdict(attempt)}
        set_cookie(response, _name(realm), self._sealed.seal(values, now), ATTEMPT_LASTS)

    def take(self, request: web.Request, realm: str, now: datetime) -> Attempt | None:
        """The sign-in this browser began, once."""
        found = self._sealed.opened(request.cookies.get(_name(realm), ""), now)
        if found is None or found[0].get("realm") != realm or now - found[1] > ATTEMPT_LASTS:
            return None
        try:
            attempt = Attempt(**found[0]["attempt"])
        except (KeyError, TypeError):
            return None
        if attempt.state in self._used:
            return None
        self._used.add(attempt.state, now)
        return attempt

    def drop(self, response: web.StreamResponse, realm: str) -> None:
        drop_cookie(response, _name(realm))


def cookie_name(realm: str) -> str:
    return f"__Host-chenghe-{realm}"


def _name(realm: str) -> str:
    return f"{cookie_name(realm)}-sign-in"


def set_cookie(response: web.StreamResponse, name: str, value: str, lasts: timedelta | None = None) -> None:
    seconds = None if lasts is None else int(lasts.total_seconds())
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax")


def drop_cookie(response: web.StreamResponse, name: str) -> None:
    response.del_cookie(name, path="/", secure=True, httponly=True, samesite="Lax")
