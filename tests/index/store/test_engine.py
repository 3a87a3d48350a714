"""Answers index/store/engine.py, schema.py and migrating.py."""

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, insert, select

from index.errors import StoreError
from index.store.engine import open_store, writing
from index.store.migrating import config
from index.store.schema import OFFICE
from index.store.tables import batches, metadata
from tests.index.records.samples import NOW

OPEN = "import sys; from pathlib import Path; from index.store.engine import open_store; open_store(Path(sys.argv[1]))"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_store(tmp_path / "office.db")


def _add_batch(connection: object, number: str) -> None:
    line = {"kind": "records", "file_name": "f", "file_sha256": "0", "received_at": NOW, "actor": "a"}
    connection.execute(insert(batches).values(id=number, **line))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30000)]
)
def test_store_is_durable_and_strict(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_migrations_make_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []


def test_known_revisions_are_the_files_in_the_folder() -> None:
    found = [script.revision for script in ScriptDirectory.from_config(config(OFFICE)).walk_revisions()]
    assert tuple(reversed(found)) == OFFICE.known


def test_opening_an_up_to_date_store_is_quick_and_leaves_alembic_alone(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    open_store(path).dispose()
    code = OPEN + "; assert not any(name.startswith('alembic') for name in sys.modules)"
    subprocess.run([sys.executable, "-W", "error", "-c", code, path], check=True)
    best = 1.0
    for _ in range(5):
        start = time.process_time()
        open_store(path).dispose()
        best = min(best, time.process_time() - start)
    assert best < 0.05


def test_two_processes_may_create_the_store_at_once(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    running = [subprocess.Popen([sys.executable, "-W", "error", "-c", OPEN, str(path)]) for _ in range(4)]
    assert [process.wait(300) for process in running] == [0, 0, 0, 0]
    with open_store(path).connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [OFFICE.head]


def test_store_of_a_newer_program_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    engine = open_store(path)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError) as caught:
        open_store(path)
    assert caught.value.code == "STORE_NEWER"
    assert "9999" in caught.value.message


def test_file_that_is_no_database_is_refused_in_chinese(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    path.write_bytes(b"not a database, but long enough to be looked at " * 100)
    with pytest.raises(StoreError, match="无法打开数据库"):
        open_store(path)


def test_only_the_owner_may_read_the_store(tmp_path: Path, engine: Engine) -> None:
    with writing(engine) as connection:
        _add_batch(connection, "1")
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("office.db*")}
    assert modes["office.db"] == modes["office.db-wal"] == 0o600


def test_path_that_cannot_be_a_database_is_refused_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "office.db").mkdir()
    with pytest.raises(StoreError, match="无法打开数据库"):
        open_store(tmp_path / "office.db")


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="文件夹不存在"):
        open_store(tmp_path / "absent" / "office.db")


def test_copy_restored_without_wal_opens_in_wal_again(tmp_path: Path, engine: Engine) -> None:
    engine.dispose()
    restored = tmp_path / "restored.db"
    shutil.copy(tmp_path / "office.db", restored)
    with closing(sqlite3.connect(restored)) as driver:
        driver.execute("PRAGMA journal_mode=DELETE")
    with open_store(restored).connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_interrupted_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import command

    def stop_after(settings: object, revision: str, upgrade: object = command.upgrade) -> None:
        upgrade(settings, revision)  # type: ignore[operator]
        raise KeyboardInterrupt

    path = tmp_path / "office.db"
    monkeypatch.setattr(command, "upgrade", stop_after)
    with pytest.raises(KeyboardInterrupt):
        open_store(path)
    monkeypatch.undo()
    with closing(sqlite3.connect(path)) as driver:
        assert driver.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    open_store(path)


def test_writing_holds_the_lock_from_its_start(engine: Engine) -> None:
    with writing(engine):
        other = sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)
        with closing(other), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


def test_readers_do_not_wait_for_a_writer(engine: Engine) -> None:
    with writing(engine) as writer:
        _add_batch(writer, "1")
        with engine.connect() as reader:
            assert reader.execute(select(batches)).all() == []


def test_failed_writing_leaves_nothing(engine: Engine) -> None:
    def fail_after_writing() -> None:
        with writing(engine) as connection:
            _add_batch(connection, "1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_writing()
    with engine.connect() as connection:
        assert connection.execute(select(batches)).all() == []


def test_a_store_somebody_else_writes_to_is_said_to_be_busy(tmp_path: Path) -> None:
    engine, other = open_store(tmp_path / "office.db"), open_store(tmp_path / "office.db")
    with other.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=1")  # the connection goes back to the pool and is taken again
    with writing(engine), pytest.raises(StoreError) as caught, writing(other):
        pass
    assert caught.value.code == "STORE_BUSY"
    assert "重试" in caught.value.next_step


def test_a_full_store_is_said_to_be_full_and_keeps_nothing(tmp_path: Path) -> None:
    engine = open_store(tmp_path / "office.db")
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError) as caught, writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE filler AS SELECT hex(zeroblob(1000000)) AS text")
    assert caught.value.code == "STORE_FULL"
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema WHERE name='filler'").scalar_one() == 0
