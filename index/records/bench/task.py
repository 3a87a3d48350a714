"""``python -m index.records.bench.task``: one task; prints rows, seconds and memory as JSON."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from index.calendar import SHANGHAI
from index.records.bench.raw import PEERS, insert_raw
from index.records.importing import import_records
from index.rules.offices import load_profile
from index.store.engine import open_store

SAMPLE = "yunting"
NOW = datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)
IMPORT = "import"


def main(task: str, file: str, database: str) -> None:
    work = _task(task, Path(file), Path(database))
    begin, processor = time.perf_counter(), _processor_seconds()
    rows = work()
    told = {
        "rows": rows,
        "seconds": time.perf_counter() - begin,
        "processor_seconds": _processor_seconds() - processor,
        "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    json.dump(told, sys.stdout)


def _processor_seconds() -> float:
    """Of this process and of those it has started and seen end."""
    return sum(os.times()[:4])


def _task(task: str, file: Path, database: Path) -> Callable[[], int]:
    if task in PEERS:
        return lambda: insert_raw(file, database, task)
    office, engine = load_profile(SAMPLE), open_store(database)

    def load() -> int:
        report = import_records(engine, file, office, now=NOW, actor="测量")
        if report.rejected:
            raise SystemExit(f"{report.rejected} rows refused: {report.errors[:3]}")
        return report.rows

    return load


if __name__ == "__main__":
    main(*sys.argv[1:])
