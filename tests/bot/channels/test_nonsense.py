"""A platform's server that answers nonsense has not taken a message: it is tried again, whatever the platform."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.app_settings import AppSettings
from bot.channels.configuring import KINDS
from bot.channels.messages import Channel, SendFailed
from verify.validity import SHANGHAI

AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
FIELDS: dict[str, dict[str, object]] = {
    "wecom": {"corp_id": "ww1", "agent_id": "1", "secret": "s", "token": "t", "aes_key": AES_KEY},
    "wecom-robot": {"corp_id": "ww1", "robot_name": "诚核", "token": "t", "aes_key": AES_KEY},
    "wechat": {"app_id": "wx1", "original_id": "gh_1", "app_secret": "s", "token": "t", "aes_key": AES_KEY},
    "dingtalk": {"client_id": "d", "client_secret": "s", "corp_id": "c"},
    "feishu": {"app_id": "cli_a1b2c3", "app_secret": "s", "encryption": "off", "verification_token": "v"},
}
ROUTES = {
    "wecom": {"member": "zhang"},
    "wecom-robot": {"response_code": "CODE"},
    "wechat": {"member": "o1", "message": "1"},
    "dingtalk": {"webhook": "", "until": "2999-01-01T00:00:00+08:00"},
    "feishu": {"message": "om_1"},
}
TOKEN = (
    b'{"errcode":0,"code":0,"access_token":"t","expires_in":7200,"accessToken":"t","expireIn":7200,'
    b'"tenant_access_token":"t","expire":7200}'
)
NONSENSE = [b"{}", b'{"errcode":null,"code":null}', b'{"errcode":[],"code":[]}', b'{"errcode":{},"code":"0"}', b"[]",
            b"<html>", b'{"ok":true}']  # fmt: skip


@dataclass
class Answers:
    """``token``: to who fetches one; ``other``: to all else."""

    origin: str = ""
    token: bytes = TOKEN
    other: bytes = b""


@pytest.fixture
async def platform() -> AsyncIterator[Answers]:
    async def answer(request: web.Request) -> web.Response:
        said = answers.token if "token" in request.path.lower() else answers.other
        return web.Response(body=said, content_type="application/json")

    answers = Answers()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        answers.origin = f"http://127.0.0.1:{server.port}"
        yield answers


@pytest.fixture(params=sorted(FIELDS))
async def channel(request: pytest.FixtureRequest, platform: Answers) -> AsyncIterator[tuple[Channel, dict[str, str]]]:
    origin = platform.origin
    fields: dict[str, object] = {**FIELDS[request.param], "api": origin}
    if request.param == "dingtalk":
        fields |= {"old_api": origin, "webhook_hosts": [origin]}
    route = {**ROUTES[request.param]}
    if "webhook" in route:
        route["webhook"] = f"{origin}/robot/sendBySession"
    module = __import__(KINDS[request.param], fromlist=["make"])
    made: Channel = module.make(AppSettings("office", fields), lambda: datetime.now(SHANGHAI), time.monotonic)
    yield made, route
    await made.close()


@pytest.mark.parametrize("what", ["token", "other"])
@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_nonsense_is_no_acknowledgement_and_never_for_good(
    channel: tuple[Channel, dict[str, str]], platform: Answers, what: str, nonsense: bytes
) -> None:
    ours, route = channel
    setattr(platform, what, nonsense)
    if what == "token" and "webhook" in route:
        route = {"member": "zhang"}
    if what == "token" and "response_code" in route:
        pytest.skip("needs no token")
    with pytest.raises(SendFailed) as failed:
        await ours.send(route, "答", "k" * 32)
    assert failed.value.after_seconds is not None


async def test_a_token_that_is_too_large_is_never_for_good(
    channel: tuple[Channel, dict[str, str]], platform: Answers
) -> None:
    ours, route = channel
    if "response_code" in route:
        pytest.skip("needs no token")
    platform.token = b"x" * (2 * 1024 * 1024)
    with pytest.raises(SendFailed) as failed:
        await ours.send({"member": "zhang"} if "webhook" in route else route, "答", "k" * 32)
    assert failed.value.after_seconds is not None
