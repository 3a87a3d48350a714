"""docs/channels/*.md walked as an administrator walks them: the example taken word for word, the simulator's secrets in
the environment, the real service, the platform's check of the address, a first message and its answer.

Nothing of a page's example is changed; only where the platform lies (``api`` …) is added, because it lies here.
"""

import asyncio
import contextlib
import importlib
import json
import re
import time
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.channels import dingtalk_sending, feishu_api, wechat_api, wecom_api
from bot.channels.app_settings import AppSettings
from bot.channels.callback import Refusal
from bot.channels.configuring import KINDS
from tests.bot.channels import feishu_server, wechat_server, wecom_robot_server, wecom_robot_socket_server
from tests.bot.channels.conftest import POLICIES
from tests.bot.channels.dingtalk_server import DingTalkServer, DingTalkStreamServer
from tests.bot.channels.feishu_server import FeishuServer
from tests.bot.channels.feishu_socket_server import FeishuSocketServer
from tests.bot.channels.wechat_server import WechatServer
from tests.bot.channels.wecom_robot_server import WecomRobotServer
from tests.bot.channels.wecom_robot_socket_server import WecomRobotSocketServer
from tests.bot.channels.wecom_server import WecomServer
from tests.journeys.conftest import Chenghe
from tests.journeys.conftest import chenghe as chenghe
from tests.journeys.test_platforms import serving

PAGES = Path(__file__).resolve().parents[3] / "docs" / "channels"
QUESTION = "专用信用报告多长时间内有效？"
ADDRESS = "https://chat.credit.example.gov.cn"
SERVERS: dict[str, Any] = {
    "wecom": WecomServer,
    "wecom-robot": WecomRobotServer,
    "wecom-robot-socket": WecomRobotSocketServer,
    "wechat": WechatServer,
    "dingtalk": DingTalkServer,
    "dingtalk-stream": DingTalkStreamServer,
    "feishu": lambda name: FeishuServer(name=name),
    "feishu-socket": lambda name: FeishuSocketServer(name=name),
}
CALLED = ("wecom", "wecom-robot", "wechat", "dingtalk", "feishu")
"""Kinds that the platform calls."""
PATIENCE = 120.0
PLACES = {"api", "old_api", "gateway", "webhook_hosts", "file_hosts", "media_hosts", "socket_hosts"}
ANOTHER_KIND = re.compile(r'^(kind = )"[^"]+"(.*kind = ("[^"]+"))$', re.MULTILINE)
CODES: dict[str, tuple[Iterable[int], ...]] = {
    "wecom": (wecom_api.TOKEN_ENDED, wecom_api.BUSY, wecom_api.TO_BE_MENDED),
    "wechat": (wechat_api.TOKEN_ENDED, wechat_api.AGAIN_SECONDS),
    "dingtalk": (dingtalk_sending._TOKEN_ENDED, dingtalk_sending._HOOK_BUSY, dingtalk_sending._HOOK_TOO_FAST),
    "feishu": (feishu_api._TOKEN_REFUSED, feishu_api._TOO_FAST),
}


@dataclass(frozen=True)
class Example:
    """One ``toml`` block of a page, as it stands there."""

    page: str
    text: str

    @property
    def values(self) -> dict[str, Any]:
        (app,) = tomllib.loads(self.text)["app"]
        return dict(app)

    @property
    def kind(self) -> str:
        return str(self.values["kind"])

    @property
    def name(self) -> str:
        return str(self.values["name"])


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text("utf-8")


def examples() -> Iterator[Example]:
    """A block whose comment names another kind is two: it says that the rest is the same."""
    for path in sorted(PAGES.glob("*.md")):
        for text in re.findall(r"```toml\n(.*?)```", path.read_text("utf-8"), re.DOTALL):
            yield Example(path.stem, text)
            if ANOTHER_KIND.search(text):
                yield Example(path.stem, ANOTHER_KIND.sub(r"\1\3", text))


