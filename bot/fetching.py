"""Published files fetched from a verification site, for whoever has no copy of its folder.

* One connection, kept open; a time limit for every wait; at most ``FILE_LIMIT_BYTES`` of a file are read.
* A site that says "not so fast" (429) is obeyed and asked again, a few times.
* Redirects are not followed: the address is the issuer's own, and what is fetched is proven, not trusted.
"""

import http.client
import time
from urllib.parse import urlsplit

from bot.errors import UsageError
from verify.transparency.evidence import FILE_LIMIT_BYTES

SECONDS = 20
PATIENCE, WAIT_SECONDS_MAX = 5, 30
_OK, _NOT_FOUND, _TOO_FAST = 200, 404, 429


class Site:
    """``address``: ``https://verify.example.gov.cn``. Raises UsageError for anything that is no such address."""

    def __init__(self, address: str) -> None:
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if host is None or parts.scheme not in ("https", "http") or parts.query or parts.fragment:
            raise UsageError(
                f"看不懂网址“{address}”。",
                next_step="请写成 https://verify.example.gov.cn 这样的形式。",
                code="ADDRESS",
            )
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(host, port, timeout=SECONDS)
        self._base = parts.path.rstrip("/")

    def read(self, path: str) -> bytes | None:
        """None when the site says that there is no such file. Raises OSError when it does not answer as it should."""
        try:
            try:
                return self._ask(path)
            except http.client.RemoteDisconnected:  # a kept connection that the site has closed meanwhile
                self._connection.close()
                return self._ask(path)
        except (http.client.HTTPException, UnicodeError) as error:  # no whole answer; a host name that is none
            self._connection.close()
            raise OSError(f"应答不完整：{type(error).__name__}") from error

    def close(self) -> None:
        self._connection.close()

    def _ask(self, path: str) -> bytes | None:
        for _ in range(PATIENCE):
            status, content, wait = self._answer(path)
            if status != _TOO_FAST:
                break
            time.sleep(min(int(wait) if wait.isdecimal() else 1, WAIT_SECONDS_MAX))
        if status == _NOT_FOUND:
            return None
        if status != _OK:
            raise OSError(f"HTTP {status}")
        return content

    def _answer(self, path: str) -> tuple[int, bytes, str]:
        self._connection.request("GET", f"{self._base}/{path}")
        with self._connection.getresponse() as answer:
            content = answer.read(FILE_LIMIT_BYTES + 1)
        if len(content) > FILE_LIMIT_BYTES:
            self._connection.close()
        return answer.status, content, answer.headers.get("Retry-After", "")
