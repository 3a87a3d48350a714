"""``questions.db``: opened when it is first needed, shared by the threads of a service and by several processes.

Rules:

* Reading a log that is not there finds nothing and makes no file; the first line written makes it.
* Waiting for another writer ends after a few seconds: nobody's answer hangs on it.
* Whatever goes wrong is a StoreError; the caller decides what that may hold up.

Source: docs/decisions/0030 (settings and migrations), 0091.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from index.errors import StoreError
from index.questions.tables import QUESTIONS
from index.store.engine import open_store, writing

WAIT_SECONDS = 5.0


class QuestionStore:
    """The database at ``path``."""

    def __init__(self, path: Path, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._path = path
        self._wait_seconds = wait_seconds
        self._engine: Engine | None = None
        self._opening = Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A connection to read with; None while there is no log yet."""
        if self._engine is None and not self._is_there():
            yield None
            return
        try:
            with self._opened().connect() as connection:
                yield connection
        except DatabaseError as error:
            raise _refused(error) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock; commits, or rolls back on error."""
        try:
            with writing(self._opened()) as connection:
                yield connection
        except DatabaseError as error:
            raise _refused(error) from error

    def compact(self) -> None:
        """What was deleted leaves the file and its write-ahead log too; StoreError when others are in the way."""
        try:
            with self._opened().connect() as connection:
                driver: Any = connection.connection.driver_connection
                for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                    driver.execute(statement)
        except (DatabaseError, sqlite3.Error) as error:
            raise _not_compacted(error) from error

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _is_there(self) -> bool:
        try:
            return self._path.exists()
        except OSError as error:
            raise _no_folder(self._path, error) from error

    def _opened(self) -> Engine:
        with self._opening:
            if self._engine is None:
                try:
                    self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    self._engine = open_store(self._path, QUESTIONS, wait_seconds=self._wait_seconds)
                except OSError as error:
                    raise _no_folder(self._path, error) from error
            return self._engine


def _no_folder(path: Path, error: OSError) -> StoreError:
    return StoreError(f"问题记录用不了：{path}（{error.strerror}）。", next_step="请检查该文件夹的读写权限和磁盘空间。")


def _not_compacted(error: Exception) -> StoreError:
    return StoreError(
        f"记录已经清除，但数据库文件还没有收缩（{error}），磁盘上可能还有残留。",
        next_step="请在没有人提问时再运行一次同样的 questions purge。",
        code="STORE_NOT_COMPACTED",
    )


def _refused(error: DatabaseError) -> StoreError:
    return StoreError(
        f"问题记录读写不了：{error.orig}。", next_step="请检查 questions.db 的读写权限和磁盘空间；必要时用备份恢复。"
    )
