"""A post office at work in a time of its own, for the tests of what it does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.actions.said import Reply
from bot.channels.messages import Incoming, OutFile, SendFailed
from bot.post.office import PostOffice, open_messages
from bot.post.remembering import Memory
from bot.post.working import Answer, Post, Room
from tests.bot.post.simple import LIMITS, NOW, SimplePlatform

PASSIVE = replace(LIMITS, passive_seconds=5.0)


async def echo(message: Incoming, memory: Memory) -> Reply:
    return Reply(f"答：{message.text}")


def slow(seconds: float) -> Answer:
    async def answer(message: Incoming, memory: Memory) -> Reply:
        await asyncio.sleep(seconds)
        return Reply(f"答：{message.text}")

    return answer


@asynccontextmanager
async def at_work(
    path: Path,
    *platforms: SimplePlatform,
    answer: Answer = echo,
    skew: Callable[[], float] = lambda: 0.0,
    room: Room = lambda _: nullcontext(),
) -> AsyncIterator[Post]:
    async with books(path, skew) as office:
        post = Post(office, platforms, answer, room)
        running = asyncio.create_task(post.run())
        try:
            yield post
            await post.drain()
            await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def books(path: Path, skew: Callable[[], float] = lambda: 0.0) -> AsyncIterator[PostOffice]:
    """``skew``: by how many seconds the clock of the machine is wrong at the moment."""
    engine = open_messages(path / "messages.db")
    office = PostOffice(engine, lambda: NOW + timedelta(seconds=asyncio.get_running_loop().time() + skew()))
    try:
        yield office
    finally:
        await office.close()
        engine.dispose()


async def until(true: Callable[[], bool], seconds: float = 100.0, step: float = 0.01) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(step)


def texts(platform: SimplePlatform) -> list[str]:
    return [each.text for each in platform.taken]


def faults(*fails: SendFailed | None) -> Callable[[], SendFailed | None]:
    coming = iter(fails)
    return lambda: next(coming, None)


async def take_up(path: Path, platform: SimplePlatform, answer: Answer = echo, count: int = 1) -> None:
    async with at_work(path, platform, answer=answer):
        await until(lambda: len(platform.taken) == count)


async def with_file() -> Reply:
    return Reply("报告在这里。", file=OutFile("报告.pdf", b"%PDF"))
