"""A browser as the tests need it: cookies, redirects followed by hand, forms with the token of their page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

import aiohttp
from yarl import URL

TOKEN = re.compile(r'name="token" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    body: bytes
    headers: Mapping[str, str]
    address: str

    @property
    def token(self) -> str:
        found = TOKEN.search(self.text)
        assert found, self.text
        return unescape(found[1])

    def field(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, self.text
        return unescape(found[1])


class Browser:
    """At ``origin``; ``get`` and ``post`` follow redirects within it."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=[origin])  # type: ignore[list-item]
        self.session = aiohttp.ClientSession(cookie_jar=self.jar)

    async def close(self) -> None:
        await self.session.close()

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self.close()

    def copy(self) -> "Browser":
        """Another one with the same cookies: what a thief would hold."""
        other = Browser(self.origin)
        for cookie in self.jar:
            other.set_cookie(cookie.key, cookie.value)
        return other

    def set_cookie(self, name: str, value: str) -> None:
        self.jar.update_cookies({name: value}, response_url=URL(self.origin))

    def cookie(self, name: str) -> str:
        return next((cookie.value for cookie in self.jar if cookie.key == name), "")

    async def get(self, path: str, *, follow: bool = True, **headers: str) -> Answer:
        return await self._ask("GET", path, follow=follow, headers=headers)

    async def post(self, path: str, fields: Any, *, follow: bool = True, **headers: str) -> Answer:
        sent = {"Origin": self.origin} | headers
        return await self._ask("POST", path, data=fields, follow=follow, headers=sent)

    async def _ask(self, method: str, path: str, *, follow: bool, **sent: Any) -> Answer:
        address = path if path.startswith("http") else f"{self.origin}{path}"
        async with self.session.request(method, address, allow_redirects=False, **sent) as answer:
            body = await answer.read()
            text = body.decode("utf-8", "replace")
            headers, status = dict(answer.headers), answer.status
        target = headers.get("Location", "")
        if follow and status == 303 and target.startswith("/"):
            return await self._ask("GET", target, follow=True)
        return Answer(status, text, body, headers, address)

    async def sent_to(self, realm: str) -> str:
        """Where signing in leads."""
        answer = await self.get(f"/{realm}/sign-in", follow=False)
        assert answer.status == 303, answer.text
        return answer.headers["Location"]

    async def back_from(self, authorize: str, sub: str) -> str:
        """Signs in at the mock; the address it sends the browser back to."""
        answer = await self._ask("POST", authorize, data={"sub": sub}, follow=False)
        assert answer.status == 302, answer.text
        return answer.headers["Location"]

    async def sign_in(self, realm: str, sub: str) -> Answer:
        return await self.get(await self.back_from(await self.sent_to(realm), sub))
