"""``mock``: the PyPI package oidc-provider-mock as a process of its own. ``portal``: a service that signs in there."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from aiohttp.test_utils import TestServer

from index.rules.offices import copy_profile
from tests.verify.issuing.office import TestOffice
from tests.verify.issuing.portal.browsing import Browser, MockProvider, write_settings
from tests.verify.issuing.test_app import settings
from verify.issuing.app import build
from verify.validity import SHANGHAI


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def mock() -> Iterator[MockProvider]:
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
        process.wait(10)


def _await(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert process.poll() is None, "the provider ended"
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the provider did not start")


@asynccontextmanager
async def serving(office: TestOffice, port: int) -> AsyncIterator[Browser]:
    """A service on ``port``, and a browser at it."""
    browser = Browser(f"http://127.0.0.1:{port}")
    async with TestServer(build(settings(office)), host="127.0.0.1", port=port):
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
def city(office: TestOffice) -> TestOffice:
    """The fictional city, whose basis is in force today; its clock is the real one, as the provider's is."""
    copy_profile("yunting", office.home / "office")
    office.wall = datetime.now(SHANGHAI)
    return office


@pytest.fixture
async def portal(city: TestOffice, mock: MockProvider) -> AsyncIterator[Browser]:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    clients = (mock.client(f"{origin}/{realm}/signed-in") for realm in ("apply", "desk"))
    write_settings(city.home, origin, mock.issuer, *clients)
    async with serving(city, port) as browser:
        yield browser
