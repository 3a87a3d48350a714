"""Answers bot/rounds.py: done at the start, again each hour, and a refusal of the database ends nothing."""

import asyncio
import logging
import threading

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

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
