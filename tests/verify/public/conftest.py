"""A published folder and the service over it.

The processes that read files are the same for all tests of the room, as they are for all requests of a service: to
start them takes longer than most tests.
"""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from tests.verify.public.published import NOW, Published, publish
from verify.documents.workers import Readers
from verify.public.app import PublicSettings, build

Serving = Callable[..., Awaitable[TestClient]]


class Lasting(Readers):
    """``closings``: how often somebody wanted to end them."""

    closings = 0

    def close(self) -> None:
        self.closings += 1


@pytest.fixture(scope="session")
def lasting() -> Iterator[Lasting]:
    readers = Lasting(4)
    yield readers
    Readers.close(readers)


@pytest.fixture(autouse=True)
def shared_readers(lasting: Lasting, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("app", "batch"):
        monkeypatch.setattr(f"verify.public.{module}.Readers", lambda count: lasting)


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return publish(tmp_path / "public")


@pytest.fixture
def serving(published: Published, aiohttp_client: Callable[..., Awaitable[TestClient]]) -> Serving:
    """``await serving(clock=…, typed=…)``: a client of the service with those settings."""

    async def serve(**changes: object) -> TestClient:
        settings: dict[str, object] = {"folder": published.folder, "clock": lambda: NOW, **changes}
        return await aiohttp_client(build(PublicSettings(**settings)))

    return serve


@pytest.fixture
async def client(serving: Serving) -> TestClient:
    return await serving()
