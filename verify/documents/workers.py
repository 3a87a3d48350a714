"""A few warm worker processes that read files for every thread of this one, each file bounded in time and memory.

* ``Readers.read`` is what ``reading.read`` is, somewhere else: from any thread; the caller waits until a worker is
  free.
* A worker that does not answer within its seconds is killed with all it started: FILE_TOO_SLOW. One that ends without
  an answer is replaced, and asked once more; one that answers anything but what was agreed is DANGEROUS_FILE. The next
  file has a fresh one.
* Workers start when they are needed, with nothing of our environment but where the code is, and end with ``close``.

Decision: docs/decisions/0192.
"""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import verify
from verify.documents.carrying import opened
from verify.documents.reading import FILE_LIMIT_BYTES, Scanned
from verify.documents.sheets import Rows, opened_rows
from verify.documents.worker import ANSWER_LIMIT_BYTES, LISTED, READ
from verify.reasons import Reason, Rejection

MEMORY_BYTES = 1024 * 1024 * 1024
SECONDS = 45.0
PROCESSOR_SHARE = 2 / 3
"""Of the seconds: a reader that computes is ended by its processor time, one that hangs by the clock."""
START_SECONDS = 60.0
_CHUNK_BYTES = 1024 * 1024
ALLOCATOR = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Large pages for pixels: a child that has just been forked touches all of its memory for the first time."""
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")
Answer = TypeVar("Answer")


class Readers:
    """At most ``count`` workers; ``seconds`` for one file from question to answer. A context manager."""

    def __init__(self, count: int, *, memory_bytes: int = MEMORY_BYTES, seconds: float = SECONDS) -> None:
        self.count = count
        self._seconds = seconds
        self._command = [str(memory_bytes), str(max(1, round(seconds * PROCESSOR_SHARE)))]
        self._free = threading.BoundedSemaphore(count)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False

    def read(self, data: bytes, name: str = "") -> Scanned:
        """As ``reading.read``. Raises Rejection, and nothing else."""
        if len(data) > FILE_LIMIT_BYTES:
            raise Rejection(Reason.FILE_TOO_LARGE)
        return self._asked(READ + data, opened)

    def rows(self, data: bytes) -> Rows:
        """The cells of a list somebody sent (``sheets``). Raises Rejection, and nothing else."""
        if len(data) > FILE_LIMIT_BYTES:
            raise Rejection(Reason.FILE_TOO_LARGE)
        return self._asked(LISTED + data, opened_rows)

    def close(self) -> None:
        """Ends them all. Who still waits for an answer is refused."""
        with self._lock:
            self._closed, idle, self._idle = True, self._idle, []
            busy = set(self._busy)
        for worker in busy:
            worker.kill()
        for worker in idle:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _asked(self, question: bytes, open_answer: Callable[[bytes], Answer]) -> Answer:
        with self._free:
            try:
                answer = self._once(question)
            except _Ended:
                answer = self._again(question)
        return open_answer(answer)

    def _again(self, question: bytes) -> bytes:
        """A worker reads in children: what ended it was most likely not this file."""
        try:
            if not self._closed:
                return self._once(question)
        except _Ended:
            pass
        raise Rejection(Reason.DANGEROUS_FILE)

    def _once(self, question: bytes) -> bytes:
        worker = self._taken()
        try:
            answer = worker.asked(question, self._seconds)
        except BaseException:
            self._put_back(worker, good=False)
            raise
        self._put_back(worker, good=True)
        return answer

    def _taken(self) -> "_Worker":
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is not None and not worker.lives():
            worker.end()
            worker = None
        worker = worker or _Worker(self._command)
        with self._lock:
            self._busy.add(worker)
            closed = self._closed
        if closed:
            worker.kill()
        return worker

    def _put_back(self, worker: "_Worker", *, good: bool) -> None:
        with self._lock:
            self._busy.discard(worker)
            if good and not self._closed:
                self._idle.append(worker)
                return
        worker.end()


class _Ended(Exception):
    """A worker ended before it had answered."""


class _Worker:
    """One process and its two pipes. Raises Rejection and ``_Ended``, and nothing else; after one it is good for
    nothing but ``end``."""

    def __init__(self, command: list[str]) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program; a file is never on the line
                [sys.executable, "-m", "verify.documents.worker", *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                cwd="/",
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise Rejection(Reason.FILE_NOT_OPENED) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._question, self._answer = self._process.stdin, self._process.stdout
        os.set_blocking(self._question.fileno(), False)
        os.set_blocking(self._answer.fileno(), False)
        self._ready = False

    def lives(self) -> bool:
        return self._process.poll() is None

    def asked(self, question: bytes, seconds: float) -> bytes:
        if not self._ready:
            self._frame(time.monotonic() + START_SECONDS)
            self._ready = True
        deadline = time.monotonic() + seconds
        self._send(len(question).to_bytes(4) + question, deadline)
        return self._frame(deadline)

    def kill(self) -> None:
        """It and what it started. Who waits for its answer sees the end of it."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kills it and waits, so that no zombie is left. Not while somebody waits for its answer."""
        self.kill()
        self._process.wait()
        self._question.close()
        self._answer.close()

    def _frame(self, deadline: float) -> bytes:
        size = int.from_bytes(self._exactly(4, deadline))
        if size > ANSWER_LIMIT_BYTES:
            raise Rejection(Reason.DANGEROUS_FILE)
        return self._exactly(size, deadline)

    def _exactly(self, size: int, deadline: float) -> bytes:
        content = bytearray()
        while len(content) < size:
            _wait(self._answer.fileno(), select.POLLIN, deadline)
            chunk = os.read(self._answer.fileno(), min(size - len(content), _CHUNK_BYTES))
            if not chunk:
                raise _Ended
            content += chunk
        return bytes(content)

    def _send(self, content: bytes, deadline: float) -> None:
        view = memoryview(content)
        while view:
            _wait(self._question.fileno(), select.POLLOUT, deadline)
            try:
                view = view[os.write(self._question.fileno(), view[:_CHUNK_BYTES]) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise _Ended from error


def _wait(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise Rejection(Reason.FILE_TOO_SLOW)


def _environment() -> dict[str, str]:
    """Nothing of ours but where the code is."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    root = str(Path(next(iter(verify.__path__))).parent)
    return {**kept, **ALLOCATOR, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
