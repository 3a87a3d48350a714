"""How long a query takes and how much memory a process holds.

Rules:

* Engines are timed in turn, question by question: what else the machine does then falls on all of them alike, and their
  ratio holds even on a busy machine.
* A query is warm: every question was asked once before the clock runs.
* Beside the time on the wall stands the processor time of the asking thread, which other programs lengthen little.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Search = Callable[[int], object]
"""Asks the question of this number."""
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds: percentiles of single warm queries."""

    p50: float
    p95: float
    p99: float
    cpu_p50: float
    cpu_p99: float


def latencies(searches: Mapping[str, Search], questions: Sequence[int], rounds: int) -> dict[str, Latency]:
    """Of each search over the questions of these numbers, asked ``rounds`` times after a first one."""
    wall: dict[str, list[float]] = {name: [] for name in searches}
    cpu: dict[str, list[float]] = {name: [] for name in searches}
    for lap in range(rounds + 1):
        for number in questions:
            for name, search in searches.items():
                began, worked = time.perf_counter(), time.thread_time()
                search(number)
                if lap:
                    cpu[name].append(1e3 * (time.thread_time() - worked))
                    wall[name].append(1e3 * (time.perf_counter() - began))
    return {name: latency(wall[name], cpu[name]) for name in searches}


def latency(wall: Sequence[float], cpu: Sequence[float]) -> Latency:
    """The percentiles of measured milliseconds."""
    return Latency(
        percentile(wall, 50), percentile(wall, 95), percentile(wall, 99), percentile(cpu, 50), percentile(cpu, 99)
    )


def percentile(numbers: Sequence[float], share: int) -> float:
    """The smallest number that ``share`` per cent of ``numbers`` do not exceed."""
    ordered = sorted(numbers)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def memory_mb() -> float | None:
    """What this process holds in memory now (resident set), in MB; None where the system does not tell."""
    return _status("VmRSS")


def peak_mb() -> float | None:
    """The most this process ever held, in MB."""
    return _status("VmHWM")


def _status(name: str) -> float | None:
    if not _STATUS.is_file():
        return None
    found = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else None
