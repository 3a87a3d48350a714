"""Answers verify/public/unreadable.py: whoever sends what is no HTTP gets our answer, and nothing of his own back."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from tests.verify.public.published import NOW
from verify.public.app import PublicSettings, build
from verify.public.headers import HEADERS
from verify.public.problems import problem_of
from verify.public.serving import listen, running

MARK = "script-7f3a"
LONG = MARK * 2000
UNREADABLE = {
    "no HTTP": f"\x16\x03\x01{MARK}\r\n\r\n",
    "a version of its own": f"GET /{MARK} HTTP/9.x\r\nHost: a\r\n\r\n",
    "a header without a colon": f"GET /v HTTP/1.1\r\nHost: a\r\n<{MARK}>\r\n\r\n",
    "a header with a space in its name": f"GET /v HTTP/1.1\r\nHost: a\r\nX {MARK}: b\r\n\r\n",
    "a header that is too long": f"GET /v HTTP/1.1\r\nHost: a\r\nCookie: {LONG}\r\n\r\n",
    "an address that is too long": f"GET /v/{LONG} HTTP/1.1\r\nHost: a\r\n\r\n",
    "too many headers": "GET /v HTTP/1.1\r\nHost: a\r\n" + "".join(f"X-{n}: {MARK}\r\n" for n in range(1000)) + "\r\n",
    "two lengths": f"POST /api/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: {MARK}\r\n\r\nx",
}


async def said(app: web.Application, sent: bytes, *, first: bytes = b"") -> bytes:
    """All that comes until the connection is closed. ``first``: a question before, which is answered with a page."""
    listening = listen("127.0.0.1", 0)
    async with running(app, listening):
        reader, writer = await asyncio.open_connection("127.0.0.1", listening.getsockname()[1])
        if first:
            writer.write(first)
            await reader.readuntil(b"</html>")
        writer.write(sent)
        found = await reader.read()
        writer.close()
    return found


def assert_ours(found: bytes) -> None:
    head, _, body = found.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    assert first.split(" ", 1)[1] == "400 Bad Request"
    headers = dict(line.split(": ", 1) for line in lines)
    assert (
        headers.items()
        >= {
            **HEADERS,
            "Server": "chenghe",
            "Cache-Control": "no-store",
            "Content-Type": "text/plain; charset=utf-8",
        }.items()
    )
    problem = problem_of(400)
    assert body.splitlines() == [problem.title, problem.message, f"下一步：{problem.next_step}", "（BAD_REQUEST）"]
    for foreign in (MARK, "aiohttp", "Python", "Traceback"):
        assert foreign not in head + body


@pytest.mark.parametrize("kind", UNREADABLE)
async def test_the_public_service_answers_what_it_cannot_read(kind: str, tmp_path: Path) -> None:
    app = build(PublicSettings(tmp_path, lambda: NOW))
    assert_ours(await said(app, UNREADABLE[kind].encode()))


async def test_what_cannot_be_read_behind_a_question_is_answered_too(tmp_path: Path) -> None:
    app = build(PublicSettings(tmp_path, lambda: NOW))
    question = b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
    assert_ours(await said(app, UNREADABLE["no HTTP"].encode(), first=question))


async def test_a_fault_that_no_boundary_caught_tells_nothing_either(tmp_path: Path) -> None:
    async def broken(request: web.Request) -> web.Response:
        raise ValueError(MARK)

    app = web.Application()
    app.add_routes([web.get("/", broken)])
    found = (await said(app, b"GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n")).decode()
    assert found.startswith("HTTP/1.1 500")
    assert "Server: chenghe\r\n" in found
    assert "（INTERNAL_ERROR）" in found
    assert MARK not in found
    assert "Traceback" not in found