BY_KIND = {each.kind: each for each in examples()}


def served_settings(server: Any) -> dict[str, Any]:
    """What the simulator's console shows, and where it lies."""
    if isinstance(server, FeishuServer | FeishuSocketServer):
        secrets = {"encrypt_key": feishu_server.ENCRYPT_KEY, "verification_token": feishu_server.TOKEN}
        return {**server._settings(), **secrets}
    return dict(server.settings()._values)


@dataclass(frozen=True)
class App:
    """An example on its simulator. ``table``: the example word for word, then where the platform lies."""

    example: Example
    server: Any

    @property
    def table(self) -> str:
        places = {key: value for key, value in served_settings(self.server).items() if key in PLACES}
        return self.example.text + "".join(f"{key} = {json.dumps(value)}\n" for key, value in places.items())

    def secrets(self) -> dict[str, str]:
        """By environment variable."""
        shown = served_settings(self.server)
        found = self.example.values.items()
        return {
            str(value).removeprefix("env:"): shown[key] for key, value in found if str(value).startswith("env:")
        }  # fmt: skip

    async def connect(self, origin: str) -> None:
        """A long connection may take its time."""
        with contextlib.suppress(TimeoutError):
            await self.server.connect(None, origin)
        if self.example.kind not in CALLED:
            stands = self.server.opened if isinstance(self.server, DingTalkStreamServer) else self.server.connected
            await asyncio.wait_for(stands.wait(), PATIENCE)

    async def address_is_checked(self, origin: str) -> None:
        """As the console does when the administrator saves."""
        url, kind = f"{origin}/channels/{self.example.name}", self.example.kind
        if kind == "feishu":
            asked = {"challenge": "ajls384", "token": feishu_server.TOKEN, "type": "url_verification"}
            body = json.dumps({"encrypt": feishu_server.encrypted(json.dumps(asked))}).encode()
            status, answer = await self.server.send(body, {"Content-Type": "application/json; charset=utf-8"})
            assert (status, json.loads(answer)) == (200, {"challenge": "ajls384"})
        elif kind == "wechat":
            at, nonce = str(int(time.time())), "1320562132"
            params = {"signature": wechat_server.signature(at, nonce), "timestamp": at, "nonce": nonce, "echostr": "42"}
            assert await got(url, params) == (200, b"42")
        elif kind in ("wecom", "wecom-robot"):
            at, nonce = str(int(time.time())), "47744683"
            sealed = self.server.crypto.encrypt_message("128843", nonce, at)
            signature, encrypted = (
                re.findall(rf"<{name}><!\[CDATA\[(.*?)\]\]>", sealed)[0] for name in ("MsgSignature", "Encrypt")
            )
            params = {"msg_signature": signature, "timestamp": at, "nonce": nonce, "echostr": encrypted}
            assert await got(url, params) == (200, b"128843")

    async def answers(self) -> None:
        """The first message."""
        async with asyncio.timeout(PATIENCE):
            while not await self.taken():
                await asyncio.sleep(0.1)
            while not self.server.arrived:
                await asyncio.sleep(0.05)
        assert "依据：《" in self.server.arrived[0].text

    async def taken(self) -> bool:
        """Whether we acknowledge it; the same message may come again."""
        try:
            return bool(await self.server.say(QUESTION, id="9001") == 200)
        except (TimeoutError, aiohttp.ClientError):
            return False


async def got(url: str, params: dict[str, str]) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.get(url, params=params) as response:
        return response.status, await response.read()


def test_every_kind_has_an_example_and_its_address_is_that_of_the_console() -> None:
    assert BY_KIND.keys() == KINDS.keys()
    assert len(list(examples())) == len(KINDS)
    for kind in CALLED:
        example = BY_KIND[kind]
        assert f"{ADDRESS}/channels/{example.name}`" in page(example.page)


