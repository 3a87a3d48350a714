"""Answers verify/documents/workers.py, worker.py and carrying.py: files read elsewhere, bounded, whatever they do."""

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.documents.report import Report, qr_png
from tests.verify.sample import PACKAGE, QR
from verify.binding import Certification, Difference, DocumentInHand, VisibleLine
from verify.documents import reading, workers
from verify.documents.carrying import opened, written, written_refusal
from verify.documents.reading import Scanned
from verify.documents.workers import Readers
from verify.reasons import Reason, Rejection

PNG = qr_png(QR)
HELD = """
import os, sys, time
def say(content):
    os.write(1, len(content).to_bytes(4) + content)
def question():
    size = int.from_bytes(os.read(0, 4))
    got = b""
    while len(got) < size:
        got += os.read(0, size - len(got))
say(b"")
"""
"""The beginning of a worker that keeps to the frames; what it does with a question is up to the test."""


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers(2) as readers:
        yield readers


@pytest.fixture
def other_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Readers]:
    """Readers whose workers run the program the test writes to ``tmp_path / "program.py"``; they have all the time."""
    stand_in_for(monkeypatch, tmp_path)
    with Readers(1, seconds=120.0) as readers:
        yield readers


@pytest.fixture
def hurried_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Readers]:
    stand_in_for(monkeypatch, tmp_path)
    with Readers(1, seconds=0.5) as readers:
        yield readers


def stand_in_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in = tmp_path / "python"
    stand_in.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path}/program.py"\n')
    stand_in.chmod(0o700)
    monkeypatch.setattr(workers.sys, "executable", str(stand_in))


def children() -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            status = (entry / "stat").read_text() if entry.name.isdigit() else ""
        except (FileNotFoundError, ProcessLookupError):
            continue
        if status and int(status.rpartition(")")[2].split()[1]) == os.getpid():
            found.add(int(entry.name))
    return found


@pytest.fixture
def started() -> Callable[[], set[int]]:
    """The processes that this test has started and that are still there, zombies too."""
    before = children()
    return lambda: children() - before


def refusal(readers: Readers, data: bytes) -> Reason:
    with pytest.raises(Rejection) as rejection:
        readers.read(data)
    return rejection.value.reason


def test_a_worker_reads_what_this_process_would_read(readers: Readers, report: Report) -> None:
    for data in (PNG, report.docx(), QR.encode(), report.without_part("customXml/item9.xml").docx()):
        assert readers.read(data) == reading.read(data, "")


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"PK\x03\x04" + bytes(50), b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n"])
def test_a_worker_refuses_what_this_process_would_refuse(readers: Readers, data: bytes) -> None:
    with pytest.raises(Rejection) as here:
        reading.read(data, "")
    assert refusal(readers, data) is here.value.reason


def test_many_threads_share_few_workers(readers: Readers) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: readers.read(PNG).qr_texts, range(24)))
    assert found == [(QR,)] * 24


async def test_a_loop_is_not_held_up_by_a_reader(readers: Readers) -> None:
    assert (await asyncio.to_thread(readers.read, PNG)).qr_texts == (QR,)


