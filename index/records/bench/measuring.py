"""Time and memory of one task, in a process of its own.

Rules kept: the wall counts, as for a clerk; the memory is the peak of all processes of the task together, looked at ten
times a second, and never less than what the system reports of the largest.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_EVERY_SECONDS = 0.1
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """One task: rows done, seconds of the task itself, of the processor, and the peak of its memory."""

    rows: int
    seconds: float
    processor_seconds: float
    peak_mib: float

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds


def measure(task: str, arguments: Sequence[str]) -> Measured:
    """Runs ``python -m index.records.bench.task TASK ARGUMENTS…``, which prints what it did as JSON."""
    command = [sys.executable, "-m", "index.records.bench.task", task, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - our own program
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_resident_kib, _family(process.pid))))
        time.sleep(_EVERY_SECONDS)
    assert process.stdout is not None
    with process.stdout as told:
        said = json.load(told)
    return Measured(said["rows"], said["seconds"], said["processor_seconds"], max(peak, said["peak_kib"]) / _KIB)


def _family(process: int) -> list[int]:
    """A process and those it started, and so on (Linux; elsewhere only itself)."""
    found = [process]
    for each in found:
        try:
            children = Path(f"/proc/{each}/task/{each}/children").read_text()
        except OSError:
            continue
        found.extend(map(int, children.split()))
    return found


def _resident_kib(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
