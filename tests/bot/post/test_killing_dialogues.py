"""kill -9 in the midst of a dialogue, with real processes: it goes on where it was, and what is done is done once."""

import shutil
import sqlite3
from contextlib import closing
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
LETTERS = 3
"""The number of the report, its file, the number of the objection."""
EVERY, LEAST, STEPS_MAX = 3, 12, 150
"""Every third of 38 steps, of those before and after transactions alike; all of them hold, and take a minute."""


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


async def test_a_report_and_an_objection_confirmed_are_one_each_whatever_step_is_killed(folder: Path) -> None:
    async with serving(folder, live) as platform:
        await platform.start()
        for sender, words in (("desk1", REPORT), ("desk2", OBJECTION)):
            for number, text in enumerate(words):
                said = await told(platform, incoming(f"{sender}.{number}", text, sender=sender))
            assert "回复“确认”" in said
    steps = 0
    while not await _killed_at(steps + EVERY, folder.with_name("copy"), folder):
        steps += EVERY
        assert steps < STEPS_MAX
    assert steps > LEAST, "receive, begin and write of each, what issuing and filing write: before and after"


async def _killed_at(step: int, copy: Path, folder: Path) -> bool:
    """Whether both were answered before that step came: what is sent then is ``test_killing``'s."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    yes = [incoming(f"{sender}.yes", "确认", sender=sender) for sender in ("desk1", "desk2")]
    async with serving(copy, live) as platform:
        await platform.start(step)
        known = [await platform.say(message) for message in yes]
        await platform.until_dead_or(LETTERS)
        platform.kill()
        answered = count(copy / "messages.db", "messages", "id LIKE '%.yes' AND answered_at IS NOT NULL") == len(yes)
        await platform.start()
        for message, acknowledged in zip(yes, known, strict=True):
            if not acknowledged or step % 2:  # what was acknowledged may come again all the same
                assert await platform.say(message)
        await platform.until_dead_or(LETTERS)
    letters = sorted(text[:5] for _, text in platform.taken)
    assert letters == ["[YCZX", "已签发 Y", "异议已提交"], (step, platform.taken)
    store = copy / "home" / "office.db"
    assert (count(store, "ledger"), count(store, "objections")) == (1, 1), step
    assert count(store, "audit", "action = 'objection.file'") == 1, step
    return answered
