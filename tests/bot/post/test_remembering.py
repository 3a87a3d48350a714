"""Answers bot/post/remembering.py: whose memory it is, and for how long. The members are fictional."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.actions.said import PENDING_MINUTES, Pending
from bot.assistant.answer import Role, Turn
from bot.post.inbox import Begun
from bot.post.office import Answered, PostOffice, open_messages
from bot.post.remembering import TURNS_MINUTES, Memory
from tests.bot.post.simple import NOW, incoming

ASKED = Pending("issuing", {"asked": "confirmation", "key": "k"})


class Office(PostOffice):
    """At a moment that can be moved."""

    now: datetime = NOW

    async def taken(self, id: str, *, group: str | None = None) -> tuple[Begun, Memory]:
        taken = await self.begin((await self.accept(incoming(id, f"问{id}", group=group))).number)
        assert taken is not None
        return taken

    async def said(self, id: str, holder: str, pending: Pending | None = ASKED, *, group: str | None = None) -> Memory:
        """What was remembered when it came; it is answered to this holder."""
        begun, memory = await self.taken(id, group=group)
        await self.answered(begun, memory, Answered(["答"], None, f"答{id}", pending, holder))
        return memory


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    engine = open_messages(tmp_path / "messages.db")
    office = Office(engine, lambda: office.now)
    yield office
    await office.close()
    engine.dispose()


async def test_the_holder_of_a_memory_is_given_back_with_it(office: Office) -> None:
    await office.said("1", "王")
    memory = await office.said("2", "王")
    turns = (Turn(Role.USER, "问1"), Turn(Role.ASSISTANT, "答1"))
    assert memory == Memory(turns, ASKED, "王")
    assert memory.of("王") == memory
    assert memory.of("李") == Memory(holder="李")
    assert memory.of("") == Memory()


async def test_what_is_said_to_another_holder_begins_anew(office: Office) -> None:
    await office.said("1", "王")
    await office.said("2", "李", None)
    assert await office.said("3", "李") == Memory((Turn(Role.USER, "问2"), Turn(Role.ASSISTANT, "答2")), None, "李")


@pytest.mark.parametrize(
    ("minutes", "pending", "turns"),
    [(0, True, True), (31, False, True), (61, False, False), (-1, True, True), (-31, False, True), (-61, False, False)],
)
async def test_it_is_forgotten_soon(office: Office, minutes: int, pending: bool, turns: bool) -> None:
    """A clock set back keeps no dialogue alive."""
    assert (PENDING_MINUTES, TURNS_MINUTES) == (30, 60)
    await office.said("1", "王")
    office.now = NOW + timedelta(minutes=minutes)
    memory = await office.said("2", "王")
    assert (memory.pending is not None, bool(memory.turns)) == (pending, turns)


async def test_a_group_of_the_same_name_is_another_place(office: Office) -> None:
    await office.said("1", "王")
    assert await office.said("2", "王", group="zhang") == Memory()
