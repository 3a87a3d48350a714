"""A library of the demo's fictional texts, and the staff chat over it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

import bot.demo
from bot.channels.web import Service, WebSettings, alone
from index.policies.library import Library
from verify.validity import SHANGHAI

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=SHANGHAI)
POLICIES = Path(bot.demo.__file__).parent / "data" / "policies"


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library(tmp_path_factory.mktemp("home") / "library")
    library.add_files(sorted(POLICIES.iterdir()))
    return library


@pytest.fixture(scope="session")
def home(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library.folder.parent  # the folder that the fixture above has chosen


@pytest.fixture
def chat(home: Path) -> Service:
    return Service(WebSettings(home / "library", home / "search", home / "questions.db", lambda: NOW, verify_page="/v"))


@pytest.fixture
async def client(chat: Service, aiohttp_client: Callable[..., Awaitable[TestClient]]) -> TestClient:
    return await aiohttp_client(alone(chat))
