"""``python -m verify.bench.memory``: does memory grow with the number of checks?

A million checks in this process, the way the service makes them – question to JSON, log, limits and counters included
– and what the process holds resident before and after, and between.

    --checks N (default 1,000,000)
"""

import argparse
import asyncio
import gc
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import orjson

from verify.bench.log import publish
from verify.bench.office import BenchOffice
from verify.public.app import PublicSettings, build
from verify.public.express import EXPRESS
from verify.scanned import digits

TOKENS = 10_000
CLIENTS = 50_000
TURN = 64
SHOWN = 10


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m verify.bench.memory", description="核验的内存")
    options.add_argument("--checks", type=int, default=1_000_000)
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), chosen.checks))
    return 0


async def _measure(folder: Path, checks: int) -> None:
    """More credentials and clients than any memory of the service holds: what is forgotten must be freed."""
    office = BenchOffice.made()
    tokens = office.tokens(TOKENS)
    publish(folder, office, tokens)
    bodies = [orjson.dumps({"token": digits(token)}) for token in tokens]
    app = build(PublicSettings(folder, lambda: office.now, proxies=frozenset({"proxy"})))
    answering = app[EXPRESS].answering
    for part in range(SHOWN + 1):
        gc.collect()
        print(f"{part * checks // SHOWN:>9} checks: {_resident_mb():.1f} MB resident", flush=True)
        for number in range(part * checks // SHOWN, (part + 1) * checks // SHOWN if part < SHOWN else 0):
            client = number % CLIENTS
            address = f"10.{client // 65536}.{client // 256 % 256}.{client % 256}"
            (answer,) = answering(((bodies[number % TOKENS], "proxy", address),))
            assert answer is not None
            assert answer[0] == 200, answer
            if number % TURN == 0:
                await asyncio.sleep(0)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1024 * 1024)


if __name__ == "__main__":
    sys.exit(main())
