"""Signing in by authorization code with PKCE: how a sign-in begins, and what its answer must be to end well.

    1 begin    state, nonce and code verifier, random each time, kept by the caller for this browser alone
    2 answer   same state; no error; the issuer, where it names itself; one code
    3 redeem   code and verifier at the token endpoint, over our own connection
    4 check    the ID token (``tokens``); claims it lacks come from userinfo of the same ``sub``

Source: OpenID Connect Core 1.0 §3.1; RFC 7636 (S256); RFC 9207; RFC 9700 §2.1, §4.4, §4.7.
"""

import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode

from verify.issuing.portal.oidc.errors import NotAccepted, ProviderTrouble, SignInError
from verify.issuing.portal.oidc.provider import Metadata, Provider

CODE_MAX = 4096
RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way."""

    state: str
    nonce: str
    verifier: str


def new_attempt() -> Attempt:
    return Attempt(*(secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3)))


async def begin(provider: Provider, attempt: Attempt, redirect_uri: str) -> str:
    """The address to send the browser to. Raises ProviderTrouble."""
    metadata = await provider.metadata()
    asked = {
        "response_type": "code",
        "client_id": provider.settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(provider.settings.scopes),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge(attempt.verifier),
        "code_challenge_method": "S256",
    }
    separator = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{separator}{urlencode(asked)}"


async def finish(
    provider: Provider, attempt: Attempt, answer: Mapping[str, str], redirect_uri: str, wanted: Collection[str]
) -> dict[str, Any]:
    """The claims about who signed in. Raises SignInError."""
    metadata = await provider.metadata()
    code = code_in(answer, attempt, provider.settings.issuer, metadata.names_itself)
    tokens = await _redeemed(provider, metadata, code, attempt.verifier, redirect_uri)
    claims = await provider.id_token(tokens.get("id_token"), attempt.nonce)
    if metadata.userinfo_endpoint and set(wanted) - set(claims):
        told = await provider.fetcher.get(metadata.userinfo_endpoint, authorization=f"Bearer {_access_token(tokens)}")
        if told.get("sub") != claims["sub"]:
            raise SignInError("认证平台两次给出的登录人不一致。")
        return told | claims
    return claims


def challenge(verifier: str) -> str:
    """S256 of RFC 7636."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def code_in(answer: Mapping[str, str], attempt: Attempt, issuer: str, names_itself: bool) -> str:
    """The authorization code. Raises SignInError for an answer to somebody else's request, or a refusal."""
    if not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
        raise SignInError("这次登录不是从本页面发起的，没有受理。")
    if ("iss" in answer or names_itself) and answer.get("iss") != issuer:
        raise SignInError("登录结果来自另一个认证平台，没有受理。")
    if answer.get("error") == "access_denied":
        raise SignInError(
            "您在认证平台取消了登录。", next_step="需要办理时，请回到首页重新登录。", code="SIGN_IN_CANCELLED"
        )
    code = answer.get("code", "")
    if "error" in answer or not 0 < len(code) <= CODE_MAX or not code.isprintable():
        raise SignInError("认证平台没有完成登录。")
    return code


async def _redeemed(
    provider: Provider, metadata: Metadata, code: str, verifier: str, redirect_uri: str
) -> dict[str, Any]:
    client_id, secret = provider.settings.client_id, provider.settings.client_secret
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    basic = _basic(client_id, secret) if secret is not None and metadata.takes_basic else None
    if basic is None:
        fields |= {"client_id": client_id} if secret is None else {"client_id": client_id, "client_secret": secret}
    try:
        return await provider.fetcher.post(metadata.token_endpoint, fields, authorization=basic)
    except ProviderTrouble as trouble:
        if trouble.status in (400, 401):  # RFC 6749 §5.2
            raise NotAccepted from trouble
        raise


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749 §2.3.1: both are form-encoded first."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {b64encode(pair.encode('ascii')).decode('ascii')}"


def _access_token(tokens: Mapping[str, Any]) -> str:
    token = tokens.get("access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise ProviderTrouble("没有给出访问令牌")
    return token
