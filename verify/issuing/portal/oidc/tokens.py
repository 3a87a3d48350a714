"""Whether an ID token says what it must, signed by a key of its issuer. Pure: text, keys, expectation and moment in.

    1 form        three parts, at most 32 KB; ``typ`` absent or JWT; an asymmetric algorithm of the list
    2 key         of the provider's set, by ``kid``; RSA ≥ 2048 bits; symmetric keys were never taken into it
    3 signature
    4 iss, aud    exactly ours; with several audiences, or ``azp`` present, ``azp`` is ours
    5 exp, iat    in time, 60 seconds either way; not issued more than 10 minutes ago
    6 nonce       exactly the one we sent
    7 sub         there, at most 255 printable characters

Source: OpenID Connect Core 1.0 §3.1.3.7 (the steps); RFC 8725 (algorithms, types, keys).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import compare_digest
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jws import JWSRegistry

from verify.issuing.portal.oidc.errors import ProviderTrouble, SignInError, UnknownKey

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
TOKEN_MAX = 32 * 1024
KEYS_MAX = 64
RSA_LEAST_BITS, RSA_MOST_BITS = 2048, 8192
LEEWAY_SECONDS = 60
OLDEST_SECONDS = 600
SUBJECT_MAX = 255
_KEY_TYPES = ("RSA", "EC", "OKP")


@dataclass(frozen=True, slots=True)
class Expected:
    """Whose token, for whom, answering which request."""

    issuer: str
    client_id: str
    nonce: str


def key_set(document: Mapping[str, Any]) -> KeySet:
    """The signing keys of a JWKS; what is not one of ours to use is left out. Raises ProviderTrouble."""
    entries = document.get("keys")
    if not isinstance(entries, list) or len(entries) > KEYS_MAX:
        raise ProviderTrouble("公布的密钥清单不合规定")
    keys = [key for entry in entries if (key := _signing_key(entry)) is not None]
    if not keys:
        raise ProviderTrouble("公布的密钥清单中没有可用的签名密钥")
    return KeySet(keys)


def _signing_key(entry: object) -> Key | None:
    if not isinstance(entry, dict) or entry.get("kty") not in _KEY_TYPES or entry.get("use", "sig") != "sig":
        return None
    public = {name: value for name, value in entry.items() if name not in ("d", "p", "q", "dp", "dq", "qi", "oth")}
    if public["kty"] == "RSA" and not RSA_LEAST_BITS <= _bits(public.get("n")) <= RSA_MOST_BITS:
        return None
    try:
        return import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _bits(modulus: object) -> int:
    """About how many bits a base64url number has; a key of 2048 bits is 342 or 343 characters."""
    return len(modulus) * 6 // 8 * 8 if isinstance(modulus, str) else 0


def read_id_token(text: object, keys: KeySet, expected: Expected, now: datetime) -> dict[str, Any]:
    """The claims. Raises SignInError; UnknownKey when the key set may be out of date."""
    if not isinstance(text, str) or len(text) > TOKEN_MAX or text.count(".") != 2:
        raise SignInError("认证平台没有给出可用的登录凭据。")
    token = _verified(text, keys)  # 1–3
    if str(token.header.get("typ", "JWT")).upper() != "JWT":
        raise SignInError("登录凭据的类型不对。")
    _check_claims(token.claims, expected, int(now.timestamp()))  # 4, 5
    _check_nonce(token.claims.get("nonce"), expected.nonce)  # 6
    _check_subject(token.claims["sub"])  # 7
    return token.claims


def _verified(text: str, keys: KeySet) -> jwt.Token:
    try:
        return jwt.decode(text, keys, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))
    except InvalidKeyIdError as cause:
        raise UnknownKey from cause
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as cause:
        raise SignInError("登录凭据的签名不能确认。") from cause


def _check_claims(claims: Mapping[str, Any], expected: Expected, now: int) -> None:
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except ExpiredTokenError as cause:
        raise SignInError("登录凭据已经过期。") from cause
    except JoseError as cause:
        raise SignInError("登录凭据不是发给本系统的，或者时间不对。") from cause
    if claims["iat"] < now - OLDEST_SECONDS:
        raise SignInError("登录凭据已经过期。")
    _check_party(claims, expected.client_id)


def _check_party(claims: Mapping[str, Any], client_id: str) -> None:
    audience, party = claims["aud"], claims.get("azp")
    several = isinstance(audience, list) and len(audience) > 1
    if (several or party is not None) and party != client_id:
        raise SignInError("登录凭据不是发给本系统的，或者时间不对。")


def _check_nonce(nonce: object, expected: str) -> None:
    if not isinstance(nonce, str) or not compare_digest(nonce.encode(), expected.encode()):
        raise SignInError("登录凭据不是对这一次登录的回应。")


def _check_subject(subject: object) -> None:
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX or not subject.isprintable():
        raise SignInError("登录凭据没有写明登录人。")
