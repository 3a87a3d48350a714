"""What is asked of the database at one time is one transaction, and a fault takes only its own with it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, func, insert, select

from bot.post.committing import Commits
from bot.post.office import open_messages
from bot.post.tables import memories
from index.errors import StoreError
from tests.bot.post.simple import NOW


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_messages(tmp_path / "messages.db")


@pytest.fixture
async def commits(engine: Engine) -> AsyncIterator[Commits]:
    commits = Commits(engine)
    yield commits
    await commits.close()
    engine.dispose()


def row(name: str) -> dict[str, object]:
    return {"app": name, "conversation": "", "sender": "", "at": NOW, "turns": "[]"}


def written(connection: Connection, name: str) -> str:
    connection.execute(insert(memories).values(**row(name)))
    return name


def broken(connection: Connection) -> None:
    written(connection, "broken")
    raise RuntimeError("a fault of ours")


async def test_what_comes_at_one_time_is_one_transaction(commits: Commits, engine: Engine) -> None:
    committed: list[int] = []
    event.listen(engine, "commit", lambda _: committed.append(1))
    results = await asyncio.gather(*(commits.run(lambda c, n=n: written(c, str(n))) for n in range(50)))  # type: ignore[misc]
    assert results == [str(number) for number in range(50)]
    assert len(committed) < 5


async def test_an_operation_that_fails_takes_no_other_with_it(commits: Commits) -> None:
    asked = [
        commits.run(lambda connection: written(connection, "a")),
        commits.run(broken),
        commits.run(lambda connection: written(connection, "b")),
    ]
    first, fault, second = await asyncio.gather(*asked, return_exceptions=True)
    assert (first, second) == ("a", "b")
    assert isinstance(fault, RuntimeError)
    names = await commits.run(lambda connection: list(connection.scalars(select(memories.c.app))))
    assert names == ["a", "b"]


async def test_whoever_is_cancelled_leaves_the_others_alone(commits: Commits) -> None:
    cancelled = asyncio.create_task(commits.run(lambda connection: written(connection, "a")))
    other = asyncio.create_task(commits.run(lambda connection: written(connection, "b")))
    await asyncio.sleep(0)
    cancelled.cancel()
    assert await other == "b"


async def test_what_the_database_refuses_is_a_store_error(commits: Commits) -> None:
    await commits.run(lambda connection: written(connection, "a"))
    with pytest.raises(StoreError, match="消息队列"):
        await commits.run(lambda connection: written(connection, "a"))
    assert await commits.run(lambda connection: connection.scalar(select(func.count()).select_from(memories))) == 1
