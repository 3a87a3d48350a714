"""bot.channels.carrying: however many files come in at once, so many bytes of them are in memory, and no app waits
for another's platform."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.actions.said import Reply
from bot.channels.carrying import ALL_BYTES, APP_BYTES, FILE_BYTES, Carrying
from bot.channels.messages import Attachment, Incoming, Platform
from bot.post.remembering import Memory
from bot.post.working import Answer
from verify.validity import SHANGHAI

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)


def message(app: str, files: int, number: int = 0) -> Incoming:
    attached = tuple(Attachment("a.pdf", {"at": str(each)}) for each in range(files))
    return Incoming(
        app, Platform.WECOM, f"m{number}", "ww", "zhang", f"c{number}", False, "核验", NOW, {}, attached
    )  # fmt: skip


class Answering:
    """Fetches, and hangs until it is let go on."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.under_way: Counter[str] = Counter()
        self.most = 0
        self.answered = 0

    async def answer(self, incoming: Incoming, memory: Memory) -> Reply:
        self.under_way[incoming.app] += FILE_BYTES * len(incoming.attachments)
        self.most = max(self.most, self.under_way.total())
        try:
            await self.go_on.wait()
        finally:
            self.under_way[incoming.app] -= FILE_BYTES * len(incoming.attachments)
        self.answered += 1
        return Reply("真")


def bounded(carrying: Carrying, answer: Answer) -> Answer:
    """As the post office does."""

    async def when_there_is_room(incoming: Incoming, memory: Memory) -> Reply:
        async with carrying.room(incoming):
            return await answer(incoming, memory)

    return when_there_is_room


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.001)


async def test_no_more_bytes_than_agreed_are_under_way_and_everybody_is_answered() -> None:
    """32 messages with five files each, of each of four apps: 12.8 GB otherwise."""
    answering = Answering()
    answer = bounded(Carrying(), answering.answer)
    asking = [asyncio.create_task(answer(message(f"app{number % 4}", 5, number), Memory())) for number in range(4 * 32)]
    await until(lambda: answering.most == ALL_BYTES)
    assert max(answering.under_way.values()) == APP_BYTES
    answering.go_on.set()
    assert all(reply.text == "真" for reply in await asyncio.gather(*asking))
    assert answering.most == ALL_BYTES


async def test_an_app_whose_platform_hangs_holds_up_neither_the_others_nor_what_has_no_files() -> None:
    hanging, living = Answering(), Answering()
    living.go_on.set()

    async def either(incoming: Incoming, memory: Memory) -> Reply:
        hangs = incoming.app == "hangs" and incoming.attachments
        return await (hanging if hangs else living).answer(incoming, memory)

    answer = bounded(Carrying(), either)
    stuck = [asyncio.create_task(answer(message("hangs", 1, number), Memory())) for number in range(50)]
    await until(lambda: hanging.under_way["hangs"] == APP_BYTES)
    await answer(message("lives", 5), Memory())
    await answer(message("hangs", 0), Memory())
    assert living.answered == 2
    for each in stuck:
        each.cancel()
    await asyncio.gather(*stuck, return_exceptions=True)
    assert hanging.under_way["hangs"] == 0


async def test_room_is_given_back_by_who_failed_and_who_was_broken_off() -> None:
    carrying, answering = Carrying(), Answering()

    async def faulty(incoming: Incoming, memory: Memory) -> Reply:
        raise ZeroDivisionError

    answer, failing = bounded(carrying, answering.answer), bounded(carrying, faulty)
    for number in range(20):
        (fault,) = await asyncio.gather(failing(message("app", 5, number), Memory()), return_exceptions=True)
        assert isinstance(fault, ZeroDivisionError)
    for number in range(20):
        asking = [asyncio.create_task(answer(message("app", 5, number), Memory())) for _ in range(3)]
        await until(lambda: answering.under_way["app"] == APP_BYTES)
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    answering.go_on.set()
    assert (await answer(message("app", 5), Memory())).text == "真"


async def test_more_files_than_are_taken_ask_for_no_more_room() -> None:
    answering = Answering()
    answering.go_on.set()
    answer = bounded(Carrying(app_bytes=FILE_BYTES, all_bytes=FILE_BYTES), answering.answer)
    assert (await answer(message("app", 20), Memory())).text == "真"


def test_the_service_is_bounded_so() -> None:
    """Every answer of a platform goes through it."""
    source = Path("bot/channels/messaging.py").read_text("utf-8")
    assert "Post(self.office, channels, answer, Carrying().room)" in source
