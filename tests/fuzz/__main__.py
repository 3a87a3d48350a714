"""``python -m tests.fuzz``: every target for its share of the processor time, a table at the end.

    --seconds N   of processor time in all (default 600)     --only NAME     --runs N     --examples N of the API
    --keep DIR    for what broke (default fuzz-findings)

* Each target runs in a process of its own: a crash ends that one, is told, and makes the exit status 1.
* Counted is what the kernel says a target's process used (getrusage), less what it needed to import and to make its
  reports. libFuzzer counts seconds of the wall: a target is run again, on the same corpus, until it had its share, on a
  busy machine for as much longer as the last go was held up.
* ``api`` is schemathesis against the running service (tests/fuzz/test_api.py), other examples in every run.
* No network: the API is asked on 127.0.0.1, everything else reads bytes.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.budget import PREPARED, VARIABLE

SHARES = {
    "token_bytes": 3,
    "qr_text": 2,
    "trust_file": 2,
    "log_files": 1,
    "record": 1,
    "bidder_list": 1,
    "http": 1,
    "callbacks": 1,
    "docx": 4,
    "docx_rebuilt": 5,
    "pdf": 3,
    "pdf_opened": 3,
    "pdf_appended": 4,
    "any_file": 3,
}
"""Of the time: what takes long to read gets more."""
API = "api"
NAMES = (*SHARES, API)
EXAMPLES = 150
INPUT_BYTES_MAX = {"any_file": 1 << 18}
INPUT_BYTES_USUAL_MAX = 4096
_TOLD = 6000
_STRETCH_MAX = 5.0


@dataclass(frozen=True, slots=True)
class Ran:
    """``found``: the files that reproduce what broke, or what was told of it."""

    name: str
    seconds: float
    runs: int
    corpus: int
    found: tuple[str, ...] = ()

    def row(self) -> str:
        kept = str(self.corpus) if self.corpus else "–"
        return (
            f"| {self.name} | {self.seconds:.0f} | {self.runs:,} | {kept} | {', '.join(self.found) or 'no finding'} |"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description="fuzz the verifier")
    options.add_argument("--seconds", type=int, default=600)
    options.add_argument("--runs", type=int, default=-1)
    options.add_argument("--examples", type=int, default=EXAMPLES, help="of each operation of the API")
    options.add_argument("--only", choices=NAMES, action="append")
    options.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    chosen = options.parse_args(arguments)
    chosen.keep.mkdir(parents=True, exist_ok=True)
    names = chosen.only or NAMES
    share = chosen.seconds / max(1, sum(SHARES.get(name, 0) for name in names))
    ran = []
    for name in names:
        ran.append(
            _api(chosen.examples, chosen.keep)
            if name == API
            else _target(name, share * SHARES[name], chosen.runs, chosen.keep)
        )
        print(ran[-1].row(), file=sys.stderr, flush=True)
    print("\n| target | processor seconds | runs | corpus | |\n|---|--:|--:|--:|---|")
    print("\n".join(each.row() for each in ran))
    whole = Ran("all", sum(each.seconds for each in ran), sum(each.runs for each in ran), 0)
    broken = [each.name for each in ran if each.found]
    print(whole.row() if not broken else f"| all | {whole.seconds:.0f} | {whole.runs:,} | – | BROKEN: {broken} |")
    return 1 if broken else 0


def _target(name: str, seconds: float, runs: int, keep: Path) -> Ran:
    """A limit of ``runs`` is for one go."""
    used, executed, stretch = 0.0, 0, 1.0
    with tempfile.TemporaryDirectory() as folder:
        while (left := seconds - used) > 0:
            before, begun = _processor_seconds(), time.monotonic()
            done = _fuzzed(name, max(1, round(left * stretch)), runs, keep, folder)
            spent = max(0.1, _processor_seconds() - before - _told(PREPARED, done.stderr))
            used, stretch = used + spent, min(_STRETCH_MAX, max(1.0, (time.monotonic() - begun) / spent))
            executed += int(_told("stat::number_of_executed_units:", done.stderr))
            if done.returncode:
                print(done.stderr[-_TOLD:], done.stdout[-_TOLD:], file=sys.stderr)
                kept = re.findall(r"Test unit written to (\S+)", done.stderr) or [f"exit status {done.returncode}"]
                return Ran(name, used, executed, len(os.listdir(folder)), tuple(kept))
            if runs >= 0:
                break
        return Ran(name, used, executed, len(os.listdir(folder)))


def _fuzzed(name: str, seconds: int, runs: int, keep: Path, corpus: str) -> subprocess.CompletedProcess[str]:
    longest = INPUT_BYTES_MAX.get(name, INPUT_BYTES_USUAL_MAX)
    limits = [f"-max_total_time={seconds}", f"-runs={runs}", f"-max_len={longest}", "-rss_limit_mb=2500", "-timeout=60"]
    kept = [f"-artifact_prefix={keep}/{name}-", "-print_final_stats=1", "-verbosity=0"]
    command = [sys.executable, "-m", "tests.fuzz.child", name, *limits, *kept, corpus]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


def _api(examples: int, keep: Path) -> Ran:
    before, told = _processor_seconds(), keep / "api.txt"
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "tests/fuzz/test_api.py"]
    environment = {**os.environ, VARIABLE: str(examples)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    asked = sum(map(int, re.findall(r"^asked ([0-9]+) times", done.stdout, re.MULTILINE)))
    seconds = _processor_seconds() - before
    if done.returncode:
        told.write_text(done.stdout + done.stderr, "utf-8")
        print(done.stdout[-_TOLD:], file=sys.stderr)
        return Ran(API, seconds, asked, 0, (str(told),))
    return Ran(API, seconds, asked, 0)


def _told(label: str, text: str) -> float:
    """The number behind ``label``; 0 when it is not told."""
    found = re.search(re.escape(label) + r"\s*([0-9.]+)", text)
    return float(found[1]) if found else 0.0


def _processor_seconds() -> float:
    """Of all children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
