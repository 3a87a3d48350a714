"""The process that reads files for others: warm, bounded, and every file in a child of its own.

python -m verify.documents.worker MEMORY_BYTES PROCESSOR_SECONDS       frames in on stdin, frames out on stdout

* It loads the reading libraries once, reads one page of our own (``pdf.warm``), says so with an empty frame, and then
  forks for every file: what a hostile file does to its reader dies with that reader, and no file meets what another one
  left behind.
* A child has the bytes and one pipe, a bounded address space and processor time, may write no file and dump no core.
  Its answer is bytes to the parent (``carrying``), bounded, and nobody evaluates them.
* A child that dies has answered too: DANGEROUS_FILE, or FILE_TOO_SLOW when its processor time was over.
* When stdin ends, so does the worker.

A frame is 4 bytes of length, big-endian, and that many bytes. A question's first byte says what is asked (``TASKS``).
Decision: docs/decisions/0192.
"""

import gc
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping

from verify.documents.carrying import written_refusal
from verify.documents.reading import FILE_LIMIT_BYTES
from verify.reasons import Reason, Rejection

QUESTION_LIMIT_BYTES = FILE_LIMIT_BYTES + 2
ANSWER_LIMIT_BYTES = 64 * 1024 * 1024
READ, LISTED = b"r", b"l"
_CHUNK_BYTES = 1024 * 1024
_STDIN, _STDOUT = 0, 1


def main(arguments: list[str]) -> int:
    memory_bytes, processor_seconds = map(int, arguments)
    _warm()
    _bound((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0))
    gc.freeze()
    _send(b"")
    while True:
        question = _received()
        if question is None:
            return 0
        _send(_answered_by_a_child(question, processor_seconds))


def _warm() -> None:
    """What every child would load again."""
    import lxml.etree  # noqa: F401
    import PIL.Image
    import zxingcpp  # noqa: F401

    import verify.documents.docx
    import verify.documents.image  # noqa: F401
    from verify.documents.pdf import warm

    warm()
    PIL.Image.preinit()


def _answered_by_a_child(question: bytes, processor_seconds: int) -> bytes:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _child(question, writing, processor_seconds)
    os.close(writing)
    answer = _all_of(reading)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 and answer is not None:
        return answer
    slow = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
    return written_refusal(Rejection(Reason.FILE_TOO_SLOW if slow else Reason.DANGEROUS_FILE))


def _child(question: bytes, writing: int, processor_seconds: int) -> None:
    """Never returns. Whatever goes wrong here is said by the exit status alone."""
    status = 1
    try:
        os.close(_STDIN)
        os.close(_STDOUT)
        resource.setrlimit(resource.RLIMIT_CPU, (processor_seconds, processor_seconds + 1))
        _write(writing, _answer(question))
        status = 0
    finally:
        os._exit(status)


def _answer(question: bytes) -> bytes:
    try:
        return TASKS[question[:1]](question[1:])
    except Rejection as rejection:
        return written_refusal(rejection)
    except MemoryError:
        return written_refusal(Rejection(Reason.FILE_TOO_LARGE))


def _scanned(data: bytes) -> bytes:
    from verify.documents.carrying import written
    from verify.documents.reading import read

    return written(read(data, ""))


def _listed(data: bytes) -> bytes:
    from verify.documents.sheets import written_rows

    return written_rows(data)


TASKS: Mapping[bytes, Callable[[bytes], bytes]] = {READ: _scanned, LISTED: _listed}


def _bound(*limits: tuple[int, int]) -> None:
    for which, most in limits:
        _, hard = resource.getrlimit(which)
        resource.setrlimit(which, (most, most) if hard == resource.RLIM_INFINITY else (min(most, hard),) * 2)


def _received() -> bytes | None:
    """The next question; None when there is none any more, or something else than a question."""
    head = _exactly(4)
    size = 0 if head is None else int.from_bytes(head)
    return _exactly(size) if 0 < size <= QUESTION_LIMIT_BYTES else None


def _exactly(size: int) -> bytes | None:
    content = bytearray()
    while len(content) < size:
        chunk = os.read(_STDIN, min(size - len(content), _CHUNK_BYTES))
        if not chunk:
            return None
        content += chunk
    return bytes(content)


def _all_of(reading: int) -> bytes | None:
    """What comes until the end; None when it is too much."""
    content = bytearray()
    while chunk := os.read(reading, _CHUNK_BYTES):
        content += chunk
        if len(content) > ANSWER_LIMIT_BYTES:
            return None
    return bytes(content)


def _send(content: bytes) -> None:
    _write(_STDOUT, len(content).to_bytes(4) + content)


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
