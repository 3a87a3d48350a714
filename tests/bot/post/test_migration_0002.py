"""Answers bot/post/migrations/versions/v0002: messages are kept; a memory that names nobody is nobody's."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from bot.post.office import open_messages
from bot.post.tables import MESSAGES
from index.store.migrating import config

AT = "2026-11-22T10:00:00.000000+08:00"
MEMORY = (
    "INSERT INTO memories (app, conversation, sender, at, turns, pending)"
    " VALUES ('office', 'zhang', 'zhang', ?, '[]', '[\"issuing\", {}]')"
)
MESSAGE = "INSERT INTO messages (app, id, conversation, received_at, begun) VALUES ('office', '1', 'zhang', ?, 0)"


def test_messages_are_kept_and_memories_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "messages.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        settings = config(MESSAGES)
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
    engine.dispose()
    with closing(sqlite3.connect(path)) as driver, driver:
        driver.execute(MEMORY, (AT,))
        driver.execute(MESSAGE, (AT,))
    open_messages(path).dispose()
    with closing(sqlite3.connect(path)) as driver:
        assert driver.execute("SELECT count(*) FROM messages").fetchone() == (1,)
        assert driver.execute("SELECT count(*) FROM memories").fetchone() == (0,)
        assert driver.execute("SELECT count(*) FROM stated_duties").fetchone() == (0,)
