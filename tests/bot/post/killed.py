"""A process with a post office in it that is killed (SIGKILL) at the step we name, and the platform it talks to.

A step is a moment before or after each transaction, and before or after each call of the platform. Messages come and
answers go by HTTP, as they do in use; the platform takes a key it knows only once, and counts every call.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.actions.said import Reply
from bot.channels.messages import Incoming, Limits, SendFailed
from bot.post import committing
from bot.post.office import PostOffice, open_messages
from bot.post.remembering import Memory
from bot.post.working import Answer, Post
from tests.bot.post.simple import SimplePlatform
from tests.forking import CONTEXT
from verify.validity import SHANGHAI

LIMITS = Limits(100)


@dataclass(slots=True)
class Steps:
    """Kills this process when so many steps are done; never, for 0."""

    last: int
    done: int = 0

    def step(self) -> None:
        self.done += 1
        if self.done == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class Calling(SimplePlatform):
    """The channel of the process."""

    origin: str = ""
    steps: Steps = field(default_factory=lambda: Steps(0))

    async def send(self, route: Mapping[str, str], text: str, key: str) -> None:
        self.steps.step()
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.origin}/send", json={"to": route["to"], "text": text, "key": key}) as response,
        ):
            if response.status != 200:
                raise SendFailed(str(response.status), 0.0)
        self.steps.step()


Live = Callable[[Connection, Path, str, int], None]
"""A process: what it tells its port to, its folder, the platform's origin, the step at which it is killed."""


async def answer(message: Incoming, memory: Memory) -> Reply:
    """The answer says how many turns were remembered; every other message's has two pieces."""
    blocks = tuple("信" * 25 for _ in range(len(message.id) % 2 + 1))
    return Reply(f"{message.id} {len(memory.turns)}", blocks if len(message.id) % 2 else ())


def live(told: Connection, folder: Path, origin: str, last_step: int) -> None:
    steps = Steps(last_step)
    step_at_commits(steps)
    channel = Calling(limits=LIMITS, origin=origin, steps=steps)
    asyncio.run(answering(told, folder, channel, answer, lambda: datetime.now(SHANGHAI)))


def step_at_commits(steps: Steps) -> None:
    """Before and after each transaction of the post office."""
    commit = committing._commit

    def stepping(*arguments: Any) -> Any:
        steps.step()
        result = commit(*arguments)
        steps.step()
        return result

    committing._commit = stepping


async def answering(
    told: Connection, folder: Path, channel: Calling, answer: Answer, clock: Callable[[], datetime]
) -> None:
    office = PostOffice(open_messages(folder / "messages.db"), clock)
    post = Post(office, [channel], answer)

    async def take(request: web.Request) -> web.Response:
        await post.receive(Incoming.from_json(await request.json()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/message", take)
    async with _served(app) as port:
        told.send(port)
        await post.run()


@asynccontextmanager
async def _served(app: web.Application) -> AsyncIterator[int]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serving(folder: Path, live: Live = live) -> AsyncIterator["Platform"]:
    """A platform; its last process ends with it."""
    platform = Platform(folder, live)
    app = web.Application()
    app.router.add_post("/send", platform.take)
    async with _served(app) as port:
        platform.origin = f"http://127.0.0.1:{port}"
        try:
            yield platform
        finally:
            platform.kill()


@dataclass(slots=True)
class Platform:
    """``calls``: every call, by key; ``taken``: what arrived, in order."""

    folder: Path
    live: Live
    calls: dict[str, int] = field(default_factory=dict)
    taken: list[tuple[str, str]] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    origin: str = ""
    port: int = 0
    process: Any = None

    async def start(self, last_step: int = 0) -> None:
        """A new process, which is killed at that step."""
        here, there = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=self.live, args=(there, self.folder, self.origin, last_step), daemon=True)
        self.process.start()
        there.close()
        with suppress(EOFError):  # it died before it could listen
            self.port = await asyncio.to_thread(here.recv)
        here.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    @property
    def is_dead(self) -> bool:
        return not self.process.is_alive()

    async def say(self, incoming: Incoming) -> bool:
        """Whether it was acknowledged."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(f"http://127.0.0.1:{self.port}/message", json=incoming.to_json()) as response,
            ):
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def take(self, request: web.Request) -> web.Response:
        sent = await request.json()
        known = sent["key"] in self.calls
        self.calls[sent["key"]] = self.calls.get(sent["key"], 0) + 1
        if not known:
            self.taken.append((sent["to"], sent["text"]))
            async with self.arrived:
                self.arrived.notify_all()
        return web.Response()

    async def until_dead_or(self, count: int) -> None:
        """Until so many texts have arrived, or the process is dead."""
        async with asyncio.timeout(120):
            while len(self.taken) < count and not self.is_dead:
                await asyncio.sleep(0.005)
