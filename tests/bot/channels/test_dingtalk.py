"""bot.channels.dingtalk: what a member says is received once, the answer reaches that member, nobody else gets in."""

import asyncio
import io
import json
import time
import zipfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from dingtalk_stream import ChatbotMessage
from yarl import URL

from bot.channels.callback import Refused
from bot.channels.dingtalk import make, signature
from bot.channels.dingtalk_messages import read_message
from bot.channels.dingtalk_robot import Robot
from bot.channels.dingtalk_sending import SLOW_DOWN_SECONDS
from bot.channels.envelope import Envelope, Sealed
from bot.channels.messages import Attachment, Channel, OutFile, Platform, SendFailed
from bot.errors import UsageError
from tests.bot.channels.dingtalk_server import CORP, KEY, SECRET, DingTalkServer, signed
from tests.bot.channels.our_side import OurSide, opened
from tests.bot.channels.received import Received
from tests.bot.channels.simulated import shanghai_now

ROBOT = Robot("dingtalk", CORP, KEY, SECRET, KEY)
HOUR = 3600 * 1000


Office = OurSide[Received]


@pytest.fixture
async def server() -> AsyncIterator[DingTalkServer]:
    server = DingTalkServer()
    yield server
    await server.close()


@pytest.fixture
async def office(server: DingTalkServer) -> AsyncIterator[Office]:
    received = Received()
    async with opened(server, received, received.receive) as office:
        yield office


def now_ms() -> int:
    return int(shanghai_now().timestamp() * 1000)


async def test_what_a_member_says_is_received(server: DingTalkServer, office: Office) -> None:
    assert await server.say("专用信用报告多长时间内有效？") == 200
    (message,) = office.received.messages
    assert (message.platform, message.tenant, message.sender) == (Platform.DINGTALK, CORP, "zhang")
    assert (message.text, message.group, message.conversation) == ("专用信用报告多长时间内有效？", False, "zhang")
    assert abs((message.sent_at - shanghai_now()).total_seconds()) < 60


async def test_a_repeated_message_is_received_once(server: DingTalkServer, office: Office) -> None:
    assert [await server.say("再问", id="msg7==") for _ in range(3)] == [200, 200, 200]
    assert len(office.received.messages) == 1


async def test_our_reading_agrees_with_the_platforms_own(server: DingTalkServer) -> None:
    values = server.message("  查一下 ", group="cid9")
    theirs = ChatbotMessage.from_dict(values)
    ours = read_message(values, ROBOT)
    assert (ours.id, ours.conversation, ours.staff) == (
        theirs.message_id, theirs.conversation_id, theirs.sender_staff_id
    )  # fmt: skip
    assert [ours.text] == [text.strip() for text in theirs.get_text_list()]
    assert ours.webhook == theirs.session_webhook
    assert ours.group is (theirs.conversation_type == "2")
    rich = {
        **values,
        "msgtype": "richText",
        "content": {"richText": [{"text": "@诚核 看看"}, {"text": "这个"}, {"downloadCode": "a=", "type": "picture"}]},
    }
    theirs, ours = ChatbotMessage.from_dict(rich), read_message(rich, ROBOT)
    assert ours.text == "看看这个"
    assert [each.place["code"] for each in ours.attachments] == theirs.get_image_list()


async def test_in_a_group_the_robot_hears_what_is_said_to_it(server: DingTalkServer, office: Office) -> None:
    assert await server.say("大家好", group="cid-group") == 200
    assert office.received.messages == []
    assert await server.say("@诚核 修复要多久", group="cid-group") == 200
    (message,) = office.received.messages
    assert (message.group, message.conversation, message.text) == (True, "cid-group", "修复要多久")


