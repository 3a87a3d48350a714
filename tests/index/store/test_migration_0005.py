"""Answers index/store/migrations/versions/v0005: an audit that was there is chained as it is."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command

from index.audit import append, head
from index.audit_chain import Fault
from index.audit_lines import check_store
from index.store.engine import open_store, writing
from index.store.migrating import config
from index.store.schema import OFFICE
from tests.index.records.samples import NOW

OLD = "INSERT INTO audit (id, at, actor, purpose, action, target, detail) VALUES (?, ?, ?, ?, ?, ?, ?)"


def _old_store(path: Path, numbers: list[int]) -> None:
    """A store at revision 0004 with these audit lines."""
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        settings = config(OFFICE)
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0004")
    engine.dispose()
    with closing(sqlite3.connect(path)) as driver, driver:
        for number in numbers:
            at = f"2026-11-22T10:00:00.{number:06}+08:00"
            driver.execute(OLD, (number, at, "王五", "窗口核对", "records.read", f"T{number}", "1 条"))


@pytest.mark.parametrize("count", [0, 1, 2500])
def test_old_lines_are_kept_and_chained_and_the_next_one_stands_behind_them(tmp_path: Path, count: int) -> None:
    path = tmp_path / "office.db"
    _old_store(path, list(range(1, count + 1)))
    engine = open_store(path)
    with writing(engine) as connection:
        append(connection, at=NOW, actor="a", purpose="b", action="c", target="t")
        assert head(connection).number == count + 1
        targets = connection.exec_driver_sql("SELECT target FROM audit ORDER BY id").scalars().all()
    assert targets == [*(f"T{number}" for number in range(1, count + 1)), "t"]
    assert check_store(engine).findings == []


def test_line_that_was_missing_before_is_found_after(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    _old_store(path, [1, 2, 4, 5])
    found = check_store(open_store(path)).findings
    assert [(each.fault, each.number) for each in found] == [(Fault.MISSING, 4)]


def test_chained_audit_refuses_change_deletion_and_a_line_out_of_order(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    _old_store(path, [1])
    open_store(path).dispose()
    again = "INSERT OR REPLACE INTO audit SELECT id + ?, at, actor, purpose, action, target, detail, ? FROM audit"
    refused = (
        ("UPDATE audit SET detail = ''", ()),
        ("DELETE FROM audit", ()),
        (again, (0, bytes(32))),
        (again, (2, bytes(32))),
        (again, (1, b"short")),
    )
    with closing(sqlite3.connect(path)) as driver:
        for statement, values in refused:
            with pytest.raises(sqlite3.IntegrityError, match="audit"):
                driver.execute(statement, values)
