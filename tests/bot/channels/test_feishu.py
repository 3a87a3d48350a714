"""Feishu by HTTP: receive → should say to Feishu, should hand in, should send."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels import feishu
from bot.channels.app_settings import AppSettings
from bot.channels.configuring import read_channels
from bot.channels.feishu import Feishu
from bot.channels.messages import Channel, OutFile, SendFailed
from bot.errors import UsageError
from tests.bot.channels.feishu_server import (
    APP,
    APP_ID,
    APP_SECRET,
    ENCRYPT_KEY,
    ROBOT,
    TENANT,
    TOKEN,
    FeishuServer,
    encrypted,
    event,
    mention,
    signed,
    text,
)
from tests.bot.channels.received import Received
from verify.validity import SHANGHAI

SETTINGS = {"app_id": APP_ID, "app_secret": APP_SECRET, "verification_token": TOKEN, "encrypt_key": ENCRYPT_KEY}
HOUR = 3600.0


@dataclass
class Running:
    feishu: FeishuServer
    channel: Channel
    received: Received


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with run(FeishuServer()) as running:
        yield running


class run:
    """The channel of ``settings`` (else the simulator's) on a port of its own."""

    def __init__(self, server: FeishuServer, **settings: object) -> None:
        self._server, self._settings = server, settings

    async def __aenter__(self) -> Running:
        channel: Channel = self._server.channel()
        if self._settings:
            values = SETTINGS | {"api": self._server.origin} | self._settings
            values = {name: value for name, value in values.items() if value is not None}
            channel = feishu.make(AppSettings(APP, values), _clock, time.monotonic)
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


def _clock() -> datetime:
    return datetime.now(SHANGHAI)


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
    assert abs(_clock() - message.sent_at) < timedelta(seconds=60)


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
        assert await running.feishu.post(event(told)) == 200
    assert running.received.messages == []


async def test_colleagues_are_named_and_the_robot_is_left_out(running: Running) -> None:
    mentions = [mention(ROBOT, "@_user_1", "诚核"), mention("ou_li", "@_user_10", "李四")]
    told = text("@_user_1 请告诉 @_user_10 @_user_2 @_all", chat_type="group", mentions=mentions)
    assert await running.feishu.post(event(told)) == 200
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
    assert await running.feishu.post(event(told)) == 200
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
    assert await running.feishu.post(event(told)) == 200
    assert running.received.messages[0].text == ""


async def test_other_events_and_other_robots_are_acknowledged_and_forgotten(running: Running) -> None:
    told = event(text("我也是机器人"))
    told["event"]["sender"]["sender_type"] = "app"
    assert await running.feishu.post(told) == 200
    assert await running.feishu.post(event({}, event_type="im.chat.member.bot.added_v1")) == 200
    assert running.received.messages == []


async def test_the_old_schema_says_the_same(running: Running) -> None:
    for group, id in ((False, "om_1"), (True, "om_2")):
        assert await running.feishu.post(old(group, id, '<at open_id="ou_li">@李四</at> 报告多久有效？')) == 200
    assert await running.feishu.post(old(True, "om_3", "闲聊", is_mention=False)) == 200
    assert [each.group for each in running.received.messages] == [False, True]
    message = running.received.messages[1]
    assert (message.text, message.sender, message.tenant) == ("@李四 报告多久有效？", "zhang", TENANT)
    assert message.route == {"message": "om_2"}


async def test_the_two_schemas_of_one_message_are_one_message(running: Running) -> None:
    assert await running.feishu.post(old(False, "om_1", "你好")) == 200
    assert await running.feishu.post(event(text("你好", "om_1"))) == 200
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
    assert await running.feishu.post(told) == 200
    assert running.received.messages[0].sender == "ou_x"


async def test_a_guest_of_another_company_is_of_that_company(running: Running) -> None:
    told = event(text("你好"))
    told["event"]["sender"]["tenant_key"] = "another"
    assert await running.feishu.post(told) == 200
    assert running.received.messages[0].tenant == "another"


# What proves an event.


async def test_the_challenge_is_answered_unsigned_with_the_token(running: Running) -> None:
    told = {"challenge": "ajls384kdjx98XX", "token": TOKEN, "type": "url_verification"}
    body = json.dumps({"encrypt": encrypted(json.dumps(told))}).encode()
    status, answer = await running.feishu.send(body, JSON)
    assert (status, json.loads(answer)) == (200, {"challenge": "ajls384kdjx98XX"})
    assert await running.feishu.send(body, signed(body)) == (200, answer)


JSON = {"Content-Type": "application/json; charset=utf-8"}


def sealed(told: object, key: str = ENCRYPT_KEY) -> bytes:
    return json.dumps({"encrypt": encrypted(json.dumps(told), key)}).encode()


GOOD = sealed(event(text("你好")))
CHALLENGE = {"challenge": "x", "token": TOKEN, "type": "url_verification"}

FORGED = {
    "no signature": (GOOD, JSON),
    "another key": (GOOD, signed(GOOD, "another")),
    "another body": (GOOD + b" ", signed(GOOD)),
    "re-encoded body": (json.dumps(json.loads(GOOD), indent=1).encode(), signed(GOOD)),
    "another time": (GOOD, signed(GOOD) | {"X-Lark-Request-Timestamp": "1"}),
    "no ASCII": (GOOD, signed(GOOD) | {"X-Lark-Signature": "签"}),
    "empty": (GOOD, signed(GOOD) | {"X-Lark-Signature": ""}),
    "the challenge's wrong token": (sealed(CHALLENGE | {"token": "wrong"}), JSON),
    "the challenge in plain": (json.dumps(CHALLENGE).encode(), JSON),
    "no padding": (json.dumps({"encrypt": "A" * 64}).encode(), JSON),
    "no base64": (b'{"encrypt": "*"}', JSON),
    "no JSON": (b"{", JSON),
    "an event's wrong token": (lambda body: (body, signed(body)))(sealed(event(text("x"), token="wrong"))),
}


@pytest.mark.parametrize("name", FORGED)
async def test_what_is_not_proven_is_refused_in_one_way(running: Running, name: str) -> None:
    assert await running.feishu.send(*FORGED[name]) == (403, "FORGED")
    assert running.received.messages == []


@pytest.mark.parametrize(("ago", "status"), [(7.1 * HOUR, 200), (9 * HOUR, 403), (-9 * HOUR, 403)])
async def test_an_event_is_taken_as_long_as_feishu_repeats_it(running: Running, ago: float, status: int) -> None:
    assert (await running.feishu.send(GOOD, signed(GOOD, at=time.time() - ago)))[0] == status


def deep(levels: int) -> bytes:
    return b'{"encrypt": "' + encrypted("[" * levels + "]" * levels).encode() + b'"}'


def told(**message: Any) -> bytes:
    return sealed(event(text("x") | message))


MALFORMED = {
    "nested encryption": sealed({"encrypt": encrypted(json.dumps(event(text("x"))))}),
    "plain": json.dumps(event(text("x"))).encode(),
    "no object": b"[]",
    "encrypt no text": b'{"encrypt": 1}',
    "not base64": b'{"encrypt": "***"}',
    "no ASCII": '{"encrypt": "密"}'.encode(),
    "cut": json.dumps({"encrypt": encrypted("x" * 100)[:-4]}).encode(),
    "too short": b'{"encrypt": "AAAA"}',
    "another key": sealed(event(text("x")), "another"),
    "deep": deep(100_000),
    "not UTF-8": b'{"encrypt": "\xff"}',
    "no JSON inside": json.dumps({"encrypt": encrypted("x")}).encode(),
    "a number inside": json.dumps({"encrypt": encrypted("1")}).encode(),
    "an id that is a path": told(message_id="../../auth"),
    "no id": told(message_id=None),
    "content no JSON": told(content="x"),
    "deep content": told(content="[" * 5000),
    "content a list": told(content="[]"),
    "a strange time": told(create_time="-1"),
    "a far time": told(create_time="99999999999999"),
    "no time": told(create_time=None),
    "mentions no list": told(mentions=1),
    "a key that is a path": told(message_type="file", content='{"file_key": "a/../b"}'),
    "surrogates": b'{"encrypt": "\\ud800"}',
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
async def test_what_is_signed_but_malformed_is_refused(running: Running, name: str) -> None:
    body = MALFORMED[name]
    assert await running.feishu.send(body, signed(body)) == (400, "MALFORMED")
    assert running.received.messages == []


@pytest.mark.parametrize(
    "type",
    ["application/json; charset=gbk", "application/json; charset=utf-16", "text/xml", "application/json; charset="],
)
async def test_only_json_in_utf_8_is_read(running: Running, type: str) -> None:
    status, _ = await running.feishu.send(GOOD, signed(GOOD) | {"Content-Type": type})
    assert status == (200 if type.endswith("=") else 400)


async def test_a_body_is_bounded_before_and_after_it_is_unpacked(running: Running) -> None:
    large = b" " * (512 * 1024 + 1)
    assert (await running.feishu.send(large, JSON))[0] == 413
    assert (await running.feishu.send(gzip.compress(large), JSON | {"Content-Encoding": "gzip"}))[0] == 413


@pytest.mark.parametrize("header", [{"app_id": "cli_another"}, {"app_id": ""}])
async def test_another_apps_event_is_refused(running: Running, header: dict[str, str]) -> None:
    body = sealed(event(text("x"), **header))
    assert await running.feishu.send(body, signed(body)) == (403, "FOREIGN")


async def test_another_companys_event_is_refused_when_companies_are_named() -> None:
    async with run(FeishuServer(), tenants=[TENANT]) as running:
        assert await running.feishu.say("你好") == 200
        assert await running.feishu.post(event(text("x"), tenant_key="another")) == 403
        assert len(running.received.messages) == 1


async def test_another_apps_address_is_unknown(running: Running) -> None:
    running.feishu.address = running.feishu.address.replace(APP, "another-app")
    assert await running.feishu.post(event(text("x"))) == 404


async def test_without_encryption_the_token_stands_for_the_signature() -> None:
    async with run(FeishuServer(), encryption="off", encrypt_key=None) as running:
        send = running.feishu.send
        assert (await send(json.dumps(CHALLENGE).encode(), JSON))[0] == 200
        assert (await send(json.dumps(event(text("你好"))).encode(), JSON))[0] == 200
        assert (await send(json.dumps(event(text("x"), token="wrong")).encode(), JSON))[0] == 403
        assert (await send(json.dumps(event(text("x"), token=None)).encode(), JSON))[0] == 403
        assert (await send(json.dumps(CHALLENGE | {"token": ""}).encode(), JSON))[0] == 403
        late = str(int((time.time() - 9 * HOUR) * 1000))
        assert (await send(json.dumps(event(text("x"), create_time=late)).encode(), JSON))[0] == 403
        assert (await send(GOOD, signed(GOOD)))[0] == 400
        assert (await send(b"[" * 100_000, JSON))[0] == 400
        assert len(running.received.messages) == 1


async def test_while_the_robot_does_not_know_itself_feishu_is_asked_to_come_again(running: Running) -> None:
    running.feishu.fail(1.0)
    assert await running.feishu.say("@诚核 你好", group="office") == 503
    assert running.received.messages == []
    running.feishu.fail(0.0)
    async with asyncio.timeout(60):
        while not running.received.messages:  # Feishu comes again by itself
            await asyncio.sleep(0.05)


# What is sent.


async def test_an_answer_is_a_reply_to_the_message(running: Running) -> None:
    await running.feishu.say("你好", member="li")
    route = running.received.messages[0].route
    await running.channel.send(route, '一年。\n"引文" \\ 😀', "1")
    (arrived,) = running.feishu.arrived
    assert (arrived.conversation, arrived.text) == ("oc_with_li", '一年。\n"引文" \\ 😀')


async def test_a_repetition_with_the_same_key_arrives_once(running: Running) -> None:
    await running.feishu.say("你好")
    route = running.received.messages[0].route
    for key in ("1", "1", "2"):
        await running.channel.send(route, "一年。", key)
    assert len(running.feishu.arrived) == 2


async def test_nothing_in_an_answer_is_markup(running: Running) -> None:
    await running.feishu.say("你好")
    words = '<at user_id="all">所有人</at> 1 < 2 <b>'
    await running.channel.send(running.received.messages[0].route, words, "1")
    assert running.feishu.arrived[0].text == '＜at user_id="all">所有人＜/at> 1 < 2 ＜b>'


@pytest.mark.parametrize("name", ["专用信用报告.docx", "任务.ics", "报告.pdf", "无后缀"])
async def test_a_file_arrives_with_its_name(running: Running, name: str) -> None:
    await running.feishu.say("你好")
    await running.channel.send_file(running.received.messages[0].route, OutFile(name, b"\x00\xff" * 500), "1")
    (arrived,) = running.feishu.arrived
    assert (arrived.file, arrived.content) == (name, b"\x00\xff" * 500)


@pytest.mark.parametrize("size", [0, 30 * 1024 * 1024 + 1])
async def test_a_file_that_feishu_does_not_take_is_not_sent(running: Running, size: int) -> None:
    with pytest.raises(SendFailed) as failed:
        await running.channel.send_file({"message": "om_1"}, OutFile("x.pdf", bytes(size)), "1")
    assert failed.value.after_seconds is None


async def test_the_token_is_fetched_once_for_all_and_again_when_it_is_refused(running: Running) -> None:
    await running.feishu.say("你好")
    route = running.received.messages[0].route
    running.feishu.seconds = lambda: 0.0
    await asyncio.gather(*(running.channel.send(route, str(each), str(each)) for each in range(4)))
    assert running.feishu.calls["token"] == 1
    running.feishu.expire_token()
    running.feishu.seconds = lambda: 1.0  # 5 messages a second
    await asyncio.gather(*(running.channel.send(route, str(each), str(each)) for each in range(4, 8)))
    assert running.feishu.calls["token"] == 2
    assert len(running.feishu.arrived) == 8


async def test_more_than_five_a_second_are_to_be_sent_later(running: Running) -> None:
    await running.feishu.say("你好")
    route = running.received.messages[0].route
    running.feishu.seconds = lambda: 0.0
    for each in range(5):
        await running.channel.send(route, str(each), str(each))
    with pytest.raises(SendFailed) as failed:
        await running.channel.send(route, "5", "5")
    assert failed.value.after_seconds is not None
    assert running.channel.limits.per_member == ((5, 1.0),)


async def test_a_reply_to_nothing_fails_for_good(running: Running) -> None:
    with pytest.raises(SendFailed) as failed:
        await running.channel.send({"message": "om_unknown"}, "x", "1")
    assert failed.value.after_seconds is None
    assert "230001" in str(failed.value)


async def test_a_wrong_secret_is_tried_again_when_it_may_have_been_mended() -> None:
    async with run(FeishuServer(), app_secret="wrong") as running:
        with pytest.raises(SendFailed) as failed:
            await running.channel.send({"message": "om_1"}, "x", "1")
        assert failed.value.after_seconds == 60.0
        assert "wrong" not in str(failed.value)


async def test_a_failing_platform_is_retried_and_each_message_arrives_once(running: Running) -> None:
    for each in range(12):
        await running.feishu.say("你好", member=f"m{each}")
    running.feishu.fail(0.5)
    for message in running.received.messages:
        await _sent(running.channel, message.route, message.conversation)
    assert sorted(each.text for each in running.feishu.arrived) == sorted(f"oc_with_m{each}" for each in range(12))


async def _sent(channel: Channel, route: Any, key: str) -> None:
    for _ in range(60):
        try:
            await channel.send(route, key, key)
            return
        except SendFailed as failed:
            if failed.after_seconds is None:
                raise
    raise AssertionError


async def test_the_longest_text_is_within_what_feishu_takes(running: Running) -> None:
    await running.feishu.say("你好")
    longest = '"\\\n' * (running.channel.limits.text_bytes // 3)
    await running.channel.send(running.received.messages[0].route, longest, "1")
    assert running.feishu.arrived[0].text == longest


# Settings.


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"app_id": "wx123456"}, "app_id"), ({"app_secret": None}, "app_secret"), ({"encrypt_key": None}, "encrypt_key"),
     ({"verification_token": None}, "verification_token"), ({"account": "phone"}, "account"),
     ({"encryption": "maybe"}, "encryption"), ({"api": "http://example.cn"}, "api"), ({"tenants": "x"}, "tenants")],
)  # fmt: skip
def test_a_wrong_setting_is_named(changed: dict[str, object], field: str) -> None:
    values = {name: value for name, value in (SETTINGS | changed).items() if value is not None}
    with pytest.raises(UsageError, match=field):
        feishu.make(AppSettings(APP, values), _clock, time.monotonic)


def test_the_kind_is_registered() -> None:
    settings = AppSettings(APP, dict(SETTINGS))
    assert isinstance(feishu.make(settings, _clock, time.monotonic), Feishu)
    settings.done()


@pytest.mark.parametrize("block", [0, 1])
def test_the_settings_of_the_documentation_work(block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FEISHU_SECRET", "FEISHU_ENCRYPT_KEY", "FEISHU_TOKEN"):
        monkeypatch.setenv(name, "fictional")
    page = (Path(__file__).parents[3] / "docs" / "channels" / "feishu.md").read_text()
    path = tmp_path / "channels.toml"
    path.write_text(page.split("```toml\n")[block + 1].partition("```")[0])
    path.chmod(0o600)
    (channel,) = read_channels(path, _clock, time.monotonic).channels
    assert channel.app == APP
