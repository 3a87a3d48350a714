"""A supervisor that keeps the socket, and replaces the service behind it while clients ask without a pause."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from tests.load.scenario import PATH, status_of
from tests.verify.public.published import Published, publish
from verify.bench.client import request
from verify.validity import SHANGHAI

CLIENTS = 16
LEAST_ANSWERS = 3
"""For each client, however slow the machine is."""
START_SECONDS = 60.0
ANSWER_SECONDS = 10.0
_START = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
sys.argv = ["verify.public", "--folder", sys.argv[2], "--proxies", "127.0.0.1"]
from verify.public.__main__ import main
sys.exit(main())
"""
"""What systemd does for a service with a socket unit."""


class Supervisor:
    """``replace`` starts the next process, waits until it answers, and lets the last one finish."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._process: subprocess.Popen[str] | None = None
        self._log_file = folder
        self._started = 0

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def replace(self) -> None:
        handed = os.dup(self._socket.fileno())
        os.set_inheritable(handed, True)
        command = [sys.executable, "-c", _START, str(handed), str(self._folder)]
        self._started += 1
        log_file = self._folder.parent / f"service-{self._started}.log"
        with log_file.open("w") as log:
            started = subprocess.Popen(command, stderr=log, text=True, pass_fds=[handed])
        os.close(handed)
        end = time.monotonic() + START_SECONDS
        while "/v\n" not in log_file.read_text():
            assert started.poll() is None, log_file.read_text()
            assert time.monotonic() < end, log_file.read_text()
            time.sleep(0.02)
        self.stop()
        self._process, self._log_file = started, log_file

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            assert self._process.wait(timeout=300) == 0, self._log_file.read_text()

    def close(self) -> None:
        self.stop()
        self._socket.close()


def restarted_under_load(folder: Path, *, seconds: float, restarts: int) -> tuple[int, int]:
    """Answers, and questions that were not answered, while the service is replaced ``restarts`` times."""
    published = publish(folder, now=datetime.now(SHANGHAI).replace(microsecond=0))
    supervisor = Supervisor(folder)
    try:
        supervisor.replace()
        return asyncio.run(_asking(supervisor, published, seconds, restarts))
    finally:
        supervisor.close()


async def _asking(supervisor: Supervisor, published: Published, seconds: float, restarts: int) -> tuple[int, int]:
    end = time.monotonic() + seconds
    clients = [asyncio.create_task(_client(supervisor.port, published, end, number)) for number in range(CLIENTS)]
    for _ in range(restarts):
        await asyncio.sleep(seconds / (restarts + 1) / 2)
        await asyncio.to_thread(supervisor.replace)
    found = await asyncio.gather(*clients)
    return sum(answers for answers, _ in found), sum(lost for _, lost in found)


async def _client(port: int, published: Published, end: float, number: int) -> tuple[int, int]:
    """Keeps its connection until told to close it; a question that gets no answer is lost."""
    body = json.dumps({"token": published.digits, "at": "2026-11-21T09:00:00"}).encode()
    question = request(PATH, body, f"203.0.113.{number}")
    answers = lost = 0
    while time.monotonic() < end or (answers < LEAST_ANSWERS and not lost):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(ConnectionError):
            while (time.monotonic() < end or answers < LEAST_ANSWERS) and not reader.at_eof():
                writer.write(question)
                status = await _answered(reader)
                answers, lost = answers + (status == 200), lost + (status != 200)
                await asyncio.sleep(0.02)
                if status == 0:
                    break
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    return answers, lost


async def _answered(reader: asyncio.StreamReader) -> int:
    """The status; 0 without an answer, be the connection closed or silent."""
    with suppress(TimeoutError):
        return await asyncio.wait_for(status_of(reader), ANSWER_SECONDS)
    return 0
