"""A provider that misbehaves on purpose, in process: it signs what it is told to, and checks PKCE strictly."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwk, jws
from joserfc.jws import JWSRegistry


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Hostile:
    """``claims``, ``header`` change the ID token, ``discovery`` the document; ``answer`` replaces an answer whole."""

    moment: datetime
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    answer: dict[str, web.Response] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: jwk.generate_key("RSA", 2048, auto_kid=True))
    sign_with: Any = None
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    issuer: str = ""

    def authorize(self, address: str) -> str:
        """A person consents; where the browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    async def document(self, request: web.Request) -> web.Response:
        self.asked.append("discovery")
        if "discovery" in self.answer:
            return self.answer["discovery"]
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        }
        return web.json_response({name: value for name, value in (document | self.discovery).items() if value})

    async def keys(self, request: web.Request) -> web.Response:
        self.asked.append("jwks")
        if "jwks" in self.answer:
            return self.answer["jwks"]
        return web.json_response({"keys": [self.key.as_dict(private=False)]})

    async def token(self, request: web.Request) -> web.Response:
        if "token" in self.answer:
            return self.answer["token"]
        sent = await request.post()
        asked = self.codes.pop(str(sent["code"]), None)
        if asked is None or b64(sha256(str(sent["code_verifier"]).encode()).digest()) != asked["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        assert asked["code_challenge_method"] == "S256"
        assert sent["redirect_uri"] == asked["redirect_uri"]
        return web.json_response({"access_token": "a", "token_type": "Bearer", "id_token": self.id_token(asked)})

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(self.moment.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "sub": "p-1",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "uscc": "91320902MA1EX0M1XB",
            "name": "王示例",
            "real_name": "verified",
        }
        told = {name: value for name, value in (claims | self.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        if header["alg"] == "none":
            return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(told).encode())}."
        registry = JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        return jws.serialize_compact(header, json.dumps(told), self.sign_with or self.key, registry=registry)

    async def told(self, request: web.Request) -> web.Response:
        return web.json_response(self.userinfo or {"sub": "p-1"})


@asynccontextmanager
async def hostile_provider(moment: datetime) -> AsyncIterator[Hostile]:
    provider = Hostile(moment)
    app = web.Application()
    app.add_routes(
        [
            web.get("/.well-known/openid-configuration", provider.document),
            web.get("/jwks", provider.keys),
            web.post("/token", provider.token),
            web.get("/userinfo", provider.told),
        ]
    )
    async with TestServer(app, host="127.0.0.1") as server:
        provider.issuer = f"http://127.0.0.1:{server.port}"
        yield provider
