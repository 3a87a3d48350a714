"""The folder of the whoosh index: opened, or made anew when it is damaged.

Rules:

* An index holds nothing but what the library has, so a damaged one is emptied, not mourned; ``sync`` fills it again.
  The same goes for one of another form (other fields).
* Only the holder of whoosh's own write lock empties it, after looking again: another process may have mended it.
* A reader that loses a segment to another process's commit while it opens tries again.
"""

import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from whoosh import fields
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.filetables import FileFormatError
from whoosh.index import EmptyIndexError, IndexError
from whoosh.reading import TermNotFound

from index.errors import SearchError
from index.search.whoosh_segment import PostingsCache
from index.search.whoosh_snapshot import Snapshot, read_snapshot

DAMAGE = (
    *(EmptyIndexError, IndexError, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, NameError),
    *(struct.error, zlib.error, AssertionError, UnpicklingError, TermNotFound, FileFormatError, ImportError),
    *(OverflowError, MemoryError),
)
"""What whoosh raises on bytes that are not its own; a damaged pickle may fail in any of these ways."""
LOCK_SECONDS, LOCK_STEP_SECONDS = 10.0, 0.05
TRIES = 5
_LOCK = "MAIN_WRITELOCK"
_OWN = ("MAIN_*", "_MAIN_*.toc*")
"""The files whoosh makes; nothing else in the folder is touched (``search/owner`` of ``index.search.opening``)."""


def open_index(folder: Path, schema: fields.Schema) -> Any:
    """The index in ``folder``; a new, empty one where there is none or only a damaged one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SearchError(
            f"检索索引的文件夹用不了：{folder}。",
            next_step="请查看该位置是否被同名文件占用、是否有写入权限；移开同名文件后重试，索引会自动重建。",
            code="SEARCH_FOLDER",
        ) from error
    storage = FileStorage(str(folder))
    try:
        return _opened(storage, schema)
    except DAMAGE:
        return _made_anew(folder, storage, schema)


def attempts(read: Callable[[], Snapshot]) -> Snapshot:
    """What ``read`` reads, at the first of several attempts that succeeds."""
    try:
        return _attempts(read)
    except DAMAGE as error:
        raise damaged() from error


def damaged() -> SearchError:
    return SearchError(
        "检索索引已损坏，读不出来。",
        next_step="政策文件没有丢失：请删除数据目录下的 search 文件夹后重试，索引会由 library 自动重建。",
        code="SEARCH_DAMAGED",
    )


@contextmanager
def write_lock(storage: FileStorage) -> Iterator[None]:
    """Whoosh's write lock: one writer at a time, over all processes."""
    lock = storage.lock(_LOCK)
    end = time.monotonic() + LOCK_SECONDS
    while not _acquired(lock):
        if time.monotonic() > end:
            raise SearchError(
                "检索索引正被另一个程序写入。",
                next_step="请稍候再试；如一直如此，请查看是否有另一个诚核程序在导入文件。",
                code="SEARCH_BUSY",
            )
        time.sleep(LOCK_STEP_SECONDS)
    try:
        yield
    finally:
        lock.release()


def _acquired(lock: Any) -> bool:
    try:
        return bool(lock.acquire())
    except FileNotFoundError as error:  # somebody removed the folder while this process had it open
        raise damaged() from error


def _opened(storage: FileStorage, schema: fields.Schema) -> Any:
    """The index, once its last commit can be read."""
    if not storage.index_exists():
        return storage.create_index(schema)
    index = storage.open_index()
    if index.schema.names() != schema.names():
        raise EmptyIndexError("another form")
    _attempts(lambda: read_snapshot(index, PostingsCache(0), None))
    return index


def _attempts(read: Callable[[], Snapshot]) -> Snapshot:
    for attempt in range(TRIES):
        try:
            return read()
        except DAMAGE:
            if attempt == TRIES - 1:
                raise
            time.sleep(LOCK_STEP_SECONDS)
    raise EmptyIndexError


def _made_anew(folder: Path, storage: FileStorage, schema: fields.Schema) -> Any:
    with write_lock(storage):
        try:
            return _opened(storage, schema)
        except DAMAGE:
            for file in [file for pattern in _OWN for file in folder.glob(pattern) if file.name != _LOCK]:
                file.unlink(missing_ok=True)
            try:
                return storage.create_index(schema)
            except DAMAGE as error:
                raise damaged() from error
