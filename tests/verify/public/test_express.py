"""The short way of a token: the same answers as aiohttp's, and nothing doubtful is taken."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.public.published import NOW, Published
from verify.public import serving
from verify.public.access_log import Lines
from verify.public.app import PublicSettings, build
from verify.public.express import EXPRESS, TOGETHER_MOST, Answer, Express, Question, ShortWay, plain_question
from verify.public.limits import Rate
from verify.public.serving import listen, running

Ask = Callable[[bytes], "asyncio.Future[tuple[int, dict[str, str], bytes]]"]


def request(body: bytes, *more: str, line: str = "POST /api/verify HTTP/1.1") -> bytes:
    fields = ["Host: x", "Content-Type: application/json", f"Content-Length: {len(body)}", *more]
    return "\r\n".join([line, *fields, "", ""]).encode() + body


@asynccontextmanager
async def served(published: Published, **changes: object) -> AsyncIterator[tuple[int, Express]]:
    app = build(PublicSettings(**{"folder": published.folder, "clock": lambda: NOW, **changes}))
    listening = listen("127.0.0.1", 0)
    async with running(app, listening):
        yield listening.getsockname()[1], app[EXPRESS]


async def answered(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


async def asked(port: int, *pieces: bytes) -> tuple[int, dict[str, str], bytes]:
    """One connection, one question in ``pieces``; in more than one it goes the long way."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.05 if len(pieces) > 1 else 0)
        async with asyncio.timeout(60):
            return await answered(reader)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def bodies(published: Published) -> list[bytes]:
    values: list[object] = [
        {"token": published.digits},
        {"token": published.link, "at": "2026-12-20T00:00:00"},
        {"token": published.link.replace("gov.cn", "evil.example"), "at": None},
        {"token": ""},
        {"token": "中文"},
        {"token": "1" * 3000, "more": [1, {"a": None}]},
        {"token": published.digits, "at": "soon"},
        {"token": published.digits, "at": 5},
        {"token": 5},
        {},
        [],
        "token",
        None,
    ]
    return [*(json.dumps(value).encode() for value in values), b"{", b"\xff", b'{"token": "\\ud800"}', b"[" * 5000]


async def test_the_short_way_and_the_long_way_give_the_same_answer_header_for_header(published: Published) -> None:
    async with served(published) as (port, _):
        for body in bodies(published):
            whole = request(body)
            short, long = await asked(port, whole), await asked(port, whole[:-1], whole[-1:])
            for answer in (short, long):
                assert answer[1].pop("date").endswith(" GMT")
            assert short == long, body[:80]
            assert short[0] in (200, 400)


async def test_who_is_over_the_rate_is_told_when_to_come_again(published: Published) -> None:
    rate = Rate(burst=2, per_second=0.1)
    async with served(published, tokens=rate, monotonic=lambda: 0.0) as (port, _):
        whole = request(json.dumps({"token": published.digits}).encode())
        answers = [await asked(port, whole) for _ in range(3)]
        long = await asked(port, whole[:-1], whole[-1:])
    assert [status for status, _, _ in answers] == [200, 200, 429]
    assert answers[2][1]["retry-after"] == long[1]["retry-after"] == "10"
    assert answers[2][2] == long[2]


async def test_a_connection_is_kept_and_changes_to_the_long_way_for_whatever_is_not_plain(published: Published) -> None:
    whole = request(json.dumps({"token": published.digits}).encode())
    async with served(published) as (port, express):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(whole)
            assert (await answered(reader))[0] == 200
        assert len(express.connections) == 1
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert json.loads((await answered(reader))[2])["ok"] is True
        assert len(express.connections) == 0
        writer.write(whole + whole)
        assert [(await answered(reader))[0], (await answered(reader))[0]] == [200, 200]
        writer.close()


async def test_silent_connections_are_closed(published: Published) -> None:
    async with served(published) as (port, express):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while not express.connections:
            await asyncio.sleep(0.01)
        express.close_idle(asyncio.get_running_loop().time() + 29)
        assert len(express.connections) == 1
        express.close_idle(asyncio.get_running_loop().time() + 31)
        assert await reader.read() == b""
        writer.close()


async def test_stopping_answers_what_is_asked_and_says_that_it_closes(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "DRAIN_SECONDS", 60.0)
    app = build(PublicSettings(published.folder, lambda: NOW))
    listening = listen("127.0.0.1", 0)
    whole = request(json.dumps({"token": published.digits}).encode())
    async with running(app, listening) as drain:
        short, long = [await asyncio.open_connection("127.0.0.1", listening.getsockname()[1]) for _ in range(2)]
        long[1].write(whole[:-1])
        short[1].write(whole)
        assert "connection" not in (await answered(short[0]))[1]
        stopping = asyncio.create_task(drain())
        await asyncio.sleep(0.1)
        short[1].write(whole)
        long[1].write(whole[-1:])
        for reader, writer in (short, long):
            status, headers, _ = await answered(reader)
            assert (status, headers["connection"]) == (200, "close")
            assert await reader.read() == b""
            writer.close()
        await stopping


