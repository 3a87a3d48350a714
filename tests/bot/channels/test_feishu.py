"""Feishu by HTTP: receive → should hand in; and the settings of an app."""

import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels import feishu
from bot.channels.app_settings import AppSettings
from bot.channels.configuring import read_channels
from bot.channels.feishu import Feishu
from bot.channels.messages import SendFailed
from bot.errors import UsageError
from tests.bot.channels.feishu_running import SETTINGS, Running, clock, run
from tests.bot.channels.feishu_sealed import APP_ID, ROBOT, TENANT, TOKEN, event, mention, text
from tests.bot.channels.feishu_server import APP, FeishuServer


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with run(FeishuServer()) as running:
        yield running


async def test_a_members_message_is_handed_in_and_acknowledged(running: Running) -> None:
    assert await running.feishu.say("专用信用报告多久有效？", member="zhang") == 200
    (message,) = running.received.messages
    assert (message.app, message.tenant, message.sender, message.conversation) == (
        APP,
        TENANT,
        "zhang",
        "oc_with_zhang",
    )
    assert (message.text, message.group, message.attachments) == ("专用信用报告多久有效？", False, ())
    assert abs(clock() - message.sent_at) < timedelta(seconds=60)


async def test_an_event_that_comes_again_has_the_same_id(running: Running) -> None:
    assert [await running.feishu.say("你好", id="once") for _ in range(3)] == [200, 200, 200]
    assert len(running.received.messages) == 1


async def test_a_group_is_heard_only_when_the_robot_is_mentioned(running: Running) -> None:
    assert await running.feishu.say("大家好", group="office") == 200
    assert await running.feishu.say("@诚核 报告多久有效？", group="office") == 200
    (message,) = running.received.messages
    assert (message.text, message.group, message.conversation) == ("报告多久有效？", True, "oc_office")


async def test_a_mention_of_a_colleague_or_of_all_is_not_one_of_the_robot(running: Running) -> None:
    for key, name, open_id in (("@_user_1", "李四", "ou_li"), ("@_all", "所有人", "")):
        told = text(f"{key} 明天开会", chat_type="group", mentions=[mention(open_id, key, name)])
        assert await running.feishu.deliver(event(told)) == 200
    assert running.received.messages == []


async def test_colleagues_are_named_and_the_robot_is_left_out(running: Running) -> None:
    mentions = [mention(ROBOT, "@_user_1", "诚核"), mention("ou_li", "@_user_10", "李四")]
    told = text("@_user_1 请告诉 @_user_10 @_user_2 @_all", chat_type="group", mentions=mentions)
    assert await running.feishu.deliver(event(told)) == 200
    assert running.received.messages[0].text == "请告诉 @李四 @_user_2 @所有人"


async def test_a_post_gives_its_words_and_pictures(running: Running) -> None:
    rows = [
        [
            {"tag": "at", "user_id": "@_user_1"},
            {"tag": "text", "text": " 请看"},
            {"tag": "a", "text": "附件", "href": "x"},
        ],
        [{"tag": "img", "image_key": "img_1"}, {"tag": "img", "image_key": "../../x"}, "odd", {"tag": "hr"}],
        "odd",
    ]
    content = json.dumps({"title": "核验", "content": rows})
    told = {"message_id": "om_9", "message_type": "post", "content": content, "chat_type": "group"}
    told |= {"mentions": [mention(ROBOT, "@_user_1", "诚核")]}  # type: ignore[dict-item]
    assert await running.feishu.deliver(event(told)) == 200
    (message,) = running.received.messages
    assert message.text == "核验\n 请看附件"
    assert [(each.name, each.place["key"]) for each in message.attachments] == [("图片1", "img_1")]


@pytest.mark.parametrize("name", ["报告.pdf", "二维码.png"])
async def test_files_and_pictures_are_fetched(running: Running, name: str) -> None:
    assert await running.feishu.say("", file=(name, b"content" * 1000)) == 200
    (attachment,) = running.received.messages[0].attachments
    assert attachment.name == ("报告.pdf" if name == "报告.pdf" else "图片")
    assert await running.channel.fetch(attachment, 7000) == b"content" * 1000
    with pytest.raises(SendFailed) as failed:
        await running.channel.fetch(attachment, 6999)
    assert failed.value.after_seconds is None


async def test_what_is_no_text_is_a_message_without_text(running: Running) -> None:
    told = {"message_id": "om_1", "message_type": "sticker", "content": '{"file_key": "x"}'}
    assert await running.feishu.deliver(event(told)) == 200
    assert running.received.messages[0].text == ""


