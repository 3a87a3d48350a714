"""Answers bot/post/migrations: books of an older program with everything under way in them are gone on with.

A message that waits, a letter that waits for its next try, one during whose try the process ended: whatever the step
the books were at, each is answered and sent once.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine

from bot.post.tables import MESSAGES
from index.store.columns import moment_text
from index.store.migrating import config
from tests.bot.post.at_work import at_work, books, texts, until
from tests.bot.post.simple import LIMITS, NOW, SimplePlatform, incoming
from tests.bot.post.timeless import run

EARLIER = moment_text(NOW - timedelta(minutes=2))
MESSAGE = "INSERT INTO messages (number, app, id, conversation, received_at, begun, answered_at, content)"
LETTER = (
    "INSERT INTO letters (number, message, app, conversation, recipient, key, route, text, state, passive, written_at,"
    " tries, not_before, done_at)"
)
ATTEMPT = "INSERT INTO attempts (letter, app, recipient, begun_at, ended_at)"


def old_books(path: Path, revision: str) -> None:
    """One message not answered; two letters: failed and to be tried again, and under way when the process ended."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        settings = config(MESSAGES)
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
    engine.dispose()
    waits, li, wang = incoming("1"), incoming("2", sender="li"), incoming("3", sender="wang")
    with closing(sqlite3.connect(path)) as driver, driver:
        for number, each, answered in ((1, waits, None), (2, li, EARLIER), (3, wang, EARLIER)):
            row = number, "office", each.id, each.conversation, EARLIER, 1, answered, json.dumps(each.to_json())
            driver.execute(f"{MESSAGE} VALUES ({', '.join('?' * len(row))})", row)
        for number, each, again in ((2, li, EARLIER), (3, wang, None)):
            route = json.dumps(dict(each.route))
            letter = (
                number, number, "office", each.conversation, each.sender, f"key{number}", route, f"答{number}",
                "queued", False, EARLIER, 1, again, None,
            )  # fmt: skip
            driver.execute(f"{LETTER} VALUES ({', '.join('?' * len(letter))})", letter)
            driver.execute(f"{ATTEMPT} VALUES (?, 'office', ?, ?, ?)", (number, each.sender, EARLIER, again))


@pytest.mark.parametrize("revision", MESSAGES.known)
@pytest.mark.parametrize("knows_keys", [True, False])
def test_books_of_an_older_program_are_gone_on_with(tmp_path: Path, revision: str, knows_keys: bool) -> None:
    async def main() -> None:
        async with at_work(tmp_path, platform):
            await until(lambda: len(platform.taken) == 3)
        async with books(tmp_path) as office:
            counts = await office.counts()
        assert (counts.waiting, counts.unsent, counts.given_up) == (0, 0, 0)
        assert counts.perhaps_twice == (0 if knows_keys else 1), "the one that was under way"

    old_books(tmp_path / "messages.db", revision)
    platform = SimplePlatform(limits=replace(LIMITS, knows_keys=knows_keys))
    run(main())
    assert sorted(texts(platform)) == ["答2", "答3", "答：有效期多久？"]
