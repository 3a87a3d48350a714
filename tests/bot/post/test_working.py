"""The post office at work, in a time of its own: who is answered, in which order, and what becomes of faults."""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.actions.said import Pending, Reply
from bot.channels.messages import Incoming, Limits, OutFile, SendFailed
from bot.post.office import PostOffice, open_messages
from bot.post.remembering import Memory
from bot.post.working import ANSWERS_AT_ONCE, BEGUN_MAX, FAULT, LOCK_AGAIN_SECONDS, LOOK_SECONDS, Answer, Post
from index.errors import StoreError
from tests.bot.post.simple import LIMITS, NOW, SimplePlatform, incoming
from tests.bot.post.timeless import run

PASSIVE = replace(LIMITS, passive_seconds=5.0)


async def echo(message: Incoming, memory: Memory) -> Reply:
    return Reply(f"答：{message.text}")


def slow(seconds: float) -> Answer:
    async def answer(message: Incoming, memory: Memory) -> Reply:
        await asyncio.sleep(seconds)
        return Reply(f"答：{message.text}")

    return answer


@asynccontextmanager
async def at_work(path: Path, *platforms: SimplePlatform, answer: Answer = echo) -> AsyncIterator[Post]:
    async with books(path) as office:
        post = Post(office, platforms, answer)
        running = asyncio.create_task(post.run())
        try:
            yield post
            await post.drain()
            await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def books(path: Path) -> AsyncIterator[PostOffice]:
    engine = open_messages(path / "messages.db")
    office = PostOffice(engine, lambda: NOW + timedelta(seconds=asyncio.get_running_loop().time()))
    try:
        yield office
    finally:
        await office.close()
        engine.dispose()


async def until(true: Callable[[], bool], seconds: float = 100.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def texts(platform: SimplePlatform) -> list[str]:
    return [each.text for each in platform.taken]


def faults(*fails: SendFailed | None) -> Callable[[], SendFailed | None]:
    coming = iter(fails)
    return lambda: next(coming, None)


def test_a_message_is_answered_once_however_often_it_comes(tmp_path: Path) -> None:
    async def main() -> list[bool]:
        async with at_work(tmp_path, platform) as post:
            known = [(await post.receive(incoming("1"))).known for _ in range(3)]
            await post.receive(incoming("2", "第二问"))
            await until(lambda: len(platform.taken) == 2)
            known.append((await post.receive(incoming("1"))).known)
            await asyncio.sleep(60)
        return known

    platform = SimplePlatform()
    assert run(main())[0] == [False, True, True, True]
    assert texts(platform) == ["答：有效期多久？", "答：第二问"]


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


def test_the_same_id_at_another_app_is_another_message(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, first, second) as post:
            await post.receive(incoming("1", "甲"))
            await post.receive(incoming("1", "乙", app="bureau"))
            await until(lambda: bool(first.taken and second.taken))

    first, second = SimplePlatform(), SimplePlatform("bureau")
    run(main())
    assert (texts(first), texts(second)) == (["答：甲"], ["答：乙"])


def test_a_conversation_keeps_its_order_and_holds_up_no_other(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform, answer=answer) as post:
            for id in ("slow", "b", "c"):
                await post.receive(incoming(id, id))
            await post.receive(incoming("other", "other", sender="wang"))
            await until(lambda: len(platform.taken) == 4)

    async def answer(message: Incoming, memory: Memory) -> Reply:
        await asyncio.sleep(3.0 if message.id == "slow" else 0.0)
        return Reply(message.id)

    platform = SimplePlatform()
    run(main())
    assert texts(platform) == ["other", "slow", "b", "c"]


def test_an_app_whose_answers_hang_holds_up_no_other(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, hanging, other, answer=answer) as post:
            for number in range(2 * ANSWERS_AT_ONCE):
                await post.receive(incoming(str(number), app="hanging", sender=f"z{number}"))
            await post.receive(incoming("1"))
            await until(lambda: len(other.taken) == 1, 5)

    async def answer(message: Incoming, memory: Memory) -> Reply:
        return await (slow(60.0) if message.app == "hanging" else echo)(message, memory)

    hanging, other = SimplePlatform("hanging"), SimplePlatform()
    run(main())


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


def test_a_fault_of_ours_is_answered_with_the_next_step(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform, answer=answer) as post:
            await post.receive(incoming("1"))
            await until(lambda: len(platform.taken) == 1)

    async def answer(message: Incoming, memory: Memory) -> Reply:
        raise RuntimeError("a fault of ours")

    platform = SimplePlatform()
    run(main())
    assert texts(platform) == [FAULT]


@pytest.mark.parametrize("reply", [Reply("答", pending=Pending("act", {"kept": object()})), None])  # type: ignore[dict-item]
def test_an_answer_that_the_books_cannot_hold_is_answered_with_a_sentence(tmp_path: Path, reply: Reply) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform, answer=answer) as post:
            await post.receive(incoming("1", "坏"))
            await post.receive(incoming("2", "好"))
            await until(lambda: len(platform.taken) == 2)

    async def answer(message: Incoming, memory: Memory) -> Reply:
        return reply if message.text == "坏" else await echo(message, memory)

    platform = SimplePlatform()
    run(main())
    assert texts(platform) == [FAULT, "答：好"]


