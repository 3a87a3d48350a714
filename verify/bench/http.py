"""``python -m verify.bench.http``: ``POST /api/verify`` beside a bare aiohttp handler, in one run.

* The bare handler reads the body, does one raw Ed25519 verification of a token's message and returns the same bytes: no
  JSON, no limits, no headers of its own, no log. Both run on asyncio's own loop.
* Each server is one process on one processor, the client another on the other; rounds alternate, so that what else the
  machine does falls on both. 64 connections, kept alive; every request has another token and one of 1,000 clients.
* Ours does all it does in use: every answer is looked up in the log, counted, and written down (to /dev/null). Before
  that both are warmed with the same requests.
* ``long`` is ours without the short way, all through aiohttp: what ``verify.public.express`` is for.
* Each server tells its own processor time before and after a round: that is what a request costs, whoever else is on
  the machine. Answers a second and waits are of the wall, and mean something only where nothing else runs.

    --seconds N   of each round (default 5)     --rounds N   of each server (default 3)     --json
"""

import argparse
import asyncio
import json
import logging
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import orjson
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from verify.bench.client import Load, load, request
from verify.bench.log import publish
from verify.bench.office import BenchOffice
from verify.check import check
from verify.cose import open_sign1
from verify.public.access_log import LOGGER
from verify.public.app import PublicSettings, build
from verify.public.express import EXPRESS
from verify.public.serving import collect_garbage_seldom, listen, running
from verify.scanned import digits

CONNECTIONS = 64
TOKENS = 2_000
CLIENTS = 1_000
PATH = "/api/verify"
TARGET_RATIO = 0.85
TARGET_TAIL = 3.0


@dataclass(frozen=True, slots=True)
class Serving:
    """``told`` answers anything with the server's processor time so far."""

    port: int
    told: Connection

    def processor_seconds(self) -> float:
        self.told.send(None)
        used: float = self.told.recv()
        return used


@dataclass(frozen=True, slots=True)
class Round:
    load: Load
    processor_seconds: float

    @property
    def each_us(self) -> float:
        """Processor time of one request."""
        return 1e6 * self.processor_seconds / max(1, len(self.load.latencies))


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m verify.bench.http", description="HTTP 核验速度")
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), seconds=chosen.seconds, rounds=chosen.rounds)
    print(json.dumps(found, indent=2) if chosen.json else _table(found))
    return 0


def measure(folder: Path, *, seconds: float, rounds: int) -> dict[str, float]:
    office = BenchOffice.made()
    tokens = office.tokens(TOKENS)
    publish(folder, office, tokens)
    requests = [
        request(
            PATH, json.dumps({"token": digits(token)}).encode(), f"203.0.{number % CLIENTS // 250}.{number % 250 + 1}"
        )
        for number, token in enumerate(tokens)
    ]
    with (
        _served(_ours, folder, office.now, True) as ours,
        _served(_ours, folder, office.now, False) as long,
        _served(_bare, office.signer.public_key, tokens[0], _answer(office, tokens[0])) as bare,
    ):
        return _figures(_alternating({"bare": bare, "long": long, "ours": ours}, requests, seconds, rounds))


def _alternating(
    servers: Mapping[str, Serving], requests: Sequence[bytes], seconds: float, rounds: int
) -> dict[str, list[Round]]:
    for server in servers.values():
        _round(server, requests, seconds)
    done: dict[str, list[Round]] = {name: [] for name in servers}
    for turn in range(rounds):
        for name in sorted(servers, reverse=turn % 2 == 1):
            done[name].append(_round(servers[name], requests, seconds))
    return done


def _figures(done: dict[str, list[Round]]) -> dict[str, float]:
    """Ratios of rounds that stood side by side, then their median; ``best`` compares the least of each server."""
    figures: dict[str, float] = {}
    for name, rounds in done.items():
        loads = [each.load for each in rounds]
        figures[f"{name}_per_second"] = median(each.per_second for each in loads)
        figures[f"{name}_us"] = median(each.each_us for each in rounds)
        figures[f"{name}_best_us"] = min(each.each_us for each in rounds)
        figures[f"{name}_p50_ms"] = 1000 * median(each.percentile(0.5) for each in loads)
        figures[f"{name}_p99_ms"] = 1000 * median(each.percentile(0.99) for each in loads)
        figures[f"{name}_refused"] = sum(each.refused for each in loads)
        figures[f"{name}_tail"] = median(each.percentile(0.99) / each.percentile(0.5) for each in loads)
        pairs = list(zip(rounds, done["bare"], strict=True))
        figures[f"{name}_ratio"] = median(each.load.per_second / bare.load.per_second for each, bare in pairs)
        figures[f"{name}_processor_ratio"] = median(bare.each_us / each.each_us for each, bare in pairs)
    for name in done:
        figures[f"{name}_best_ratio"] = figures["bare_best_us"] / figures[f"{name}_best_us"]
    figures["load_average"] = os.getloadavg()[0]
    return figures


