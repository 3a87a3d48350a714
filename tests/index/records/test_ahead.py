"""Answers index/records/ahead.py: reading ahead changes nothing but the time."""

import functools
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from index.errors import UnreadableImport
from index.records import importing
from index.records.ahead import read_ahead
from index.records.import_report import ImportReport
from index.records.importing import import_records
from index.rules.offices import load_profile
from index.store import tables
from index.store.engine import open_store
from tests.index.records.samples import NOW, penalty, write_csv

OFFICE = load_profile("yunting")
_SECONDS = 300


def alone(test: Callable[[], None]) -> Callable[[], None]:
    """Runs ``test`` in a process of its own: beside the threads that other tests leave behind, nothing is forked."""

    @functools.wraps(test)
    def run() -> None:
        process = multiprocessing.get_context("spawn").Process(target=_call, args=(test.__name__,))
        process.start()
        process.join(_SECONDS)
        process.kill()
        process.join()
        assert process.exitcode == 0

    return run


def _call(name: str) -> None:
    getattr(sys.modules[__name__], name).__wrapped__()


def processes(items: Iterator[object]) -> tuple[list[object], bool]:
    """What comes out, and whether another process made it."""
    here = os.getpid()

    def told() -> Iterator[object]:
        for item in items:
            yield item, os.getpid() != here

    found = list(read_ahead(told()))
    return [item for item, _ in found], any(apart for _, apart in found)  # type: ignore[misc, has-type]


@alone
def test_another_process_gives_the_same_items_in_order() -> None:
    assert processes(iter(range(1000))) == (list(range(1000)), True)


def test_beside_other_threads_nothing_is_forked() -> None:
    waiting = threading.Event()
    thread = threading.Thread(target=waiting.wait)
    thread.start()
    try:
        assert processes(iter(range(3))) == ([0, 1, 2], False)
    finally:
        waiting.set()
        thread.join()


@alone
def test_refusal_of_the_other_process_is_raised_here_after_what_it_read() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise UnreadableImport("读不下去", next_step="请检查", code="IMPORT_BROKEN")

    items = read_ahead(broken())
    assert next(items) == 1
    with pytest.raises(UnreadableImport, match="读不下去") as caught:
        next(items)
    assert (caught.value.code, caught.value.next_step) == ("IMPORT_BROKEN", "请检查")


@alone
def test_process_that_dies_is_said() -> None:
    def dying() -> Iterator[int]:
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)

    items = read_ahead(dying())
    assert next(items) == 1
    with pytest.raises(UnreadableImport) as caught:
        next(items)
    assert caught.value.code == "IMPORT_STOPPED"


@alone
def test_process_does_not_outlive_the_reading() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield os.getpid()

    items = read_ahead(endless())
    other = next(items)
    items.close()
    with pytest.raises(ProcessLookupError):
        os.kill(other, 0)


def imported(folder: Path, name: str, path: Path) -> tuple[ImportReport, list[object]]:
    engine = open_store(folder / name)
    report = import_records(engine, path, OFFICE, now=NOW, actor="测试")
    with engine.connect() as connection:
        rows = connection.execute(select(tables.records).order_by(tables.records.c.key)).all()
    return report, [tuple(row) for row in rows]


def test_file_read_ahead_lands_as_it_does_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        penalty(CF_WSH=str(number % 70), CF_JDRQ="昨天" if number % 9 == 0 else "2025-03-14") for number in range(100)
    ]
    rows[80]["CF_NR_FK"] = "9"
    path = write_csv(tmp_path / "r.csv", rows)
    monkeypatch.setattr(importing, "CHUNK", 7)
    here = imported(tmp_path, "here.db", path)
    monkeypatch.setattr(importing, "AHEAD_FROM_BYTES", 0)
    apart = imported(tmp_path, "apart.db", path)
    assert (here[0].to_json(), here[1]) == (apart[0].to_json(), apart[1])
    assert here[0].refusals.rows == apart[0].refusals.rows
    assert {error.code for error in here[0].errors} == {"DATE", "DUPLICATE_IN_FILE"}


def test_large_file_that_breaks_off_lands_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AHEAD_FROM_BYTES", 0)
    monkeypatch.setattr(importing, "CHUNK", 2)
    path = write_csv(tmp_path / "r.csv", [penalty(CF_WSH=str(number)) for number in range(9)])
    path.write_bytes(path.read_bytes() + '"没有关上'.encode())
    engine = open_store(tmp_path / "o.db")
    with pytest.raises(UnreadableImport, match="引号"):
        import_records(engine, path, OFFICE, now=NOW, actor="测试")
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(tables.records)).scalar_one() == 0


@alone
def test_process_that_reads_ahead_ends_when_the_import_is_killed() -> None:
    told, tell = os.pipe()
    parent = os.fork()
    if parent == 0:  # a process that reads ahead and is killed while the pipe between the two is full

        def endless() -> Iterator[bytes]:
            os.write(tell, os.getpid().to_bytes(8))
            while True:
                yield bytes(1 << 16)

        items = read_ahead(endless())
        next(items)
        signal.pause()
    os.close(tell)
    other = int.from_bytes(os.read(told, 8))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert os.read(told, 1) == b""  # nobody holds the other end any more
    with pytest.raises(ProcessLookupError):
        wait_for_the_end(other)


def wait_for_the_end(process: int) -> None:
    """An orphan is gone when whoever inherits it has looked."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            state = "Z"
        if state == "Z":
            raise ProcessLookupError(process)
        time.sleep(0.01)


def test_reader_without_memory_is_said_without_a_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    starved_reader()
    assert capfd.readouterr().err == ""


@alone
def starved_reader() -> None:
    def starving() -> Iterator[int]:
        yield 1
        raise MemoryError

    items = read_ahead(starving())
    assert next(items) == 1
    with pytest.raises(UnreadableImport) as caught:
        next(items)
    assert caught.value.code == "IMPORT_STOPPED"
