"""Calls to a platform: bounded, never redirected, and each failure says whether to try again."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.calling import ANSWER_BYTES, LATER_SECONDS, Calls
from bot.channels.messages import SendFailed


@pytest.fixture
async def platform() -> AsyncIterator[TestServer]:
    async def answer(request: web.Request) -> web.StreamResponse:
        match request.match_info["what"]:
            case "good":
                return web.json_response({"errcode": 0, "said": await request.json()})
            case "redirect":
                return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/secret"})
            case "slow":
                await asyncio.sleep(5)
            case "large":
                return web.Response(body=b"x" * (ANSWER_BYTES + 1))
            case "page":
                return web.Response(text="<html>")
            case "list":
                return web.json_response([])
            case "wait":
                return web.Response(status=429, headers={"Retry-After": "7"})
            case "for-ever":
                return web.Response(status=429, headers={"Retry-After": "99999999"})
        return web.Response(status=int(request.match_info["what"]))

    app = web.Application()
    app.router.add_route("*", "/{what}", answer)
    async with TestServer(app) as server:
        yield server


@pytest.fixture
async def calls(platform: TestServer) -> AsyncIterator[Calls]:
    ours = Calls(f"http://127.0.0.1:{platform.port}", seconds=60.0)
    yield ours
    await ours.close()


async def test_json_goes_out_and_comes_back(calls: Calls) -> None:
    assert await calls.json("POST", "/good", body={"文": "字"}) == {"errcode": 0, "said": {"文": "字"}}


@pytest.mark.parametrize(
    ("path", "after"),
    [("500", LATER_SECONDS), ("503", LATER_SECONDS), ("408", LATER_SECONDS), ("slow", LATER_SECONDS),
     ("page", LATER_SECONDS), ("list", LATER_SECONDS), ("wait", 7.0), ("for-ever", 600.0), ("404", None),
     ("401", None), ("redirect", None), ("large", None)],
)  # fmt: skip
async def test_each_failure_says_whether_to_try_again(calls: Calls, path: str, after: float | None) -> None:
    if path == "slow":
        calls._timeout = aiohttp.ClientTimeout(total=0.2)
    with pytest.raises(SendFailed) as failed:
        await calls.json("POST", f"/{path}?access_token=SECRET", body={"name": "张三"})
    assert failed.value.after_seconds == after
    assert "SECRET" not in str(failed.value)
    assert "张三" not in str(failed.value)


async def test_a_server_that_is_away_is_asked_again_later() -> None:
    calls = Calls("http://127.0.0.1:9")
    with pytest.raises(SendFailed) as failed:
        await calls.json("GET", "/good")
    assert failed.value.after_seconds == LATER_SECONDS
    await calls.close()


async def test_a_download_is_bounded(calls: Calls) -> None:
    with pytest.raises(SendFailed):
        await calls.download("/large", 1000)
    assert len(await calls.download("/large", ANSWER_BYTES + 1)) == ANSWER_BYTES + 1


@pytest.mark.parametrize(("path", "perhaps"), [("/500", True), ("/429", False), ("/400", False), ("/page", True)])
async def test_what_may_have_been_taken_unseen_is_told_from_what_was_refused(
    calls: Calls, path: str, perhaps: bool
) -> None:
    with pytest.raises(SendFailed) as failed:
        await calls.json("POST", path, body={})
    assert failed.value.perhaps_taken is perhaps


async def test_what_never_reached_the_platform_was_not_taken() -> None:
    calls = Calls("http://127.0.0.1:9")
    with pytest.raises(SendFailed) as failed:
        await calls.json("POST", "/x", body={})
    assert not failed.value.perhaps_taken
    await calls.close()
