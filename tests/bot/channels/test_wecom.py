"""bot.channels.wecom: what a member says is received once, what we send arrives once, and nobody else gets in."""

import asyncio
import base64
import io
import json
import os
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from aiohttp import web
from wechatpy.exceptions import WeChatClientException
from wechatpy.work import WeChatClient, parse_message
from wechatpy.work.crypto import WeChatCrypto

from bot.channels.app_settings import AppSettings
from bot.channels.contacts import HasContacts
from bot.channels.messages import Attachment, Channel, OutFile, SendFailed
from bot.channels.wecom import make
from bot.errors import UsageError
from tests.bot.channels.company import Person
from tests.bot.channels.our_side import OurSide, opened
from tests.bot.channels.served import Served
from tests.bot.channels.wecom_received import Received
from tests.bot.channels.wecom_server import AES_KEY, AGENT, CORP, SECRET, TOKEN, WecomServer
from verify.validity import SHANGHAI

Office = OurSide[Received]


@pytest.fixture
async def server() -> AsyncIterator[WecomServer]:
    server = WecomServer()
    yield server
    await server.close()


@pytest.fixture
async def office(server: WecomServer) -> AsyncIterator[Office]:
    received = Received()
    async with opened(server, received, received) as office:
        yield office


def sealed_by_wechatpy(content: str, *, token: str = TOKEN, key: str = AES_KEY, corp: str = CORP) -> tuple[str, str]:
    """Cipher text and signature for timestamp now and nonce ``n``."""
    import xmltodict

    found = xmltodict.parse(WeChatCrypto(token, key, corp).encrypt_message(content, "n", str(int(time.time()))))["xml"]
    return found["Encrypt"], found["MsgSignature"]


async def delivered(server: WecomServer, encrypt: str, signature: str) -> tuple[int, str]:
    body = f"<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>".encode()
    return await server.post(body, signature, str(int(time.time())), "n")


# --- receive ---


async def test_what_a_member_says_is_received_and_acknowledged_with_an_empty_body(
    server: WecomServer, office: Office
) -> None:
    before = datetime.now(SHANGHAI).replace(microsecond=0)
    status, body = await server.deliver(server.message("专用信用报告多长时间内有效？", "zhang", "77"))
    assert (status, body) == (200, "")
    (incoming,) = office.received.messages
    assert (incoming.app, incoming.platform, incoming.id, incoming.tenant) == ("wecom-app", "wecom", "77", CORP)
    assert (incoming.sender, incoming.conversation, incoming.group) == ("zhang", "zhang", False)
    assert incoming.text == "专用信用报告多长时间内有效？"
    assert before <= incoming.sent_at <= datetime.now(SHANGHAI)
    assert dict(incoming.route) == {"member": "zhang"}


async def test_the_simulator_sends_what_wechatpy_reads(server: WecomServer) -> None:
    message = parse_message(server.message("你好", "zhang", "77"))
    assert (message.type, message.content, message.source, message.agent) == ("text", "你好", "zhang", AGENT)
    picture = parse_message(server.message("", "zhang", "78", ("a.png", b"1234567")))
    assert (picture.type, picture.media_id) == ("image", "media-1")


async def test_a_repeated_callback_has_the_same_id(server: WecomServer, office: Office) -> None:
    assert await server.say("问", id="a") == 200
    assert await server.say("问", id="a") == 200
    assert await server.say("问", id="b") == 200
    assert (len(office.received.messages), office.received.again) == (2, 1)


async def test_message_that_cannot_be_kept_is_not_acknowledged_and_comes_again(
    server: WecomServer, office: Office
) -> None:
    office.received.busy = 1
    assert await server.deliver(server.message("问", "zhang", "7")) == (503, "")
    office.received.busy = 2
    assert await server.say("问", id="a") == 200
    assert len(office.received.messages) == 1


async def test_address_is_verified_with_the_bare_text(server: WecomServer, office: Office) -> None:
    assert await server.verify_url("1288432023552776189") == (200, b"1288432023552776189")
    assert (await server.verify_url("1", msg_signature="0" * 40))[0] == 403
    assert await server.verify_url("12", plain_plus=True) == (200, b"12")
    assert (await server.verify_url("1", echostr="AAAA"))[0] == 403


