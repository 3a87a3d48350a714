"""Opening ``office.db`` and ``questions.db``: SQLite as a durable store for several processes.

Rules kept:
* WAL, ``synchronous=FULL``: a committed transaction survives a power cut; readers never wait for a writer.
* ``foreign_keys=ON``, and a bounded wait for another writer (30 s, less where the caller says so).
* The schema is brought up to date on opening. Looking is cheap (one query); Alembic is loaded only when behind.
* Only the owner may read the file: it holds what departments provide.
* What the database refuses while it is written to (locked, full, read-only) is said as a StoreError; nothing landed.
* Who writes takes the write lock at once (``writing``), so that no transaction fails half-way for a stale snapshot.

Source: https://sqlite.org/wal.html, https://sqlite.org/lang_transaction.html; design §6 and §9.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import SQLITE_BUSY, SQLITE_FULL, ProgrammingError
from sqlite3 import Connection as DriverConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from index.errors import StoreError
from index.store.schema import OFFICE, Schema, is_current

WAIT_SECONDS = 30
_IMMEDIATE = "chenghe_immediate"


def open_store(path: Path, schema: Schema = OFFICE, *, wait_seconds: float = WAIT_SECONDS) -> Engine:
    """The store at ``path``, created or migrated if need be. Raises StoreError when it cannot be used."""
    if not path.parent.is_dir():
        raise StoreError(f"文件夹不存在：{path.parent}", next_step="请先创建该文件夹，或用 --home 指定另一处。")
    _create_private(path)
    engine = _connectable(path, wait_seconds)
    try:
        _bring_up_to_date(engine, path, schema)
    except DatabaseError as error:
        engine.dispose()
        raise StoreError(
            f"无法打开数据库 {path.name}：{error.orig}",
            next_step="请检查文件是否为诚核数据库、磁盘空间和读写权限；必要时用备份恢复。",
        ) from error
    except StoreError:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the write lock from its start (``BEGIN IMMEDIATE``); commits, or rolls back on error.

    Raises StoreError (STORE_BUSY, STORE_FULL, STORE_ERROR) when the database cannot take it.
    """
    try:
        with engine.connect().execution_options(**{_IMMEDIATE: True}) as connection, connection.begin():
            yield connection
    except OperationalError as error:
        raise _refused(error) from error


def _refused(error: OperationalError) -> StoreError:
    code = getattr(error.orig, "sqlite_errorcode", 0)
    if code == SQLITE_BUSY:
        return StoreError(
            "数据库正被另一个程序写入，等候多时仍未空出。",
            next_step="本次没有写入任何内容。请等正在进行的导入或签发完成后重试。",
            code="STORE_BUSY",
        )
    if code == SQLITE_FULL:
        return StoreError(
            "磁盘空间不足，无法写入数据库。",
            next_step="本次没有写入任何内容。请清理磁盘后重试。",
            code="STORE_FULL",
        )
    return StoreError(f"无法写入数据库：{error.orig}。", next_step="本次没有写入任何内容。请检查读写权限和磁盘。")


class _ClosesItself(DriverConnection):
    """A connection that goes with its engine: Python 3.13 warns of one that nobody closed, and warnings are errors."""

    def __del__(self) -> None:
        with suppress(ProgrammingError):  # it could not even be opened
            self.close()


def _create_private(path: Path) -> None:
    """An empty file only its owner may read: SQLite gives its WAL the same mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"无法打开数据库 {path}：{error.strerror}", next_step="请检查读写权限和磁盘空间。") from error


def _connectable(path: Path, wait_seconds: float) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": wait_seconds, "factory": _ClosesItself})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(driver: DriverConnection, _record: Any) -> None:
    driver.isolation_level = None  # we say BEGIN ourselves, so that DDL and reads are inside the transaction too
    driver.execute("PRAGMA synchronous=FULL")
    driver.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _bring_up_to_date(engine: Engine, path: Path, schema: Schema) -> None:
    if is_current(engine, path.name, schema):
        return
    from index.store.migrating import migrate

    migrate(engine, path, schema)
