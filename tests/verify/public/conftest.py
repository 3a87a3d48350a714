"""A published folder and the service over it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from tests.verify.public.published import NOW, Published, publish
from verify.public.app import PublicSettings, build

Serving = Callable[..., Awaitable[TestClient]]


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
