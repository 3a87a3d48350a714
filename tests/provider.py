"""The identity provider of the tests: the PyPI package oidc-provider-mock as a process of its own, and people at it.

``mock`` registers nobody by itself: a client has one redirect URI and a secret, as at a real provider.
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.ports import free_port

COMPANY_PERSON = {"uscc": "91320902MA1EX0M1XB", "name": "王示例", "real_name": "verified"}
STAFF = {"unit": "市生态环境局", "name": "李窗口", "role": ["handler"]}


@dataclass(frozen=True)
class MockProvider:
    issuer: str

    def person(self, sub: str, **claims: Any) -> str:
        """Somebody who can sign in there."""
        address = f"{self.issuer}/users/{quote(sub)}"
        body = json.dumps(claims).encode()
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"}, method="PUT")
        with urllib.request.urlopen(request, timeout=60):
            return sub

    def client(self, redirect_uri: str) -> "Client":
        """A registration with this redirect URI and no other."""
        body = json.dumps({"redirect_uris": [redirect_uri]}).encode()
        request = urllib.request.Request(
            f"{self.issuer}/oauth2/clients", body, {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            made = json.loads(answer.read())
        return Client(made["client_id"], made["client_secret"])


@dataclass(frozen=True)
class Client:
    id: str
    secret: str


@pytest.fixture(scope="session")
def mock() -> Iterator[MockProvider]:
    with running() as provider:
        yield provider


@contextmanager
def running() -> Iterator[MockProvider]:
    """The provider's process, as long as the context lasts."""
    port = free_port()
    strict = ("--require-registration", "true", "--require-nonce", "true")
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *strict]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    provider = MockProvider(f"http://127.0.0.1:{port}")
    try:
        _await(f"{provider.issuer}/.well-known/openid-configuration", process)
        yield provider
    finally:
        process.terminate()
        process.wait(60)


def _await(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(1200):
        assert process.poll() is None, "the provider ended"
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the provider did not start")


def set_up(home: Path, provider: MockProvider) -> int:
    """Registers a portal at the provider and writes its settings; the port it must be served on."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    clients = (provider.client(f"{origin}/{realm}/signed-in") for realm in ("apply", "desk"))
    write_settings(home, origin, provider.issuer, *clients)
    return port


def write_settings(home: Path, base_url: str, issuer: str, company: Client, staff: Client) -> None:
    """portal.toml for both realms at one issuer, and the secrets beside the keys."""
    keys = home / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    for name, client in (("company", company), ("staff", staff)):
        secret = keys / f"portal-{name}.secret"
        secret.touch(mode=0o600)
        secret.write_text(client.secret)
    (home / "portal.toml").write_text(
        f"""base_url = "{base_url}"

[company]
issuer = "{issuer}"
client_id = "{company.id}"
client_secret_file = "keys/portal-company.secret"
subject_claim = "uscc"
name_claim = "name"
[company.required]
real_name = ["verified"]

[staff]
issuer = "{issuer}"
client_id = "{staff.id}"
client_secret_file = "keys/portal-staff.secret"
unit_claim = "unit"
name_claim = "name"
role_claim = "role"
[staff.tasks]
issue = ["window"]
cases = ["handler"]
""",
        encoding="utf-8",
    )
