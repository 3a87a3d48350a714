"""Any history of messages, repetitions, faults and crashes: each message is answered once, in order, within the limits.

Time is the loop's own (``timeless``). A crash ends everything at once, in the middle of whatever it was doing.
"""

import asyncio
import random
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.actions.said import Reply
from bot.channels.messages import Incoming, Limits, SendFailed
from bot.post.office import PostOffice, open_messages
from bot.post.outbox import key_of
from bot.post.remembering import Memory
from bot.post.working import FAULT, Answer, Post
from tests.bot.post.simple import NOW, SimplePlatform, Taken, incoming
from tests.bot.post.timeless import run

LIMITS = Limits(200, per_member=((3, 2.0), (5, 10.0)), per_app=((4, 1.0), (12, 20.0)))
FOREVER = 400_000.0
"""Longer than all retries together."""


@dataclass(frozen=True, slots=True)
class Comes:
    """A member's message, ``repeated`` so often besides."""

    app: str
    member: str
    id: int
    repeated: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Ends:
    """The process, by a crash or by being told to."""

    told: bool


@dataclass(frozen=True, slots=True)
class Passes:
    seconds: float


Event = Comes | Ends | Passes


@dataclass(slots=True)
class World:
    """What outlives a process: the books, the platforms, and what the members have sent."""

    folder: Path
    chance: random.Random
    share: float
    now: float = 0.0
    sent: dict[str, Comes] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    """Keys the platform will never take."""
    platforms: dict[str, "KnowingKeys"] = field(default_factory=dict)

    def platform(self, app: str) -> "KnowingKeys":
        if app not in self.platforms:
            self.platforms[app] = KnowingKeys(self, SimplePlatform(app, LIMITS, seconds=0.1))
        return self.platforms[app]


class KnowingKeys:
    """The simple platform, failing before or after it has taken a text; a key that it knows it takes once."""

    def __init__(self, world: World, simple: SimplePlatform) -> None:
        self._world = world
        self.simple = simple
        self.app, self.platform, self.limits = simple.app, simple.platform, simple.limits
        self.mount, self.run, self.fetch = simple.mount, simple.run, simple.fetch
        self.send_file, self.close = simple.send_file, simple.close
        self._keys: set[str] = set()

    async def send(self, route: Mapping[str, str], text: str, key: str) -> None:
        self.simple.called.append((route["to"], asyncio.get_running_loop().time()))
        await asyncio.sleep(self.simple.seconds)
        failing = self._world.chance.random() < self._world.share
        kind = self._world.chance.choice(("before", "after", "later", "bug", "hangs", "never")) if failing else "fine"
        if kind == "before":
            raise SendFailed("busy", 0.0)
        if kind == "later":
            raise SendFailed("too fast", 3.0)
        if kind == "bug":
            raise KeyError("errcode")
        if kind == "never":
            self._world.refused.add(key)
            raise SendFailed("no such member", None)
        if key not in self._keys:
            self._keys.add(key)
            self.simple.taken.append(Taken(route["to"], text, key, asyncio.get_running_loop().time()))
        if kind == "after":
            raise SendFailed("no answer", 0.0)
        if kind == "hangs":
            await asyncio.sleep(FOREVER)


EVENTS = st.lists(
    st.builds(
        Comes,
        st.sampled_from(("office", "bureau")),
        st.sampled_from(("zhang", "wang")),
        st.integers(0, 6),
        st.integers(0, 1),
        st.integers(1, 3),
    )
    | st.builds(Ends, st.booleans())
    | st.builds(Passes, st.sampled_from((0.0, 0.05, 0.3, 2.0, 90.0))),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(EVENTS, st.sampled_from((0.0, 0.2, 0.5)), st.integers(0, 2**32))
def test_every_message_is_answered_once_in_order_and_within_the_limits(
    events: list[Event], share: float, seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), random.Random(seed), share)
        for life, told in _lives(events):
            _, world.now = run(_live(world, life, told=told), world.now)
        world.share = 0.0
        _, world.now = run(_live(world, [], told=True, until_idle=True), world.now)
        _check_answers(world)
        _check_limits(world)


