"""bot.channels.wecom_robot: heard once, answered in the callback or by its response_url, strangers refused."""

import json
import time
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import xmltodict
from aiohttp import web
from wechatpy.work.crypto import WeChatCrypto

from bot.channels.app_settings import AppSettings
from bot.channels.messages import Attachment, Incoming, OutFile, SendFailed
from bot.channels.wecom_robot import make
from bot.errors import UsageError
from tests.bot.channels.our_side import OurSide, opened
from tests.bot.channels.served import Served
from tests.bot.channels.simulated import shanghai_now
from tests.bot.channels.wecom_received import Received
from tests.bot.channels.wecom_robot_server import ROBOT, ROBOT_NAME, WecomRobotServer
from tests.bot.channels.wecom_server import AES_KEY, CORP, TOKEN
from verify.validity import SHANGHAI

Office = OurSide[Received]


@pytest.fixture
async def server() -> AsyncIterator[WecomRobotServer]:
    server = WecomRobotServer()
    yield server
    await server.close()


@pytest.fixture
async def office(server: WecomRobotServer) -> AsyncIterator[Office]:
    received = Received()
    async with opened(server, received, received) as office:
        yield office


@pytest.mark.parametrize(("taken", "left"), [(0.0, 3.5), (3.0, 0.5), (20.0, 0.0)])
async def test_the_time_for_an_answer_counts_from_the_coming_of_the_callback(
    server: WecomRobotServer, taken: float, left: float
) -> None:
    """Who has hung up while the books were busy must not be handed the only answer."""
    moments, waited = iter((100.0, 100.0 + taken)), []

    class Receipt:
        known = False

        async def passive(self, seconds: float) -> str | None:
            waited.append(seconds)
            return None

    async def receive(incoming: Incoming) -> Receipt:
        return Receipt()

    channel, app = make(server.settings(), shanghai_now, lambda: next(moments)), web.Application()
    channel.mount(app, receive)
    served = Served(app)
    await served.start()
    await server.connect(app, served.origin)
    assert await server.say("有效期多长？") == 200
    assert waited == [left]
    await channel.close()
    await served.stop()


async def delivered(
    server: WecomRobotServer, content: str, *, receive_id: str = "", token: str = TOKEN
) -> tuple[int, str]:
    now = str(int(time.time()))
    sealed = xmltodict.parse(WeChatCrypto(token, AES_KEY, receive_id).encrypt_message(content, "n", now))["xml"]
    return await server.post(json.dumps({"encrypt": sealed["Encrypt"]}).encode(), sealed["MsgSignature"], now, "n")


# --- receive ---


async def test_member_and_group_are_heard(server: WecomRobotServer, office: Office) -> None:
    assert await server.say("有效期多长？", id="a") == 200
    assert await server.say("有效期多长？", id="a") == 200
    assert await server.say("有效期多长？", group="wr-group") == 200
    alone, together = office.received.messages
    assert office.received.again == 1
    assert (alone.sender, alone.conversation, alone.group, alone.tenant) == ("zhang", "zhang", False, CORP)
    assert (together.sender, together.conversation, together.group) == ("zhang", "wr-group", True)
    assert alone.text == together.text == "有效期多长？"
    assert dict(alone.route) == {"conversation": "zhang", "response_code": "code-CAIQ1="}


async def test_answer_in_time_is_the_answer_to_the_callback_and_the_same_again(
    server: WecomRobotServer, office: Office
) -> None:
    office.received.answer = "一个月。"
    await server.say("问", id="a")
    await server.say("问", id="a")
    assert [each.text for each in server.arrived] == ["一个月。"]
    assert server.passive[0] == server.passive[1]


async def test_later_answer_goes_to_the_response_url_once(server: WecomRobotServer, office: Office) -> None:
    await server.say("问", group="wr-group")
    route = office.received.messages[0].route
    await office.channel.send(route, "一个月。", "k1")
    with pytest.raises(SendFailed, match="40001") as failed:
        await office.channel.send(route, "一个月。", "k2")
    assert failed.value.after_seconds is None
    assert [(each.conversation, each.text) for each in server.arrived] == [("wr-group", "一个月。")]


async def test_busy_server_is_asked_again(server: WecomRobotServer, office: Office) -> None:
    await server.say("问")
    server.fail(1.0)
    for _ in range(4):
        with pytest.raises(SendFailed) as failed:
            await office.channel.send(office.received.messages[0].route, "答", "k")
        assert failed.value.after_seconds is not None


async def test_what_a_robot_by_callback_cannot_send_is_given_up(server: WecomRobotServer, office: Office) -> None:
    assert not office.channel.limits.files
    for sending in (
        office.channel.send_file({"conversation": "zhang"}, OutFile("a.pdf", b"123456"), "k"),
        office.channel.send({"conversation": "zhang"}, "x", "k"),
    ):
        with pytest.raises(SendFailed) as failed:
            await sending
        assert failed.value.after_seconds is None


async def test_pictures_files_voice_mixed_and_quoted_messages_are_understood(
    server: WecomRobotServer, office: Office
) -> None:
    await server.say("", file=("码.png", b"\x89PNG-content"))
    await server.say("", file=("报告.pdf", b"%PDF-content"))
    base = server.message("", "zhang", "wr-group", "m1")
    picture = {"msgtype": "image", "image": {"url": server._kept(b"in mixed")}}
    words = {"msgtype": "text", "text": {"content": f"@{ROBOT_NAME} 核验"}}
    mixed = base | {"msgtype": "mixed", "mixed": {"msg_item": [words, picture]}}
    quoted = server.message("核验这份", "zhang", "wr-group", "m2")
    quoted["quote"] = {"msgtype": "file", "file": {"url": server._kept(b"in quote")}}
    voice = base | {"msgid": "m3", "msgtype": "voice", "voice": {"content": "有效期多长"}}
    for each in (mixed, quoted, voice):
        assert (await server.deliver(json.dumps(each)))[0] == 200
    texts = [each.text for each in office.received.messages]
    assert texts == ["", "", "核验", "核验这份", "有效期多长"]
    attached = [each.attachments for each in office.received.messages]
    contents = [[await office.channel.fetch(one, 100) for one in each] for each in attached]
    assert contents == [[b"\x89PNG-content"], [b"%PDF-content"], [b"in mixed"], [b"in quote"], []]


