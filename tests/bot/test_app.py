"""Three services on one port, or one alone; each is given its own part of the home and nothing else."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from bot.app import AppSettings, build, serve
from bot.settings import Home
from tests.verify.public.published import publish
from tests.verify.public.test_unreadable import UNREADABLE, assert_ours, said
from verify.public.serving import ServingError
from verify.validity import SHANGHAI

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=SHANGHAI)
Clients = Callable[..., Awaitable[TestClient]]


async def client_of(aiohttp_client: Clients, home: Path, only: str | None = None) -> TestClient:
    return await aiohttp_client(build(AppSettings(Home(home), lambda: NOW, only)))  # type: ignore[arg-type]


async def test_all_three_answer_on_one_port(tmp_path: Path, aiohttp_client: Clients) -> None:
    client = await client_of(aiohttp_client, tmp_path)
    assert "政策问答" in await (await client.get("/")).text()
    assert "信用报告核验" in await (await client.get("/v")).text()
    assert (await (await client.get("/issuing/health")).json())["service"] == "issuing"
    assert (await client.post("/api/ask", json={"question": "问"})).status == 200
    assert (await client.post("/api/verify", json={"token": "1"})).status == 200


async def test_problems_are_answered_in_the_look_of_the_place(tmp_path: Path, aiohttp_client: Clients) -> None:
    client = await client_of(aiohttp_client, tmp_path)
    assert "回到核验页" in await (await client.put("/v")).text()
    assert "回到问答页" in await (await client.get("/nowhere")).text()
    assert (await client.get("/issuing/nowhere")).content_type == "application/json"


@pytest.mark.parametrize(
    ("only", "here", "elsewhere"),
    [("bot", "/", "/v"), ("public", "/v", "/"), ("issuing", "/issuing/health", "/v")],
)
async def test_one_service_alone_is_nothing_else(
    tmp_path: Path, aiohttp_client: Clients, only: str, here: str, elsewhere: str
) -> None:
    client = await client_of(aiohttp_client, tmp_path, only)
    assert (await client.get(here)).status != 404
    assert (await client.get(elsewhere)).status == 404


@pytest.mark.parametrize("only", [None, "bot", "issuing"])
async def test_what_is_no_http_is_answered_by_us(tmp_path: Path, only: str | None) -> None:
    app = build(AppSettings(Home(tmp_path), lambda: NOW, only))  # type: ignore[arg-type]
    assert_ours(await said(app, UNREADABLE["no HTTP"].encode()))


async def test_public_alone_needs_only_its_folder(tmp_path: Path, aiohttp_client: Clients) -> None:
    published = publish(tmp_path / "public")
    client = await client_of(aiohttp_client, tmp_path, "public")
    assert 'data-verdict="valid"' in await (await client.get(f"/v/{published.digits}")).text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["public", "public-seen.json"]


def test_taken_port_is_said_before_anything_is_opened(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ServingError) as error:
            serve(Home(tmp_path), host="127.0.0.1", port=taken.getsockname()[1], only=None, clock=lambda: NOW)
    assert error.value.code == "PORT_IN_USE"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("127.0.0.1", 70_000), ("没有这台机器.invalid", 1)])
def test_impossible_address_is_explained(tmp_path: Path, host: str, port: int) -> None:
    with pytest.raises(ServingError) as error:
        serve(Home(tmp_path), host=host, port=port, only="public", clock=lambda: NOW)
    assert error.value.code == "CANNOT_LISTEN"


def test_command_says_where_it_listens_and_stops_when_asked(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "--home", str(tmp_path), "serve", "--port", "0", "--only", "public"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        address = next(line.split("：", 1)[1].strip() for line in process.stderr if line.startswith("报告核验"))
        with urllib.request.urlopen(address, timeout=120) as page:
            assert "核验" in page.read().decode()
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(address.removesuffix("/v") + "/nowhere?secret=1", timeout=120)
        error.value.close()
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait(timeout=120) == 0
    assert "已停止" in rest
    assert "Traceback" not in rest
    assert "secret" not in rest
