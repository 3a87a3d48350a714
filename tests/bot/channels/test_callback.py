"""bot.channels.callback: requests are read within bounds, and refusals tell one word."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from bot.channels import callback
from bot.channels.callback import Refusal, Refused, body, check_fresh, guarded, moment, parameter
from tests.bot.channels.served import Served
from verify.validity import SHANGHAI

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)


async def handler(request: web.Request) -> web.Response:
    content = await body(request, 1000)
    return web.Response(text=f"{len(content)} {parameter(request, 'nonce')}")


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    app = web.Application()
    app.router.add_post("/", guarded(handler))
    served = Served(app)
    await served.start()
    yield served
    await served.stop()


async def posted(served: Served, data: object, query: str = "?nonce=n", **headers: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(served.origin + "/" + query, data=data, headers=headers) as got,
    ):
        return got.status, await got.text()


async def parts(count: int, size: int, seconds: float = 0.0) -> AsyncIterator[bytes]:
    for _ in range(count):
        await asyncio.sleep(seconds)
        yield b"x" * size


async def test_body_within_the_limit_is_read_whole(served: Served) -> None:
    assert await posted(served, b"x" * 1000) == (200, "1000 n")
    assert await posted(served, parts(10, 100)) == (200, "1000 n")


async def test_body_beyond_the_limit_is_too_large_announced_or_not(served: Served) -> None:
    assert await posted(served, b"x" * 1001) == (413, "TOO_LARGE")
    assert await posted(served, parts(11, 100)) == (413, "TOO_LARGE")


async def test_body_that_does_not_come_is_too_slow(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback, "BODY_SECONDS", 0.05)
    assert await posted(served, parts(100, 1, 0.02)) == (408, "TOO_SLOW")


async def test_who_hangs_up_half_way_is_refused_and_no_fault_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()
    refusals: list[Refusal] = []

    async def broken_off(request: web.Request) -> web.Response:
        begun.set()
        try:
            return await handler(request)
        except Refused as refused:
            refusals.append(refused.refusal)
            raise
        finally:
            ended.set()

    app = web.Application()
    app.router.add_post("/", guarded(broken_off))
    served = Served(app)
    await served.start()
    _, writer = await asyncio.open_connection("127.0.0.1", int(served.origin.rpartition(":")[2]))
    writer.write(b"POST /?nonce=n HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nabc")
    await writer.drain()
    async with asyncio.timeout(60):
        await begun.wait()
        writer.close()
        await ended.wait()
    await served.stop()
    assert refusals == [Refusal.MALFORMED]
    assert caplog.records == []


@pytest.mark.parametrize("charset", ["gbk", "utf-16", "GB18030", "us-ascii"])
async def test_another_charset_is_malformed(served: Served, charset: str) -> None:
    assert await posted(served, b"x", **{"Content-Type": f"text/xml; charset={charset}"}) == (400, "MALFORMED")


@pytest.mark.parametrize("query", ["", "?nonce=", "?nonce=a&nonce=b", "?nonce=%E4%BD%A0", "?nonce=%FF",
                                   "?nonce=" + "x" * 4097])  # fmt: skip
async def test_parameter_that_is_not_one_plain_value_is_malformed(served: Served, query: str) -> None:
    assert await posted(served, b"x", query) == (400, "MALFORMED")


@pytest.mark.parametrize("timestamp", ["", "x", "-1", "1.5", "1e9", "９", "1" * 12, " 1", "1\n", "²"])
def test_timestamp_that_is_none_is_malformed(timestamp: str) -> None:
    with pytest.raises(Refused) as refused:
        moment(timestamp)
    assert refused.value.refusal is Refusal.MALFORMED


def test_moment_is_in_shanghai() -> None:
    assert moment(str(int(NOW.timestamp()))) == NOW
    assert moment("0").tzinfo is SHANGHAI
    assert moment("9" * 11).year == 5138


def test_callback_is_fresh_for_five_minutes_either_way() -> None:
    for seconds in (-300, 0, 300):
        check_fresh(NOW + timedelta(seconds=seconds), NOW)
    for seconds in (-301, 301, 10**9):
        with pytest.raises(Refused) as refused:
            check_fresh(NOW + timedelta(seconds=seconds), NOW)
        assert refused.value.refusal is Refusal.STALE


def test_every_refusal_has_its_status() -> None:
    assert {each.name: int(each.status) for each in Refusal} == {
        "FORGED": 403, "STALE": 403, "FOREIGN": 403, "MALFORMED": 400, "TOO_LARGE": 413, "TOO_SLOW": 408
    }  # fmt: skip