async def test_files_elsewhere_broken_or_too_large_are_not_taken(
    server: WecomRobotServer, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await server.say("", file=("码.png", b"1" * 100))
    here = office.received.messages[0].attachments[0].place["url"]
    for address in ("https://evil.example/x", "file:///etc/passwd", "http://[::1", "https://myqcloud.com.evil.example/",
                    "http://169.254.169.254/", here.replace("127.0.0.1", "localhost")):  # fmt: skip
        with pytest.raises(SendFailed, match="media_hosts"):
            await office.channel.fetch(Attachment("a", {"url": address}), 100)
    assert "'evil.example', not a host of media_hosts" in caplog.text
    with pytest.raises(SendFailed, match="too large"):
        await office.channel.fetch(Attachment("a", {"url": here}), 99)
    server.files["1"] = server.files["1"][:-1]
    with pytest.raises(SendFailed, match="cannot be opened"):
        await office.channel.fetch(Attachment("a", {"url": here}), 1000)
    server.files.clear()
    with pytest.raises(SendFailed, match="403"):
        await office.channel.fetch(Attachment("a", {"url": here}), 1000)


async def test_events_and_refreshes_are_acknowledged_empty(server: WecomRobotServer, office: Office) -> None:
    office.received.answer = "不该有"
    base = {"msgid": "1", "aibotid": ROBOT, "chattype": "single", "from": {"userid": "zhang"}}
    for each in (
        {"msgtype": "event", "event": {"eventtype": "enter_chat"}},
        {"msgtype": "stream", "stream": {"id": "x"}},
        {"msgtype": "attachment"},
    ):
        assert await server.deliver(json.dumps(base | each)) == (200, "")
    assert office.received.messages == []


async def test_response_url_of_another_server_is_not_kept(server: WecomRobotServer, office: Office) -> None:
    message = server.message("问", "zhang", None, "m1")
    for number, address in enumerate(("http://169.254.169.254/cgi-bin/aibot/response?response_code=x", 7, "",
                                      server.served.origin + "/other?response_code=x")):  # fmt: skip
        await server.deliver(json.dumps(message | {"msgid": f"m{number}", "response_url": address}))
    assert [dict(each.route) for each in office.received.messages] == [{"conversation": "zhang"}] * 4


# --- refuse ---


async def test_strangers_are_refused(server: WecomRobotServer, office: Office) -> None:
    message = server.message("问", "zhang", None, "m1")
    content = json.dumps(message)
    assert await delivered(server, content, token="another") == (403, "FORGED")
    assert await delivered(server, content, receive_id=CORP) == (403, "FOREIGN")
    assert await delivered(server, json.dumps(message | {"aibotid": "another"})) == (403, "FOREIGN")
    assert await server.deliver(content, at=time.time() - 3600) == (403, "STALE")
    now = str(int(time.time()))
    for body in (b"", b"[]", b"{}", b'{"encrypt": 1}', b"\xff", b"<xml/>", b"[" * 100_000):
        assert await server.post(body, "0" * 40, now, "n") == (400, "MALFORMED")
    assert await server.post(b"x" * 200_000, "0" * 40, now, "n") == (413, "TOO_LARGE")
    assert office.received.messages == []


@pytest.mark.parametrize(
    "change",
    [{"msgid": None}, {"msgid": ""}, {"msgid": "x" * 300}, {"from": "zhang"}, {"from": {}}, {"chattype": 1},
     {"text": "x"}, {"text": {"content": 1}}, {"msgtype": "mixed"}, {"msgtype": "mixed", "mixed": {"msg_item": [1]}},
     {"msgtype": "image"}, {"msgtype": "image", "image": {"url": 1}},
     {"msgtype": "image", "image": {"url": "x" * 5000}},
     {"chattype": "group"}, {"create_time": "soon"}, {"create_time": 10**30}],
)  # fmt: skip
async def test_messages_of_another_shape_are_malformed(
    server: WecomRobotServer, office: Office, change: dict[str, object]
) -> None:
    message = server.message("问", "zhang", None, "m1")
    assert await delivered(server, json.dumps(message | change)) == (400, "MALFORMED")


async def test_sealed_text_that_is_no_json_is_malformed(server: WecomRobotServer, office: Office) -> None:
    for content in ("你好", "[]", '"x"', "<xml/>", json.dumps({"encrypt": "again"}), "NaN"):
        assert await delivered(server, content) == (400, "MALFORMED")


def test_wrong_setting_is_named() -> None:
    values = {"corp_id": CORP, "robot_name": ROBOT_NAME, "token": TOKEN, "aes_key": AES_KEY}
    make(AppSettings("a", values), lambda: datetime.now(SHANGHAI), time.monotonic)
    for field, value in (("aes_key", "x"), ("robot_name", ""), ("media_hosts", "x"), ("api", "ftp://x")):
        with pytest.raises(UsageError, match=field):
            make(AppSettings("a", {**values, field: value}), lambda: datetime.now(SHANGHAI), time.monotonic)