@pytest.mark.shared
async def test_published_vectors_are_answered_as_the_platform_expects(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/messaging.json").read_text(encoding="utf-8"))["wecom"]
    for vector in vectors:
        settings = AppSettings(
            "v", {"corp_id": vector["receive_id"], "agent_id": "1000002", "secret": "s",
                  "token": vector["token"], "aes_key": vector["encoding_aes_key"]}
        )  # fmt: skip
        channel = make(settings, lambda at=int(vector["timestamp"]): datetime.fromtimestamp(at, SHANGHAI), lambda: 0.0)
        received, app = Received(), web.Application()
        channel.mount(app, received)
        served = Served(app)
        await served.start()
        server = WecomServer("v")
        await server.connect(app, served.origin)
        signed = {"msg_signature": vector["signature"], "timestamp": vector["timestamp"], "nonce": vector["nonce"]}
        if vector["kind"] == "url_verification":
            status, body = await server.verify_url("", echostr=vector["encrypted"], **signed)
            assert (status, body.decode()) == (200, vector["plain"])
        else:
            body = f"<xml><Encrypt><![CDATA[{vector['encrypted']}]]></Encrypt></xml>".encode()
            status, _ = await server.post(body, vector["signature"], vector["timestamp"], vector["nonce"])
            assert status == 200
            assert (received.messages[0].text, received.messages[0].sender) == ("你好", "ChenJiaShun")
        await server.close()
        await served.stop()


async def test_pictures_and_files_can_be_fetched(server: WecomServer, office: Office) -> None:
    await server.say("", file=("核验码.png", b"\x89PNG-content"))
    await server.say("", file=("报告.pdf", b"%PDF-content"))
    picture, document = (each.attachments[0] for each in office.received.messages)
    assert (picture.name, document.name) == ("picture.jpg", "报告.pdf")
    assert await office.channel.fetch(picture, 100) == b"\x89PNG-content"
    assert await office.channel.fetch(document, 100) == b"%PDF-content"
    with pytest.raises(SendFailed, match="too large"):
        await office.channel.fetch(document, 5)
    server.media.clear()
    with pytest.raises(SendFailed, match="40007") as failed:
        await office.channel.fetch(document, 100)
    assert failed.value.after_seconds is None


async def test_file_of_json_is_no_refusal(server: WecomServer, office: Office) -> None:
    await server.say("", file=("a.json", b'{"a": 1}'))
    assert await office.channel.fetch(office.received.messages[0].attachments[0], 100) == b'{"a": 1}'


async def test_voice_and_place_are_received_without_text_and_events_are_only_acknowledged(
    server: WecomServer, office: Office
) -> None:
    text = server.message("x", "zhang", "1")
    voice = text.replace("[text]", "[voice]").replace("<Content>", "<MediaId>").replace("</Content>", "</MediaId>")
    heard = text.replace("[text]", "[voice]").replace("<Content>", "<Recognition>")
    heard = heard.replace("</Content>", "</Recognition>").replace("<MsgId>1<", "<MsgId>2<")
    event = text.replace("[text]", "[event]").replace("<Content>", "<Event>").replace("</Content>", "</Event>")
    for each in (voice, heard, event.replace("<MsgId>1</MsgId>", "")):
        assert (await server.deliver(each))[0] == 200
    assert [each.text for each in office.received.messages] == ["", "x"]


# --- refuse ---


async def test_forged_stale_and_foreign_callbacks_are_refused_with_403(server: WecomServer, office: Office) -> None:
    message = server.message("问", "zhang", "1")
    encrypt, signature = sealed_by_wechatpy(message)
    assert await delivered(server, encrypt, signature[::-1]) == (403, "FORGED")
    assert await delivered(server, encrypt, "") == (400, "MALFORMED")
    for when in (time.time() - 3600, time.time() + 3600):
        assert await server.deliver(message, at=when) == (403, "STALE")
    assert await delivered(server, *sealed_by_wechatpy(message, corp="ww0000000000000000")) == (403, "FOREIGN")
    assert await delivered(server, *sealed_by_wechatpy(message, token="another")) == (403, "FORGED")
    assert await delivered(
        server, *sealed_by_wechatpy(message, key=base64.b64encode(os.urandom(32)).decode()[:43])
    ) in (
        (403, "FOREIGN"),
        (400, "MALFORMED"),
    )
    assert await delivered(server, *sealed_by_wechatpy(message.replace(str(AGENT), "1000003"))) == (403, "FOREIGN")
    assert await delivered(server, *sealed_by_wechatpy(message.replace(CORP, "ww0000000000000000"))) == (403, "FOREIGN")
    assert office.received.messages == []


async def test_broken_callbacks_are_refused_with_400(server: WecomServer, office: Office) -> None:
    message = server.message("问", "zhang", "1")
    nested = f"<xml><Encrypt><![CDATA[{sealed_by_wechatpy(message)[0]}]]></Encrypt></xml>"
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]>' + message.replace("问", "]]>&b;<![CDATA[")
    outside = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + message.replace("问", "]]>&e;<![CDATA[")
    inner = {
        "nested": nested,
        "bomb": bomb,
        "external": outside,
        "no id": message.replace("<MsgId>1</MsgId>", ""),
        "long id": message.replace("<MsgId>1<", f"<MsgId>{'1' * 65}<"),
        "no sender": message.replace("[zhang]", "[]"),
        "no moment": message.replace("<CreateTime>", "<CreateTime>x"),
        "moment beyond time": message.replace("<CreateTime>", "<CreateTime>99"),
        "no XML": "你好",
        "JSON": "{}",
    }
    for name, content in inner.items():
        assert await delivered(server, *sealed_by_wechatpy(content)) == (400, "MALFORMED"), name
    now = str(int(time.time()))
    for body in (b"", b"{}", b"<xml/>", message.encode(), "<xml><Encrypt>好</Encrypt></xml>".encode("gbk")):
        assert (await server.post(body, "0" * 40, now, "n"))[0] in (400, 403), body
    encrypt, signature = sealed_by_wechatpy(message)
    body = f"<xml><Encrypt>{encrypt}</Encrypt></xml>".encode()
    assert (await server.post(body, signature, now, "n", **{"Content-Type": "text/xml; charset=gbk"}))[0] == 400
    assert (await server.post(body, signature, "x", "n"))[0] == 403
    assert (await server.post(b"<!DOCTYPE x>" + body, signature, now, "n"))[0] == 400
    assert office.received.messages == []