def test_what_is_received_while_its_asker_goes_away_is_answered(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform) as post:
            asking = asyncio.create_task(post.receive(incoming("1")))
            await asyncio.sleep(0)
            asking.cancel()
            await until(lambda: len(platform.taken) == 1, LOOK_SECONDS / 2)

    platform = SimplePlatform()
    run(main())


def test_a_lock_file_that_cannot_be_made_yet_is_made_later(tmp_path: Path) -> None:
    async def main() -> None:
        (tmp_path / "messages.db.post").mkdir()
        async with at_work(tmp_path, platform) as post:
            await post.receive(incoming("1"))
            await asyncio.sleep(LOCK_AGAIN_SECONDS / 2)
            (tmp_path / "messages.db.post").rmdir()
            await until(lambda: len(platform.taken) == 1)

    platform = SimplePlatform()
    run(main())


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
    run(_take_up(tmp_path, platform, slow(1e6)))
    assert texts(platform) == [FAULT]


async def _take_up(path: Path, platform: SimplePlatform, answer: Answer = echo, count: int = 1) -> None:
    async with at_work(path, platform, answer=answer):
        await until(lambda: len(platform.taken) == count)


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
    [(slow(6.0), 1), (lambda m, t: _long(), 2), (lambda m, t: _file(), 2)],
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


async def _file() -> Reply:
    return Reply("报告在这里。", file=OutFile("报告.pdf", b"%PDF"))


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


def test_where_no_files_are_taken_words_say_where_it_is(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform, answer=lambda m, t: _file()) as post:
            await post.receive(incoming("1"))
            await until(lambda: len(platform.taken) == 1)

    platform = SimplePlatform(limits=replace(LIMITS, files=False))
    run(main())
    (text,) = texts(platform)
    assert text.startswith("报告在这里。\n")
    assert "报告.pdf" in text
    assert "下一步" in text


def test_what_was_said_and_what_is_waited_for_comes_back_with_the_next_message_for_a_while(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform, answer=answer) as post:
            for seconds, message in scene:
                await asyncio.sleep(seconds)
                count = len(platform.taken)
                await post.receive(message)
                await until(lambda count=count: len(platform.taken) > count)  # type: ignore[misc]

    async def answer(message: Incoming, memory: Memory) -> Reply:
        seen.append((message.id, [turn.content for turn in memory.turns], memory.pending))
        return Reply(f"答{message.id}", ("依据：《办法》",), pending=Pending("looking_up", {"code": "9132"}))

    scene: Sequence[tuple[float, Incoming]] = [
        (0, incoming("1", "甲", group="g")),
        (1, incoming("2", "乙", group="g")),
        (1, incoming("3", "丙", group="g", sender="wang")),
        (31 * 60, incoming("4", "丁", group="g")),
        (61 * 60, incoming("5", "戊", group="g")),
    ]
    seen: list[tuple[str, list[str], Pending | None]] = []
    platform = SimplePlatform()
    run(main())
    waited = Pending("looking_up", {"code": "9132"})
    first, second = ["甲", "答1\n依据：《办法》"], ["乙", "答2\n依据：《办法》"]
    assert seen == [
        ("1", [], None),
        ("2", first, waited),
        ("3", [], None),
        ("4", first + second, None),
        ("5", [], None),
    ]


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
    run(_take_up(tmp_path, platform, count=2))
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
    run(_take_up(tmp_path, platform))


def test_a_disk_that_refuses_for_a_while_loses_nothing_and_what_is_not_kept_is_not_acknowledged(
    tmp_path: Path,
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
