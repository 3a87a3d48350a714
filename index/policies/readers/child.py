"""The child process of ``isolation``: bounds itself, reads one file from its standard input, answers in JSON.

python -m index.policies.readers.child KIND NAME < file
python -m index.policies.readers.child run PROGRAM ARGUMENT...   (bounds itself, then becomes the program)
"""

import ctypes
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from index.errors import UnreadablePolicy
from index.policies.readers.kinds import Kind
from index.policies.readers.raw import MAX_FILE_BYTES, RawText, unreadable

_GIB = 1024 * 1024 * 1024
_NEW_NETWORK = 0x40000000
_NEW_USER = 0x10000000


def main(arguments: list[str]) -> int:
    if arguments[0] == "run":
        bound(memory_bytes=4 * _GIB, seconds=120, written_bytes=256 * 1024 * 1024)
        os.execvp(arguments[1], arguments[1:])  # noqa: S606 - the program is found by our own code
    from index.policies.readers.isolation import MAX_MEMORY_BYTES, MAX_PROCESSOR_SECONDS

    bound(memory_bytes=MAX_MEMORY_BYTES, seconds=MAX_PROCESSOR_SECONDS, written_bytes=0)
    content = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    json.dump(answer(Kind(arguments[0]), Path(arguments[1]), content), sys.stdout)
    return 0


def answer(kind: Kind, path: Path, content: bytes) -> dict[str, object]:
    """What the reader says, as JSON; a refusal is an answer too."""
    try:
        raw = _reader(kind)(path, content)
    except UnreadablePolicy as problem:
        return refused(problem)
    except RecursionError:
        next_step = "请核对文件来源；正常的政策文件不会这样。"
        return refused(unreadable(path, "层层嵌套过深，已拒绝", next_step, "POLICY_HOSTILE"))
    except MemoryError:
        next_step = "请核对文件来源；确为政策文件的，请用 Word 打开后另存为 docx 再添加。"
        return refused(unreadable(path, "读取时超出了内存限制，已停止", next_step, "POLICY_HOSTILE"))
    return {"text": raw.text, "headings": raw.headings}


def refused(problem: UnreadablePolicy) -> dict[str, object]:
    return {"error": {"code": problem.code, "message": problem.message, "next_step": problem.next_step}}


def _reader(kind: Kind) -> Callable[[Path, bytes], RawText]:
    if kind is Kind.PDF:
        from index.policies.readers.pdf import read_pdf

        return read_pdf
    if kind is Kind.WORD:
        from index.policies.readers.docx import read_docx

        return read_docx
    from index.policies.readers.html import read_web_archive, read_web_page

    return read_web_archive if kind is Kind.WEB_ARCHIVE else read_web_page


def bound(*, memory_bytes: int, seconds: int, written_bytes: int) -> None:
    """Limits on this process and all it starts; what the system does not offer is left out."""
    try:
        import resource
    except ImportError:
        return
    limits = (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, written_bytes),
    )
    for which, most in limits:
        _, hard = resource.getrlimit(which)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))
    _leave_the_network()


def _leave_the_network() -> None:
    """A network of its own, with nothing in it, where the system lets us (Linux with user namespaces)."""
    if sys.platform == "linux":
        unshare = getattr(ctypes.CDLL(None), "unshare", None)
        if unshare is not None and unshare(_NEW_NETWORK) != 0:
            unshare(_NEW_USER | _NEW_NETWORK)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