async def test_large_and_compressed_callbacks_are_bounded(server: WecomServer, office: Office) -> None:
    import gzip

    now = str(int(time.time()))
    assert await server.post(b"x" * 200_000, "0" * 40, now, "n") == (413, "TOO_LARGE")
    packed = gzip.compress(b"<xml><A>" + b"0" * 50_000_000 + b"</A></xml>")
    status, _ = await server.post(packed, "0" * 40, now, "n", **{"Content-Encoding": "gzip"})
    assert status in (400, 413)
    status, _ = await server.post(b"not gzip", "0" * 40, now, "n", **{"Content-Encoding": "gzip"})
    assert status == 400


async def test_apps_of_several_companies_on_one_port_open_only_their_own(server: WecomServer) -> None:
    keys = [base64.b64encode(bytes([number]) * 32).decode()[:43] for number in (1, 2)]
    app, received = web.Application(), [Received(), Received()]
    for number in (0, 1):
        values = {"corp_id": f"ww{number}", "agent_id": "1", "secret": "s", "token": "same", "aes_key": keys[number]}
        make(AppSettings(f"app-{number}", values), lambda: datetime.now(SHANGHAI), time.monotonic).mount(
            app, received[number]
        )
    served = Served(app)
    await served.start()
    for number in (0, 1):
        server.name = f"app-{number}"
        server._url = f"{served.origin}/channels/app-{number}"
        for other in (0, 1):
            message = server.message("问", "zhang", "1").replace(CORP, f"ww{other}").replace(str(AGENT), "1")
            sealed = sealed_by_wechatpy(message, token="same", key=keys[other], corp=f"ww{other}")
            status, _ = await delivered(server, *sealed)
            assert (status == 200) == (number == other)
            assert status in (200, 400, 403)
    assert [len(each.messages) for each in received] == [1, 1]
    await served.stop()


# --- send ---


async def test_text_arrives_with_its_own_bytes(server: WecomServer, office: Office) -> None:
    await office.channel.send({"member": "zhang"}, "一" * 682, "key")
    assert (server.arrived[0].conversation, server.arrived[0].text) == ("zhang", "一" * 682)


