"""A load client: so many connections kept alive, each sending its next request as soon as the last was answered.

In a process of its own, on epoll, with requests made beforehand: it must cost less than what it measures.
"""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Load:
    """Seconds each request took, and what was not answered with 200."""

    seconds: float
    latencies: tuple[float, ...]
    refused: int

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)


def request(path: str, body: bytes, client: str) -> bytes:
    """``client``: the address a proxy would tell."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: verify.example.gov.cn\r\nX-Forwarded-For: {client}\r\n"
        f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def load(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """Keeps ``connections`` busy for ``seconds``."""
    upcoming = cycle(requests)
    latencies: list[float] = []
    refused = 0
    with selectors.DefaultSelector() as selector:
        start = time.perf_counter()
        for _ in range(connections):
            connection = _Connection(socket.create_connection(("127.0.0.1", port)))
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            _send(connection, upcoming)
        end = start + seconds
        while (now := time.perf_counter()) < end:
            for key, _ in selector.select(timeout=1):
                connection = key.data
                status = _answered(connection)
                if status is None:
                    continue
                latencies.append(time.perf_counter() - connection.sent_at)
                refused += status != 200
                _send(connection, upcoming)
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return Load(now - start, tuple(latencies), refused)


def _send(connection: _Connection, upcoming: Iterator[bytes]) -> None:
    connection.received.clear()
    connection.sent_at = time.perf_counter()
    connection.socket.sendall(next(upcoming))


def _answered(connection: _Connection) -> int | None:
    """The status, once the whole answer is there. Raises ConnectionError when the service hangs up."""
    chunk = connection.socket.recv(_CHUNK)
    if not chunk:
        raise ConnectionError("the service closed the connection")
    received = connection.received
    received += chunk
    end = received.find(_HEAD_END)
    if end < 0:
        return None
    at = received[:end].lower().index(_LENGTH) + len(_LENGTH)
    length = int(received[at:end].split(b"\r\n", 1)[0])
    return int(received[9:12]) if len(received) >= end + len(_HEAD_END) + length else None
