"""The trust file on disk, read again when issuing has published a new one.

* Missing, unreadable, broken or older than one already seen: TrustError, so that the answer is indeterminate. Once a
  newer list was seen there is no way back to an older one, nor to another root: ``verify.remembering``. A list issued
  later than now is not remembered.
* Looking costs one ``stat``; the file is parsed and its signatures checked only when it changed.
* Threads ask while another reads: what was found is put in place whole, and who comes meanwhile waits for it. What is
  handed out is the very bytes that were checked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from os import stat_result
from pathlib import Path
from threading import Lock

from verify.errors import TrustError
from verify.remembering import Memory
from verify.trust import FILE_LIMIT_BYTES, Trust, load


@dataclass(frozen=True, slots=True)
class _Found:
    """What the file of this ``stamp`` says, or why it says nothing."""

    stamp: tuple[int, int, int]
    text: bytes = b""
    trust: Trust | None = None
    refusal: TrustError | None = None


class TrustFile:
    """``memory``: of what was seen, also before this process began. ``clock``: what counts as later than now."""

    def __init__(self, path: Path, clock: Callable[[], datetime], memory: Memory | None = None) -> None:
        self._path = path
        self._clock = clock
        self._memory = memory or Memory(None)
        self._found: _Found | None = None
        self._lock = Lock()

    def current(self) -> Trust:
        """Raises TrustError, and nothing else."""
        return self._newest()[1]

    @property
    def remembers(self) -> bool:
        """Whether what was seen outlives this process."""
        return self._memory.durable

    def text(self) -> bytes:
        """The file as published, for ``GET /trust.json``. Raises TrustError when it cannot be relied on."""
        return self._newest()[0]

    def _newest(self) -> tuple[bytes, Trust]:
        try:
            stamp = _stamp(self._path.stat())
        except OSError as cause:
            raise _missing() from cause
        found = self._found
        if found is None or found.stamp != stamp:
            found = self._read(stamp)
        if found.trust is None:
            raise _again(found.refusal or _missing())
        return found.text, found.trust

    def _read(self, stamp: tuple[int, int, int]) -> _Found:
        with self._lock:
            if self._found is None or self._found.stamp != stamp:
                self._found = self._opened(stamp)
            return self._found

    def _opened(self, stamp: tuple[int, int, int]) -> _Found:
        try:
            text = self._bytes()
            trust = load(text)
            self._memory.pin(trust.root)
            self._memory.admit(trust, self._clock())
        except TrustError as error:
            return _Found(stamp, refusal=error)
        return _Found(stamp, text, trust)

    def _bytes(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                return file.read(FILE_LIMIT_BYTES + 1)
        except OSError as cause:
            raise _missing() from cause


def _stamp(status: stat_result) -> tuple[int, int, int]:
    return status.st_mtime_ns, status.st_size, status.st_ino


def _again(error: TrustError) -> TrustError:
    """A new exception: one raised again and again would keep every traceback."""
    return TrustError(error.message, next_step=error.next_step, code=error.code)


def _missing() -> TrustError:
    return TrustError("还没有发布信任文件。", next_step="请签发机构先发布信任文件。", code="TRUST_FILE_MISSING")
