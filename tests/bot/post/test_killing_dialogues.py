"""kill -9 in the midst of a dialogue, with real processes: it goes on where it was, and what is done is done once."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.channels.messages import Incoming
from tests.bot.post.killed import Platform, serving
from tests.bot.post.killed_desk import live, prepare
from tests.bot.post.simple import incoming
from tests.verify.issuing.conftest import prepared as prepared
from tests.verify.issuing.conftest import quick_disk as quick_disk
from tests.verify.issuing.conftest import quick_keys as quick_keys
from tests.verify.issuing.office import COMPANY

REPORT = (f"给{COMPANY}开近三年的报告", "营业执照")
OBJECTION = (f"对{COMPANY}提异议", "1", "该处罚决定已被撤销（示例）", "经办人孙示例，营业执照")
STEPS_MAX = 150


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared, tmp_path / "office" / "home")
    prepare(tmp_path / "office" / "home")
    return tmp_path / "office"


async def told(platform: Platform, message: Incoming, letters: int = 1) -> str:
    """The last of so many letters that it is answered with."""
    before = len(platform.taken)
    assert await platform.say(message)
    await platform.until_dead_or(before + letters)
    assert len(platform.taken) == before + letters, platform.taken
    return platform.taken[-1][1]


def count(store: Path, table: str, where: str = "1") -> int:
    with closing(sqlite3.connect(store)) as driver:
        return int(driver.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])


async def until_noted(messages: Path) -> None:
    """Until what was sent is known to have been: another platform would take it again."""
    async with asyncio.timeout(60):
        while count(messages, "letters", "state = 'queued'"):
            await asyncio.sleep(0.02)


async def test_a_dialogue_goes_on_and_its_purpose_stands_whatever_is_killed_between_two_words(folder: Path) -> None:
    words = (
        (f"查一下{COMPANY}", "请先说明为哪个事项"),
        ("1", "请说明用途"),
        ("核实示例项目投标资格", "事项：招标投标；用途：核实示例项目投标资格"),
        (f"查一下{COMPANY}", "事项：招标投标；用途：核实示例项目投标资格"),
    )
    async with serving(folder, live) as platform:
        for number, (text, expected) in enumerate(words):
            await platform.start()
            assert expected in await told(platform, incoming(str(number), text, sender="desk1"))
            platform.kill()
    assert count(folder / "home" / "office.db", "audit", "action = 'records.list'") == 2


@dataclass(frozen=True, slots=True)
class Errand:
    """``words`` lead to the question for the confirmation; ``every``: so many steps from one kill to the next.

    Every step holds, and all of them take minutes; odd, so that both sides of transactions are killed at. ``letters``:
    how those begin that it is answered with.
    """

    words: tuple[str, ...]
    every: int
    table: str
    action: str
    letters: tuple[str, ...]


@pytest.mark.parametrize(
    "errand",
    [
        Errand(REPORT, 5, "ledger", "report.issue", ("[YCZX", "已签发 Y")),
        Errand(OBJECTION, 3, "objections", "objection.file", ("异议已提交",)),
    ],
    ids=lambda errand: errand.table,
)
async def test_what_is_confirmed_is_done_once_whatever_step_is_killed(folder: Path, errand: Errand) -> None:
    async with serving(folder, live) as platform:
        await platform.start()
        for number, text in enumerate(errand.words):
            said = await told(platform, incoming(str(number), text, sender="desk1"))
        assert "回复“确认”" in said
        await until_noted(folder / "messages.db")
    copy = folder.with_name("copy")
    assert not await _killed_at(-1, errand, copy, folder), "something was written, nothing answered"
    kills, answered = 0, False
    while not answered:
        kills += 1
        assert kills * errand.every < STEPS_MAX
        answered = await _killed_at(kills * errand.every, errand, copy, folder)
    assert kills > 2, "receive, begin, act and write: before and after"


async def _killed_at(step: int, errand: Errand, copy: Path, folder: Path) -> bool:
    """Whether it was answered before that step came: what is sent then is ``test_killing``'s."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    yes = incoming("yes", "确认", sender="desk1")
    async with serving(copy, live) as platform:
        await platform.start(step)
        known = await platform.say(yes)
        await platform.until_dead_or(len(errand.letters))
        platform.kill()
        answered = count(copy / "messages.db", "messages", "id = 'yes' AND answered_at IS NOT NULL") == 1
        await platform.start()
        if not known or step % 2:  # what was acknowledged may come again all the same
            assert await platform.say(yes)
        await platform.until_dead_or(len(errand.letters))
    assert sorted(text[:5] for _, text in platform.taken) == list(errand.letters), (step, platform.taken)
    store = copy / "home" / "office.db"
    assert count(store, errand.table) == 1, step
    assert count(store, "audit", f"action = '{errand.action}'") == 1, step
    return answered
