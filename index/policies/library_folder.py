"""Changing a library's folder so that a reader, and whoever comes after a kill, finds it before the change or after it.

A change, in this order:

1. one writer at a time: the lock of the operating system on ``.lock``, which ends with its process;
2. what a killed writer left is cleared: its half-written folders, and by ``.change.json`` what it had announced;
3. the change is announced in ``.change.json``: what comes, what goes;
4. new folders are written under another name, synced, renamed; they are no part of the library yet;
5. the list is exchanged (``catalogue``): this is the change;
6. folders that went are removed, the announcement too.
"""

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import PolicyError
from index.policies.catalogue import (
    CATALOGUE_FILE,
    exchange,
    folders_in,
    read_catalogue,
    sync_folder,
    write,
    write_catalogue,
)

LOCK_FILE, CHANGE_FILE = ".lock", ".change.json"
NEW, GONE = ".new-", ".gone-"
LOCK_SECONDS, LOCK_STEP_SECONDS = 120.0, 0.05


class LibraryFolder:
    """The folder of one library; created with the first change."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def writing(self, wait_seconds: float = LOCK_SECONDS) -> Iterator[tuple[str, ...]]:
        """Nobody else changes the library meanwhile; gives what a killed writer had left.

        Raises PolicyError (POLICY_BUSY) when somebody else changes it for too long.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / LOCK_FILE).open("ab") as file:
            _lock(file.fileno(), time.monotonic() + wait_seconds)
            yield self._clear()

    def change(self, new: dict[str, Callable[[Path], None]], gone: Collection[str], ready: Callable[[], None]) -> None:
        """Inside ``writing``: ``new`` are folders and how to fill each; ``ready`` runs when all are there, before they
        count.
        """
        before = read_catalogue(self.path).ids
        after = tuple(sorted({*before, *new} - set(gone)))
        announced = {"new": sorted(set(new) - set(before)), "gone": sorted(gone)}
        exchange(self.path / CHANGE_FILE, json.dumps(announced, ensure_ascii=False).encode())
        for name, fill in new.items():
            self._put(name, fill)
        sync_folder(self.path)
        ready()
        write_catalogue(self.path, after)
        self._clear()

    def register(self, ids: Collection[str]) -> None:
        """Inside ``writing``: the library consists of these folders."""
        write_catalogue(self.path, tuple(sorted(ids)))

    def _left_over(self) -> tuple[str, ...]:
        names = sorted(os.listdir(self.path))
        return tuple(name for name in names if name.startswith((NEW, GONE)) or name == CHANGE_FILE)

    def _put(self, name: str, fill: Callable[[Path], None]) -> None:
        folder = Path(tempfile.mkdtemp(prefix=NEW, dir=self.path))
        fill(folder)
        folder.chmod(0o755)
        sync_folder(folder)
        move(folder, self.path / name)

    def _clear(self) -> tuple[str, ...]:
        """Only the holder of the lock comes here: whatever is half done was left by somebody who is no more."""
        if not (self.path / CATALOGUE_FILE).exists():
            write_catalogue(self.path, folders_in(self.path))
        left_over = self._left_over()
        listed = frozenset(read_catalogue(self.path).ids)
        for name in _announced(self.path / CHANGE_FILE):
            if name not in listed and (self.path / name).is_dir():
                (self.path / name).rename(Path(tempfile.mkdtemp(prefix=GONE, dir=self.path)) / name)
        for name in self._left_over():
            if name.startswith((NEW, GONE)):
                _remove(self.path / name)
        (self.path / CHANGE_FILE).unlink(missing_ok=True)
        return left_over


def move(new: Path, target: Path) -> None:
    """The new folder under its name; if the same text is there already, file by file, the facts last of what comes."""
    try:
        new.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        names = frozenset(file.name for file in new.iterdir())
        for file in sorted(new.iterdir(), key=lambda file: file.suffix == ".json"):
            os.replace(file, target / file.name)
        for file in target.iterdir():
            if file.name not in names:
                file.unlink()
        new.rmdir()


def fill_with(files: dict[str, bytes]) -> Callable[[Path], None]:
    """A way to fill a folder with these files, each on disk when done."""

    def fill(folder: Path) -> None:
        for name, content in files.items():
            write(folder / name, content)

    return fill


def _lock(handle: int, end: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as cause:
            if time.monotonic() >= end:
                raise PolicyError(
                    "政策库正被另一个程序更新。",
                    next_step="请等它完成后再试；如一直如此，请查看是否有另一个诚核程序在导入文件。",
                    code="POLICY_BUSY",
                ) from cause
            time.sleep(LOCK_STEP_SECONDS)


def _announced(path: Path) -> list[str]:
    """The folders a change was about; a change that was not announced whole had not begun."""
    try:
        facts = json.loads(path.read_text("utf-8"))
        names = [*facts["new"], *facts["gone"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [name for name in names if isinstance(name, str) and name and not name.startswith(".") and "/" not in name]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