async def test_who_has_no_user_id_is_of_no_company(server: DingTalkServer, office: Office) -> None:
    server.strangers.add("guest")
    await server.say("你好", member="guest")
    values = server.message("你好", member="li")
    values["senderCorpId"] = "dinganother"
    await server.deliver(values)
    assert [(each.tenant, each.sender) for each in office.received.messages] == [
        ("", "$:LWCP_v1:$guest"), ("", "$:LWCP_v1:$li")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "text", "attachments"),
    [
        ({"msgtype": "audio", "content": {"recognition": "多久有效", "downloadCode": "c"}}, "多久有效", ()),
        ({"msgtype": "video", "content": {"downloadCode": "c"}}, "", ()),
        ({"msgtype": "unknown", "content": {}}, "", ()),
        ({"msgtype": "picture", "content": {"downloadCode": "c"}}, "", (Attachment("图片", {"code": "c"}),)),
        (
            {"msgtype": "file", "content": {"downloadCode": "c", "fileName": "报告.pdf"}},
            "",
            (Attachment("报告.pdf", {"code": "c"}),),
        ),
    ],
)
def test_each_kind_of_message_is_read(content: dict[str, Any], text: str, attachments: tuple[Attachment, ...]) -> None:
    message = read_message({**GOOD, **content}, ROBOT)
    assert (message.text, message.attachments) == (text, attachments)


async def test_an_answer_to_a_member_goes_to_that_member_by_name(server: DingTalkServer, office: Office) -> None:
    """Whoever forged the sender of a body that no signature covers would not get the answer."""
    values = server.message("查一下我的事", member="zhang")
    values["sessionWebhook"] = server.message("x", member="mallory")["sessionWebhook"]
    assert await server.deliver(values) == 200
    (message,) = office.received.messages
    assert "webhook" not in message.route
    await office.channel.send(message.route, "答复", "k")
    assert [(each.conversation, each.text) for each in server.arrived] == [("zhang", "答复")]


async def test_an_answer_in_a_group_addresses_who_asked(server: DingTalkServer, office: Office) -> None:
    await server.say("@诚核 多久", group="cid-group", member="li")
    await office.channel.send(office.received.messages[0].route, "一个月。", "k")
    assert (server.arrived[0].conversation, server.arrived[0].text) == ("cid-group", "一个月。")
    assert server.addressed == [["li"]]


async def test_when_the_web_hook_has_ended_the_api_takes_over(server: DingTalkServer, office: Office) -> None:
    await server.say("@诚核 多久", group="cid-group")
    server.sessions.clear()
    await office.channel.send(office.received.messages[0].route, "一", "k")
    server.session_seconds = -1
    await server.say("@诚核 多久", group="cid-group")
    await office.channel.send(office.received.messages[1].route, "二", "k")
    assert [(each.conversation, each.text) for each in server.arrived] == [("cid-group", "一"), ("cid-group", "二")]
    assert server.calls.count("/robot/sendBySession") == 1


async def test_a_stranger_is_answered_by_web_hook_or_not_at_all(server: DingTalkServer, office: Office) -> None:
    server.strangers.add("guest")
    await server.say("你好", member="guest")
    route = office.received.messages[0].route
    await office.channel.send(route, "您好。", "k")
    assert server.arrived[0].conversation == "$:LWCP_v1:$guest"
    server.sessions.clear()
    for sent in (
        office.channel.send(route, "您好。", "k"),
        office.channel.send_file(route, OutFile("a.pdf", b"x"), "k"),
    ):
        with pytest.raises(SendFailed) as failed:
            await sent
        assert failed.value.after_seconds is None


async def test_a_web_hook_that_is_full_is_left_alone_for_a_while(server: DingTalkServer, office: Office) -> None:
    await server.say("@诚核 多久", group="cid-group")
    route = office.received.messages[0].route
    for number in range(20):
        await office.channel.send(route, str(number), "k")
    with pytest.raises(SendFailed) as failed:
        await office.channel.send(route, "20", "k")
    assert failed.value.after_seconds == SLOW_DOWN_SECONDS


async def test_a_web_hook_elsewhere_is_refused_and_never_called(server: DingTalkServer, office: Office) -> None:
    for address in (
        "http://169.254.169.254/latest",
        "https://evil.example/robot",
        "https://oapi.dingtalk.com@evil.example",
    ):
        values = server.message("你好", group="cid", id="m")
        values |= {"sessionWebhook": address, "isInAtList": True}
        assert await server.deliver(values) == 403
    assert office.received.messages == []
    late = {"group": "cid", "webhook": f"{server.served.origin}1/x", "until": "2999-01-01T00:00:00+08:00"}
    await office.channel.send(late, "答复", "k")
    assert [(each.conversation, each.text) for each in server.arrived] == [("cid", "答复")]


