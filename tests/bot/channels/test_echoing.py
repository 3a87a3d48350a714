"""Answers bot/channels/calling.py: whoever answers us instead of the platform, and says again what we have sent, has no
secret of ours written down: an error is in the service log, in ``messages.db`` and on the administrator's screen.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels import dingtalk, feishu, wechat, wecom
from bot.channels.access import HasAccess
from bot.channels.app_settings import AppSettings
from bot.channels.messages import Channel, SendFailed
from tests.bot.channels.simulated import shanghai_now

SECRET = "Geheim-8d1f0b6a-" + "x" * 24
FIELDS = ("code", "errcode", "sub_code", "message", "errmsg", "msg", "access_token", "accessToken", "bot", "data")
Make = Callable[[AppSettings, Callable[..., Any], Callable[[], float]], Channel]
KINDS: dict[str, tuple[Make, dict[str, object], tuple[str, ...]]] = {
    "wecom": (
        wecom.make,
        {"corp_id": "ww1", "agent_id": "1000002", "secret": SECRET, "token": "t", "aes_key": "a" * 43},
        ("api",),
    ),
    "wechat": (
        wechat.make,
        {
            "app_id": "wx1234567890abcdef",
            "app_secret": SECRET,
            "original_id": "gh_1234567890ab",
            "token": "t",
            "aes_key": "a" * 43,
        },
        ("api",),
    ),
    "dingtalk": (
        dingtalk.make,
        {"client_id": "k", "client_secret": SECRET, "corp_id": "c"},
        ("api", "old_api"),
    ),
    "feishu": (
        feishu.make,
        {"app_id": "cli_example1", "app_secret": SECRET, "encrypt_key": "e", "verification_token": "v"},
        ("api",),
    ),
}


def echoing(status: int) -> web.Application:
    async def echo(request: web.Request) -> web.Response:
        said = f"{request.rel_url} {await request.text()}"
        return web.json_response(dict.fromkeys(FIELDS, said), status=status)

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", echo)
    return app


@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_said_again_to_us_is_in_no_error(kind: str, status: int) -> None:
    make, values, addresses = KINDS[kind]
    async with TestServer(echoing(status)) as server:
        origin = f"http://127.0.0.1:{server.port}"
        channel = make(AppSettings("app", values | dict.fromkeys(addresses, origin)), shanghai_now, time.monotonic)
        assert isinstance(channel, HasAccess)
        try:
            with pytest.raises(SendFailed) as failed:
                await channel.check_access()
        finally:
            await channel.close()
    assert SECRET not in str(failed.value)
    assert len(str(failed.value)) < 120