async def test_a_fault_is_answered_and_told_without_what_was_sent(
    published: Published, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*question: object) -> None:
        raise ValueError(f"SECRET {question}")

    async with served(published) as (port, express):
        monkeypatch.setattr(express, "answering", broken)
        status, _, body = await asked(port, request(b'{"token": "1"}'))
    assert (status, json.loads(body)["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert "ValueError" in caplog.text
    assert "SECRET" not in caplog.text


async def test_a_fault_in_one_question_is_none_of_the_others(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(published) as (port, express):
        sound = express.answering

        def fragile(questions: Sequence[Question]) -> Sequence[Answer | None]:
            if any(b"13" in body for body, _, _ in questions):
                raise ValueError
            return sound(questions)

        monkeypatch.setattr(express, "answering", fragile)
        tokens = ["11", "12", "13", "14"]
        answers = await all_in_one_turn(port, [request(json.dumps({"token": each}).encode()) for each in tokens])
    assert [status for status, _, _ in answers] == [200, 200, 500, 200]
    assert [json.loads(body).get("input") for _, _, body in answers] == ["11", "12", None, "14"]


async def all_in_one_turn(port: int, requests: Sequence[bytes]) -> list[tuple[int, dict[str, str], bytes]]:
    """Each on a connection of its own; all are sent before the service gets a turn."""
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in requests]
    await asyncio.sleep(0.05)
    for (_, writer), each in zip(connections, requests, strict=True):
        writer.write(each)
    async with asyncio.timeout(60):
        answers = [await answered(reader) for reader, _ in connections]
    for _, writer in connections:
        writer.close()
    return answers


async def test_a_connection_that_breaks_while_it_is_answered_breaks_no_other(
    published: Published, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sound = ShortWay.answered

    def fragile(self: ShortWay, answer: Answer | None) -> None:
        if answer is not None and b'"input":"12"' in answer[1]:
            raise ConnectionError
        sound(self, answer)

    monkeypatch.setattr(ShortWay, "answered", fragile)
    async with served(published) as (port, _):
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        await asyncio.sleep(0.05)
        for (_, writer), token in zip(connections, ("11", "12", "13"), strict=True):
            writer.write(request(json.dumps({"token": token}).encode()))
        async with asyncio.timeout(60):
            assert [(await answered(connections[each][0]))[0] for each in (0, 2)] == [200, 200]
            assert await connections[1][0].read() == b""
        for _, writer in connections:
            writer.close()
    assert "ConnectionError" in caplog.text


async def test_many_questions_of_one_turn_get_each_its_own_answer(published: Published) -> None:
    together: list[int] = []
    kinds: list[dict[str, object]] = [
        {"token": published.digits},
        {"token": "12"},
        {"number": 5},
        {"token": 5},
        {"token": ""},
    ]
    bodies = [json.dumps({**kinds[each % 5], "more": each}).encode() for each in range(3 * TOGETHER_MOST)]
    async with served(published, tokens=Rate(burst=1000, per_second=1.0)) as (port, express):
        alone = [await asked(port, request(body)) for body in bodies[:5]]
        sound = express.answering

        def noted(questions: Sequence[Question]) -> Sequence[Answer | None]:
            together.append(len(questions))
            return sound(questions)

        express.answering = noted
        answers = await all_in_one_turn(port, [request(body) for body in bodies])
    for number, answer in enumerate(answers):
        assert (answer[0], answer[2]) == (alone[number % 5][0], alone[number % 5][2])
    assert max(together) == TOGETHER_MOST


async def test_who_asks_and_closes_his_side_is_answered(published: Published) -> None:
    whole = request(json.dumps({"token": published.digits}).encode())
    async with served(published) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(whole)
        writer.write_eof()
        assert (await answered(reader))[0] == 200
        assert await reader.read() == b""
        writer.close()


async def test_what_is_sent_before_the_answer_came_is_answered_after_it(published: Published) -> None:
    """Two pieces that arrive in one turn, each a request; then one that is not plain."""
    first, second = (request(json.dumps({"token": each}).encode()) for each in (published.digits, "12"))
    async with served(published) as (_, express):
        sent: list[bytes] = []
        connection = ShortWay(express, Unused, Lines(lambda text: None))
        connection.connection_made(Pipe(sent, connection))
        for piece in (first, second, b"GET / HTTP/1.1\r\n\r\n"):
            express.room[: len(piece)] = piece
            connection.buffer_updated(len(piece))
    assert [json.loads(each.partition(b"\r\n\r\n")[2])["input"] for each in sent[:2]] == [published.digits, "12"]
    assert sent[2:] == [b"to aiohttp: GET / HTTP/1.1\r\n\r\n"]


class Unused(asyncio.Protocol):
    """Stands where aiohttp takes over."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert isinstance(self.transport, Pipe)
        self.transport.write(b"to aiohttp: " + data)


class Pipe(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self, sent: list[bytes], protocol: asyncio.BaseProtocol) -> None:
        super().__init__()
        self._sent = sent
        self._protocol = protocol

    def write(self, data: object) -> None:
        assert isinstance(data, bytes)
        self._sent.append(data)

    def is_closing(self) -> bool:
        return False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol


@pytest.mark.parametrize("beginning", [b"", b"POST /api/verify HTTP/1.1\r\nHost: x\r\n", b"GET /v HT"])
async def test_a_first_request_that_does_not_come_ends_the_connection(
    published: Published, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    monkeypatch.setattr(serving, "KEEPALIVE_SECONDS", 0.3)
    monkeypatch.setattr(Express.close_idle, "__defaults__", (0.3,))
    async with served(published) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(beginning)
        async with asyncio.timeout(60):
            assert await reader.read() == b""
        writer.close()


async def test_who_leaves_in_the_middle_is_no_fault_of_ours(
    published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    """Or anybody could fill the log of faults and raise the alarm of the 500s."""
    async with served(published) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request(b'{"token": "1"}')[:-3])
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        ask = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
        while b'route="/api/verify"' not in (told := (await asked(port, ask))[2]):
            await asyncio.sleep(0.01)
    assert b'status="400"' in told
    assert b'status="500"' not in told
    assert "Error" not in caplog.text


def test_what_is_plain() -> None:
    assert plain_question(request(b"{}")) == (b"{}", None)
    assert plain_question(request(b"{}", "x-forwarded-for:  1.2.3.4 ")) == (b"{}", "1.2.3.4")
    assert plain_question(request(b"{}", "Connection: Keep-Alive")) == (b"{}", None)


@pytest.mark.parametrize(
    "data",
    [
        request(b"{}", line="POST /api/verify HTTP/1.0"),
        request(b"{}", line="post /api/verify HTTP/1.1"),
        request(b"{}", line="POST /api/verify?x HTTP/1.1"),
        request(b"{}", line="POST  /api/verify HTTP/1.1"),
        request(b"{}")[:-1],
        request(b"{}") + b"x",
        request(b"{}", "Content-Length: 2"),
        request(b"{}", "content-length: 3"),
        request(b"{}", "Transfer-Encoding: chunked"),
        request(b"{}", "Content-Encoding: gzip"),
        request(b"{}", "Expect: 100-continue"),
        request(b"{}", "Upgrade: h2c"),
        request(b"{}", "Connection: close"),
        request(b"{}", "Connection: keep-alive, x"),
        request(b"{}", "Bad Name: x"),
        request(b"{}", "X: a\nY: b"),
        request(b"{}", "X: a\rY: b"),
        request(b"{}", "X: \x00"),
        request(b"{}", "X : a"),
        request(b"{}", " folded: a"),
        request(b"{}", "NoColon"),
        request(b"{}", "X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 2.2.2.2"),
        request(b"{}").replace(b"Host: x\r\n", b""),
        request(b"{}").replace(b"application/json", b"application/json; charset=utf-8"),
        request(b"{}").replace(b"Content-Length: 2", b"Content-Length: +2"),
        request(b"{}").replace(b"Content-Length: 2", b"Content-Length: 02"),
        request(b"x" * 20_000),
        request(b"{}", "X: " + "y" * 5000),
        b"",
        b"POST",
        b"\r\n\r\n",
    ],
)
def test_what_is_not_plain_goes_the_long_way(data: bytes) -> None:
    assert plain_question(data) is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 120), st.integers(0, 12))
def test_no_bytes_are_read_as_anything_but_the_one_request_they_are(noise: bytes, place: int, cut: int) -> None:
    whole = request(b'{"token": "1"}')
    found = plain_question(whole[:place] + noise + whole[place + cut :])
    assert found is None or found[0] == (whole[:place] + noise + whole[place + cut :]).split(b"\r\n\r\n", 1)[1]


async def test_what_is_no_http_is_refused_and_written_down_without_what_was_sent(
    published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    """On the long way; a fault in the writing down would be an "unhandled exception" for each."""
    caplog.set_level("INFO", "chenghe.access")
    async with served(published) as (port, _):
        status, _, _ = await asked(port, b"SECRET /v HTTP/9.9\r\n\r\n")
    lines = [record.message for record in caplog.records if record.name == "chenghe.access"]
    assert status == 400
    assert [line.split()[2:5] for line in "\n".join(lines).splitlines()] == [["OTHER", "-", "400"]]
    assert "AssertionError" not in caplog.text
