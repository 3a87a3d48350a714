"""Answers bot/channels/messaging.py: whether messages are kept, answered and sent, as /health/messages says it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot.actions.said import Reply
from bot.channels.messages import Incoming
from bot.channels.messaging import Messaging
from bot.post.remembering import Memory
from bot.post.working import Post
from index.errors import StoreError
from tests.bot.post.simple import SimplePlatform, incoming
from verify.validity import SHANGHAI

Clients = Callable[[web.Application], Awaitable[TestClient]]


async def answer(message: Incoming, memory: Memory) -> Reply:
    return Reply(f"答：{message.text}")


@dataclass
class Disk:
    """``full``: no transaction begins."""

    full: bool = False

    def refuse(self, *_: Any) -> None:
        if self.full:
            raise OperationalError("BEGIN", {}, Exception("unable to open database file"))


@dataclass
class Service:
    platform: SimplePlatform
    messaging: Messaging
    client: TestClient
    disk: Disk

    async def health(self) -> tuple[int, dict[str, Any]]:
        answered = await self.client.get("/health/messages")
        return answered.status, await answered.json()

    async def said(self, text: str) -> None:
        await self.messaging._post.receive(incoming(text, text))


@pytest.fixture
async def service(tmp_path: Path, aiohttp_client: Clients) -> AsyncIterator[Service]:
    platform, app, disk = SimplePlatform(), web.Application(), Disk()
    messaging = Messaging([platform], tmp_path / "messages.db", answer, lambda: datetime.now(SHANGHAI))
    event.listen(messaging._engine, "begin", disk.refuse)
    messaging.mount(app)
    yield Service(platform, messaging, await aiohttp_client(app), disk)
    disk.full = False


async def arrived(platform: SimplePlatform, count: int) -> None:
    async with asyncio.timeout(30):
        while len(platform.taken) < count:
            await asyncio.sleep(0.01)


async def test_health_tells_figures_while_all_is_well(service: Service) -> None:
    await service.said("甲")
    await arrived(service.platform, 1)
    status, told = await service.health()
    assert status == 200
    assert told | {"waiting": 0, "unsent": 0} == {
        "service": "messages", "ok": True, "trouble": "",
        "waiting": 0, "unsent": 0, "late": 0, "given_up": 0, "perhaps_twice": 0,
    }  # fmt: skip


async def test_books_that_cannot_be_opened_are_told_and_it_goes_on_when_they_are_back(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    await service.said("甲")
    await arrived(service.platform, 1)
    service.disk.full = True
    with pytest.raises(StoreError):
        await service.said("乙")
    status, told = await service.health()
    assert (status, told["ok"]) == (503, False)
    assert "unable to open database file" in told["trouble"]
    assert (await service.health())[0] == 503
    service.disk.full = False
    status, told = await service.health()
    assert (status, told["trouble"]) == (200, "")
    await service.said("乙")
    await arrived(service.platform, 2)
    lines = [record.levelno for record in caplog.records if record.name == "chenghe.post"]
    assert lines == [logging.ERROR, logging.WARNING]


async def test_a_post_office_that_ended_by_a_fault_is_told(
    tmp_path: Path, aiohttp_client: Clients, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(self: Post) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Post, "run", broken)
    app = web.Application()
    messaging = Messaging([SimplePlatform()], tmp_path / "messages.db", answer, lambda: datetime.now(SHANGHAI))
    messaging.mount(app)
    client = await aiohttp_client(app)
    answered = await client.get("/health/messages")
    assert answered.status == 503
    assert "RuntimeError" in (await answered.json())["trouble"]
    assert "the post office has ended" in caplog.text
