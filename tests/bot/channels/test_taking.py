"""bot.channels.taking: the connection is read on, what is in one line goes in in order, and there is an end to both."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import taking
from bot.channels.taking import Taking


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.001)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), max_size=12))
def test_a_line_keeps_its_order_however_long_each_takes(said: list[tuple[str, int]]) -> None:
    async def taken() -> list[tuple[str, int]]:
        messages, done = Taking("app"), []

        async def take(line: str, number: int, turns: int) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            done.append((line, number))

        for number, (line, turns) in enumerate(said):
            await messages.begin(line, lambda line=line, number=number, turns=turns: take(line, number, turns))
        await messages.close()
        return done

    done = asyncio.run(taken())
    for line in "ab":
        numbers = [number for each, number in done if each == line]
        assert numbers == [number for number, (each, _) in enumerate(said) if each == line]


async def test_another_line_does_not_wait() -> None:
    messages, opened, done = Taking("app"), asyncio.Event(), []

    async def take(name: str) -> None:
        if name == "held":
            await opened.wait()
        done.append(name)

    await messages.begin("a", lambda: take("held"))
    await messages.begin("a", lambda: take("behind"))
    await messages.begin("b", lambda: take("other"))
    await until(lambda: done == ["other"])
    opened.set()
    await until(lambda: done == ["other", "held", "behind"])


async def test_when_there_is_no_room_reading_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "AT_ONCE", 2)
    messages, opened = Taking("app"), asyncio.Event()

    async def take() -> None:
        await opened.wait()

    for number in range(2):
        await messages.begin(str(number), take)
    third = asyncio.create_task(messages.begin("2", take))
    done, _ = await asyncio.wait([third], timeout=0.02)
    assert not done
    opened.set()
    await third
    await messages.close()


async def test_what_is_under_way_is_finished_and_what_hangs_given_up(caplog: pytest.LogCaptureFixture) -> None:
    messages, done = Taking("app"), []

    async def quick() -> None:
        await asyncio.sleep(0)
        done.append("quick")

    async def hanging() -> None:
        await asyncio.Event().wait()

    await messages.begin("a", quick)
    await messages.begin("b", hanging)
    await messages.begin("b", quick)
    await messages.close(0.3)
    assert done == ["quick"]
    assert "app: 2 messages were perhaps not kept" in caplog.text, "no platform of a robot says them again"


async def test_a_fault_with_one_message_is_said_and_the_next_goes_in(caplog: pytest.LogCaptureFixture) -> None:
    messages, done = Taking("app"), []

    async def faulty() -> None:
        raise ZeroDivisionError

    async def good() -> None:
        done.append("good")

    await messages.begin("a", faulty)
    await messages.begin("a", good)
    await until(lambda: done == ["good"])
    assert "ZeroDivisionError" in caplog.text
