"""Good clients among bad ones: how long the good ones wait, and what the bad ones are told.

* The service runs in a process of its own (``verify.public.serving``, as in use); everybody else in others.
* Bad ones: a flood of bad tokens from many addresses, headers and bodies that trickle, uploads that stop half-way,
  bodies of a hundred megabytes. All come through one "proxy", this machine; X-Forwarded-For tells them apart.
"""

import asyncio
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.verify.public.published import NOW, Published, publish
from verify.bench.client import load, request
from verify.public.app import PublicSettings, build
from verify.public.bodies import BodyLimits
from verify.public.serving import listen, run

PATH = "/api/verify"
CONTEXT = multiprocessing.get_context("spawn")
PROXY = frozenset({"127.0.0.1"})


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many connections of each kind, for so many seconds. ``body_seconds``: what the service gives a body."""

    seconds: float = 60.0
    good: int = 20
    flood: int = 60
    slow_heads: int = 50
    slow_bodies: int = 40
    half_uploads: int = 25
    large: int = 5
    body_seconds: float = 10.0
    large_bytes: int = 100 * 1024 * 1024


@dataclass(slots=True)
class Seen:
    """Seconds the good ones waited, and what each kind was answered (0: nothing before the connection ended)."""

    waits: list[float] = field(default_factory=list)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)

    def told(self, kind: str, status: int) -> None:
        self.statuses.setdefault(kind, Counter())[status] += 1

    def percentile(self, share: float) -> float:
        return sorted(self.waits)[int(share * (len(self.waits) - 1))]


@contextmanager
def service(folder: Path, body_seconds: float) -> Iterator[int]:
    """The service in its own process, stopped by SIGTERM; gives its port."""
    here, there = CONTEXT.Pipe()
    process = CONTEXT.Process(target=_serve, args=(there, folder, body_seconds), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join(30)
        assert process.exitcode == 0, process.exitcode


def _serve(told: Connection, folder: Path, body_seconds: float) -> None:
    limits = BodyLimits(seconds=body_seconds)
    app = build(PublicSettings(folder, lambda: NOW, body=limits, proxies=PROXY))
    listening = listen("127.0.0.1", 0)
    asyncio.run(run(app, listening, say=lambda _: None, announce=lambda: told.send(listening.getsockname()[1])))


def among(folder: Path, crowd: Crowd) -> tuple[Seen, float]:
    """What was seen, and how many of the flood were answered a second."""
    published = publish(folder)
    with service(folder, crowd.body_seconds) as port:
        here, there = CONTEXT.Pipe()
        flood = CONTEXT.Process(target=_flood, args=(there, port, crowd), daemon=True)
        flood.start()
        seen = asyncio.run(_crowd(port, published, crowd))
        rate: float = here.recv()
        flood.join(30)
    return seen, rate


def _flood(told: Connection, port: int, crowd: Crowd) -> None:
    bodies = (json.dumps({"token": f"{number}7" * 40}).encode() for number in range(1, 400))
    requests = [request(PATH, body, f"198.51.100.{number % 250 + 1}") for number, body in enumerate(bodies)]
    told.send(load(port, requests, connections=crowd.flood, seconds=crowd.seconds).per_second)


@dataclass(frozen=True, slots=True)
class Client:
    """One of the crowd with a connection: ``address`` is what the proxy says of it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: str
    question: bytes
    crowd: Crowd
    seen: Seen
    end: float


Behave = Callable[[Client], Coroutine[Any, Any, None]]


async def _crowd(port: int, published: Published, crowd: Crowd) -> Seen:
    seen, end = Seen(), time.monotonic() + crowd.seconds
    kinds: list[tuple[int, Behave]] = [
        (crowd.good, _good),
        (crowd.slow_heads, _slow_head),
        (crowd.slow_bodies, _slow_body),
        (crowd.half_uploads, _half_upload),
        (crowd.large, _large),
    ]
    async with asyncio.TaskGroup() as group:
        for kind, (count, behave) in enumerate(kinds):
            for number in range(count):
                address = f"203.0.{100 + kind}.{number + 1}"
                question = request(PATH, json.dumps({"token": published.digits}).encode(), address)
                connected = partial(Client, address=address, question=question, crowd=crowd, seen=seen, end=end)
                group.create_task(_again(behave, port, connected))
    return seen


async def _again(behave: Behave, port: int, connected: Callable[..., Client]) -> None:
    while True:
        each = connected(*await asyncio.open_connection("127.0.0.1", port))
        left = each.end - time.monotonic()
        with suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(max(0.1, left) + each.crowd.body_seconds + 5):
                await behave(each)
        each.writer.close()
        with suppress(ConnectionError):
            await each.writer.wait_closed()
        if time.monotonic() >= each.end:
            return


async def _good(each: Client) -> None:
    asked = 0
    while time.monotonic() < each.end or asked < 2:
        asked += 1
        start = time.perf_counter()
        each.writer.write(each.question)
        status = await status_of(each.reader)
        each.seen.waits.append(time.perf_counter() - start)
        each.seen.told("good", status)
        await asyncio.sleep(0.05)


async def _slow_head(each: Client) -> None:
    for byte in b"POST /api/verify HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"y" * 200:
        if time.monotonic() > each.end or each.reader.at_eof():
            return
        each.writer.write(bytes([byte]))
        await asyncio.sleep(1)


async def _slow_body(each: Client) -> None:
    each.writer.write(_head(each.address, "application/json", 5000) + b'{"token": "')
    answer = asyncio.create_task(status_of(each.reader))
    while not answer.done():
        each.writer.write(b"1")
        await asyncio.wait([answer], timeout=0.5)
    each.seen.told("slow body", answer.result())


async def _half_upload(each: Client) -> None:
    start = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.docx"\r\n\r\nPK\x03\x04'
    each.writer.write(_head(each.address, "multipart/form-data; boundary=b", 5_000_000) + start + b"x" * 100_000)
    status = await status_of(each.reader)
    each.seen.told("half upload", status)
    if status == 429:
        await asyncio.sleep(1)


async def _large(each: Client) -> None:
    each.writer.write(_head(each.address, "multipart/form-data; boundary=b", each.crowd.large_bytes))
    answer = asyncio.create_task(status_of(each.reader))
    chunk, sent = bytes(1024 * 1024), 0
    while not answer.done() and sent < each.crowd.large_bytes:
        each.writer.write(chunk)
        sent += len(chunk)
        with suppress(ConnectionError):
            await each.writer.drain()
        await asyncio.sleep(0)
    each.seen.told("100 MB", await answer)
    await asyncio.sleep(1)


def _head(client: str, kind: str, length: int) -> bytes:
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {client}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


async def status_of(reader: asyncio.StreamReader) -> int:
    """The status of the next answer, read to its end; 0 when the connection ends before one."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length: "))
        await reader.readexactly(int(length.partition(": ")[2]))
    except (ConnectionError, asyncio.IncompleteReadError):
        return 0
    return int(head.split()[1])
