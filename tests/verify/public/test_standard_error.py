"""A service whose standard error nobody reads goes on answering, and ends when it is told to."""

import http.client
import json
import logging
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.verify.public.published import publish
from verify.public.standard_error import TEXTS_MOST, Handler, Writer
from verify.validity import SHANGHAI

PIPE_BYTES = 65_536


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Its two ends: who reads, who writes. A writer of it must have written all before the end of the test."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def read(reading: int) -> str:
    return os.read(reading, 1_000_000).decode()


def there(reading: int) -> bytes:
    """What can be read now, without waiting for more."""
    try:
        return os.read(reading, 1_000_000)
    except BlockingIOError:
        return b""


def test_lines_come_in_their_order_and_a_log_waits_for_them_at_the_end(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    writer = Writer(writing)
    handler = Handler(writer)
    writer.say("报告核验")
    handler.handle(logging.makeLogRecord({"msg": "请求 %d", "args": (1,)}))
    writer.say("\ud800")
    handler.flush()
    assert read(reading) == "报告核验\n请求 1\n\\ud800\n"


def test_what_nobody_reads_waits_for_nobody_and_is_counted(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    writer = Writer(writing)
    writer.say("x" * (PIPE_BYTES + 1))
    for number in range(TEXTS_MOST + 9):
        writer.say(str(number))
    assert not writer.wait(0.01)
    os.set_blocking(reading, False)
    pieces = [there(reading)]
    while not writer.wait(0.01):
        pieces.append(there(reading))
    while rest := there(reading):
        pieces.append(rest)
    got = b"".join(pieces).decode()
    lines = got.splitlines()
    dropped = re.search(r"丢弃了 (\d+) 段", got)
    assert dropped is not None
    assert int(dropped[1]) == TEXTS_MOST + 9 - sum(line.isdigit() for line in lines) >= 8


def test_a_reader_that_has_gone_is_no_fault(pipe: tuple[int, int]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    writer = Writer(writing)
    writer.say("niemand")
    assert writer.wait(20)
    os.close(writing)


def test_a_service_whose_log_nobody_reads_answers_and_ends(tmp_path: Path) -> None:
    published = publish(tmp_path / "public", now=datetime.now(SHANGHAI).replace(microsecond=0))
    command = [sys.executable, "-m", "verify.public", "--folder", str(tmp_path / "public"), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        origin = re.search(rb"http://\S+(?=/v)", process.stderr.readline())
        assert origin is not None
        try:
            flood(origin[0].decode(), 4000)
            question = json.dumps({"token": published.digits, "at": "2026-11-21T09:00:00"}).encode()
            asked = urllib.request.Request(
                f"{origin[0].decode()}/api/verify", question, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(asked, timeout=120) as answer:
                assert json.loads(answer.read())["verdict"] == "valid"
        finally:
            process.send_signal(signal.SIGTERM)
            ended = process.wait(60)
        assert ended == 0
        assert len(process.stderr.read()) >= PIPE_BYTES // 2


def flood(origin: str, count: int) -> None:
    """``count`` questions the service writes a line about: more than the pipe holds."""
    connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=120)
    for _ in range(count):
        connection.request("POST", "/api/verify", b"{}", {"Content-Type": "application/json"})
        connection.getresponse().read()
    connection.close()
