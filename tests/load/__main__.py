"""``python -m tests.load``: 200 connections, most of them bad, for a minute; then a restart under load.

Exit status 1 when a good client waited longer than it may, or lost an answer.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.load.restarting import restarted_under_load
from tests.load.scenario import Crowd, among

P99_SECONDS = 0.25


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m tests.load", description="load and faults")
    options.add_argument("--seconds", type=float, default=60.0)
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        seen, rate = among(Path(folder) / "public", Crowd(seconds=chosen.seconds))
    print(f"good: {len(seen.waits)} answers, p50 {seen.percentile(0.5) * 1000:.1f} ms, ", end="")
    print(f"p99 {seen.percentile(0.99) * 1000:.1f} ms, longest {max(seen.waits) * 1000:.1f} ms")
    print(f"flood: {rate:.0f} bad tokens/s answered")
    for kind, statuses in sorted(seen.statuses.items()):
        print(f"{kind}: {dict(sorted(statuses.items()))}")
    with tempfile.TemporaryDirectory() as folder:
        answers, lost = restarted_under_load(Path(folder) / "public", seconds=8, restarts=3)
    print(f"three restarts under load: {answers} answers, {lost} lost")
    good = seen.percentile(0.99) < P99_SECONDS and set(seen.statuses["good"]) == {200} and not lost
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
