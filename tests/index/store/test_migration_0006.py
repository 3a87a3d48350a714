"""Answers index/store/migrations/versions/v0006: objections that were there are kept, and made by no request."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from index.store.engine import open_store
from index.store.migrating import config
from index.store.schema import OFFICE

ROW = (
    "INSERT INTO objections (number, subject_code, domain, unit, reason, channel, filed_at, filed_by, state,"
    " state_changed_at, outcome)"
    " VALUES (?, '91320902MA1EX0M1XB', 13, '市示例局', '理由', 'desk', ?, '某人', '已提交', ?, '')"
)
AT = "2026-11-22T10:00:00.000000+08:00"


def test_objections_of_before_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        settings = config(OFFICE)
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0005")
    engine.dispose()
    with closing(sqlite3.connect(path)) as driver, driver:
        for number in ("YY202611220001", "YY202611220002"):
            driver.execute(ROW, (number, AT, AT))
    store = open_store(path)
    with store.connect() as connection:
        kept = connection.exec_driver_sql("SELECT number, idempotency_key FROM objections ORDER BY number").all()
    store.dispose()
    assert [tuple(row) for row in kept] == [("YY202611220001", None), ("YY202611220002", None)]