async def test_other_events_and_other_robots_are_acknowledged_and_forgotten(running: Running) -> None:
    told = event(text("我也是机器人"))
    told["event"]["sender"]["sender_type"] = "app"
    assert await running.feishu.deliver(told) == 200
    assert await running.feishu.deliver(event({}, event_type="im.chat.member.bot.added_v1")) == 200
    assert running.received.messages == []


async def test_the_old_schema_says_the_same(running: Running) -> None:
    for group, id in ((False, "om_1"), (True, "om_2")):
        assert await running.feishu.deliver(old(group, id, '<at open_id="ou_li">@李四</at> 报告多久有效？')) == 200
    assert await running.feishu.deliver(old(True, "om_3", "闲聊", is_mention=False)) == 200
    assert [each.group for each in running.received.messages] == [False, True]
    message = running.received.messages[1]
    assert (message.text, message.sender, message.tenant) == ("@李四 报告多久有效？", "zhang", TENANT)
    assert message.route == {"message": "om_2"}


async def test_the_two_schemas_of_one_message_are_one_message(running: Running) -> None:
    assert await running.feishu.deliver(old(False, "om_1", "你好")) == 200
    assert await running.feishu.deliver(event(text("你好", "om_1"))) == 200
    assert len(running.received.messages) == 1


def old(group: bool, id: str, words: str, **rest: Any) -> dict[str, Any]:
    return {
        "uuid": "41b5f371157e3d5341b38b20396e77e3", "token": TOKEN, "ts": f"{time.time():.6f}",
        "type": "event_callback",
        "event": {
            "type": "message", "app_id": APP_ID, "tenant_key": TENANT, "open_chat_id": "oc_1", "open_message_id": id,
            "chat_type": "group" if group else "private", "msg_type": "text", "open_id": "ou_zhang",
            "employee_id": "zhang", "union_id": "on_zhang", "is_mention": group, "text": "x",
            "text_without_at_bot": words,
        } | rest,
    }  # fmt: skip


async def test_the_account_is_the_id_that_the_office_chose() -> None:
    async with run(FeishuServer(), account="open_id") as running:
        await running.feishu.say("你好")
        assert running.received.messages[0].sender == "ou_zhang"


async def test_a_member_whose_user_id_is_hidden_is_one_sender_still(running: Running) -> None:
    told = event(text("你好"))
    told["event"]["sender"]["sender_id"] = {"user_id": None, "open_id": "ou_x"}
    assert await running.feishu.deliver(told) == 200
    assert running.received.messages[0].sender == "ou_x"


async def test_a_guest_of_another_company_is_of_that_company(running: Running) -> None:
    told = event(text("你好"))
    told["event"]["sender"]["tenant_key"] = "another"
    assert await running.feishu.deliver(told) == 200
    assert running.received.messages[0].tenant == "another"


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"app_id": "wx123456"}, "app_id"), ({"app_secret": None}, "app_secret"), ({"encrypt_key": None}, "encrypt_key"),
     ({"verification_token": None}, "verification_token"), ({"account": "phone"}, "account"),
     ({"encryption": "maybe"}, "encryption"), ({"api": "http://example.cn"}, "api"), ({"tenants": "x"}, "tenants")],
)  # fmt: skip
def test_a_wrong_setting_is_named(changed: dict[str, object], field: str) -> None:
    values = {name: value for name, value in (SETTINGS | changed).items() if value is not None}
    with pytest.raises(UsageError, match=field):
        feishu.make(AppSettings(APP, values), clock, time.monotonic)


def test_the_kind_is_registered() -> None:
    settings = AppSettings(APP, dict(SETTINGS))
    assert isinstance(feishu.make(settings, clock, time.monotonic), Feishu)
    settings.done()


@pytest.mark.parametrize("block", [0, 1])
def test_the_settings_of_the_documentation_work(block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FEISHU_SECRET", "FEISHU_ENCRYPT_KEY", "FEISHU_TOKEN"):
        monkeypatch.setenv(name, "fictional")
    page = (Path(__file__).parents[3] / "docs" / "channels" / "feishu.md").read_text()
    path = tmp_path / "channels.toml"
    path.write_text(page.split("```toml\n")[block + 1].partition("```")[0])
    path.chmod(0o600)
    (channel,) = read_channels(path, clock, time.monotonic).channels
    assert channel.app == APP
