"""Letters on their way: tried again, given up, in order, and never faster than the platform takes them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.actions.said import Reply
from bot.channels.messages import Incoming, Limits, SendFailed
from bot.post.remembering import Memory
from tests.bot.post.at_work import at_work, books, faults, texts, until
from tests.bot.post.simple import SimplePlatform, incoming
from tests.bot.post.timeless import run


def test_a_call_that_fails_is_made_again_and_later_letters_wait_for_it(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform) as post:
            await post.receive(incoming("1", "甲"))
            await post.receive(incoming("2", "乙"))
            await until(lambda: len(platform.taken) == 2)

    busy = SendFailed("busy", 0.0)
    platform = SimplePlatform(faults=faults(busy, busy, SendFailed("too fast", 30.0)))
    run(main())
    assert texts(platform) == ["答：甲", "答：乙"]
    assert [to for to, _ in platform.called] == ["zhang"] * 5
    assert platform.called[3][1] - platform.called[2][1] >= 30.0


def test_a_fault_of_the_channel_is_a_try_that_failed(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform) as post:
            await post.receive(incoming("1"))
            await until(lambda: len(platform.taken) == 1)

    kinds: list[Any] = [KeyError("errcode"), asyncio.CancelledError(), None]
    platform = SimplePlatform(faults=lambda: kinds.pop(0))
    run(main())
    assert len(platform.called) == 3


def test_a_platform_that_never_answers_is_called_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform) as post:
            await post.receive(incoming("1"))
            await until(lambda: len(platform.called) == 1)
            await asyncio.sleep(30)
            platform.seconds = 0.0
            await until(lambda: len(platform.taken) == 1, 120)

    platform = SimplePlatform(seconds=1e6)
    run(main())


def test_what_a_platform_will_never_take_is_given_up_with_the_rest_of_the_answer_and_shown(tmp_path: Path) -> None:
    async def main() -> Any:
        async with at_work(tmp_path, platform, answer=answer) as post:
            await post.receive(incoming("1"))
            await post.receive(incoming("2"))
            await until(lambda: len(platform.taken) == 1)
        async with books(tmp_path) as office:
            return await office.counts(), await office.given_up()

    async def answer(message: Incoming, memory: Memory) -> Reply:
        return Reply("信" * 900 if message.id == "1" else "短")

    platform = SimplePlatform(faults=faults(SendFailed("60111 no such user", None)))
    (counts, shown), _ = run(main())
    assert texts(platform) == ["短"]
    assert (counts.waiting, counts.unsent, counts.given_up) == (0, 0, 2)
    assert {(each.app, each.recipient, each.fault) for each in shown} == {("office", "zhang", "60111 no such user")}


def test_an_answer_nobody_took_for_a_day_is_given_up(tmp_path: Path) -> None:
    async def main() -> Any:
        async with at_work(tmp_path, platform) as post:
            await post.receive(incoming("1"))
            await asyncio.sleep(3600 * 25)
        async with books(tmp_path) as office:
            return await office.counts()

    platform = SimplePlatform(faults=lambda: SendFailed("down", 3600.0))
    counts, _ = run(main())
    assert (counts.unsent, counts.given_up) == (0, 1)
    assert 20 < len(platform.called) < 26


def test_the_windows_of_a_platform_hold_across_a_restart(tmp_path: Path) -> None:
    async def main(ids: Sequence[str], count: int) -> None:
        async with at_work(tmp_path, platform) as post:
            for id in ids:
                await post.receive(incoming(id, id))
            await until(lambda: len(platform.taken) == count, 300)

    platform = SimplePlatform(limits=Limits(2048, per_member=((3, 60.0),)))
    _, now = run(main(["1", "2", "3"], 3))
    run(main(["4"], 4), now)
    assert platform.called[3][1] - platform.called[0][1] >= 59.0
