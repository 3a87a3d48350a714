"""Documents are added one by one by another process while this one searches: how long either takes."""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from index.policies.model import Document
from index.search.bench.timing import Latency, Search, latency, percentile
from index.search.whoosh_backend import WhooshBackend

PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Adding:
    """``added`` documents with ``passages`` passages in all: milliseconds of one ``replace_document``; the queries."""

    added: int
    passages: int
    p50: float
    p95: float
    longest: float
    queries: int
    query: Latency


def while_adding(folder: Path, documents: Sequence[Document], search: Search, questions: int) -> Adding:
    """Asks question after question until all of ``documents`` are in, under ids of their own."""
    copies = [replace(document, id=f"added-{number}") for number, document in enumerate(documents)]
    wall: list[float] = []
    cpu: list[float] = []
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        pool.submit(int).result()
        adding = pool.submit(_add, folder, copies)
        while not adding.done():
            began, worked = time.perf_counter(), time.thread_time()
            search(len(wall) % questions)
            cpu.append(1e3 * (time.thread_time() - worked))
            wall.append(1e3 * (time.perf_counter() - began))
        times = adding.result()
    passages = sum(len(document.passages) for document in documents)
    longest = max(times)
    middle, most = percentile(times, 50), percentile(times, 95)
    return Adding(len(times), passages, middle, most, longest, len(wall), latency(wall, cpu))


def _add(folder: Path, documents: Sequence[Document]) -> list[float]:
    times = []
    with WhooshBackend(folder) as backend:
        for document in documents:
            began = time.perf_counter()
            backend.replace_document(document)
            times.append(1e3 * (time.perf_counter() - began))
            time.sleep(PAUSE_SECONDS)
    return times
