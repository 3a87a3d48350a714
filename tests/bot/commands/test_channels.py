"""Answers bot/commands/channels.py: each app by itself, what is wrong with the next step, no secret shown."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import update

from bot.channels.advice import ABOUT, STEPS, next_step
from bot.channels.configuring import KINDS
from bot.channels.messages import Incoming, Platform
from bot.post import inbox, outbox
from bot.post.office import open_messages
from bot.post.tables import letters
from index.store.engine import writing
from tests.bot.channels import feishu_server, wechat_server
from tests.bot.channels.dingtalk_server import CORP as DING
from tests.bot.channels.dingtalk_server import KEY, DingTalkServer
from tests.bot.channels.dingtalk_server import SECRET as DING_SECRET
from tests.bot.channels.feishu_server import FeishuServer
from tests.bot.channels.served import Served
from tests.bot.channels.wechat_server import WechatServer
from tests.bot.channels.wecom_server import AES_KEY, AGENT, CORP, SECRET, TOKEN, WecomServer
from tests.journeys.conftest import Chenghe, Said

PAGES = Path(__file__).resolve().parents[3] / "docs" / "channels"
WECOM = f'''
[[app]]
name = "credit-office"
kind = "wecom"
corp_id = "{CORP}"
agent_id = "{AGENT}"
secret = "{SECRET}"
token = "{TOKEN}"
aes_key = "{AES_KEY}"
api = "ORIGIN"
'''
DINGTALK = f'''
[[app]]
name = "dingding"
kind = "dingtalk"
corp_id = "{DING}"
client_id = "{KEY}"
client_secret = "{DING_SECRET}"
api = "ORIGIN"
'''
WECHAT = f'''
[[app]]
name = "gongzhonghao"
kind = "wechat"
app_id = "{wechat_server.APP_ID}"
app_secret = "{wechat_server.SECRET}"
original_id = "{wechat_server.ACCOUNT}"
token = "{wechat_server.TOKEN}"
aes_key = "{wechat_server.AES_KEY}"
api = "ORIGIN"
'''
FEISHU = f'''
[[app]]
name = "feishu-office"
kind = "feishu"
app_id = "{feishu_server.APP_ID}"
app_secret = "{feishu_server.APP_SECRET}"
encrypt_key = "{feishu_server.ENCRYPT_KEY}"
verification_token = "{feishu_server.TOKEN}"
api = "ORIGIN"
'''
ROBOT = f'''
[[app]]
name = "credit-robot"
kind = "wecom-robot"
corp_id = "{CORP}"
robot_name = "诚核助手"
token = "{TOKEN}"
aes_key = "{AES_KEY}"
'''


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(*apps: str, mode: int = 0o600) -> Path:
        path = tmp_path / "home" / "channels.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(apps), "utf-8")
        path.chmod(mode)
        return path

    return write


def findings(said: Said, app: str) -> list[dict[str, str]]:
    (found,) = [each["findings"] for each in said.json if each["name"] == app]
    return list(found)


def bad(said: Said, app: str) -> list[str]:
    return [f"{each['message']}　{each['next_step']}" for each in findings(said, app) if each["state"] == "bad"]


def test_every_kind_has_its_words_and_a_page() -> None:
    assert ABOUT.keys() == KINDS.keys()
    for kind, about in ABOUT.items():
        page = (PAGES / f"{about.page}.md").read_text("utf-8")
        assert f'kind = "{kind}"' in page
        assert "出了问题" in page
        assert bool(about.field) != bool(about.connected)


@pytest.mark.parametrize("name", STEPS)
def test_every_code_that_has_a_step_is_in_its_page(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text("utf-8")
    assert {code for code in STEPS[name] if code not in page} == set()


def test_without_apps_the_first_step_is_told(chenghe: Chenghe, written: Callable[..., Path]) -> None:
    for said in (chenghe("channels", "list"), chenghe("channels", "check")):
        assert (said.status, "docs/channels/" in said.err) == (2, True)
    written("")
    assert chenghe("channels", "check").status == 2


def test_a_file_that_others_may_read_is_not_read(chenghe: Chenghe, written: Callable[..., Path]) -> None:
    path = written(WECOM, mode=0o644)
    said = chenghe("channels", "check")
    assert said.status == 2
    assert f"chmod 600 {path}" in said.err


def test_faults_of_one_app_hide_none_of_another(
    chenghe: Chenghe, written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WECOM_SECRET", raising=False)
    monkeypatch.delenv("WECOM_TOKEN", raising=False)
    unset = WECOM.replace(SECRET, "env:WECOM_SECRET").replace(f'"{TOKEN}"', '"env:WECOM_TOKEN"').replace("ORIGIN", "")
    cut = DINGTALK.replace(f'client_id = "{KEY}"\n', "").replace("ORIGIN", "https://api.dingtalk.com")
    written(unset, cut, ROBOT, ROBOT, '[[app]]\nname = "x"\nkind = "qq"\n')
    said = chenghe("channels", "check", "--json")
    assert said.status == 1
    (variables,) = bad(said, "credit-office")
    assert "环境变量 WECOM_SECRET、WECOM_TOKEN 没有设置" in variables
    (missing,) = bad(said, "dingding")
    assert "client_id 没有填写" in missing
    assert [each["in_order"] for each in said.json] == [False, False, True, False, False]
    assert "用了两次" in said.json[3]["findings"][0]["message"]
    assert "kind 只能是" in bad(said, "x")[0]
    assert "kind 不对：qq" in chenghe("channels", "list").out


def test_what_is_in_order_says_where_our_address_goes(chenghe: Chenghe, written: Callable[..., Path]) -> None:
    written(ROBOT)
    said = chenghe("channels", "check", "--address", "https://chat.credit.example.gov.cn/")
    assert said.status == 0
    assert "填 https://chat.credit.example.gov.cn/channels/credit-robot" in said.out
    assert "配置完整" in said.out
    assert "https://<公网域名>/channels/credit-robot" in chenghe("channels", "check", "credit-robot").out
    for secret in (TOKEN, AES_KEY):
        assert secret not in said.out + said.err


@pytest.mark.parametrize(
    "address", ["http://chat.example.gov.cn", "https://chat.example.gov.cn/v", "https://a.cn?b", "https://[", "chat"]
)
def test_an_address_is_https_without_a_path(chenghe: Chenghe, written: Callable[..., Path], address: str) -> None:
    written(ROBOT)
    assert chenghe("channels", "check", "--address", address).status == 2


def test_an_unknown_app_is_not_in_order(chenghe: Chenghe, written: Callable[..., Path]) -> None:
    written(ROBOT)
    assert "channels list" in chenghe("channels", "check", "other").err


def test_when_the_last_message_came_and_what_was_not_sent(
    chenghe: Chenghe, written: Callable[..., Path], tmp_path: Path
) -> None:
    written(WECOM.replace("ORIGIN", "https://qyapi.weixin.qq.com"), ROBOT)
    at = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
    engine = open_messages(tmp_path / "home" / "messages.db")
    incoming = Incoming("credit-office", Platform.WECOM, "1", CORP, "zhang", "zhang", False, "问", at)
    with writing(engine) as connection:
        number = inbox.accept(connection, incoming, at).number
        inbox.answered(connection, number, at)
        outbox.put(connection, number, incoming, ["答"], None, at)
        connection.execute(update(letters).values(tries=1, fault="WeCom answered 60020"))
    engine.dispose()
    assert "最近一条消息 2026-11-22 15:30，待答 0，待发 1，放弃 0" in chenghe("channels", "list").out
    said = chenghe("channels", "check", "--json")
    assert said.status == 1
    (fault,) = bad(said, "credit-office")
    assert "60020" in fault
    assert "企业可信IP" in fault
    assert bad(said, "credit-robot") == []
    listed = chenghe("channels", "list", "--json").json
    assert listed[0]["last_message_at"].startswith("2026-11-22T")
    assert (listed[0]["unsent"], listed[1]["last_message_at"]) == (1, None)


async def checked(chenghe: Chenghe, *arguments: str) -> Said:
    return await asyncio.to_thread(chenghe, "channels", "check", "--json", *arguments)


async def test_the_platforms_are_asked_whether_they_know_the_app(
    chenghe: Chenghe, written: Callable[..., Path]
) -> None:
    servers: list[Any] = [WecomServer(), DingTalkServer(), WechatServer(), FeishuServer()]
    apps = (WECOM, DINGTALK, WECHAT, FEISHU)
    for server in servers:
        await server.connect(None, "http://127.0.0.1:9")
    origins = [server.origin if isinstance(server, FeishuServer) else server.served.origin for server in servers]
    good = [app.replace("ORIGIN", origin) for app, origin in zip(apps, origins, strict=True)]
    written(*good, ROBOT)
    said = await checked(chenghe, "--online")
    assert said.status == 0
    assert "平台认得这个应用：信用问答" in said.out
    assert "平台认得这个应用：诚核" in said.out
    assert "没有能单独查的密钥" in said.out
    servers[0].trusted = False
    secrets = (SECRET, DING_SECRET, wechat_server.SECRET, feishu_server.APP_SECRET)
    written(*(app.replace(f'"{secret}"', '"wrong"') for app, secret in zip(good, secrets, strict=True)))
    said = await checked(chenghe, "--online")
    assert said.status == 1
    for name, code, step in (
        ("credit-office", "40001", "Secret 不对"),
        ("dingding", "invalidClientIdOrSecret", "Client Secret 不对"),
        ("gongzhonghao", "40125", "AppSecret 不对"),
        ("feishu-office", "10014", "App Secret 不对"),
    ):
        (refused,) = bad(said, name)
        assert code in refused
        assert step in refused
    written(good[0])
    (untrusted,) = bad(await checked(chenghe, "--online"), "credit-office")
    assert "企业可信IP" in untrusted
    for server in servers:
        await server.close()
    (away,) = bad(await checked(chenghe, "--online"), "credit-office")
    assert "连不上平台" in away


async def test_whether_our_own_address_is_served_is_seen(chenghe: Chenghe, written: Callable[..., Path]) -> None:
    async def malformed(request: web.Request) -> web.Response:
        return web.Response(status=400, text="MALFORMED")

    async def welcomed(request: web.Request) -> web.Response:
        return web.Response(text="Welcome to nginx!")

    app = web.Application()
    app.router.add_get("/channels/credit-robot", malformed)
    app.router.add_get("/channels/another-robot", welcomed)
    served = Served(app)
    written(ROBOT)
    (refused,) = bad(await checked(chenghe, "--online", "--address", served.origin), "credit-robot")
    assert "连不上" in refused
    await served.start()
    assert (await checked(chenghe, "--online", "--address", served.origin)).status == 0
    written(ROBOT.replace("credit-robot", "another-robot"))
    assert "200，不像诚核" in bad(await checked(chenghe, "--online", "--address", served.origin), "another-robot")[0]
    written(ROBOT.replace("credit-robot", "other"))
    (missing,) = bad(await checked(chenghe, "--online", "--address", served.origin), "other")
    assert "404" in missing
    assert "name 相同" in missing
    await served.stop()


def test_a_code_that_nobody_has_a_step_for_leads_to_the_page() -> None:
    assert "docs/channels/wecom-robot.md" in next_step("wecom-robot-socket", "WeCom answered 99999")
    assert "重新抄到 corp_id" in next_step("wecom", "WeCom answered 40013")
