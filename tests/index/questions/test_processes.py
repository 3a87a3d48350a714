"""Several processes write the log at once, and one is killed while it writes: what was acknowledged is there, whole."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from index.questions.log import record
from index.questions.store import QuestionStore
from tests.index.questions.conftest import line
store, name = QuestionStore(Path(sys.argv[1])), sys.argv[2]
for number in range(int(sys.argv[3])):
    record(store, replace(line(f"{name}的第{number % 7}个问题"), ticket=f"{name}-{number}"))
    print(number, flush=True)
"""
ROOT = Path(__file__).resolve().parents[3]


def writer(path: Path, name: str, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, path, name, str(count)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def kept(path: Path, name: str) -> list[int]:
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = raw.execute("SELECT ticket FROM askings WHERE ticket LIKE ? ORDER BY id", (f"{name}-%",))
        return [int(ticket.rsplit("-", 1)[1]) for (ticket,) in rows]


def test_two_processes_start_a_log_at_once_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "questions.db"
    with writer(path, "甲", 30) as one, writer(path, "乙", 30) as other:
        one.communicate(timeout=300)
        other.communicate(timeout=300)
    assert (one.returncode, other.returncode) == (0, 0)
    assert kept(path, "甲") == kept(path, "乙") == list(range(30))
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*) FROM entries").fetchone() == (14,)


def test_a_killed_writer_loses_at_most_the_line_in_flight(tmp_path: Path) -> None:
    path = tmp_path / "questions.db"
    for round_number in range(2):
        name = f"轮{round_number}"
        with writer(path, name, 100_000) as process:
            assert process.stdout is not None
            acknowledged = -1
            for said in process.stdout:
                acknowledged = int(said)
                if acknowledged >= 3 + round_number * 10:
                    os.kill(process.pid, signal.SIGKILL)
                    break
            rest = [int(said) for said in process.stdout.read().split()]
            acknowledged = max([acknowledged, *rest])
        written = kept(path, name)
        assert written == list(range(len(written)))
        assert len(written) - (acknowledged + 1) in (0, 1)
