"""The trust file on disk, read again when issuing has published a new one.

* Missing, unreadable, broken or older than one already seen: TrustError, so that the answer is indeterminate. Once a
  newer list was seen there is no way back to an older one while this process lives.
* Looking costs one ``stat``; the file is parsed and its signatures checked only when it changed.
"""

from os import stat_result
from pathlib import Path

from verify.errors import TrustError
from verify.trust import FILE_LIMIT_BYTES, Trust, load, refuse_rollback


class TrustFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._trust: Trust | None = None
        self._newest: Trust | None = None
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

    def text(self) -> bytes:
        """The file as published, for ``GET /trust.json``. Raises TrustError when it cannot be relied on."""
        self.current()
        return self._bytes()

    def _read(self, stamp: tuple[int, int, int]) -> None:
        self._stamp, self._trust, self._refusal = stamp, None, None
        try:
            trust = load(self._bytes())
            if self._newest is not None:
                refuse_rollback(trust, self._newest)
        except TrustError as error:
            self._refusal = error
            return
        self._trust = self._newest = trust

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
