"""The post office at work, in this process: who is answered, in which order, and what becomes of faults."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.actions.said import Reply
from bot.channels.messages import Incoming
from bot.post.office import PostOffice, open_messages
from bot.post.remembering import Memory
from bot.post.working import Post
from tests.bot.post.simple import NOW, SimplePlatform, incoming


async def echo(message: Incoming, memory: Memory) -> Reply:
    return Reply(f"答：{message.text}")


@asynccontextmanager
async def at_work(
    path: Path, *platforms: SimplePlatform, answer: Callable[[Incoming, Memory], Awaitable[Reply]] = echo
) -> AsyncIterator[Post]:
    engine = open_messages(path / "messages.db")
    office = PostOffice(engine, lambda: NOW)
    post = Post(office, platforms, answer)
    running = asyncio.create_task(post.run())
    try:
        yield post
        await post.drain()
        await running
    finally:
        running.cancel()
        await office.close()
        engine.dispose()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.005)


async def test_a_message_is_answered_once_however_often_it_comes(tmp_path: Path) -> None:
    platform = SimplePlatform()
    async with at_work(tmp_path, platform) as post:
        first = await post.receive(incoming("1"))
        again = await post.receive(incoming("1"))
        await post.receive(incoming("2", "第二问"))
        await until(lambda: len(platform.taken) >= 2)
    assert (first.known, again.known) == (False, True)
    assert [each.text for each in platform.taken] == ["答：有效期多久？", "答：第二问"]
