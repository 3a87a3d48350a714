"""The books: what is kept, how long, what is counted, and that the migrations make the tables of the code."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, select

from bot.channels.messages import Attachment, OutFile
from bot.post.counting import Counts
from bot.post.office import Answered, PostOffice, open_messages
from bot.post.outbox import Letter
from bot.post.remembering import NOTHING, TURN_CHARACTERS, TURNS_MAX, Memory
from bot.post.retention import KNOWN_DAYS, TEXT_HOURS, UNDONE_DAYS
from bot.post.tables import MESSAGES, letters, messages, metadata
from index.store.migrating import config
from tests.bot.post.simple import NOW, incoming


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_messages(tmp_path / "messages.db")


@pytest.fixture
async def office(engine: Engine, clock: Clock) -> AsyncIterator[PostOffice]:
    office = PostOffice(engine, clock)
    yield office
    await office.close()
    engine.dispose()


async def answered(office: PostOffice, id: str, *texts: str, file: OutFile | None = None) -> list[int]:
    received = await office.accept(incoming(id, f"问{id}"))
    taken = await office.begin(received.number)
    assert taken is not None
    return await office.answered(*taken, Answered(texts or (f"答{id}",), file, f"答{id}", None))


async def letter(office: PostOffice, number: int) -> Letter:
    found = await office.letter(number)
    assert found is not None
    return found


async def send(office: PostOffice, number: int) -> None:
    found = await letter(office, number)
    attempt = await office.begin_try(found)
    assert attempt is not None
    await office.sent(found, attempt)


def test_migrations_make_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": metadata})
        assert compare_metadata(context, metadata) == []
    found = [script.revision for script in ScriptDirectory.from_config(config(MESSAGES)).walk_revisions()]
    assert tuple(reversed(found)) == MESSAGES.known
    engine.dispose()


async def test_a_message_comes_back_as_it_was_given(office: PostOffice) -> None:
    given = replace(
        incoming("1", "甲\x00乙😀", group="群"), attachments=(Attachment("图.png", {"media": "m1"}),), route={"to": "x"}
    )
    taken = await office.begin((await office.accept(given)).number)
    assert taken is not None
    assert taken[0].incoming == given


async def test_half_a_surrogate_pair_in_a_message_stops_nothing(office: PostOffice) -> None:
    assert not (await office.accept(incoming("1\ud800", "甲\ud83d", sender="z\udfff"))).known
    assert (await office.accept(incoming("1\ud800"))).known


async def test_two_answers_to_one_message_are_one(office: PostOffice) -> None:
    received = await office.accept(incoming("1"))
    first, second = await office.begin(received.number), await office.begin(received.number)
    assert first is not None
    assert second is not None
    assert len(await office.answered(*first, Answered(["甲"], None, "甲", None))) == 1
    assert await office.answered(*second, Answered(["乙"], None, "乙", None)) == []
    assert await office.begin(received.number) is None


async def test_letters_of_one_message_have_keys_that_a_new_database_would_give_again(
    office: PostOffice, tmp_path: Path, clock: Clock
) -> None:
    engine = open_messages(tmp_path / "other.db")
    other = PostOffice(engine, clock)
    await answered(other, "before")
    keys = [
        [(await letter(each, number)).key for number in await answered(each, "1", "甲", "乙")]
        for each in (office, other)
    ]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 2
    await other.close()
    engine.dispose()


async def test_figures_say_what_waits_what_is_late_and_what_was_given_up(office: PostOffice, clock: Clock) -> None:
    await office.accept(incoming("0"))
    (late,) = await answered(office, "1")
    clock.now += timedelta(seconds=61)
    (gone,) = await answered(office, "2")
    await office.accept(incoming("3"))
    await send(office, (await answered(office, "4"))[0])
    await office.give_up(await letter(office, gone), None, "60111")
    assert await office.counts() == Counts(waiting=2, unsent=1, late=2, given_up=1, perhaps_twice=0)
    (shown,) = await office.given_up()
    assert (shown.app, shown.recipient, shown.tries, shown.fault) == ("office", "zhang", 0, "60111")
    assert (await letter(office, late)).text == "答1"


async def test_texts_are_forgotten_after_a_day_and_rows_after_nine(
    office: PostOffice, clock: Clock, engine: Engine, tmp_path: Path
) -> None:
    sent = await answered(office, "1", "秘密的答复", file=OutFile("报告.pdf", b"secret file"))
    for number in sent:
        await send(office, number)
    (unsent,) = await answered(office, "2", "还没送达")
    await office.accept(incoming("3", "还没答"))
    clock.now += timedelta(hours=TEXT_HOURS, minutes=1)
    await office.purge()
    with engine.connect() as connection:
        kept = connection.execute(select(letters.c.text, letters.c.file).order_by(letters.c.number)).all()
        said = connection.scalars(select(messages.c.content).order_by(messages.c.number)).all()
    assert [tuple(row) for row in kept] == [(None, None), (None, None), ("还没送达", None)]
    assert [content is not None for content in said] == [False, False, True]
    assert (await office.accept(incoming("1"))).known
    clock.now += timedelta(days=KNOWN_DAYS)
    await office.purge()
    assert (await letter(office, unsent)).text == "还没送达"
    assert not (await office.accept(incoming("1"))).known
    assert (await office.accept(incoming("3"))).known


async def test_nobody_is_known_by_what_is_left_after_a_day(office: PostOffice, clock: Clock, engine: Engine) -> None:
    for number in await answered(office, "1", "甲", file=OutFile("张某的报告.pdf", b"pdf")):
        await send(office, number)
    clock.now += timedelta(hours=TEXT_HOURS, minutes=1)
    await office.purge()
    with engine.connect() as connection:
        rows = [tuple(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert len(rows) == 1 + 2 + 2  # the message, its letters, the attempts
    assert "zhang" not in repr(rows)
    assert "张某" not in repr(rows)


async def test_what_nobody_answers_or_sends_any_more_is_forgotten_after_a_month(
    office: PostOffice, clock: Clock, engine: Engine
) -> None:
    await office.accept(incoming("1", "没人答"))
    (unsent,) = await answered(office, "2", "没人发")
    clock.now += timedelta(days=UNDONE_DAYS, minutes=1)
    await office.purge()
    assert await office.waiting() == []
    assert await office.letter(unsent) is None
    with engine.connect() as connection:
        rows = [tuple(row) for table in (messages, letters) for row in connection.execute(select(table))]
    assert len(rows) == 1
    assert "zhang" not in repr(rows)


async def test_what_was_deleted_is_not_left_in_the_file(
    office: PostOffice, clock: Clock, engine: Engine, tmp_path: Path
) -> None:
    await send(office, (await answered(office, "1", "很秘密的答复" * 50))[0])
    clock.now += timedelta(hours=TEXT_HOURS, minutes=1)
    await office.purge()
    await office.close()
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert "很秘密".encode() not in stored
    assert json.dumps("问1")[1:-1].encode() not in stored


async def test_a_memory_is_short_and_its_own_members(office: PostOffice) -> None:
    for number in range(TURNS_MAX):
        await answered(office, str(number), "长" * 5000)
    received = await office.accept(incoming("next"))
    taken = await office.begin(received.number)
    assert taken is not None
    memory: Memory = taken[1]
    assert len(memory.turns) == TURNS_MAX
    assert all(len(turn.content) <= TURN_CHARACTERS for turn in memory.turns)
    other = await office.begin((await office.accept(incoming("other", sender="wang"))).number)
    assert other is not None
    assert other[1] == NOTHING


async def test_a_group_that_is_called_like_a_member_shares_no_memory_with_him(office: PostOffice) -> None:
    await answered(office, "1")
    taken = await office.begin((await office.accept(incoming("2", group="zhang"))).number)
    assert taken is not None
    assert taken[1] == NOTHING


async def test_only_its_owner_can_read_the_books(office: PostOffice, tmp_path: Path) -> None:
    await office.accept(incoming("1"))
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.glob("messages.db*") if ".lock" not in path.name)


async def test_no_number_is_given_twice(office: PostOffice, engine: Engine) -> None:
    for id in ("1", "2", "1"):
        await office.accept(incoming(id))
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(messages)) == 2


async def test_what_was_perhaps_taken_unseen_and_then_sent_is_counted(office: PostOffice) -> None:
    for id, doubtful in (("1", True), ("2", False), ("3", True)):
        (number,) = await answered(office, id)
        found = await letter(office, number)
        attempt = await office.begin_try(found)
        assert attempt is not None
        await office.failed(found, attempt, "no answer", 0.0, doubtful=doubtful)
        if id != "3":
            await send(office, number)
    assert (await office.counts()).perhaps_twice == 1


@pytest.mark.parametrize(("forgetful", "twice"), [(["office"], 1), ([], 0)])
async def test_a_try_during_which_the_process_ended_is_in_doubt_where_no_repetition_is_recognised(
    office: PostOffice, forgetful: list[str], twice: int
) -> None:
    (number,) = await answered(office, "1")
    assert await office.begin_try(await letter(office, number)) is not None
    await office.calls(60.0, forgetful)  # as the next process does
    await office.calls(60.0, forgetful)
    await send(office, number)
    assert (await office.counts()).perhaps_twice == twice
