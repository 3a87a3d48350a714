"""Our channel for Feishu and its platform in one process, for the tests of what passes between them."""

import time
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels import feishu
from bot.channels.app_settings import AppSettings
from bot.channels.messages import Channel
from tests.bot.channels.feishu_sealed import APP_ID, APP_SECRET, ENCRYPT_KEY, TOKEN
from tests.bot.channels.feishu_server import APP, FeishuServer
from tests.bot.channels.received import Received
from verify.validity import SHANGHAI

SETTINGS = {"app_id": APP_ID, "app_secret": APP_SECRET, "verification_token": TOKEN, "encrypt_key": ENCRYPT_KEY}


@dataclass
class Running:
    feishu: FeishuServer
    channel: Channel
    received: Received


class run:
    """The channel of ``settings`` (else the simulator's) on a port of its own."""

    def __init__(self, server: FeishuServer, **settings: object) -> None:
        self._server, self._settings = server, settings

    async def __aenter__(self) -> Running:
        channel: Channel = self._server.channel()
        if self._settings:
            values = SETTINGS | {"api": self._server.origin} | self._settings
            values = {name: value for name, value in values.items() if value is not None}
            channel = feishu.make(AppSettings(APP, values), clock, time.monotonic)
        received, app = Received(), web.Application()
        channel.mount(app, received.receive)
        self._ours = TestServer(app)
        await self._ours.start_server()
        await self._server.connect(app, str(self._ours.make_url("")).rstrip("/"))
        self._channel = channel
        return Running(self._server, channel, received)

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()
        await self._channel.close()
        await self._ours.close()


def clock() -> datetime:
    return datetime.now(SHANGHAI)
