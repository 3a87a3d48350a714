"""kill -9 at every step between receipt and reply, with real processes: nothing lost, all answered once."""

import asyncio
import random
import shutil
from pathlib import Path

from bot.post.office import open_messages
from bot.post.working import BEGUN_MAX
from tests.bot.post.killed import Platform, serving
from tests.bot.post.simple import incoming

FIRST, SECOND, LAST = incoming("a1"), incoming("b22"), incoming("last")
ARRIVES = [
    ("zhang", "a1 0"),
    ("zhang", "（1/2）b22 2\n" + "信" * 25),
    ("zhang", "（2/2）" + "信" * 25),
]
STEPS_MAX = 100


async def test_a_process_killed_at_any_step_loses_nothing_and_answers_once(tmp_path: Path) -> None:
    step, finished = 0, False
    open_messages(tmp_path / "messages.db").dispose()
    while not finished:
        step += 1
        assert step < STEPS_MAX
        (tmp_path / str(step)).mkdir()
        shutil.copy(tmp_path / "messages.db", tmp_path / str(step))
        finished = await _killed_at(step, tmp_path / str(step))
    assert step > 25  # receive, begin, write, and look up, try, call, note for each of three letters: before and after


async def _killed_at(step: int, folder: Path) -> bool:
    """Whether everything was done before that step came."""
    async with serving(folder) as platform:
        await platform.start(step)
        acknowledged = [await platform.say(FIRST), await platform.say(SECOND)]
        await platform.until_dead_or(len(ARRIVES))
        await asyncio.sleep(0.02)
        finished = not platform.is_dead
        platform.kill()
        await platform.start()
        for message, known in zip((FIRST, SECOND), acknowledged, strict=True):
            if not known or step % 2:  # what was acknowledged may come again all the same
                assert await platform.say(message)
        await platform.until_dead_or(len(ARRIVES))
        assert await platform.say(LAST)
        await platform.until_dead_or(len(ARRIVES) + 1)
    assert platform.taken == [*ARRIVES, ("zhang", "last 4")], step
    assert sum(platform.calls.values()) <= len(platform.calls) + 1, step  # one call may not have been noted
    return finished


async def test_processes_killed_at_random_under_load_lose_nothing_and_answer_once(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    messages = [incoming(f"{number:04d}", sender=f"m{number % 5}") for number in range(60)]
    waiting = list(messages)
    async with serving(tmp_path) as platform:
        for _ in range(BEGUN_MAX - 1):  # what ends as many processes is answered with a sentence
            await platform.start()
            killing = asyncio.create_task(_killed_after(platform, chance.uniform(0.0, 0.15)))
            while waiting and await platform.say(waiting[0]):
                waiting.pop(0)
            await killing
        await platform.start()
        while waiting:
            assert await platform.say(waiting.pop(0))
        await platform.until_dead_or(len(messages))
        await asyncio.sleep(0.1)
    arrived = [text.split()[0] for _, text in platform.taken]
    assert sorted(arrived) == [message.id for message in messages]
    for member in range(5):
        theirs = [text.split()[0] for to, text in platform.taken if to == f"m{member}"]
        assert theirs == sorted(theirs)


async def _killed_after(platform: Platform, seconds: float) -> None:
    await asyncio.sleep(seconds)
    platform.kill()
