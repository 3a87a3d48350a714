"""The short way of a token: a plain ``POST /api/verify`` is answered where its bytes arrive.

* One piece of bytes that is exactly one plain request – this request line, simple headers none of which occurs twice,
  ``application/json``, a Content-Length that is what follows – is read, answered and written down without the
  machinery of a web framework, which costs as much as the signature. The answer is the same, header for header.
* Whatever is not exactly that – another address, a file, a body in pieces, a second request behind the first, anything
  doubtful – goes to aiohttp with its whole connection, and stays there. Nothing is read in two ways.
* What came in one turn of the event loop is answered together in the next, step by step: reading, signatures and JSON
  each in a row take a fifth less than one question after another. Not more than ``TOGETHER_MOST`` at a time.
* A client that does not read its answers is not read either; one that is silent for ``IDLE_SECONDS`` is closed.

Source: RFC 9112 (message syntax), RFC 9110 §5.5 (fields); docs/decisions/0199.
"""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Protocol

import orjson
from aiohttp import web

from verify.public.access_log import Lines
from verify.public.headers import FOR_PROGRAMS
from verify.public.metrics import Metrics
from verify.public.problems import PROBLEMS, report

PATH = "/api/verify"
HEAD_BYTES_MAX = 4096
ROOM_BYTES = 32 * 1024
IDLE_SECONDS = 30.0
TOGETHER_MOST = 64
_FIRST_LINE = f"POST {PATH} HTTP/1.1\r\n".encode()
_FIELDS = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]*[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?[ \t]*\r\n){1,40}")
_NOT_PLAIN = frozenset((b"transfer-encoding", b"content-encoding", b"expect", b"upgrade", b"te", b"trailer"))
_LENGTH = re.compile(rb"[1-9][0-9]{0,3}|1[0-5][0-9]{3}|16[0-2][0-9]{2}|163[0-7][0-9]|1638[0-4]")
"""Up to 16 KiB, what a JSON body may have."""
_FIXED = "".join(f"{name}: {value}\r\n" for name, value in FOR_PROGRAMS.items()).encode("ascii")

Server = Callable[[], asyncio.Protocol]
Question = tuple[bytes, str | None, str | None]
"""Body, peer, X-Forwarded-For."""
Answer = tuple[int, bytes, int]
"""Status, JSON, seconds to wait (0: none)."""


class Answering(Protocol):
    """Who answers the questions of one turn; None for one that is not of the plain kind."""

    def __call__(self, questions: Sequence[Question]) -> Sequence[Answer | None]: ...


class Express:
    """All connections that have come the short way so far. One for each service that runs."""

    def __init__(self, answering: Answering, metrics: Metrics) -> None:
        self.answering = answering
        self.metrics = metrics
        self.connections: set[ShortWay] = set()
        self.draining = False
        self.room = memoryview(bytearray(ROOM_BYTES))
        """Shared: what is read is taken out before anybody else reads."""
        self._asked: list[tuple[ShortWay, Question]] = []
        self._second = 0
        self._fixed = _FIXED

    def protocol(self, server: Server, lines: Lines) -> Callable[[], asyncio.BaseProtocol]:
        """For ``loop.create_server``; ``server`` makes aiohttp's protocol for all else."""
        return lambda: ShortWay(self, server, lines)

    def ask(self, connection: "ShortWay", question: Question) -> None:
        """``connection.answered`` is called in the next turn."""
        if not self._asked:
            asyncio.get_running_loop().call_soon(self.answer_all)
        self._asked.append((connection, question))

    @property
    def waiting(self) -> int:
        """How many questions are not answered yet."""
        return len(self._asked)

    def answer_all(self) -> None:
        """All that was asked so far, up to the limit; the rest in a turn of its own."""
        asked, self._asked = self._asked[:TOGETHER_MOST], self._asked[TOGETHER_MOST:]
        if self._asked:
            asyncio.get_running_loop().call_soon(self.answer_all)
        answers = self._answers([question for _, question in asked])
        for (connection, _), answer in zip(asked, answers, strict=True):
            try:
                connection.answered(answer)
            except Exception as fault:  # noqa: BLE001 - a fault at one connection is none of the others
                report(fault)
                connection.close()

    def _answers(self, questions: Sequence[Question]) -> Sequence[Answer | None]:
        """A fault in one question is none of the others."""
        try:
            return self.answering(questions)
        except Exception as fault:  # noqa: BLE001 - the boundary of the short way, as problems.boundary is of the long one
            if len(questions) > 1:
                return [answer for each in questions for answer in self._answers((each,))]
            report(fault)
            return ((500, orjson.dumps(PROBLEMS[500].to_json()), 0),)

    def head(self, status: int, length: int, wait_seconds: int) -> bytes:
        now = int(time.time())
        if now != self._second:
            self._second = now
            self._fixed = b"%sDate: %s\r\n" % (_FIXED, formatdate(now, usegmt=True).encode("ascii"))
        wait = b"Retry-After: %d\r\n" % wait_seconds if wait_seconds else b""
        close = b"Connection: close\r\n" if self.draining else b""
        return b"%s%s%s%sContent-Length: %d\r\n\r\n" % (_STATUS_LINES[status], self._fixed, wait, close, length)

    def close_idle(self, now: float, idle_seconds: float = IDLE_SECONDS) -> None:
        """``now`` by the loop's clock."""
        for connection in [each for each in self.connections if now - each.heard_at >= idle_seconds]:
            connection.close()


