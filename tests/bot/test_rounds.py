"""Answers bot/rounds.py: done at the start, again each hour, and a refusal of the database ends nothing."""

import asyncio
import logging
import threading

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy.exc import DatabaseError

from bot.rounds import Rounds
from index.errors import StoreError


async def test_each_act_is_done_at_the_start_and_again_whatever_another_one_meets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done, enough = [], asyncio.Event()
    loop = asyncio.get_running_loop()

    def refused() -> None:
        raise StoreError("磁盘空间不足。", next_step="请清理磁盘。", code="STORE_FULL")

    def act() -> None:
        done.append(threading.current_thread() is threading.main_thread())
        if len(done) == 3:
            loop.call_soon_threadsafe(enough.set)

    app = web.Application()
    Rounds((refused, act), every_seconds=0.0).mount(app)
    with caplog.at_level(logging.ERROR):
        async with TestServer(app), asyncio.timeout(60):
            await enough.wait()
    assert not any(done), "nobody waits for the disk"
    assert "STORE_FULL 磁盘空间不足。请清理磁盘。" in caplog.text


async def test_a_fault_of_ours_ends_neither_the_rounds_nor_the_closing_of_the_service(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done, enough, closed = [], asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def faulty() -> None:
        raise DatabaseError("SELECT", {}, OSError("database disk image is malformed"))

    def act() -> None:
        done.append(True)
        if len(done) == 2:
            loop.call_soon_threadsafe(enough.set)

    async def close(app: web.Application) -> None:
        closed.append(True)

    app = web.Application()
    Rounds((faulty, act), every_seconds=0.0).mount(app)
    app.on_cleanup.append(close)
    async with TestServer(app), asyncio.timeout(60):
        await enough.wait()
    assert closed == [True]
    assert "malformed" in caplog.text


async def test_the_end_waits_for_the_act_under_way() -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), []

    def act() -> None:
        begun.set()
        go_on.wait(60)
        ended.append(True)

    app = web.Application()
    Rounds((act,)).mount(app)
    server = TestServer(app)
    await server.start_server()
    await asyncio.to_thread(begun.wait, 60)
    closing = asyncio.create_task(server.close())
    early, _ = await asyncio.wait([closing], timeout=0.2)
    assert not early
    go_on.set()
    await closing
    assert ended == [True]