def _round(server: Serving, requests: Sequence[bytes], seconds: float) -> Round:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_on_processor, initargs=(-1,)) as client:
        before = server.processor_seconds()
        answered = client.submit(load, server.port, requests, connections=CONNECTIONS, seconds=seconds).result()
        return Round(answered, server.processor_seconds() - before)


@contextmanager
def _served(serve: object, *arguments: object) -> Iterator[Serving]:
    """The server in a process on the first processor."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there, *arguments), daemon=True)  # type: ignore[arg-type]
    process.start()
    try:
        yield Serving(here.recv(), here)
    finally:
        process.terminate()
        process.join(10)


def _tell_processor_time(told: Connection) -> None:
    def tell() -> None:
        told.recv()
        told.send(time.process_time())

    asyncio.get_running_loop().add_reader(told.fileno(), tell)


def _ours(told: Connection, folder: Path, now: datetime, short_way: bool) -> None:
    log = logging.getLogger(LOGGER)
    log.addHandler(logging.FileHandler(os.devnull))
    log.setLevel(logging.INFO)
    log.propagate = False
    app = build(PublicSettings(folder, lambda: now, proxies=frozenset({"127.0.0.1"})))
    if not short_way:
        del app[EXPRESS]
    listening = listen("127.0.0.1", 0)

    async def forever() -> None:
        async with running(app, listening):
            _tell_processor_time(told)
            told.send(listening.getsockname()[1])
            await asyncio.Event().wait()

    _on_processor(0)
    collect_garbage_seldom()
    asyncio.run(forever())


def _bare(told: Connection, public_key: bytes, token: bytes, answer: bytes) -> None:
    signed = open_sign1(token)
    message, signature = signed.message, signed.signature
    key = Ed25519PublicKey.from_public_bytes(public_key)

    async def handler(request: web.Request) -> web.Response:
        await request.read()
        key.verify(signature, message)
        return web.Response(body=answer, content_type="application/json")

    async def forever() -> None:
        app = web.Application()
        app.router.add_post(PATH, handler)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        listening = listen("127.0.0.1", 0)
        await web.SockSite(runner, listening).start()
        _tell_processor_time(told)
        told.send(listening.getsockname()[1])
        await asyncio.Event().wait()

    _on_processor(0)
    asyncio.run(forever())


def _on_processor(which: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        processors = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {processors[which]})


def _answer(office: BenchOffice, token: bytes) -> bytes:
    """What ours says to the first token: as long as any other answer."""
    entry = check(token, trust=office.trust, at=office.now, now=office.now).to_json()
    return orjson.dumps({"input": digits(token), **entry})


def _table(found: dict[str, float]) -> str:
    columns = ("per_second", "p50_ms", "p99_ms", "tail", "refused", "ratio", "us", "best_us", "processor_ratio")
    heads = ("answers/s", "p50 ms", "p99 ms", "p99/p50", "refused", "ratio", "µs", "best µs", "ratio of µs")
    lines = [" " * 6 + "".join(f"{head:>12}" for head in heads)]
    for name in ("bare", "long", "ours"):
        cells = (f"{found[f'{name}_{column}']:12.{2 if 'ratio' in column else 1}f}" for column in columns)
        lines.append(f"{name:6}" + "".join(cells))
    lines.append(
        f"ratio {found['ours_ratio']:.3f} by the wall, {found['ours_processor_ratio']:.3f} by processor time, "
        f"{found['ours_best_ratio']:.3f} best beside best (asked for: {TARGET_RATIO}); "
        f"p99/p50 {found['ours_tail']:.2f} (≤ {TARGET_TAIL}); load average {found['load_average']:.1f}"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
