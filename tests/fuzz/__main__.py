"""``python -m tests.fuzz``: every target under atheris for its share of the seconds; what broke is left in ``--keep``.

    --seconds N   of processor time in all (default 600)     --only NAME     --keep DIR (default fuzz-findings)

Each target runs in a process of its own: a crash ends that one, is told, and makes the exit status 1. libFuzzer counts
seconds of the wall; on a busy machine a target is run again until it had its share of the processor.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

SHARES = {
    "token_bytes": 2,
    "qr_text": 2,
    "trust_file": 2,
    "log_files": 1,
    "http": 1,
    "docx": 5,
    "pdf": 5,
    "any_file": 2,
}
"""Of the time: what takes long to read gets more."""
NAMES = tuple(SHARES)
INPUT_BYTES_MAX = 4096


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description="fuzz the verifier")
    options.add_argument("--seconds", type=int, default=600)
    options.add_argument("--runs", type=int, default=-1)
    options.add_argument("--only", choices=NAMES, action="append")
    options.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    chosen = options.parse_args(arguments)
    names = chosen.only or NAMES
    share = chosen.seconds / sum(SHARES[name] for name in names)
    broken = [name for name in names if not _held(name, share * SHARES[name], chosen.runs, chosen.keep)]
    print(f"{_processor_seconds():.0f} s of processor time")
    for name in broken:
        print(f"{name}: 见 {chosen.keep}", file=sys.stderr)
    return 1 if broken else 0


def _held(name: str, seconds: float, runs: int, keep: Path) -> bool:
    """A limit of ``runs`` is for one go."""
    end = _processor_seconds() + seconds
    while (left := end - _processor_seconds()) > 0:
        if not _ran(name, max(1, round(left)), runs, keep):
            return False
        if runs >= 0:
            break
    return True


def _processor_seconds() -> float:
    """Of all targets so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _ran(name: str, seconds: int, runs: int, keep: Path) -> bool:
    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        limits = [f"-max_total_time={seconds}", f"-runs={runs}", f"-max_len={INPUT_BYTES_MAX}", "-rss_limit_mb=2500"]
        kept = [f"-artifact_prefix={keep}/{name}-", "-print_final_stats=1", "-verbosity=0", "-timeout=60"]
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.child", name, *limits, *kept, folder],
            capture_output=True,
            text=True,
            check=False,
        )
    told = [line for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    print(
        f"{name}: {'ok' if done.returncode == 0 else 'BROKEN'} {told[-1].split()[-1] if told else '?'} runs", flush=True
    )
    if done.returncode:
        print(done.stderr[-4000:], done.stdout[-4000:], file=sys.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