@pytest.mark.parametrize(
    "kinds",
    [
        ("wecom", "wecom-robot-socket", "wechat", "dingtalk-stream", "feishu"),
        ("wecom-robot", "dingtalk", "feishu-socket"),
    ],
)
async def test_the_examples_lead_to_a_bot_that_answers(
    kinds: tuple[str, ...], tmp_path: Path, chenghe: Chenghe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (wecom_robot_server, wecom_robot_socket_server):
        monkeypatch.setattr(module, "ROBOT", BY_KIND["wecom-robot-socket"].values["robot_id"])
    apps = [App(BY_KIND[kind], SERVERS[kind](BY_KIND[kind].name)) for kind in kinds]
    for app in apps:
        for variable, secret in app.secrets().items():
            monkeypatch.setenv(variable, secret)
    assert chenghe("policies", "add", POLICIES).status == 0
    path = tmp_path / "home" / "channels.toml"
    path.touch(0o600)
    path.write_text("\n".join(app.table for app in apps), "utf-8")
    assert (await asyncio.to_thread(chenghe, "channels", "check", "--address", ADDRESS)).status == 0
    try:
        await walked(apps, tmp_path / "home", chenghe)
    finally:
        for app in apps:
            await app.server.close()


async def walked(apps: list[App], home: Path, chenghe: Chenghe) -> None:
    async with serving(home) as (_, origin):
        await asyncio.gather(*(app.connect(origin) for app in apps))
        for app in apps:
            await app.address_is_checked(origin)
            await app.answers()
        said = await asyncio.to_thread(chenghe, "channels", "check", "--online", "--address", origin, "--json")
        assert said.status == 0, said.out
        listed = await asyncio.to_thread(chenghe, "channels", "list", "--json")
        assert all(each["last_message_at"] for each in listed.json)


class Recording(AppSettings):
    """Notes which fields a kind asks for."""

    def __init__(self, name: str, values: dict[str, Any]) -> None:
        super().__init__(name, values)
        self.asked: set[str] = set()

    def text(self, field: str, default: str | None = None) -> str:
        self.asked.add(field)
        return super().text(field, default)

    def texts(self, field: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        self.asked.add(field)
        return super().texts(field, default)


async def asked_fields(example: Example) -> set[str]:
    server = SERVERS[example.kind](example.name)
    given = served_settings(server)
    await server.close()
    settings = Recording(example.name, {key: given.get(key, value) for key, value in example.values.items()})
    importlib.import_module(KINDS[example.kind]).make(settings, lambda: datetime.now(UTC), lambda: 0.0)
    return settings.asked


@pytest.mark.parametrize("name", sorted({each.page for each in examples()}))
async def test_the_table_of_a_page_has_every_field_and_no_other(name: str) -> None:
    (table,) = re.findall(r"^\| 项 \|.*\n((?:\|.*\n)+)", page(name), re.MULTILINE)
    rows = re.findall(r"^\| ((?:`[a-z_]+` ?)+)\|", table, re.MULTILINE)
    explained = {field for row in rows for field in re.findall(r"`([a-z_]+)`", row)} - {"kind"}
    asked = {field for each in examples() if each.page == name for field in await asked_fields(each)}
    assert explained == asked | {"name"}


@pytest.mark.parametrize("name", sorted({BY_KIND[kind].page for kind in CALLED}))
def test_every_word_that_a_refused_request_gets_is_explained(name: str) -> None:
    assert {each.name for each in Refusal if f"`{each.name}`" not in page(name)} == set()


@pytest.mark.parametrize("name", CODES)
def test_every_code_that_is_treated_by_itself_is_explained(name: str) -> None:
    codes = {code for table in CODES[name] for code in table} - {0}
    assert len(codes) > 5
    text = page(name)
    assert {code for code in codes if not re.search(rf"(?<![0-9]){code}(?![0-9])", text)} == set()
