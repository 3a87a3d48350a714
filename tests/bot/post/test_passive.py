"""An answer with the platform's own call, or by one of ours: by one of them, once."""

import asyncio
from pathlib import Path

import pytest

from bot.actions.said import Reply
from bot.channels.messages import SendFailed
from bot.post.office import Answered
from bot.post.working import Answer
from tests.bot.post.at_work import PASSIVE, at_work, books, faults, slow, texts, until, with_file
from tests.bot.post.simple import SimplePlatform, incoming
from tests.bot.post.timeless import run


def test_the_answer_goes_with_the_platforms_own_call_when_that_waits(tmp_path: Path) -> None:
    async def main() -> list[str | None]:
        async with at_work(tmp_path, platform, answer=slow(1.0)) as post:
            first = await (await post.receive(incoming("1"))).passive(4.5)
            again = await (await post.receive(incoming("1"))).passive(4.5)
            await asyncio.sleep(60)
        async with at_work(tmp_path, platform) as post:
            return [first, again, await (await post.receive(incoming("1"))).passive(4.5)]

    platform = SimplePlatform(limits=PASSIVE)
    assert run(main())[0] == ["答：有效期多久？"] * 3
    assert platform.called == []


def test_the_platform_may_call_again_while_it_still_waits(tmp_path: Path) -> None:
    async def main() -> list[str | None]:
        async with at_work(tmp_path, platform, answer=slow(7.0)) as post:
            late = await (await post.receive(incoming("1"))).passive(4.5)
            again = await (await post.receive(incoming("1"))).passive(4.5)
            await asyncio.sleep(60)
        return [late, again]

    platform = SimplePlatform(limits=PASSIVE)
    assert run(main())[0] == [None, "答：有效期多久？"]
    assert platform.called == []


@pytest.mark.parametrize(
    ("answer", "count"),
    [(slow(6.0), 1), (lambda m, t: _long(), 2), (lambda m, t: with_file(), 2)],
    ids=["late", "long", "file"],
)
def test_an_answer_that_is_late_or_more_than_one_text_goes_by_our_own_call(
    tmp_path: Path, answer: Answer, count: int
) -> None:
    async def main() -> str | None:
        async with at_work(tmp_path, platform, answer=answer) as post:
            passive = await (await post.receive(incoming("1"))).passive(4.5)
            await until(lambda: len(platform.taken) == count)
            assert await (await post.receive(incoming("1"))).passive(4.5) is None
        return passive

    platform = SimplePlatform(limits=PASSIVE)
    assert run(main())[0] is None
    assert len(platform.taken) == count


async def _long() -> Reply:
    return Reply("信" * 900)


def test_what_was_tried_by_our_own_call_does_not_go_with_the_platforms_too(tmp_path: Path) -> None:
    async def main() -> str | None:
        async with at_work(tmp_path, platform) as post:
            receipt = await post.receive(incoming("1"))
            await until(lambda: len(platform.called) == 1)  # nobody asked for it in time
            passive = await receipt.passive(4.5)
            await until(lambda: len(platform.taken) == 1)
        return passive

    platform = SimplePlatform(limits=PASSIVE, faults=faults(SendFailed("busy", 3.0)))
    assert run(main())[0] is None


def test_nothing_overtakes_in_its_conversation_by_the_platforms_call(tmp_path: Path) -> None:
    async def main() -> str | None:
        async with at_work(tmp_path, platform) as post:
            await post.receive(incoming("1", "甲"))
            await until(lambda: len(platform.called) == 1)
            passive = await (await post.receive(incoming("2", "乙"))).passive(4.5)
            await until(lambda: len(platform.taken) == 2)
        return passive

    platform = SimplePlatform(limits=PASSIVE, faults=faults(SendFailed("busy", 10.0)))
    assert run(main())[0] is None
    assert texts(platform) == ["答：甲", "答：乙"]


def test_books_that_come_to_it_too_late_leave_the_answer_to_our_own_call(tmp_path: Path) -> None:
    """The platform has hung up by then; nobody would read what is handed over."""

    async def main() -> list[str | None]:
        async with at_work(tmp_path, platform, answer=slow(1.0)) as post:
            late = await (await post.receive(incoming("1"))).passive(0.0)
            await until(lambda: len(platform.taken) == 1)
            return [late, await (await post.receive(incoming("1"))).passive(4.5)]

    platform = SimplePlatform(limits=PASSIVE)
    assert run(main())[0] == [None, None]
    assert len(platform.taken) == 1


def test_what_was_handed_over_once_is_handed_over_again_however_late(tmp_path: Path) -> None:
    async def main() -> list[str | None]:
        async with at_work(tmp_path, platform) as post:
            first = await (await post.receive(incoming("1"))).passive(4.5)
            return [first, await (await post.receive(incoming("1"))).passive(0.0)]

    platform = SimplePlatform(limits=PASSIVE)
    assert run(main())[0] == ["答：有效期多久？"] * 2
    assert platform.called == []


def test_a_claim_is_judged_when_the_books_come_to_it(tmp_path: Path) -> None:
    async def main() -> list[str | None]:
        async with books(tmp_path) as office:
            received = await office.accept(incoming("1"))
            taken = await office.begin(received.number)
            assert taken is not None
            await office.answered(*taken, Answered(("一个月。",), None, "一个月。", None))
            late = await office.claim(received.number, lambda: False)
            assert len(await office.queued()) == 1
            in_time = await office.claim(received.number, lambda: True)
            assert await office.queued() == []
            return [late, in_time, await office.claim(received.number, lambda: False)]

    assert run(main())[0] == [None, "一个月。", "一个月。"]
