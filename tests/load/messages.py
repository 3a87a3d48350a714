"""``python -m tests.load.messages``: 50 messages a second over all platforms, whose servers fail a fifth of our calls.

* Every channel there is, each with the simulator of its platform: callbacks and calls go by HTTP and WebSocket, sealed
  and signed as in use. Service and platforms share one process: the waits hold the simulators' work too.
* Every tenth message is sent twice by its platform, where that repeats any; every twelfth answer is long: two to six
  pieces.
* The answering itself is an echo in ``ANSWER_SECONDS``: measured is the way of the messages, not the assistant.

Exit status 1 when a message was not answered exactly once, or the p99 from saying to the last piece is not below 2 s.
"""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.actions.said import Reply
from bot.channels.messages import Incoming
from bot.channels.messaging import Messaging
from bot.post.remembering import Memory
from tests.bot.channels.dingtalk_server import DingTalkServer, DingTalkStreamServer
from tests.bot.channels.feishu_server import FeishuServer
from tests.bot.channels.feishu_socket_server import FeishuSocketServer
from tests.bot.channels.served import Served
from tests.bot.channels.simulated import Arrived, Simulated
from tests.bot.channels.wechat_server import WechatServer
from tests.bot.channels.wecom_robot_server import WecomRobotServer
from tests.bot.channels.wecom_robot_socket_server import WecomRobotSocketServer
from tests.bot.channels.wecom_server import WecomServer
from verify.validity import SHANGHAI

ANSWER_SECONDS = 0.01
MEMBERS = 307
"""Of each platform: nobody writes more than a person can. A prime: the long answers do not all fall to the same few,
who would have to wait for the platform's limit."""
LAST_SECONDS = 60.0
P99_SECONDS = 2.0
_MARK = re.compile(r"第([0-9]+)问")
_PIECE = re.compile(r"^（([0-9]+)/([0-9]+)）")


@dataclass(frozen=True, slots=True)
class Load:
    seconds: float = 300.0
    per_second: float = 50.0
    share: float = 0.2


@dataclass(slots=True)
class Seen:
    """``said``: when each message was said, by number; ``pieces``: what arrived of each, and when the last did."""

    names: list[str]
    said: dict[int, float] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    pieces: dict[int, Counter[tuple[int, int]]] = field(default_factory=lambda: defaultdict(Counter))
    last: dict[int, float] = field(default_factory=dict)

    def arrive(self, text: str) -> None:
        """Every piece names its message."""
        mark, piece = _MARK.search(text), _PIECE.match(text)
        assert mark is not None, text
        number = int(mark[1])
        self.pieces[number][(int(piece[1]), int(piece[2])) if piece else (1, 1)] += 1
        self.last[number] = time.monotonic()

    def is_answered(self, number: int) -> bool:
        """Every piece once, and no other."""
        found = self.pieces[number]
        total = next(iter(found), (0, 0))[1]
        return found == Counter({(at, total): 1 for at in range(1, total + 1)}) and total > 0

    @property
    def wrong(self) -> list[int]:
        return [number for number in self.said if not self.is_answered(number)]

    def wait(self, share: float, name: str | None = None) -> float:
        mine = [number for number in self.last if name in (None, self.name_of(number))]
        waits = sorted(self.last[number] - self.said[number] for number in mine)
        return waits[int(share * (len(waits) - 1))] if waits else float("nan")

    def name_of(self, number: int) -> str:
        return self.names[number % len(self.names)]

    def lines(self) -> Iterator[str]:
        """What is to be told: the whole, then each platform."""
        yield f"{len(self.said)} messages, {len(self.wrong)} not answered exactly once"
        yield f"p50 {self.wait(0.5):.3f} s, p99 {self.wait(0.99):.3f} s, longest {self.wait(1.0):.3f} s"
        for name in self.names:
            wrong = [number for number in self.wrong if self.name_of(number) == name]
            lost = sum(not self.pieces[number] for number in wrong)
            refused = sum(self.name_of(number) == name for number in self.refused)
            yield (
                f"{name}: p99 {self.wait(0.99, name):.3f} s, {lost} without answer, "
                f"{len(wrong) - lost} answered in part or twice, {refused} not acknowledged"
            )


class _Arrivals(list[Arrived]):
    """The list of a simulator; says when something arrives."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen

    def append(self, arrived: Arrived) -> None:
        super().append(arrived)
        self._seen.arrive(arrived.text)


async def answer(message: Incoming, memory: Memory) -> Reply:
    await asyncio.sleep(ANSWER_SECONDS)
    mark = _MARK.search(message.text)
    assert mark is not None
    sentence = f"{mark[0]}的答复是信用报告在签发后的一个月内有效。"
    return Reply(sentence * (140 if int(mark[1]) % 12 == 0 else 2))


def platforms() -> list[Simulated]:
    return [
        WecomServer(),
        WecomRobotServer(),
        WecomRobotSocketServer(),
        WechatServer(),
        DingTalkServer(),
        DingTalkStreamServer(),
        FeishuServer(),
        FeishuSocketServer(name="feishu-socket"),
    ]


@asynccontextmanager
async def service(folder: Path, servers: Sequence[Simulated]) -> AsyncIterator[Messaging]:
    """The channels of all servers and their post office, connected."""
    messaging = Messaging(
        [server.channel() for server in servers], folder / "messages.db", answer, lambda: datetime.now(SHANGHAI)
    )
    app = web.Application()
    messaging.mount(app)
    served = Served(app)
    await served.start()
    try:
        for server in servers:
            await server.connect(None, served.origin)
            if isinstance(server, DingTalkStreamServer):
                await asyncio.wait_for(server.opened.wait(), 10)
        yield messaging
    finally:
        await served.stop()
        for server in servers:
            await server.close()


async def under(load: Load, folder: Path) -> Seen:
    """What became of the messages of that load."""
    servers = platforms()
    seen = Seen([type(server).__name__ for server in servers])
    async with service(folder, servers) as messaging:
        for server in servers:
            server.arrived = _Arrivals(seen)
            server.fail(load.share)
        saying, start = [], time.monotonic()
        for number in range(round(load.seconds * load.per_second)):
            await asyncio.sleep(max(0.0, start + number / load.per_second - time.monotonic()))
            server = servers[number % len(servers)]
            saying.append(asyncio.create_task(_say(seen, server, number)))
        await asyncio.gather(*saying)
        await _last(seen)
        assert (await messaging.office.counts()).given_up == 0
    return seen


async def _say(seen: Seen, server: Simulated, number: int) -> None:
    seen.said[number] = time.monotonic()
    words, member = f"第{number}问：信用报告多长时间内有效？", f"member{number % MEMBERS}"
    for _ in range(2 if number % 10 == 0 else 1):
        try:
            status = await server.say(words, member=member, id=f"load-{number}")
        except (TimeoutError, aiohttp.ClientError):  # a platform that does not repeat what we do not acknowledge
            status = 0
        if status != 200:
            seen.refused.append(number)


async def _last(seen: Seen) -> None:
    end = time.monotonic() + LAST_SECONDS
    while seen.wrong and time.monotonic() < end:
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)  # what would arrive once more


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m tests.load.messages", description="messages of all platforms")
    options.add_argument("--seconds", type=float, default=300.0)
    options.add_argument("--per-second", type=float, default=50.0)
    options.add_argument("--share", type=float, default=0.2, help="of our calls that fail")
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        seen = asyncio.run(under(Load(chosen.seconds, chosen.per_second, chosen.share), Path(folder)))
    print("\n".join(seen.lines()))
    return 0 if not seen.wrong and seen.wait(0.99) < P99_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
