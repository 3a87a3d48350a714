"""Answers bot/post/counting.py: figures that anybody may ask for are told without reading what is done."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bot.post.counting import counts
from bot.post.office import open_messages
from verify.validity import SHANGHAI

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_messages(tmp_path / "messages.db")
    yield engine
    engine.dispose()


def test_each_figure_is_counted_in_an_index_of_what_it_counts(engine: Engine) -> None:
    """Else one request a second for the health of nine days' letters would leave no time for the letters."""
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    with engine.connect() as connection:
        counts(connection, NOW)
        figures = [each for each in asked if each[0].startswith("SELECT")]
        ways = [
            row.detail
            for statement, values in figures
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    used = {way.rpartition("INDEX ")[2] for way in ways}
    assert used == {"ix_messages_waiting", "ix_letters_queued", "ix_letters_given_up", "ix_letters_doubtful"}
