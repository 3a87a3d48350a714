"""One process after another, and two at a time: what one leaves the next takes up, and only one works."""

import asyncio
import fcntl
from pathlib import Path

import pytest

from bot.post.working import BEGUN_MAX, FAULT, LOOK_SECONDS
from tests.bot.post.at_work import at_work, slow, take_up, texts, until
from tests.bot.post.simple import SimplePlatform, incoming
from tests.bot.post.timeless import run


def test_it_is_known_after_a_restart_too(tmp_path: Path) -> None:
    async def main() -> bool:
        async with at_work(tmp_path, platform) as post:
            await post.receive(incoming("1"))
            await until(lambda: len(platform.taken) == 1)
        async with at_work(tmp_path, platform) as post:
            known = (await post.receive(incoming("1"))).known
            await asyncio.sleep(60)
        return known

    platform = SimplePlatform()
    assert run(main())[0]
    assert len(platform.taken) == 1


def test_a_message_that_ends_every_process_is_answered_in_the_end(tmp_path: Path) -> None:
    async def crash() -> None:
        async with at_work(tmp_path, platform, answer=slow(1e6)) as post:
            await post.receive(incoming("1"))
            await asyncio.sleep(1)
            raise ConnectionAbortedError

    platform = SimplePlatform()
    for _ in range(BEGUN_MAX):
        with pytest.raises(ConnectionAbortedError):
            run(crash())
    run(take_up(tmp_path, platform, slow(1e6)))
    assert texts(platform) == [FAULT]


def test_what_is_under_way_is_finished_before_stopping_and_the_rest_is_left(tmp_path: Path) -> None:
    async def main() -> float:
        async with at_work(tmp_path, platform, answer=slow(2.0)) as post:
            await post.receive(incoming("1", "甲"))
            await post.receive(incoming("2", "乙"))
            await asyncio.sleep(1.0)
            start = asyncio.get_running_loop().time()
        return asyncio.get_running_loop().time() - start

    platform = SimplePlatform()
    assert run(main())[0] < 2.0
    run(take_up(tmp_path, platform, count=2))
    assert texts(platform) == ["答：甲", "答：乙"]


def test_a_second_process_receives_and_works_only_when_the_first_has_ended(tmp_path: Path) -> None:
    async def main() -> int:
        with (tmp_path / "messages.db.post").open("a") as first:
            fcntl.flock(first.fileno(), fcntl.LOCK_EX)
            async with at_work(tmp_path, platform) as post:
                await post.receive(incoming("1"))
                await asyncio.sleep(5)
                before = len(platform.taken)
                fcntl.flock(first.fileno(), fcntl.LOCK_UN)
                await until(lambda: len(platform.taken) == 1)
        return before

    platform = SimplePlatform()
    assert run(main())[0] == 0


def test_what_another_process_receives_is_answered_by_the_one_at_work(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform):
            await asyncio.sleep(1)
            async with at_work(tmp_path, beside) as other:
                await other.receive(incoming("1"))
                await until(lambda: len(platform.taken) == 1, LOOK_SECONDS + 1)

    platform, beside = SimplePlatform(), SimplePlatform()
    run(main())
    assert beside.taken == []


def test_a_process_that_never_got_the_books_stops_when_told(tmp_path: Path) -> None:
    async def main() -> None:
        with (tmp_path / "messages.db.post").open("a") as first:
            fcntl.flock(first.fileno(), fcntl.LOCK_EX)
            async with at_work(tmp_path, SimplePlatform()) as post:
                await post.receive(incoming("1"))

    run(main())


def test_messages_of_an_app_that_is_no_more_wait_for_its_return(tmp_path: Path) -> None:
    async def crash() -> None:
        async with at_work(tmp_path, platform, answer=slow(1e6)) as post:
            await post.receive(incoming("1"))
            raise ConnectionAbortedError

    async def without() -> None:
        async with at_work(tmp_path, SimplePlatform("bureau")):
            await asyncio.sleep(60)

    platform = SimplePlatform()
    with pytest.raises(ConnectionAbortedError):
        run(crash())
    run(without())
    run(take_up(tmp_path, platform))
