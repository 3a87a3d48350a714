"""Answers index/audit_lines.py: the audit of a store, against somebody who may write the database."""

import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from index.audit import append, head
from index.audit_chain import Fault, Head
from index.audit_lines import Wanted, check_store, show
from index.errors import AccessDenied, AuditError
from index.store.engine import open_store, writing
from tests.index.records.samples import NOW
from tests.index.tampering import COLUMNS, Deed, audited, tampered

LINES = 6
SAID: dict[str, Any] = {"at": NOW, "actor": "a", "purpose": "p", "action": "c", "target": "t"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited(tmp_path_factory.mktemp("audit") / "office.db", LINES)


def found(path: Path, *expected: Head) -> list[tuple[Fault, int]]:
    engine = open_store(path)
    findings = [(each.fault, each.number) for each in check_store(engine, expected).findings]
    engine.dispose()
    return findings


def last(path: Path) -> Head:
    engine = open_store(path)
    with engine.connect() as connection:
        kept = head(connection)
    engine.dispose()
    return kept


def test_untouched_store_is_in_order(source: Path) -> None:
    assert found(source, last(source)) == []


VALUES = ["x", 7, b"x", None]


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_every_line_is_held(source: Path, tmp_path: Path, column: str, value: object) -> None:
    for number in range(1, LINES + 1):

        def deed(driver: sqlite3.Connection, number: int = number) -> None:
            driver.execute("PRAGMA ignore_check_constraints=ON")
            with suppress(sqlite3.IntegrityError):  # what the table itself does not take
                driver.execute(f"UPDATE audit SET {column} = ? WHERE id = ?", (value, number))

        path = tampered(source, tmp_path / "office.db", deed)
        with closing(sqlite3.connect(path)) as driver, closing(sqlite3.connect(source)) as before:
            lines = "SELECT * FROM audit"
            driver.text_factory = before.text_factory = bytes
            same = driver.execute(lines).fetchall() == before.execute(lines).fetchall()
        assert same == (found(path) == [])


def test_text_that_is_no_utf8_is_found_not_raised(source: Path, tmp_path: Path) -> None:
    path = tampered(
        source,
        tmp_path / "office.db",
        lambda driver: driver.execute("UPDATE audit SET detail = CAST(x'ff41' AS TEXT) WHERE id = 2"),
    )
    assert found(path) == [(Fault.CHANGED, 2)]


DEEDS: dict[str, tuple[Deed, list[tuple[Fault, int]]]] = {
    "a line deleted": (lambda driver: driver.execute("DELETE FROM audit WHERE id = 3"), [(Fault.MISSING, 4)]),
    "a line deleted and the others moved up": (
        lambda driver: driver.executescript("DELETE FROM audit WHERE id = 5; UPDATE audit SET id = 5 WHERE id = 6"),
        [(Fault.CHANGED, 5)],
    ),
    "two lines changed places": (
        lambda driver: driver.executescript(
            "UPDATE audit SET id = 99 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3;"
            "UPDATE audit SET id = 3 WHERE id = 99"
        ),
        [(Fault.CHANGED, 2), (Fault.CHANGED, 3), (Fault.CHANGED, 4)],
    ),
    "a line put in behind the last": (
        lambda driver: driver.execute(
            "INSERT INTO audit SELECT 7, at, actor, purpose, action, target, detail, hash FROM audit WHERE id = 6"
        ),
        [(Fault.CHANGED, 7)],
    ),
    "a line put in before the first": (
        lambda driver: driver.execute(
            "INSERT INTO audit SELECT 0, at, actor, purpose, action, target, detail, hash FROM audit WHERE id = 1"
        ),
        [(Fault.MISSING, 0), (Fault.CHANGED, 1)],
    ),
}


@pytest.mark.parametrize("name", DEEDS)
def test_deed_is_found_at_its_line(source: Path, tmp_path: Path, name: str) -> None:
    deed, findings = DEEDS[name]
    assert found(tampered(source, tmp_path / "office.db", deed)) == findings


@pytest.mark.parametrize("left", [0, 1, LINES - 1])
def test_end_that_was_cut_off_is_found_by_a_head_kept_elsewhere(source: Path, tmp_path: Path, left: int) -> None:
    def deed(driver: sqlite3.Connection) -> None:
        driver.execute("DELETE FROM audit WHERE id > ?", (left,))

    path = tampered(source, tmp_path / "office.db", deed)
    assert found(path) == []
    assert found(path, last(source)) == [(Fault.TRUNCATED, LINES)]


def test_head_goes_on_being_held_when_new_lines_follow_the_cut(source: Path, tmp_path: Path) -> None:
    path = tampered(source, tmp_path / "office.db", lambda driver: driver.execute("DELETE FROM audit WHERE id > 3"))
    engine = open_store(path)
    with writing(engine) as connection:
        for _ in range(LINES):
            append(connection, **SAID)
    engine.dispose()
    assert found(path, last(source)) == [(Fault.OTHER_HEAD, LINES)]


@given(
    st.lists(st.tuples(st.integers(1, LINES), st.integers(1, LINES), st.sampled_from(COLUMNS)), min_size=1, max_size=3)
)
@settings(max_examples=25, deadline=None)
def test_what_is_copied_from_line_to_line_is_found(source: Path, copies: list[tuple[int, int, str]]) -> None:
    def deed(driver: sqlite3.Connection) -> None:
        for to, of, column in copies:
            taken = f"(SELECT {column} FROM audit WHERE id = ?)"
            with suppress(sqlite3.IntegrityError):  # what the database itself refuses: a line without a number
                driver.execute(f"UPDATE OR REPLACE audit SET {column} = {taken} WHERE id = ?", (of, to))

    with tempfile.TemporaryDirectory() as folder:
        path = tampered(source, Path(folder) / "office.db", deed)
        with closing(sqlite3.connect(path)) as driver, closing(sqlite3.connect(source)) as before:
            lines = "SELECT * FROM audit"
            same = driver.execute(lines).fetchall() == before.execute(lines).fetchall()
        assert (found(path, last(source)) == []) == same


@pytest.mark.parametrize(
    "statement",
    ["DROP TRIGGER audit_kept", "DROP TRIGGER audit_fixed", "DROP TRIGGER audit_in_order"],
)
def test_guard_that_was_taken_away_is_named(source: Path, tmp_path: Path, statement: str) -> None:
    path = tampered(source, tmp_path / "office.db", lambda driver: None)
    with closing(sqlite3.connect(path)) as driver, driver:
        driver.execute(statement)
    assert found(path) == [(Fault.UNGUARDED, 0)]


@pytest.mark.parametrize("table", ["audit", "AUDIT"])
def test_trigger_that_swallows_lines_is_named_and_stops_the_act(source: Path, tmp_path: Path, table: str) -> None:
    path = tampered(source, tmp_path / "office.db", lambda driver: None)
    with closing(sqlite3.connect(path)) as driver, driver:
        swallow = "BEGIN SELECT RAISE(IGNORE); END"
        driver.execute(f"CREATE TRIGGER quiet BEFORE INSERT ON {table} WHEN NEW.actor = 'a' {swallow}")
    assert found(path) == [(Fault.UNGUARDED, 0)]
    engine = open_store(path)
    with pytest.raises(AuditError) as refused, writing(engine) as connection:
        append(connection, **SAID)
    assert refused.value.code == "AUDIT_NOT_KEPT"
    engine.dispose()


def test_writers_in_many_threads_make_one_chain(tmp_path: Path) -> None:
    engine, together = open_store(tmp_path / "office.db"), Barrier(8)

    def write(name: int) -> None:
        together.wait()
        for number in range(25):
            with writing(engine) as connection:
                append(connection, **SAID | {"target": f"{name}-{number}"})

    threads = [Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    walk = check_store(engine)
    assert (walk.lines, walk.findings) == (200, [])
    engine.dispose()


WRITER = """
import sys
from datetime import datetime
from pathlib import Path
from index.audit import append
from index.calendar import SHANGHAI
from index.store.engine import open_store, writing
engine = open_store(Path(sys.argv[1]))
for number in range(25):
    with writing(engine) as connection:
        append(connection, at=datetime.now(SHANGHAI), actor=sys.argv[2], purpose="p", action="a", target=str(number))
"""


def test_writers_in_several_processes_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    open_store(path).dispose()
    command = [sys.executable, "-W", "error", "-c", WRITER, str(path)]
    running = [subprocess.Popen([*command, str(number)]) for number in range(4)]
    assert [process.wait(300) for process in running] == [0] * 4
    engine = open_store(path)
    walk = check_store(engine)
    assert (walk.lines, walk.findings) == (100, [])
    engine.dispose()


def test_transaction_that_read_before_another_wrote_cannot_fork_the_chain(tmp_path: Path) -> None:
    engine = open_store(tmp_path / "office.db", wait_seconds=0.1)
    with engine.connect() as late, late.begin():
        head(late)
        with writing(engine) as connection:
            append(connection, **SAID)
        with pytest.raises(Exception, match="locked"):
            append(late, **SAID)
    walk = check_store(engine)
    assert (walk.lines, walk.findings) == (1, [])


@pytest.fixture
def shown(tmp_path: Path) -> Engine:
    engine = open_store(tmp_path / "office.db")
    with writing(engine) as connection:
        append(connection, **SAID | {"actor": "王五", "action": "records.read", "target": "A"})
        append(connection, **SAID | {"actor": "赵六", "action": "records.list", "target": "B"})
        append(connection, **SAID | {"actor": "王五", "action": "report%issue", "at": NOW + timedelta(days=1)})
    return engine


LOOK: dict[str, Any] = {"actor": "主任", "purpose": "例行检查", "now": NOW + timedelta(days=2)}


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Wanted(), [4, 3, 2, 1]),
        (Wanted(last=2), [4, 3]),
        (Wanted(actor="王五"), [3, 1]),
        (Wanted(action="records."), [2, 1]),
        (Wanted(action="%"), []),
        (Wanted(target="B"), [2]),
        (Wanted(since=NOW + timedelta(days=1), until=NOW + timedelta(days=2)), [3]),
        (Wanted(until=NOW), []),
    ],
)
def test_lines_wanted_are_shown_newest_first(shown: Engine, wanted: Wanted, numbers: list[int]) -> None:
    assert [line.number for line in show(shown, wanted, **LOOK)] == numbers


def test_who_looks_leaves_a_line_and_says_why(shown: Engine) -> None:
    show(shown, Wanted(actor="王五"), **LOOK)
    line = show(shown, Wanted(last=2), **LOOK)[1]
    assert (line.actor, line.purpose, line.action, line.detail) == (
        "主任",
        "例行检查",
        "audit.read",
        "last=50，actor=王五",
    )
    with pytest.raises(AccessDenied):
        show(shown, Wanted(), **LOOK | {"purpose": " "})


def test_audit_that_cannot_be_read_says_what_to_do(shown: Engine) -> None:
    with shown.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_fixed")
        connection.exec_driver_sql("UPDATE audit SET at = 'yesterday' WHERE id = 2")
        connection.commit()
    with pytest.raises(AuditError) as caught:
        show(shown, Wanted(), **LOOK)
    assert "chenghe audit verify" in caught.value.next_step
