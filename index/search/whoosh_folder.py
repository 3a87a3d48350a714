"""The folder of the whoosh index: opened, or made anew when it is damaged.

Rules:

* An index holds nothing but what the library has, so a damaged one is emptied, not mourned; ``sync`` fills it again.
* Only the holder of whoosh's own write lock empties it, after looking again: another process may have mended it.
* A reader that loses a segment to another process's commit while it opens tries again.
"""

import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from whoosh import fields
from whoosh.filedb.filestore import FileStorage
from whoosh.index import EmptyIndexError, IndexError
from whoosh.reading import TermNotFound
from whoosh.searching import Searcher

from index.errors import SearchError

DAMAGE = (
    *(EmptyIndexError, IndexError, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError),
    *(struct.error, AssertionError, UnpicklingError, TermNotFound, ImportError, OverflowError, MemoryError),
)
"""What whoosh raises on bytes that are not its own; a damaged pickle may fail in any of these ways."""
LOCK_SECONDS, LOCK_STEP_SECONDS = 10.0, 0.05
TRIES = 5
_LOCK = "MAIN_WRITELOCK"


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


def reader(index: Any, weighting: Any) -> Searcher:
    """A searcher over the last commit."""
    for attempt in range(TRIES):
        try:
            return index.searcher(weighting=weighting)
        except DAMAGE as error:
            if attempt == TRIES - 1:
                raise damaged() from error
            time.sleep(LOCK_STEP_SECONDS)
    raise damaged()


def marks(searcher: Searcher) -> list[str]:
    """The marks of the documents that the commit holds; every one is looked up, so that damage shows."""
    commit = searcher.reader()
    return [mark.decode() for mark in commit.lexicon("mark") if commit.postings("mark", mark).is_active()]


def damaged() -> SearchError:
    return SearchError(
        "检索索引已损坏，读不出来。",
        next_step="政策文件没有丢失：请删除数据目录下的 search 文件夹后重试，索引会由 library 自动重建。",
        code="SEARCH_DAMAGED",
    )


def _opened(storage: FileStorage, schema: fields.Schema) -> Any:
    """The index, once its last commit can be read."""
    if not storage.index_exists():
        return storage.create_index(schema)
    for attempt in range(TRIES):
        try:
            index = storage.open_index()
            with index.searcher() as searcher:
                marks(searcher)
            return index
        except DAMAGE:
            if attempt == TRIES - 1:
                raise
            time.sleep(LOCK_STEP_SECONDS)
    raise EmptyIndexError


def _made_anew(folder: Path, storage: FileStorage, schema: fields.Schema) -> Any:
    with _locked(storage):
        try:
            return _opened(storage, schema)
        except DAMAGE:
            for file in folder.iterdir():
                if file.is_file() and file.name != _LOCK:
                    file.unlink(missing_ok=True)
            try:
                return storage.create_index(schema)
            except DAMAGE as error:
                raise damaged() from error


@contextmanager
def _locked(storage: FileStorage) -> Iterator[None]:
    lock = storage.lock(_LOCK)
    end = time.monotonic() + LOCK_SECONDS
    while not lock.acquire():
        if time.monotonic() > end:
            raise damaged()
        time.sleep(LOCK_STEP_SECONDS)
    try:
        yield
    finally:
        lock.release()
