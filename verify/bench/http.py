"""``python -m verify.bench.http``: ``POST /api/verify`` beside a bare aiohttp handler, in one run.

* The bare handler reads the body, does one raw Ed25519 verification of a token's message and returns the same bytes: no
  JSON, no limits, no headers of its own, no log. Both run on asyncio's own loop.
* Each server is one process on one processor, the client another on the other; rounds alternate, so that what else the
  machine does falls on both. 64 connections, kept alive; every request has another token and one of 1,000 clients.
* Ours does all it does in use: every answer is looked up in the log, counted, and written down (to /dev/null). Before
  that both are warmed with the same requests.

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
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
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
from verify.public.serving import collect_garbage_seldom, listen, running
from verify.scanned import digits

CONNECTIONS = 64
TOKENS = 2_000
CLIENTS = 1_000
PATH = "/api/verify"
TARGET_RATIO = 0.85
TARGET_TAIL = 3.0


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
        _served(_ours, folder, office.now) as ours,
        _served(_bare, office.signer.public_key, tokens[0], _answer(office, tokens[0])) as bare,
    ):
        return _figures(_alternating({"ours": ours, "bare": bare}, requests, seconds, rounds))


def _alternating(
    ports: Mapping[str, int], requests: Sequence[bytes], seconds: float, rounds: int
) -> dict[str, list[Load]]:
    for port in ports.values():
        _round(port, requests, seconds)
    loads: dict[str, list[Load]] = {name: [] for name in ports}
    for turn in range(rounds):
        for name in sorted(ports, reverse=turn % 2 == 1):
            loads[name].append(_round(ports[name], requests, seconds))
    return loads


def _figures(loads: dict[str, list[Load]]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, rounds in loads.items():
        figures[f"{name}_per_second"] = median(each.per_second for each in rounds)
        figures[f"{name}_p50_ms"] = 1000 * median(each.percentile(0.5) for each in rounds)
        figures[f"{name}_p99_ms"] = 1000 * median(each.percentile(0.99) for each in rounds)
        figures[f"{name}_refused"] = sum(each.refused for each in rounds)
    figures["ratio"] = median(
        ours.per_second / bare.per_second for ours, bare in zip(loads["ours"], loads["bare"], strict=True)
    )
    figures["tail"] = median(each.percentile(0.99) / each.percentile(0.5) for each in loads["ours"])
    figures["load_average"] = os.getloadavg()[0]
    return figures


def _round(port: int, requests: Sequence[bytes], seconds: float) -> Load:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_on_processor, initargs=(-1,)) as client:
        return client.submit(load, port, requests, connections=CONNECTIONS, seconds=seconds).result()


@contextmanager
def _served(serve: object, *arguments: object) -> Iterator[int]:
    """The server in a process on the first processor; gives its port."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there, *arguments), daemon=True)  # type: ignore[arg-type]
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join(10)


def _ours(told: Connection, folder: Path, now: datetime) -> None:
    log = logging.getLogger(LOGGER)
    log.addHandler(logging.FileHandler(os.devnull))
    log.setLevel(logging.INFO)
    log.propagate = False
    app = build(PublicSettings(folder, lambda: now, proxies=frozenset({"127.0.0.1"})))
    listening = listen("127.0.0.1", 0)

    async def forever() -> None:
        async with running(app, listening):
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
    lines = [f"{'':8}{'answers/s':>12}{'p50 ms':>10}{'p99 ms':>10}{'refused':>9}"]
    for name in ("bare", "ours"):
        row = (found[f"{name}_{what}"] for what in ("per_second", "p50_ms", "p99_ms", "refused"))
        lines.append(f"{name:8}" + "{:12.0f}{:10.2f}{:10.2f}{:9.0f}".format(*row))
    lines.append(
        f"ratio {found['ratio']:.3f} (asked for: {TARGET_RATIO}); p99/p50 {found['tail']:.2f} (≤ {TARGET_TAIL})"
    )
    return "\n".join([*lines, f"load average {found['load_average']:.1f}"])


if __name__ == "__main__":
    sys.exit(main())
