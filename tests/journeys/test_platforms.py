"""Apps on three platforms and one process, killed in the middle: every message is answered exactly once.

``chenghe serve`` is a real process; the platforms are the simulators of tests/bot/channels. All members are fictional.
"""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.channels.app_settings import AppSettings
from tests.bot.channels.conftest import POLICIES
from tests.bot.channels.dingtalk_server import DingTalkServer
from tests.bot.channels.feishu_socket_server import FeishuSocketServer
from tests.bot.channels.simulated import Arrived, Simulated
from tests.bot.channels.wecom_server import WecomServer
from tests.journeys.conftest import Chenghe

QUESTION = "专用信用报告多长时间内有效？"
KINDS = {"WecomServer": "wecom", "DingTalkServer": "dingtalk", "FeishuSocketServer": "feishu-socket"}
ORIGIN = re.compile(rb"http://127\.0\.0\.1:[0-9]+")


def table(server: WecomServer | DingTalkServer | FeishuSocketServer) -> str:
    """The app's part of channels.toml, as docs/channels tell to write it."""
    settings = server.settings() if not isinstance(server, FeishuSocketServer) else AppSettings("", server._settings())
    name = "feishu" if isinstance(server, FeishuSocketServer) else settings.name
    lines = [f'name = "{name}"', f'kind = "{KINDS[type(server).__name__]}"']
    for field, value in settings._values.items():
        written = [f'"{each}"' for each in value] if isinstance(value, list) else None
        lines.append(f"{field} = [{', '.join(written)}]" if written is not None else f'{field} = "{value}"')
    return "\n".join(["[[app]]", *lines, ""])


@asynccontextmanager
async def serving(home: Path) -> AsyncIterator[tuple[Process, str]]:
    command = [sys.executable, "-m", "bot", "--home", str(home), "serve", "--only", "bot", "--port", "0"]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    try:
        assert process.stderr is not None
        async with asyncio.timeout(120):
            while (found := ORIGIN.search(line := await process.stderr.readline())) is None:
                assert line, "the service has ended"
        draining = asyncio.create_task(process.stderr.read())
        yield process, found[0].decode()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
    assert b"Traceback" not in await draining


async def everything(servers: Sequence[Simulated], wanted: int) -> None:
    async with asyncio.timeout(120):
        while any(len(complete(each)) < wanted for each in servers):
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)


def complete(server: Simulated) -> list[Arrived]:
    """Whole answers: what is numbered counts when its last part has come."""
    last = re.compile(r"（([0-9]+)/\1）")
    return [each for each in server.arrived if "/" not in each.text[-8:] or last.search(each.text)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals")
async def test_every_message_is_answered_once_though_the_process_is_killed(tmp_path: Path, chenghe: Chenghe) -> None:
    home = tmp_path / "home"
    assert chenghe("policies", "add", POLICIES).status == 0
    dingtalk = DingTalkServer("credit-dingtalk")
    servers = [WecomServer("credit-wecom"), dingtalk, FeishuSocketServer()]
    for server in servers:
        await server.connect(None, "http://127.0.0.1:9") if not isinstance(server, FeishuSocketServer) else None
    path = home / "channels.toml"
    path.touch(0o600)
    path.write_text("\n".join(map(table, servers)), "utf-8")
    async with serving(home) as (process, origin):
        for server in servers:
            await server.connect(None, origin)
        for server in servers:
            assert await server.say(QUESTION, id="first") in (0, 200)
        await everything(servers, 1)
        assert [len(complete(each)) for each in servers] == [1, 1, 1]
        # DingTalk recognises no repetition: what it took from a process that died before it noted that comes twice.
        dingtalk.fail(1.0)
        for server in servers:
            assert await server.say(QUESTION, id="first") in (0, 200)
            assert await server.say("查询和下载专用信用报告收费吗？", id="second") in (0, 200)
        process.kill()
        await process.wait()
        dingtalk.fail(0.0)
    async with serving(home) as (_, origin):
        for server in servers:
            await server.connect(None, origin)
        await everything(servers, 2)
        for server in servers:
            assert await server.say("查询和下载专用信用报告收费吗？", id="second") in (0, 200)
        await everything(servers, 2)
    for server in servers:
        first, second = complete(server)
        assert "依据：《" in first.text
        assert "不收取任何费用" in second.text
        assert [each.text for each in server.arrived].count(first.text) == 1
        await server.close()
