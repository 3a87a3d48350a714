"""The trust file on disk, read again when issuing has published a new one.

* Missing, unreadable, broken or older than one already seen: TrustError, so that the answer is indeterminate. Once a
  newer list was seen there is no way back to an older one, nor to another root: ``verify.remembering``.
* Looking costs one ``stat``; the file is parsed and its signatures checked only when it changed.
"""

from os import stat_result
from pathlib import Path

from verify.errors import TrustError
from verify.remembering import Memory
from verify.trust import FILE_LIMIT_BYTES, Trust, load


class TrustFile:
    """``memory``: of what was seen, also before this process began."""

    def __init__(self, path: Path, memory: Memory | None = None) -> None:
        self._path = path
        self._memory = memory or Memory(None)
        self._stamp: tuple[int, int, int] | None = None
        self._trust: Trust | None = None
        self._refusal: TrustError | None = None

    def current(self) -> Trust:
        """Raises TrustError, and nothing else."""
        try:
            stamp = _stamp(self._path.stat())
        except OSError as cause:
            raise _missing() from cause
        if stamp != self._stamp:
            self._read(stamp)
        if self._trust is None:
            raise _again(self._refusal or _missing())
        return self._trust

    @property
    def remembers(self) -> bool:
        """Whether what was seen outlives this process."""
        return self._memory.durable

    def text(self) -> bytes:
        """The file as published, for ``GET /trust.json``. Raises TrustError when it cannot be relied on."""
        self.current()
        return self._bytes()

    def _read(self, stamp: tuple[int, int, int]) -> None:
        self._stamp, self._trust, self._refusal = stamp, None, None
        try:
            trust = load(self._bytes())
            self._memory.pin(trust.root)
            self._memory.admit(trust)
        except TrustError as error:
            self._refusal = error
            return
        self._trust = trust

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