async def test_file_arrives_under_its_chinese_name(server: WecomServer, office: Office) -> None:
    file = OutFile("专用信用报告（样本）.pdf", b"%PDF-" + os.urandom(3000))
    await office.channel.send_file({"member": "li"}, file, "key")
    assert (server.arrived[0].file, server.arrived[0].content) == (file.name, file.content)
    with pytest.raises(SendFailed, match="6 bytes") as failed:
        await office.channel.send_file({"member": "li"}, OutFile("a.txt", b"1"), "key2")
    assert failed.value.after_seconds is None


async def test_repetition_arrives_once_and_equal_answers_to_two_questions_both_arrive(
    server: WecomServer, office: Office
) -> None:
    for key in ("one", "one", "two"):
        await office.channel.send({"member": "zhang"}, "一个月内有效。", key)
    assert len(server.arrived) == 2
    for _ in range(2):
        await office.channel.send_file({"member": "zhang"}, OutFile("a.ics", b"BEGIN:VCALENDAR"), "three")
    assert len(server.arrived) == 3


async def test_one_token_serves_all_until_it_ends_early(server: WecomServer, office: Office) -> None:
    await asyncio.gather(*(office.channel.send({"member": "zhang"}, str(n), str(n)) for n in range(10)))
    assert server.calls.count("/cgi-bin/gettoken") == 1
    server.expire()
    await asyncio.gather(*(office.channel.send({"member": "zhang"}, str(n), str(n)) for n in range(10, 20)))
    assert server.calls.count("/cgi-bin/gettoken") == 2
    assert sorted(int(each.text) for each in server.arrived) == list(range(20))


@pytest.mark.parametrize(("fault", "code"), [("address", "60020"), ("secret", "40001")])
async def test_what_an_administrator_can_mend_is_tried_again_later(server: WecomServer, fault: str, code: str) -> None:
    values = dict(server.settings()._values)
    if fault == "secret":
        values["secret"] = "wrong"
    server.trusted = fault != "address"
    channel = make(AppSettings("a", values), lambda: datetime.now(SHANGHAI), time.monotonic)
    await server.served.start()
    with pytest.raises(SendFailed, match=code) as failed:
        await channel.send({"member": "zhang"}, "x", "k")
    assert failed.value.after_seconds == 300
    assert "wrong" not in str(failed.value)
    await channel.close()


@pytest.mark.parametrize("status", [200, 403])
async def test_refused_token_is_never_the_end_of_the_message(status: int) -> None:
    async def refused(request: web.Request) -> web.Response:
        return web.json_response({"errcode": 99999, "errmsg": "?"}, status=status)

    app = web.Application()
    app.router.add_get("/cgi-bin/gettoken", refused)
    served = Served(app)
    await served.start()
    values = {"corp_id": CORP, "agent_id": "1", "secret": "s3cret", "token": TOKEN, "aes_key": AES_KEY}
    settings = AppSettings("a", {**values, "api": served.origin})
    channel = make(settings, lambda: datetime.now(SHANGHAI), time.monotonic)
    with pytest.raises(SendFailed, match="no access token") as failed:
        await channel.send({"member": "zhang"}, "x", "k")
    assert failed.value.after_seconds == 300
    assert "s3cret" not in str(failed.value)
    await channel.close()
    await served.stop()


async def test_member_who_cannot_see_the_app_is_given_up(server: WecomServer, office: Office) -> None:
    server.anybody = False
    with pytest.raises(SendFailed, match="81013") as failed:
        await office.channel.send({"member": "nobody"}, "x", "k")
    assert failed.value.after_seconds is None
    server.unlicensed.add("zhang")
    with pytest.raises(SendFailed, match="visible") as failed:
        await office.channel.send({"member": "zhang"}, "x", "k")
    assert failed.value.after_seconds is None


async def sent_or_later(channel: Channel, member: str, text: str) -> bool:
    """Whether it was sent; a failure that is for good fails the test."""
    try:
        await channel.send({"member": member}, text, text)
    except SendFailed as failed:
        if failed.after_seconds is None:
            raise
        return False
    return True