EXPRESS = web.AppKey("express", Express)
"""Where an application keeps its short way, for ``verify.public.serving`` to find."""
_STATUS_LINES = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n".encode() for each in HTTPStatus}


class ShortWay(asyncio.BufferedProtocol):
    """One connection, until it ends or is handed to aiohttp.

    Buffered: asyncio's plain protocol makes room for 256 KiB at each reading, which takes 12 µs.
    """

    __slots__ = ("_express", "_lines", "_loop", "_peer", "_request", "_server", "_transport", "heard_at")

    def __init__(self, express: Express, server: Server, lines: Lines) -> None:
        self._express = express
        self._server = server
        self._lines = lines
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._peer: str | None = None
        self._request = b""
        """What is to be answered; then nothing more is taken."""
        self.heard_at = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if isinstance(peer, tuple) else None
        self._express.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._express.connections.discard(self)

    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    def close(self) -> None:
        self._transport.close()

    def get_buffer(self, size: int) -> memoryview:
        return self._express.room

    def buffer_updated(self, count: int) -> None:
        data = bytes(self._express.room[:count])
        if self._request and not self._answered_first():
            protocol = self._transport.get_protocol()
            assert isinstance(protocol, asyncio.Protocol)
            protocol.data_received(data)
            return
        self.heard_at = self._loop.time()
        question = plain_question(data)
        if question is None:
            self._hand_over(data)
            return
        self._request = data
        self._express.ask(self, (question[0], self._peer, question[1]))

    def eof_received(self) -> None:
        """asyncio closes the connection after this: who has asked is answered before."""
        if self._request:
            self._answered_first()

    def _answered_first(self) -> bool:
        """Answers what waits; whether the connection still goes the short way."""
        while self._request and self._express.waiting:
            self._express.answer_all()
        return self._transport.get_protocol() is self

    def answered(self, answer: Answer | None) -> None:
        data, self._request = self._request, b""
        if answer is None:
            self._hand_over(data)
            return
        express = self._express
        status, body, wait_seconds = answer
        if not self._transport.is_closing():
            self._transport.write(express.head(status, len(body), wait_seconds) + body)
        seconds = self._loop.time() - self.heard_at
        express.metrics.request(PATH, status, seconds)
        self._lines.add("POST", PATH, status, seconds)
        if express.draining:
            self._transport.close()

    def _hand_over(self, data: bytes) -> None:
        """To aiohttp for good, as if it had been there from the start."""
        self._express.connections.discard(self)
        if self._transport.is_closing():
            return
        protocol = self._server()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(data)


def plain_question(data: bytes) -> tuple[bytes, str | None] | None:
    """The body and X-Forwarded-For of ``data``, if it is exactly one plain request; else None."""
    if not data.startswith(_FIRST_LINE):
        return None
    end = data.find(b"\r\n\r\n", 0, HEAD_BYTES_MAX)
    head = None if end < 0 else _plain_head(data[len(_FIRST_LINE) : end + 2])
    if head is None or head[0] != len(data) - end - 4:
        return None
    return data[end + 4 :], head[1]


@lru_cache(maxsize=8192)
def _plain_head(head: bytes) -> tuple[int, str | None] | None:
    """Content-Length and X-Forwarded-For of simple fields; None for others. A client writes the same ones each time."""
    if _FIELDS.fullmatch(head) is None:
        return None
    lines = head.split(b"\r\n")[:-1]
    fields = {}
    for line in lines:
        name, _, value = line.partition(b":")
        fields[name.lower()] = value.strip()
    if len(fields) != len(lines) or b"host" not in fields or not _NOT_PLAIN.isdisjoint(fields):
        return None
    if fields.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    length = fields.get(b"content-length", b"")
    if fields.get(b"content-type") != b"application/json" or _LENGTH.fullmatch(length) is None:
        return None
    forwarded_for = fields.get(b"x-forwarded-for")
    return int(length), None if forwarded_for is None else forwarded_for.decode("ascii")
