"""The transparency log in the public folder, asked about one credential at a time under the keys of the trust in force.

* Without a log in the key list there is nothing to ask: None, and nothing is claimed.
* When the key list names other logs, a new shelf takes over what the old one has seen: a fork stays found. What was
  seen is remembered beyond the end of the process (``verify.remembering``).
* Between ``hold`` and ``release`` the checkpoint is looked at once, however many credentials are asked about.

Specified in docs/credential.md §10.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock

from verify.credential import Credential
from verify.errors import TrustError
from verify.keylist import LogKey
from verify.registration import LogEvidence
from verify.remembering import Memory
from verify.transparency.evidence import CHECKPOINT, Folder, LogShelf
from verify.transparency.notes import Checkpoint
from verify.trust import Root, Trust


class PublishedLog:
    """``folder``: the public folder. ``seconds``: a monotonic clock."""

    def __init__(self, folder: Path, memory: Memory | None = None, seconds: Callable[[], float] | None = None) -> None:
        self._files = _Files(folder)
        self._seconds = seconds
        self._memory = memory or Memory(None)
        self._kept: tuple[Checkpoint, ...] = ()
        self._lock = Lock()
        self._logs: tuple[LogKey, ...] = ()
        self._shelf: LogShelf | None = None

    def evidence(self, credential: Credential, trust: Trust) -> LogEvidence | None:
        """Raises nothing."""
        logs = trust.keys.logs
        if logs is not self._logs:
            self._take_over(logs, trust.root)
        if self._shelf is None:
            return None
        found = self._shelf.evidence(credential)
        if self._shelf.seen is not self._kept:
            self._keep(self._shelf.seen, trust.root)
        return found

    def hold(self) -> None:
        self._files.held = self._files.stamp(CHECKPOINT) if self._logs else None

    def release(self) -> None:
        self._files.held = None

    @property
    def newest(self) -> Checkpoint | None:
        """The newest checkpoint that was proven so far."""
        seen = () if self._shelf is None else self._shelf.seen
        return max(seen, key=lambda checkpoint: checkpoint.at, default=None)

    def _keep(self, seen: tuple[Checkpoint, ...], root: Root) -> None:
        """A memory that was damaged meanwhile is found out by whoever reads the next trust file."""
        with suppress(TrustError):
            self._memory.keep(root, seen)
        self._kept = seen

    def _take_over(self, logs: tuple[LogKey, ...], root: Root) -> None:
        with self._lock:
            seen = () if self._shelf is None else self._shelf.seen
            if not seen:
                with suppress(TrustError):
                    seen = self._memory.checkpoints(root)
            self._shelf = LogShelf(self._files, logs, seen, self._seconds) if logs else None
            self._logs = logs


class _Files(Folder):
    """The folder, with the checkpoint as it was when last looked at, while that is held."""

    held: object | None = None

    def stamp(self, path: str) -> object | None:
        return self.held if path is CHECKPOINT and self.held is not None else super().stamp(path)
