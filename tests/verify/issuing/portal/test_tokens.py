"""Answers verify/issuing/portal/oidc/tokens.py: each rule of an ID token broken by itself."""

import hmac
import json
import warnings
from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any

import pytest
from joserfc import jwk, jws
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

from verify.issuing.portal.oidc.errors import ProviderTrouble, SignInError, UnknownKey
from verify.issuing.portal.oidc.tokens import Expected, key_set, read_id_token
from verify.validity import SHANGHAI

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=SHANGHAI)
SECONDS = int(NOW.timestamp())
EXPECTED = Expected("https://id.example", "chenghe", "n-0S6")
CLAIMS: dict[str, Any] = {
    "iss": "https://id.example",
    "aud": "chenghe",
    "sub": "p-1",
    "iat": SECONDS,
    "exp": SECONDS + 300,
    "nonce": "n-0S6",
}
KEY = jwk.generate_key("RSA", 2048, auto_kid=True)


def signed(claims: dict[str, Any], header: dict[str, Any] | None = None, key: Any = KEY) -> str:
    whole = {"alg": "RS256", "kid": KEY.kid} | (header or {})
    told = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    registry = JWSRegistry({"x": HeaderParameter("x", "int")}, algorithms=[whole["alg"]])
    return jws.serialize_compact(whole, json.dumps(told), key, registry=registry)


def b64(part: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def read(text: object, *keys: Any) -> dict[str, Any]:
    published = key_set({"keys": [key.as_dict(private=False) for key in keys or (KEY,)]})
    return read_id_token(text, published, EXPECTED, NOW)


def test_a_right_token_is_read() -> None:
    assert read(signed({"uscc": "x"}))["uscc"] == "x"
    assert read(signed({}, {"typ": "JWT"}))["sub"] == "p-1"
    assert read(signed({"aud": ["chenghe"]}))["sub"] == "p-1"
    assert read(signed({"aud": ["chenghe", "other"], "azp": "chenghe"}))["sub"] == "p-1"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["n-0S6"]},
        {"aud": "somebody-else"},
        {"aud": []},
        {"aud": None},
        {"aud": ["chenghe", "somebody-else"]},
        {"aud": ["chenghe", "somebody-else"], "azp": "somebody-else"},
        {"azp": "somebody-else"},
        {"iss": "https://id.example/"},
        {"iss": ["https://id.example"]},
        {"iss": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": SECONDS - 61},
        {"iat": None},
        {"iat": SECONDS + 61},
        {"iat": SECONDS - 3600},
        {"nbf": SECONDS + 300},
        {"sub": None},
        {"sub": ""},
        {"sub": "a" * 256},
        {"sub": "a\u202eb"},
        {"sub": 7},
    ],
)
def test_one_wrong_claim_is_enough(claims: dict[str, Any]) -> None:
    with pytest.raises(SignInError):
        read(signed(claims))


def test_a_clock_a_minute_off_is_forgiven() -> None:
    assert read(signed({"exp": SECONDS - 59, "iat": SECONDS + 59}))


@pytest.mark.parametrize("header", [{"typ": "at+jwt"}, {"typ": "logout+jwt"}, {"crit": ["x"], "x": 1}])
def test_a_token_of_another_type_or_with_unknown_rules_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(SignInError):
        read(signed({}, header))


def test_an_unsigned_token_is_refused() -> None:
    parts = [b64({"alg": "none"}), b64(CLAIMS)]
    for text in (".".join([*parts, ""]), signed({}).rpartition(".")[0] + ".", ".".join(parts)):
        with pytest.raises(SignInError):
            read(text)


def test_the_public_key_as_a_shared_secret_is_refused() -> None:
    """HS256 under the bytes of the public key (RFC 8725 §2.1)."""
    secret = jwk.import_key(KEY.as_dict(private=False)).as_pem(private=False)
    body = f"{b64({'alg': 'HS256', 'kid': KEY.kid})}.{b64(CLAIMS)}"
    mark = urlsafe_b64encode(hmac.digest(secret, body.encode(), "sha256")).rstrip(b"=").decode()
    with pytest.raises(SignInError):
        read(f"{body}.{mark}")


def test_a_shared_secret_among_the_published_keys_is_not_taken() -> None:
    secret = jwk.generate_key("oct", 256, auto_kid=True)
    published = key_set({"keys": [secret.as_dict(private=True), KEY.as_dict(private=False)]})
    with pytest.raises(SignInError):
        read_id_token(signed({}, {"alg": "HS256", "kid": secret.kid}, secret), published, EXPECTED, NOW)


def test_another_key_under_the_same_name_is_refused() -> None:
    with pytest.raises(SignInError, match="签名不能确认"):
        read(signed({}, key=jwk.generate_key("RSA", 2048)))


def test_an_unknown_key_is_said_so_that_the_keys_can_be_fetched_again() -> None:
    with pytest.raises(UnknownKey):
        read(signed({}, {"kid": "other"}))


@pytest.mark.parametrize(
    ("kind", "size", "algorithm"), [("EC", "P-256", "ES256"), ("OKP", "Ed25519", "Ed25519"), ("RSA", 2048, "PS256")]
)
def test_the_other_good_algorithms_are_read(kind: Any, size: Any, algorithm: str) -> None:
    key = jwk.generate_key(kind, size, auto_kid=True)
    assert read(signed({}, {"alg": algorithm, "kid": key.kid}, key), key)


@pytest.mark.parametrize("text", [None, 7, "", "a.b", "a.b.c", "....", "x" * 40_000, "ä.ö.ü"])
def test_what_is_no_token_is_refused(text: object) -> None:
    with pytest.raises(SignInError):
        read(text)


def test_keys_that_cannot_be_used_are_left_out_and_none_left_is_trouble() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        short = jwk.generate_key("RSA", 1024, auto_kid=True)
    for keys in ([], [short.as_dict(private=False)], [{"kty": "RSA"}], [{"kty": "PQ"}], [7], "keys", None, [{}] * 65):
        with pytest.raises(ProviderTrouble):
            key_set({"keys": keys})
    encryption = KEY.as_dict(private=False) | {"use": "enc"}
    with pytest.raises(ProviderTrouble):
        key_set({"keys": [encryption]})