async def test_a_file_arrives_whole_packed_if_it_is_of_another_kind(server: DingTalkServer, office: Office) -> None:
    await office.channel.send_file({"member": "zhang"}, OutFile("报告.pdf", b"%PDF"), "k")
    await office.channel.send_file({"group": "cid"}, OutFile("期限.ics", b"BEGIN:VCALENDAR"), "k")
    assert (server.arrived[0].file, server.arrived[0].content) == ("报告.pdf", b"%PDF")
    assert server.arrived[1].file == "期限.ics.zip"
    with zipfile.ZipFile(io.BytesIO(server.arrived[1].content)) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == {"期限.ics": b"BEGIN:VCALENDAR"}


async def test_a_picture_is_fetched_from_listed_hosts_only(server: DingTalkServer, office: Office) -> None:
    await server.say("", file=("qr.png", b"\x89PNG"))
    (attachment,) = office.received.messages[0].attachments
    assert await office.channel.fetch(attachment, 100) == b"\x89PNG"
    with pytest.raises(SendFailed):
        await office.channel.fetch(attachment, 3)
    server.file_host = "http://169.254.169.254"
    with pytest.raises(SendFailed, match="not listed"):
        await office.channel.fetch(attachment, 100)


async def test_a_token_that_ended_early_is_fetched_anew(server: DingTalkServer, office: Office) -> None:
    await office.channel.send({"member": "zhang"}, "一", "k")
    server.expire()
    with pytest.raises(SendFailed) as failed:
        await office.channel.send({"member": "zhang"}, "二", "k")
    assert failed.value.after_seconds == 0.0
    await office.channel.send({"member": "zhang"}, "二", "k")
    assert [each.text for each in server.arrived] == ["一", "二"]
    assert server.calls.count("/v1.0/oauth2/accessToken") == 2


async def insist(channel: Channel, route: Mapping[str, str], text: str) -> None:
    """As the post office does, without its patience."""
    for _ in range(50):
        try:
            return await channel.send(route, text, "k")
        except SendFailed as failed:
            if failed.after_seconds is None:
                raise
    raise AssertionError(text)


async def test_whatever_fails_is_worth_another_try_and_arrives_once(server: DingTalkServer, office: Office) -> None:
    await server.say("@诚核 多久", group="cid-group")
    server.fail(0.3)
    for number in range(18):
        route = office.received.messages[0].route if number % 2 else {"member": "zhang"}
        await insist(office.channel, route, str(number))
    assert sorted(int(each.text) for each in server.arrived) == list(range(18))


async def test_a_member_who_cannot_be_reached_is_given_up(server: DingTalkServer, office: Office) -> None:
    with pytest.raises(SendFailed) as failed:
        await office.channel.send({"member": "$:unknown"}, "答复", "k")
    assert failed.value.after_seconds is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"timestamp": "1608001896814"}, 403),
        ({"sign": "x"}, 403),
        (signed(secret="another-secret"), 403),
        (signed(1608001896814), 403),
        ({"timestamp": str(now_ms()), "sign": "é"}, 403),
        ({"timestamp": str(now_ms()), "sign": signature(str(now_ms() + 1), SECRET)}, 403),
        ({"timestamp": "", "sign": signature("", SECRET)}, 400),
        ({"timestamp": "0x1", "sign": signature("0x1", SECRET)}, 400),
        ({"timestamp": "9" * 40, "sign": signature("9" * 40, SECRET)}, 400),
    ],
)
async def test_a_call_that_is_not_signed_now_is_refused(
    server: DingTalkServer, office: Office, headers: dict[str, str], status: int
) -> None:
    answer = await server.post(json.dumps(server.message("x")).encode(), headers)
    assert (answer[0], len(answer[1]) < 20) == (status, True)
    assert office.received.messages == []


async def test_an_hour_is_the_limit_on_both_sides(server: DingTalkServer, office: Office) -> None:
    body = json.dumps(server.message("x")).encode()
    for away, status in ((-HOUR - 5000, 403), (-HOUR + 5000, 200), (HOUR - 5000, 200), (HOUR + 5000, 403)):
        assert (await server.post(body, signed(now_ms() + away)))[0] == status


GOOD: dict[str, Any] = {
    "conversationId": "cid1",
    "conversationType": "1",
    "createAt": 1774080994334,
    "msgId": "msgBjXREkdlZkfTfrIiQomjAw==",
    "msgtype": "text",
    "robotCode": KEY,
    "senderCorpId": CORP,
    "senderId": "$:LWCP_v1:$gzXDEXQDiM8piyLH4HRRcg==",
    "senderStaffId": "zhang",
    "text": {"content": "x"},
}


