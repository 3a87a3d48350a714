"""The post office at work: who is answered, in which order, and what becomes of faults of ours."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.actions.said import Pending, Reply
from bot.channels.carrying import APP_BYTES, FILE_BYTES, Carrying
from bot.channels.messages import Attachment, Incoming
from bot.post.remembering import Memory
from bot.post.working import ANSWERS_AT_ONCE, FAULT, LOOK_SECONDS
from tests.bot.post.at_work import at_work, echo, slow, texts, until, with_file
from tests.bot.post.simple import LIMITS, SimplePlatform, incoming
from tests.bot.post.timeless import run


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


def test_who_waits_for_room_for_his_files_holds_up_nobodys_words(tmp_path: Path) -> None:
    """A platform that hangs while files are fetched: more messages with files than are answered at once, then words."""

    async def main() -> None:
        async with at_work(tmp_path, platform, answer=answer, room=Carrying().room) as post:
            for number in range(2 * ANSWERS_AT_ONCE):
                asked = incoming(f"file {number}", sender=f"z{number}")
                await post.receive(replace(asked, attachments=(Attachment("a.pdf", {}),)))
            await post.receive(incoming("words"))
            await until(lambda: len(platform.taken) == 1, 5)
            assert len(fetching) == APP_BYTES // FILE_BYTES
            await until(lambda: len(platform.taken) == 2 * ANSWERS_AT_ONCE + 1, 2000)
            assert FAULT not in texts(platform)

    async def answer(message: Incoming, memory: Memory) -> Reply:
        if message.attachments:
            fetching.append(message.id)
        return await (slow(60.0) if message.attachments else echo)(message, memory)

    fetching: list[str] = []
    platform = SimplePlatform()
    run(main())


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


def test_where_no_files_are_taken_words_say_where_it_is(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform, answer=lambda m, t: with_file()) as post:
            await post.receive(incoming("1"))
            await until(lambda: len(platform.taken) == 1)

    platform = SimplePlatform(limits=replace(LIMITS, files=False))
    run(main())
    (text,) = texts(platform)
    assert text.startswith("报告在这里。\n")
    assert "报告.pdf" in text
    assert "下一步" in text


def test_where_one_answer_is_taken_its_end_says_what_is_missing(tmp_path: Path) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform, answer=answer) as post:
            await post.receive(incoming("1"))
            await until(lambda: len(platform.taken) == 1)
            await asyncio.sleep(60)

    async def answer(message: Incoming, memory: Memory) -> Reply:
        return Reply("报告一个月内有效。" * 99)

    platform = SimplePlatform(limits=replace(LIMITS, one_answer=True))
    run(main())
    (text,) = texts(platform)
    assert len(text.encode()) <= LIMITS.text_bytes
    first, told = text.split("\n")
    total = first[3 : first.index("）")]
    assert first.startswith(f"（1/{total}）报告一个月内有效。")
    assert first.endswith("。")
    assert told.startswith(f"（还有 {int(total) - 1} 段，")
    assert "下一步" in told


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
