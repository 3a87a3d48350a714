"""Reading a hostile format in a child process: bounded time and memory, no files written, no network where possible.

Rules:
* the child gets the bytes on its standard input and answers with one JSON document; it is told nothing else;
* it bounds itself before it parses: address space, processor time, no core file, no file may grow;
* the parent waits no longer than the limit and then kills the child with all its children (process group);
* a child that dies – out of memory, crashed by a damaged file – is an UnreadablePolicy, never a crash here.

Why: docs/decisions/0071.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import index
from index.errors import UnreadablePolicy
from index.policies.readers.kinds import Kind
from index.policies.readers.raw import RawText, unreadable

MAX_SECONDS = 90
MAX_PROCESSOR_SECONDS = 40
MAX_MEMORY_BYTES = 1024 * 1024 * 1024
"""Address space of the child: Python and its libraries reserve a fifth of it."""
MAX_ANSWER_BYTES = 64 * 1024 * 1024
_TOO_MUCH = "读取时超出了时间或内存限制，已停止"
_CHECK = "请核对文件来源；确为政策文件的，请用 Word 打开后另存为 docx 再添加。"


def read_apart(path: Path, kind: Kind, content: bytes) -> RawText:
    """What the reader of ``kind`` makes of ``content``; raises UnreadablePolicy for everything it cannot read."""
    arguments = [sys.executable, "-m", "index.policies.readers.child", kind.value, path.name]
    status, answer = run_bounded(arguments, content, seconds=MAX_SECONDS, environment=environment())
    try:
        said = json.loads(answer)
    except ValueError as cause:
        if status < 0:
            raise unreadable(path, _TOO_MUCH, _CHECK, "POLICY_HOSTILE") from cause
        raise unreadable(path, "读取时出错，没有读出内容", _CHECK) from cause
    if "error" in said:
        error = said["error"]
        raise UnreadablePolicy(error["message"], next_step=error["next_step"], code=error["code"])
    return RawText(said["text"], tuple((line, level) for line, level in said["headings"]))


def run_bounded(
    arguments: list[str], content: bytes, *, seconds: float, environment: dict[str, str]
) -> tuple[int, bytes]:
    """Exit status (non-zero when it was stopped) and standard output of a process group that outlives no limit."""
    process = subprocess.Popen(  # noqa: S603 - the program is our own or LibreOffice, the file never on the line
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        answer, _ = process.communicate(content, timeout=seconds)
    except subprocess.TimeoutExpired:
        answer = b""
    finally:
        _end(process)
    return process.returncode, answer[: MAX_ANSWER_BYTES + 1]


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The whole group goes: a converter may have started others."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.communicate()


def environment() -> dict[str, str]:
    """Nothing of ours but where the code is; no proxies, no keys."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    root = str(Path(next(iter(index.__path__))).parent)
    return {**kept, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
