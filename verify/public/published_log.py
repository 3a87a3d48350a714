"""The transparency log in the public folder, asked about one credential at a time under the keys of the trust in force.

* Without a log in the key list there is nothing to ask: None, and nothing is claimed.
* When the key list names other logs, a new shelf takes over what the old one has seen: a fork stays found.
* Between ``hold`` and ``release`` the checkpoint is looked at once, however many credentials are asked about.

Specified in docs/credential.md §10.
"""

from pathlib import Path
from threading import Lock

from verify.credential import Credential
from verify.keylist import LogKey
from verify.registration import LogEvidence
from verify.transparency.evidence import CHECKPOINT, Folder, LogShelf
from verify.transparency.notes import Checkpoint
from verify.trust import Trust


class PublishedLog:
    """``folder``: the public folder."""

    def __init__(self, folder: Path) -> None:
        self._files = _Files(folder)
        self._lock = Lock()
        self._logs: tuple[LogKey, ...] = ()
        self._shelf: LogShelf | None = None

    def evidence(self, credential: Credential, trust: Trust) -> LogEvidence | None:
        """Raises nothing."""
        logs = trust.keys.logs
        if logs is not self._logs:
            self._take_over(logs)
        return None if self._shelf is None else self._shelf.evidence(credential)

    def hold(self) -> None:
        self._files.held = self._files.stamp(CHECKPOINT) if self._logs else None

    def release(self) -> None:
        self._files.held = None

    @property
    def newest(self) -> Checkpoint | None:
        """The newest checkpoint that was proven so far."""
        seen = () if self._shelf is None else self._shelf.seen
        return max(seen, key=lambda checkpoint: checkpoint.at, default=None)

    def _take_over(self, logs: tuple[LogKey, ...]) -> None:
        with self._lock:
            seen = () if self._shelf is None else self._shelf.seen
            self._shelf = LogShelf(self._files, logs, seen) if logs else None
            self._logs = logs


class _Files(Folder):
    """The folder, with the checkpoint as it was when last looked at, while that is held."""

    held: object | None = None

    def stamp(self, path: str) -> object | None:
        return self.held if path is CHECKPOINT and self.held is not None else super().stamp(path)
