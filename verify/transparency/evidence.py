"""What the log proves of one report: its leaves, each shown to stand in a tree that a log of the key list signed.

1. Open the checkpoint: a log of the pinned key list, its signatures, the cosignatures of listed witnesses.
2. The tree must begin with the last one seen; a smaller one, or one that went another way, is LOG_FORKED.
3. The first leaf says when the log was opened.
4. Read the report's leaves and prove each; they must be this report's, unbroken, in order, and possible.

* A log that cannot be asked – no checkpoint, another log, a tile not there – proves nothing and disproves nothing:
  None. What is there and does not hold is LOG_PROOF_INVALID.
* The checkpoint is published last: leaves behind its tree are not yet registered, and are passed over.
* When warm, a look-up is one small file and two hashes. What was found is said again for ``SAID_AGAIN_SECONDS`` under
  the same checkpoint, to whoever gives a clock: nothing new of a report is in the log before the checkpoint is another.
  What is read and what is kept is bounded. One thread at a time goes in.

Source: docs/credential.md §6 step 8, §10; RFC 6962; c2sp.org/tlog-tiles.
"""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Protocol

from verify.credential import Credential
from verify.errors import TrustError
from verify.keylist import LogKey
from verify.reasons import Reason, Rejection
from verify.registration import Act, LogEvidence, LogFault, Registered, Registration
from verify.transparency.leaves import MAY_FOLLOW, Leaf, read_leaf, read_registered, ref_of, registered_path
from verify.transparency.merkle import leaf_hash
from verify.transparency.notes import Checkpoint, open_checkpoint, read_checkpoint
from verify.transparency.tiles import TileMissing
from verify.transparency.tree import TileTree

CHECKPOINT = "log/checkpoint"
FILE_LIMIT_BYTES = 256 * 1024
ANSWERS_MAX = 4096
SAID_AGAIN_SECONDS = 5.0
_CHUNK_BYTES = 16 * 1024
_INVALID, _FORKED = LogFault(Reason.LOG_PROOF_INVALID), LogFault(Reason.LOG_FORKED)


class LogFiles(Protocol):
    """Where the published files are: a folder, a web site. Paths are ``log/…`` and ``registered/…``."""

    def read(self, path: str) -> bytes | None:
        """None when there is no such file. Raises OSError when that cannot be known. May stop after the limit."""

    def stamp(self, path: str) -> object | None:
        """Equal to the last one when the file is the same; None when that cannot be known without reading."""