def test_a_file_that_asks_for_memory_without_end_ends_its_reader_alone(report: Report) -> None:
    """A picture of 60 million pixels unpacks to more than the worker may have; the next file is read as ever."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (7700, 7700)).save(out, "PNG")
    with Readers(1, memory_bytes=350 * 1024 * 1024) as small:
        assert refusal(small, out.getvalue()) in {Reason.FILE_TOO_LARGE, Reason.DANGEROUS_FILE, Reason.DAMAGED_FILE}
        assert small.read(PNG).qr_texts == (QR,)


def test_a_worker_that_hangs_is_stopped_and_replaced(
    hurried_worker: Readers, tmp_path: Path, started: Callable[[], set[int]]
) -> None:
    program = tmp_path / "program.py"
    program.write_text(f"{HELD}question()\ntime.sleep(600)\n")
    before = time.monotonic()
    assert refusal(hurried_worker, PNG) is Reason.FILE_TOO_SLOW
    assert time.monotonic() - before < 300
    assert started() == set(), "neither the worker nor a zombie is left"


def test_a_worker_that_does_not_take_the_question_is_stopped(hurried_worker: Readers, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(f"{HELD}time.sleep(600)\n")
    assert refusal(hurried_worker, bytes(8 * 1024 * 1024)) is Reason.FILE_TOO_SLOW


ANSWERS = {
    "dies": "os._exit(3)",
    "dies by a signal": "os.kill(os.getpid(), 9)",
    "half a frame": "os.write(1, (100).to_bytes(4) + b'x')",
    "a frame of four gigabytes": "os.write(1, b'\\xff\\xff\\xff\\xff')",
    "not CBOR": "say(b'\\xff' * 40)",
    "another shape": "say(bytes.fromhex('8401020304'))",
    "an unknown reason": "say(bytes.fromhex('83016161') + b'\\x60')",
    "a pickle": "say(b'\\x80\\x04cos\\nsystem\\n.')",
}


@pytest.mark.parametrize("program", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_worker_that_crashes_or_lies_at_every_file_is_an_answer_each_time(
    other_worker: Readers, tmp_path: Path, program: str
) -> None:
    (tmp_path / "program.py").write_text(f"{HELD}question()\n{program}\n")
    assert [refusal(other_worker, PNG) for _ in range(3)] == [Reason.DANGEROUS_FILE] * 3


def test_a_worker_that_cannot_be_started_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers.sys, "executable", "/bin/false")
    with Readers(1) as readers:
        assert refusal(readers, PNG) is Reason.DANGEROUS_FILE
    monkeypatch.setattr(workers.sys, "executable", "/nowhere/python")
    with Readers(1) as readers:
        assert refusal(readers, PNG) is Reason.FILE_NOT_OPENED


def test_a_worker_killed_at_its_work_is_asked_again_and_its_file_answered(started: Callable[[], set[int]]) -> None:
    """Somebody else's kill, for want of memory perhaps, says nothing about the file."""
    with Readers(1) as readers, ThreadPoolExecutor(1) as thread:
        readers.read(PNG)
        (worker,) = started()
        os.kill(worker, signal.SIGSTOP)
        answer = thread.submit(readers.read, PNG)
        while not answer.done() and not readers._busy:
            time.sleep(0.01)
        os.kill(worker, signal.SIGKILL)
        assert answer.result().qr_texts == (QR,)


def test_an_idle_worker_that_was_killed_is_replaced_before_the_next_file(started: Callable[[], set[int]]) -> None:
    with Readers(1) as readers:
        readers.read(PNG)
        (worker,) = started()
        os.kill(worker, signal.SIGKILL)
        os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)
        assert readers.read(PNG).qr_texts == (QR,)
        assert started() != {worker}


def test_nothing_of_our_environment_is_told(monkeypatch: pytest.MonkeyPatch, started: Callable[[], set[int]]) -> None:
    monkeypatch.setenv("CHENGHE_KEY_PASSPHRASE", "fictional")
    with Readers(1) as readers:
        readers.read(PNG)
        (worker,) = started()
        assert b"CHENGHE" not in Path(f"/proc/{worker}/environ").read_bytes()


def test_closing_leaves_no_process_and_no_open_file(started: Callable[[], set[int]]) -> None:
    gc.collect()  # what other tests left open is closed before we count, not while
    files = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with Readers(2) as readers, ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda _: readers.read(PNG), range(6)))
            assert len(started()) <= 2
    assert started() == set()
    assert len(os.listdir("/proc/self/fd")) == files


CARRIED = (
    Scanned(()),
    Scanned((QR, "x"), None, True, (1, 3)),
    Scanned((QR,), DocumentInHand(PACKAGE, (VisibleLine("正文／第1段", "示例"),))),
    Scanned((), DocumentInHand(None, (), True, Certification(None, False, False))),
    Scanned(
        (QR,),
        DocumentInHand(PACKAGE, (), False, Certification(b"f" * 32, True, False, (Difference("第 1 页", "", "批注"),))),
    ),
)


@pytest.mark.parametrize("scanned", CARRIED)
def test_what_is_carried_arrives_as_it_was(scanned: Scanned) -> None:
    assert opened(written(scanned)) == scanned


def test_a_refusal_is_carried_with_its_detail() -> None:
    with pytest.raises(Rejection) as carried:
        opened(written_refusal(Rejection(Reason.DANGEROUS_FILE, "DTD")))
    assert (carried.value.reason, carried.value.detail) == (Reason.DANGEROUS_FILE, "DTD")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 400), st.binary(min_size=0, max_size=12))
def test_a_mutated_answer_is_an_answer_or_dangerous(place: int, junk: bytes) -> None:
    data = written(CARRIED[2])
    mutated = data[:place] + junk + data[place + len(junk) :]
    try:
        found = opened(mutated)
    except Rejection:
        return
    assert isinstance(found, Scanned)
