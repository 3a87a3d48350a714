"""A disk that is full, a file that cannot be opened: said once, nothing lost, and on it goes."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.post.working import LOCK_AGAIN_SECONDS, Post
from index.errors import StoreError
from tests.bot.post.at_work import at_work, books, slow, texts, until
from tests.bot.post.simple import SimplePlatform, incoming
from tests.bot.post.timeless import run

STOPS, GOES_ON = "the post office stands still", "the post office goes on"


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().partition(":")[0] for record in caplog.records if record.name == "chenghe.post"]


def test_a_lock_file_that_cannot_be_made_yet_is_made_later_and_told_meanwhile(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        (tmp_path / "messages.db.post").mkdir()
        async with books(tmp_path) as office:
            post = Post(office, [platform], slow(0.0))
            running = asyncio.create_task(post.run())
            await post.receive(incoming("1"))
            await asyncio.sleep(LOCK_AGAIN_SECONDS * 3.5)
            assert "messages.db.post" in office.trouble
            (tmp_path / "messages.db.post").rmdir()
            await until(lambda: len(platform.taken) == 1)
            assert office.trouble == ""
            await post.drain()
            await running

    platform = SimplePlatform()
    run(main())
    assert said(caplog) == [STOPS, GOES_ON]


def test_a_post_office_that_cannot_begin_stops_when_told(tmp_path: Path) -> None:
    async def main() -> None:
        (tmp_path / "messages.db.post").mkdir()
        async with at_work(tmp_path, SimplePlatform()):
            await asyncio.sleep(LOCK_AGAIN_SECONDS / 2)

    run(main())


def test_when_the_disk_is_back_it_is_known_without_a_new_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        full = [True]

        def refuse(*_: Any) -> None:
            if full[0]:
                raise StoreError("磁盘空间不足。", next_step="请清理磁盘。", code="STORE_FULL")

        async with books(tmp_path) as office:
            event.listen(office._commits._engine, "begin", refuse)
            post = Post(office, [SimplePlatform()], slow(0.0))
            running = asyncio.create_task(post.run())
            await asyncio.sleep(300)
            assert "STORE_FULL" in office.trouble
            full[0] = False
            await until(lambda: not office.trouble)
            await post.drain()
            await running

    run(main())
    assert said(caplog) == [STOPS, GOES_ON]


def test_what_can_be_read_only_is_still_a_trouble(tmp_path: Path) -> None:
    async def main() -> None:
        async with books(tmp_path) as office:
            office._commits.trouble.begins("STORE_FULL")
            await office.counts()
            assert office.trouble == "STORE_FULL"
            await office.probe()
            assert office.trouble == ""
            assert await office.waiting() == []

    run(main())


def test_a_disk_that_refuses_for_a_while_loses_nothing_and_what_is_not_kept_is_not_acknowledged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        full = False

        def refuse(*_: Any) -> None:
            if full:
                raise StoreError("磁盘空间不足。", next_step="请清理磁盘。", code="STORE_FULL")

        async with books(tmp_path) as office:
            event.listen(office._commits._engine, "begin", refuse)
            post = Post(office, [platform], slow(1.0))
            running = asyncio.create_task(post.run())
            await post.receive(incoming("1", "甲"))
            await asyncio.sleep(0.5)
            full = True
            with pytest.raises(StoreError):
                await post.receive(incoming("2", "乙"))
            await asyncio.sleep(100)
            full = False
            await until(lambda: len(platform.taken) == 1, 60)
            await post.drain()
            await running

    platform = SimplePlatform()
    run(main())
    assert texts(platform) == ["答：甲"]
    assert said(caplog) == [STOPS, GOES_ON]