def _lives(events: list[Event]) -> list[tuple[list[Comes | Passes], bool]]:
    """What happens in each process, and whether it is told to end."""
    lives: list[tuple[list[Comes | Passes], bool]] = []
    life: list[Comes | Passes] = []
    for event in events:
        if isinstance(event, Ends):
            lives.append((life, event.told))
            life = []
        else:
            life.append(event)
    return [*lives, (life, False)]


async def _live(world: World, life: list[Comes | Passes], *, told: bool, until_idle: bool = False) -> None:
    loop = asyncio.get_running_loop()
    engine = open_messages(world.folder / "messages.db")
    office = PostOffice(engine, lambda: NOW + timedelta(seconds=loop.time()))
    post = Post(office, [world.platform("office"), world.platform("bureau")], _answer(world))
    running = asyncio.create_task(post.run())
    for event in life:
        await _happens(world, post, event)
    if until_idle:
        await _until_idle(office)
    if told:
        await post.drain()
        await running
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await office.close()
    engine.dispose()


async def _happens(world: World, post: Post, event: Event) -> None:
    if isinstance(event, Passes):
        await asyncio.sleep(event.seconds)
    elif isinstance(event, Comes):
        id = f"{event.app}-{event.member}-{event.id}"
        world.sent.setdefault(id, event)
        for _ in range(1 + event.repeated):
            await post.receive(incoming(id, id, sender=event.member, app=event.app))


def _answer(world: World) -> Answer:
    async def answer(message: Incoming, memory: Memory) -> Reply:
        await asyncio.sleep(0.02)
        if world.chance.random() < world.share / 4:
            raise RuntimeError("a fault of ours")
        count = world.sent[message.id].pieces
        return Reply("", tuple(f"{message.id} {number} {'信' * 50}" for number in range(count)))

    return answer


async def _until_idle(office: PostOffice) -> None:
    async with asyncio.timeout(FOREVER):
        while (await office.counts()).waiting or (await office.counts()).unsent:
            await asyncio.sleep(10)


def _check_answers(world: World) -> None:
    """Each message's pieces once, from the first on, in the order in which the messages came."""
    places = {key_of(sent.app, id, at): (id, at) for id, sent in world.sent.items() for at in range(3)}
    for app, platform in world.platforms.items():
        for member in ("zhang", "wang"):
            texts = {places[each.key]: each.text for each in platform.simple.taken if each.to == member}
            due = [id for id, sent in world.sent.items() if (sent.app, sent.member) == (app, member)]
            expected = [(id, at) for id in due for at in range(_count(world, id, texts))]
            assert list(texts) == expected
        assert len({each.key for each in platform.simple.taken}) == len(platform.simple.taken)


def _count(world: World, id: str, texts: dict[tuple[str, int], str]) -> int:
    """How many pieces must have arrived. What was refused may have arrived before, unknown to us."""
    pieces = 1 if texts.get((id, 0)) == FAULT else world.sent[id].pieces
    refused = [at for at in range(pieces) if key_of(world.sent[id].app, id, at) in world.refused]
    if not refused:
        return pieces
    return refused[0] + ((id, refused[0]) in texts)


def _check_limits(world: World) -> None:
    for platform in world.platforms.values():
        called = platform.simple.called
        _keeps([at for _, at in called], LIMITS.per_app)
        for member in ("zhang", "wang"):
            _keeps([at for to, at in called if to == member], LIMITS.per_member)


def _keeps(moments: list[float], windows: tuple[tuple[int, float], ...]) -> None:
    for most, seconds in windows:
        for first, later in zip(moments, moments[most:], strict=False):
            assert later - first >= seconds, (first, later, most, seconds)
