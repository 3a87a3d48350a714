"""The clock of the machine is set, back and forth: an answer is tried again when it was meant to be, and comes once."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.messages import SendFailed
from bot.post.retrying import wait_seconds
from tests.bot.post.at_work import at_work, texts, until
from tests.bot.post.simple import SimplePlatform, incoming
from tests.bot.post.timeless import run

WEEKS = 20 * 86400.0
"""Less than ``retention.UNDONE_DAYS``."""
SETTINGS = st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(-WEEKS, WEEKS)), min_size=1, max_size=8)
"""After how many seconds the clock is set, and how wrong it is then."""
SLACK = 1.0


@settings(max_examples=8, deadline=None)
@given(SETTINGS, st.lists(st.sampled_from((0.0, 0.0, 30.0, 300.0)), min_size=1, max_size=6))
def test_every_wait_is_as_long_as_it_was_meant_to_be(moves: list[tuple[float, float]], asked: list[float]) -> None:
    wrong = [0.0]

    async def setting() -> None:
        for after, by in moves:
            await asyncio.sleep(after)
            wrong[0] = by

    async def main(folder: Path) -> None:
        async with at_work(folder, platform, skew=lambda: wrong[0]) as post:
            clock = asyncio.create_task(setting())
            await post.receive(incoming("1"))
            await until(lambda: bool(platform.taken), 10_000, 5.0)
            clock.cancel()

    fails = iter([*(SendFailed("busy", each) for each in asked), None])
    platform = SimplePlatform(faults=lambda: next(fails))
    with tempfile.TemporaryDirectory() as folder:
        run(main(Path(folder)))
    assert texts(platform) == ["答：有效期多久？"]
    for tries, (each, (_, first), (_, then)) in enumerate(
        zip(asked, platform.called, platform.called[1:], strict=False), 1
    ):
        assert each - 1e-6 <= then - first <= wait_seconds(tries, each, 0.0) + SLACK


@pytest.mark.parametrize("wrong", [-WEEKS, -7200.0, -1.0, 0.0, 30.0, WEEKS])
def test_the_next_process_waits_no_longer_than_the_last_one_meant_to(tmp_path: Path, wrong: float) -> None:
    async def first() -> None:
        async with at_work(tmp_path, platform) as post:
            await post.receive(incoming("1"))
            await until(lambda: len(platform.called) == 1)
            await asyncio.sleep(10)
            raise ConnectionAbortedError

    async def second() -> None:
        async with at_work(tmp_path, platform, skew=lambda: wrong):
            await until(lambda: bool(platform.taken), 1000, 1.0)

    fails = iter([SendFailed("too fast", 300.0), None])
    platform = SimplePlatform(faults=lambda: next(fails))
    with pytest.raises(ConnectionAbortedError):
        run(first())
    run(second(), 11.0)
    waited = platform.called[1][1] - platform.called[0][1]
    assert waited <= 300.0 + 11.0 + SLACK
    assert wrong != 0.0 or waited >= 300.0 - SLACK


@pytest.mark.parametrize("wrong", [-WEEKS, WEEKS])
def test_an_answer_written_while_the_clock_was_wrong_is_not_given_up_when_it_is_mended(
    tmp_path: Path, wrong: float
) -> None:
    async def main() -> None:
        skew = [wrong]
        async with at_work(tmp_path, platform, skew=lambda: skew[0]) as post:
            await post.receive(incoming("1"))
            await until(lambda: len(platform.called) == 1)
            skew[0] = 0.0
            await until(lambda: bool(platform.taken), 100)

    fails = iter([*[SendFailed("busy", 0.0)] * 5, None])
    platform = SimplePlatform(faults=lambda: next(fails))
    run(main())