async def test_server_that_is_away_or_fails_is_asked_again(server: WecomServer, office: Office) -> None:
    server.fail(0.5)
    for number in range(20):
        for _ in range(50):
            if await sent_or_later(office.channel, f"m{number}", str(number)):
                break
    assert sorted(int(each.text) for each in server.arrived) == list(range(20))
    assert server.lost > 0


async def test_contacts_of_an_app_whose_address_is_not_trusted_are_refused(server: WecomServer, office: Office) -> None:
    server.trusted = False
    assert isinstance(office.channel, HasContacts)
    with pytest.raises(SendFailed, match="60020"):
        await office.channel.contacts()


# --- settings ---


@pytest.mark.parametrize(
    ("field", "value"),
    [("agent_id", "x"), ("aes_key", "short"), ("corp_id", ""), ("secret", "env:CHENGHE_TEST_NOT_SET"), ("token", " "),
     ("api", "http://qyapi.weixin.qq.com")],
)  # fmt: skip
def test_wrong_setting_is_named(server_settings: dict[str, str], field: str, value: str) -> None:
    with pytest.raises(UsageError, match=field) as error:
        make(AppSettings("a", {**server_settings, field: value}), lambda: datetime.now(SHANGHAI), time.monotonic)
    assert "s3cret" not in str(error.value)


@pytest.fixture
def server_settings() -> dict[str, str]:
    return {"corp_id": CORP, "agent_id": "1000002", "secret": "s3cret", "token": TOKEN, "aes_key": AES_KEY}


# --- the simulator, as wechatpy's own client sees it ---


class Wechatpy(WeChatClient):
    """Its address of ``gettoken`` is written in; everything else is its own."""

    def fetch_access_token(self) -> dict[str, object]:
        return self._fetch_access_token(f"{self.API_BASE_URL}gettoken", {"corpid": CORP, "corpsecret": SECRET})


def wechatpy_client(server: WecomServer) -> WeChatClient:
    client = Wechatpy(CORP, SECRET)
    client.API_BASE_URL = f"{server.served.origin}/cgi-bin/"
    return client


async def test_wechatpys_client_sends_and_uploads_at_the_simulator_what_our_channel_does(
    server: WecomServer, office: Office
) -> None:
    client = await asyncio.to_thread(wechatpy_client, server)

    def theirs() -> str:
        client.message.send_text(AGENT, "zhang", "一个月。")
        media_id = client.media.upload("file", ("report.pdf", io.BytesIO(b"%PDF-content")))["media_id"]
        client.message.send_file(AGENT, "zhang", media_id)
        return media_id

    media_id = await asyncio.to_thread(theirs)
    assert await office.channel.fetch(Attachment("report.pdf", {"media_id": media_id}), 100) == b"%PDF-content"
    await office.channel.send({"member": "zhang"}, "一个月。", "k1")
    await office.channel.send_file({"member": "zhang"}, OutFile("report.pdf", b"%PDF-content"), "k2")
    assert server.arrived[:2] == server.arrived[2:]


async def test_wechatpys_client_is_told_the_same_codes(server: WecomServer, office: Office) -> None:
    client = await asyncio.to_thread(wechatpy_client, server)
    server.anybody = False
    with pytest.raises(WeChatClientException) as refused:
        await asyncio.to_thread(client.message.send_text, AGENT, "nobody", "x")
    assert refused.value.errcode == 81013
    server.trusted = False
    with pytest.raises(WeChatClientException) as refused:
        await asyncio.to_thread(client.message.send_text, AGENT, "zhang", "x")
    assert refused.value.errcode == 60020


async def test_wechatpys_client_reads_the_same_contacts_as_our_channel(server: WecomServer, office: Office) -> None:
    client = await asyncio.to_thread(wechatpy_client, server)
    server.contacts.company.people["gone"] = Person("停用", (2,), gone=True)

    def theirs() -> dict[str, str]:
        found: dict[str, str] = {}
        for unit in client.department.list():
            for member in client.user.list(unit["id"]):
                if member["status"] == 1 and member["main_department"] == unit["id"]:
                    found[member["userid"]] = unit["name"]
        return found

    assert isinstance(office.channel, HasContacts)
    ours = await office.channel.contacts()
    assert await asyncio.to_thread(theirs) == {each.account.account: each.unit for each in ours.members}
    assert "gone" not in {each.account.account for each in ours.members}