class Folder:
    """The published folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self._prefix = f"{folder}/"

    def read(self, path: str) -> bytes | None:
        try:
            file = os.open(self._prefix + path, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            return _whole(file)
        finally:
            os.close(file)

    def stamp(self, path: str) -> object | None:
        try:
            found = os.stat(self._prefix + path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size


def _whole(file: int) -> bytes:
    """Up to just beyond the limit: what is longer is no file of a log."""
    data = b""
    while len(data) <= FILE_LIMIT_BYTES and (more := os.read(file, _CHUNK_BYTES)):
        data += more
    return data


@dataclass(frozen=True, slots=True)
class Fetched:
    """Published files that ``fetch`` gets from anywhere else; it keeps to the promises of ``LogFiles.read``."""

    fetch: Callable[[str], bytes | None]

    def read(self, path: str) -> bytes | None:
        return self.fetch(path)

    def stamp(self, path: str) -> None:
        return None


@dataclass(frozen=True, slots=True)
class _Open:
    """A checkpoint that held, and the tree under it."""

    checkpoint: Checkpoint
    tree: TileTree
    opened_at: datetime


class LogShelf:
    """The published log, kept open. ``logs``: those of the pinned key list. ``seen``: what was believed before.

    ``seconds``: a monotonic clock; without one the files are read for every question.
    """

    def __init__(
        self,
        files: LogFiles | Path,
        logs: tuple[LogKey, ...],
        seen: Iterable[Checkpoint] = (),
        seconds: Callable[[], float] | None = None,
    ) -> None:
        self._files: LogFiles = Folder(files) if isinstance(files, Path) else files
        self._logs = {log.origin: log for log in logs}
        self.seen = tuple(seen)
        """The last checkpoint believed of each log: to be remembered, and given back."""
        self._seconds = seconds
        self._stamp: object | None = None
        self._data: bytes | None = None
        self._state: _Open | LogFault | None = None
        self._answers: OrderedDict[bytes, tuple[float, Registration]] = OrderedDict()
        self._lock = Lock()

    def evidence(self, credential: Credential) -> LogEvidence | None:
        """What the log says of the report now; None when it cannot be asked. Never raises."""
        with self._lock:
            try:
                state = self._current()
                return self._look_up(credential, state) if isinstance(state, _Open) else state
            except (OSError, TileMissing):
                return None
            except (TrustError, Rejection):
                return _INVALID

    def _current(self) -> _Open | LogFault | None:
        """1 and 2, again only when the checkpoint is another."""
        stamp = self._files.stamp(CHECKPOINT)
        if stamp is None or stamp != self._stamp:
            data = self._files.read(CHECKPOINT)
            if data != self._data:
                self._answers.clear()
                self._state = self._open(data)
            self._stamp, self._data = stamp, data
        return self._state

    def _open(self, data: bytes | None) -> _Open | LogFault | None:
        log = None if data is None else self._log_of(data)
        if data is None or log is None:
            return None
        try:
            opened = self._grown(open_checkpoint(data, log))
        except TileMissing:
            raise
        except (TrustError, Rejection):
            return _INVALID
        if opened is None:
            return _FORKED
        others = (each for each in self.seen if each.origin != log.origin)
        self.seen = (*others, opened.checkpoint)
        return opened

    def _log_of(self, data: bytes) -> LogKey | None:
        try:
            return self._logs.get(read_checkpoint(data)[1].origin)
        except TrustError:
            return None

    def _grown(self, checkpoint: Checkpoint) -> _Open | None:
        """The tree under the checkpoint; None when it is not the one seen before, grown."""
        known = self._state
        seen = next((each for each in self.seen if each.origin == checkpoint.origin), None)
        if not isinstance(known, _Open) or known.checkpoint is not seen:
            known = None
        if known is not None and (known.tree.size, known.tree.root) == (checkpoint.size, checkpoint.root):
            return replace(known, checkpoint=checkpoint)
        tree = TileTree(checkpoint.size, checkpoint.root, lambda path: self._files.read(f"log/{path}"))
        if seen is not None and not tree.grows_from(seen.size, seen.root):
            return None
        if known is None:
            return _Open(checkpoint, tree, _opened_at(tree))
        tree.keep_proven(known.tree)
        return _Open(checkpoint, tree, known.opened_at)

    def _look_up(self, credential: Credential, state: _Open) -> Registration:
        """3 and 4. What was found a moment ago is said again."""
        ref = ref_of(credential.token)
        if self._seconds is None:
            return self._read(ref, credential, state)
        now, known = self._seconds(), self._answers.get(ref)
        if known is not None and now - known[0] < SAID_AGAIN_SECONDS:
            return known[1]
        self._answers.pop(ref, None)
        answer = self._read(ref, credential, state)
        self._answers[ref] = now, answer
        if len(self._answers) > ANSWERS_MAX:
            self._answers.popitem(last=False)
        return answer

    def _read(self, ref: bytes, credential: Credential, state: _Open) -> Registration:
        return _registration(self._files.read(registered_path(ref)), ref, credential, state)


def _opened_at(tree: TileTree) -> datetime:
    """3. Raises Rejection for a log that does not begin as it must."""
    first = read_leaf(tree.entries(0)[0]) if tree.size else None
    if first is None or first.act is not Act.OPENED:
        raise Rejection(Reason.LOG_PROOF_INVALID, "登记日志没有启用条目")
    return first.at


def _registration(data: bytes | None, ref: bytes, credential: Credential, state: _Open) -> Registration:
    at, leaves = state.checkpoint, () if data is None else _proven(data, ref, credential, state.tree)
    return Registration(at.origin, at.size, at.at, state.opened_at, leaves, at.witnesses)


def _proven(data: bytes, ref: bytes, credential: Credential, tree: TileTree) -> tuple[Registered, ...]:
    """4. Raises Rejection for leaves that are not in the tree, not of this report, or not possible."""
    found: list[Registered] = []
    for index, content in read_registered(data):
        if index >= tree.size:
            break
        leaf = read_leaf(content)
        if leaf.ref != ref or not _follows(leaf, index, found, credential) or not tree.holds(index, leaf_hash(content)):
            raise Rejection(Reason.LOG_PROOF_INVALID)
        found.append(Registered(index, leaf.act, leaf.at))
    return tuple(found)


def _follows(leaf: Leaf, index: int, before: list[Registered], credential: Credential) -> bool:
    """Whether the leaf can be the next of this report."""
    if not before:
        claimed = credential.claimed
        return leaf.act is Act.ISSUED and leaf.iat == claimed.issued_at and leaf.sequence == claimed.sequence
    last = before[-1]
    return (
        leaf.act in MAY_FOLLOW[last.act] and leaf.previous == last.index and index > last.index and leaf.at >= last.at
    )