def hostile() -> list[tuple[str, bytes, int]]:
    good = GOOD

    def changed(**values: object) -> bytes:
        return json.dumps({**GOOD, **values}).encode()

    return [
        ("no-json", b"{", 400),
        ("empty", b"", 400),
        ("list", b"[]", 400),
        ("null", b"null", 400),
        ("latin-1", '{"msgId": "é"}'.encode("latin-1"), 400),
        ("gbk", json.dumps(good, ensure_ascii=False).replace('"x"', '"问"').encode("gbk"), 400),
        ("utf-16", json.dumps(good).encode("utf-16"), 400),
        ("deep", b"[" * 50_000, 400),
        ("surrogate", b'{"msgId": "\\ud800"}', 400),
        ("xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><xml>&b;</xml>', 400),
        ("oversized", b" " * (128 * 1024 + 1), 413),
        ("other robot", changed(robotCode="dinganother"), 403),
        ("no id", changed(msgId=""), 400),
        ("id a number", changed(msgId=5), 400),
        ("long id", changed(msgId="m" * 257), 400),
        ("no kind", changed(msgtype=None), 400),
        ("text a list", changed(text=[]), 400),
        ("text too long", changed(text={"content": "长" * 20_001}), 400),
        ("kind of conversation", changed(conversationType="3"), 400),
        ("kind a list", changed(conversationType=["1"]), 400),
        ("moment", changed(createAt="soon"), 400),
        ("moment too late", changed(createAt=10**15), 400),
        ("moment true", changed(createAt=True), 400),
        ("until", changed(sessionWebhookExpiredTime=-1), 400),
        ("rich text", changed(msgtype="richText", content={"richText": [1]}), 400),
        ("rich parts", changed(msgtype="richText", content={"richText": [{"text": "a"}] * 101}), 400),
        ("nested", changed(msgtype="text", text={"encrypt": "x", "content": {"encrypt": "y"}}), 400),
        ("picture without code", changed(msgtype="picture", content={}), 400),
    ]


@pytest.mark.parametrize(("body", "status"), [each[1:] for each in hostile()], ids=[each[0] for each in hostile()])
async def test_a_hostile_body_is_refused_without_a_word(
    server: DingTalkServer, office: Office, body: bytes, status: int
) -> None:
    answer = await server.post(body, signed())
    assert (answer[0], answer[1].isupper(), "Traceback" in answer[1]) == (status, True, False)
    assert office.received.messages == []


async def test_another_charset_and_another_app_are_refused(server: DingTalkServer, office: Office) -> None:
    body = json.dumps(server.message("x")).encode()
    assert (await server.post(body, signed() | {"Content-Type": "application/json; charset=gbk"}))[0] == 400
    server.call_at("/channels/nobody", office.served.origin)
    assert (await server.post(body, signed()))[0] == 404


async def test_a_body_that_trickles_is_not_waited_for(
    server: DingTalkServer, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.callback.BODY_SECONDS", 0.2)
    url = URL(office.served.origin)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = "".join(f"{name}: {value}\r\n" for name, value in signed().items())
    writer.write(f"POST /channels/dingtalk HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 50\r\n\r\n{{".encode())
    assert b" 408 " in await reader.readline()
    writer.close()


async def test_settings_that_are_missing_are_named(server: DingTalkServer) -> None:
    for wrong, field in (({"client_secret": ""}, "client_secret"), ({"api": "http://oapi.dingtalk.com"}, "api")):
        with pytest.raises(UsageError, match=field):
            make(server.settings(**wrong), shanghai_now, time.monotonic)


@pytest.mark.shared
def test_the_event_of_the_vectors_opens(shared: Path) -> None:
    (vector,) = json.loads((shared / "vectors" / "messaging.json").read_text("utf-8"))["dingtalk"]
    envelope = Envelope(vector["token"], vector["encoding_aes_key"], vector["receive_id"])
    sealed = Sealed(vector["encrypted"], vector["signature"], vector["timestamp"], vector["nonce"])
    assert envelope.open(sealed) == vector["plain"]
    with pytest.raises(Refused):
        envelope.open(Sealed(vector["encrypted"], "0" * 40, vector["timestamp"], vector["nonce"]))
