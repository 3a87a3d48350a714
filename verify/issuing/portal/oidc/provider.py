"""One provider as we know it: its discovery document and its keys, fetched when needed and kept for an hour.

Rules kept:
* The document is taken from the issuer's own address, and must name that very issuer; its addresses are https.
* A token with an unknown key makes us fetch the keys once more, at most once a minute: nobody makes us a hammer.
* What is fetched is checked whole before it is kept. After a failure nobody is asked for five seconds: those who wait
  are told at once, instead of one time-out after the other.

Source: OpenID Connect Discovery 1.0 §4; RFC 8414 §3.3 (issuer must match); RFC 9207 (``iss`` in the answer).
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import KeySet

from verify.issuing.portal.oidc.errors import ProviderTrouble, UnknownKey
from verify.issuing.portal.oidc.fetching import Fetcher
from verify.issuing.portal.oidc.tokens import Expected, key_set, read_id_token
from verify.issuing.portal.settings import ProviderSettings, is_secure

KEEP = timedelta(hours=1)
ASK_AGAIN = timedelta(minutes=1)
REST = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a discovery document says that we use. ``names_itself``: its answers carry ``iss``."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    takes_basic: bool
    names_itself: bool


@dataclass(frozen=True, slots=True)
class _Kept:
    metadata: Metadata
    keys: KeySet
    at: datetime


class Provider:
    """``clock``: the wall clock. One fetch at a time; others wait for it."""

    def __init__(self, settings: ProviderSettings, fetcher: Fetcher, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.fetcher = fetcher
        self._clock = clock
        self._kept: _Kept | None = None
        self._trouble: tuple[datetime, str] | None = None
        self._one = asyncio.Lock()

    async def metadata(self) -> Metadata:
        """Raises ProviderTrouble."""
        return (await self._current(KEEP)).metadata

    async def id_token(self, text: object, nonce: str) -> dict[str, Any]:
        """The claims of a token that answers ``nonce``. Raises SignInError."""
        expected = Expected(self.settings.issuer, self.settings.client_id, nonce)
        try:
            return read_id_token(text, (await self._current(KEEP)).keys, expected, self._clock())
        except UnknownKey:
            return read_id_token(text, (await self._current(ASK_AGAIN)).keys, expected, self._clock())

    async def _current(self, keep: timedelta) -> _Kept:
        async with self._one:
            if self._kept is None or not _within(self._kept.at, self._clock(), keep):
                self._kept = await self._asked()
            return self._kept

    async def _asked(self) -> _Kept:
        if self._trouble is not None and _within(self._trouble[0], self._clock(), REST):
            raise ProviderTrouble(self._trouble[1])
        try:
            return await self._fetched()
        except ProviderTrouble as trouble:
            self._trouble = self._clock(), trouble.what
            raise

    async def _fetched(self) -> _Kept:
        place = self.settings.issuer.removesuffix("/")  # Discovery §4.1
        document = await self.fetcher.get(f"{place}/.well-known/openid-configuration")
        metadata = metadata_of(document, self.settings.issuer)
        keys = key_set(await self.fetcher.get(metadata.jwks_uri))
        return _Kept(metadata, keys, self._clock())


def _within(at: datetime, now: datetime, span: timedelta) -> bool:
    return timedelta() <= now - at < span


def metadata_of(document: Mapping[str, Any], issuer: str) -> Metadata:
    """Raises ProviderTrouble when the document is another issuer's or lacks what we need."""
    if document.get("issuer") != issuer:
        raise ProviderTrouble("平台自报的名称与设置不一致")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        authorization_endpoint=_endpoint(document, "authorization_endpoint"),
        token_endpoint=_endpoint(document, "token_endpoint"),
        jwks_uri=_endpoint(document, "jwks_uri"),
        userinfo_endpoint=_optional(document, "userinfo_endpoint"),
        end_session_endpoint=_optional(document, "end_session_endpoint"),
        takes_basic=not isinstance(methods, list) or "client_secret_basic" in methods,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(document: Mapping[str, Any], name: str) -> str:
    address = document.get(name)
    if not isinstance(address, str) or not is_secure(address):
        raise ProviderTrouble("平台公布的地址不可用")
    return address


def _optional(document: Mapping[str, Any], name: str) -> str | None:
    return _endpoint(document, name) if name in document else None
