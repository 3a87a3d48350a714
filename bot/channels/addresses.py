"""Which addresses that a message or a platform names we call: https on a listed host, and nothing else.

* A host is listed by its name (``oapi.dingtalk.com``), or with everything under it (``.dingtalk.com``).
* For tests a whole origin of this machine may be listed: ``http://127.0.0.1:8000``.
* No other scheme, no port but 443, no user name, no backslash, blank or control character: what two readers of an
  address could understand in two ways is not called. Numbers of machines are no names of hosts.

Source: OWASP Server-Side Request Forgery Prevention; ../shared/channels.md (sessionWebhook).
"""

import re
from urllib.parse import urlsplit

from bot.channels.app_settings import AppSettings

ADDRESS_CHARACTERS = 2048
_HOST = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")
_PLAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_HERE = re.compile(r"http://(127\.0\.0\.1|localhost):[0-9]{1,5}")
_READABLE = re.compile(r"[!-\[\]-~]+")
"""Printable ASCII without the backslash."""


class Hosts:
    """``listed``: checked by ``hosts_in``."""

    def __init__(self, listed: tuple[str, ...]) -> None:
        self._names = frozenset(each for each in listed if not each.startswith((".", "http:")))
        self._suffixes = tuple(each for each in listed if each.startswith("."))
        self._origins = frozenset(each for each in listed if each.startswith("http:"))

    def __contains__(self, address: object) -> bool:
        return self._holds(address, "https", "http")

    def sockets(self, address: str) -> bool:
        """Whether it is a listed address of a WebSocket."""
        return self._holds(address, "wss", "ws")

    def _holds(self, address: object, scheme: str, scheme_here: str) -> bool:
        if not isinstance(address, str) or len(address) > ADDRESS_CHARACTERS or not _READABLE.fullmatch(address):
            return False
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if parts.scheme == scheme_here:
            return f"http://{parts.netloc}" in self._origins
        plain = parts.scheme == scheme and port in (None, 443) and "@" not in parts.netloc
        return plain and _PLAIN.fullmatch(host) is not None and (host in self._names or host.endswith(self._suffixes))


def hosts_in(settings: AppSettings, field: str, default: tuple[str, ...]) -> Hosts:
    """Raises UsageError."""
    listed = settings.texts(field, default)
    for each in listed:
        if _HOST.fullmatch(each) is None and _HERE.fullmatch(each) is None:
            raise settings.wrong(field, "应是一组域名，例如 oapi.dingtalk.com")
    return Hosts(listed)
