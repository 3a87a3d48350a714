"""bot.channels.wechat: members are answered within the platform's time, once, in the mode their account has."""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from wechatpy.crypto import WeChatCrypto

from bot.actions.said import Reply
from bot.channels.callback import Refused
from bot.channels.envelope import Envelope, Sealed
from bot.channels.messages import Channel, Incoming, OutFile, Platform, SendFailed
from bot.channels.wechat import GO_ON, MORE, make
from bot.errors import UsageError
from bot.post.office import PostOffice, open_messages
from bot.post.remembering import Memory
from bot.post.working import Post
from tests.bot.channels.received import Received
from tests.bot.channels.served import Served
from tests.bot.channels.wechat_server import (
    ACCOUNT,
    AES_KEY,
    APP_ID,
    TOKEN,
    WechatServer,
    found,
    shanghai_now,
    signature,
)

Answer = Callable[[Incoming, Memory], Awaitable[Reply]]


class Office:
    """Our side: the channel on a port, and what it received."""

    def __init__(self, server: WechatServer) -> None:
        self.received = Received()
        self.channel: Channel = server.channel()
        self.app = web.Application()
        self.channel.mount(self.app, self.received.receive)
        self.served = Served(self.app)


@asynccontextmanager
async def connected(server: WechatServer) -> AsyncIterator[Office]:
    office = Office(server)
    await office.served.start()
    await server.connect(office.app, office.served.origin)
    try:
        yield office
    finally:
        await office.channel.close()
        await office.served.stop()
        await server.close()


@asynccontextmanager
async def answering(server: WechatServer, path: Path, answer: Answer) -> AsyncIterator[PostOffice]:
    """The channel before a real post office."""
    engine = open_messages(path / "messages.db")
    books = PostOffice(engine, shanghai_now)
    channel = server.channel()
    post = Post(books, [channel], answer)
    app = web.Application()
    channel.mount(app, post.receive)
    served = Served(app)
    await served.start()
    await server.connect(app, served.origin)
    task = asyncio.create_task(post.run())
    try:
        yield books
    finally:
        await post.drain(0.1)
        with suppress(asyncio.CancelledError):
            await task
        await served.stop()
        await channel.close()
        await books.close()
        engine.dispose()
        await server.close()


@pytest.fixture
async def server() -> WechatServer:
    return WechatServer()


@pytest.fixture
async def office(server: WechatServer) -> AsyncIterator[Office]:
    async with connected(server) as office:
        yield office


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


async def test_the_address_is_verified_by_its_echo(server: WechatServer, office: Office) -> None:
    assert await server.verify_url("5927782489442352469") == (200, "5927782489442352469")
    assert (await server.verify_url("x", signature="0" * 40))[0] == 403
    old = str(int(time.time()) - 400)
    assert (await server.verify_url("x", timestamp=old, signature=signature(old, "1372623149")))[0] == 403
    assert (await server.verify_url("", nonce="1"))[0] == 403
    assert (await server.verify_url("<script>"))[1] == "<script>"


async def test_what_a_member_says_is_received_and_acknowledged(server: WechatServer, office: Office) -> None:
    assert await server.say(" 专用信用报告多长时间内有效？ ") == 200
    (message,) = office.received.messages
    assert (message.platform, message.tenant, message.sender) == (Platform.WECHAT, APP_ID, "zhang")
    assert (message.text, message.group) == ("专用信用报告多长时间内有效？", False)
    assert server.complaints == server.arrived == []
    await office.channel.send(message.route, "一个月。", "k")
    assert [(each.conversation, each.text) for each in server.arrived] == [("zhang", "一个月。")]


async def test_a_repetition_is_known_by_its_id_and_an_event_by_sender_and_moment(
    server: WechatServer, office: Office
) -> None:
    for _ in range(3):
        assert await server.say("问", id="a") == 200
        assert await server.event("CLICK", "报告有效期", created=1700000000) == 200
    assert await server.event("CLICK", "报告有效期", created=1700000001) == 200
    assert [each.text for each in office.received.messages] == ["问", "报告有效期", "报告有效期"]
    assert not any("zhang" in each.id for each in office.received.messages)  # ids are kept for days


async def test_following_is_a_greeting_and_other_events_ask_for_nothing(server: WechatServer, office: Office) -> None:
    for event in ("subscribe", "unsubscribe", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH"):
        assert await server.event(event) == 200
    assert [each.text for each in office.received.messages] == ["您好"]


async def test_speech_is_what_wechat_heard_and_a_picture_is_fetched(server: WechatServer, office: Office) -> None:
    now = int(time.time())
    voice = "<MediaId>m</MediaId><Format>amr</Format><Recognition><![CDATA[多久有效]]></Recognition><MsgId>7</MsgId>"
    await server.deliver(server.written("zhang", now, "voice", voice), "zhang")
    await server.deliver(server.written("zhang", now, "location", "<Label>x</Label><MsgId>8</MsgId>"), "zhang")
    await server.say("", file=("qr.jpg", b"\xff\xd8\xff"))
    assert [each.text for each in office.received.messages] == ["多久有效", "", ""]
    (attachment,) = office.received.messages[2].attachments
    assert await office.channel.fetch(attachment, 10) == b"\xff\xd8\xff"
    with pytest.raises(SendFailed):
        await office.channel.fetch(attachment, 2)
    server.media.clear()
    with pytest.raises(SendFailed, match="40007"):
        await office.channel.fetch(attachment, 1000)


async def test_five_answers_go_for_each_message_and_the_rest_waits(server: WechatServer, office: Office) -> None:
    await server.say("问")
    route = office.received.messages[0].route
    for number in range(5):
        await office.channel.send(route, str(number), "k")
    with pytest.raises(SendFailed, match="45047") as failed:
        await office.channel.send(route, "5", "k")
    assert failed.value.after_seconds == 600


@pytest.mark.parametrize(("member", "text", "code"), [("nobody", "x", "45015"), ("zhang", "长" * 683, "45002")])
async def test_what_will_never_be_taken_is_given_up(
    server: WechatServer, office: Office, member: str, text: str, code: str
) -> None:
    await server.say("问")
    with pytest.raises(SendFailed, match=code) as failed:
        await office.channel.send({"member": member}, text, "k")
    assert failed.value.after_seconds is None


async def test_a_token_that_ended_early_is_fetched_anew_within_the_call(server: WechatServer, office: Office) -> None:
    await server.say("问")
    await office.channel.send({"member": "zhang"}, "一", "k")
    server.expire()
    await office.channel.send({"member": "zhang"}, "二", "k")
    assert [each.text for each in server.arrived] == ["一", "二"]
    assert server.calls.count("/cgi-bin/stable_token") == 2


async def test_whatever_fails_is_worth_another_try_and_arrives_once(server: WechatServer, office: Office) -> None:
    server.fail(0.3)
    for number in range(20):
        await server.say("问")
        for _ in range(50):
            try:
                await office.channel.send({"member": "zhang"}, str(number), "k")
                break
            except SendFailed as failed:
                if failed.after_seconds is None:
                    raise
    assert [each.text for each in server.arrived] == [str(number) for number in range(20)]


async def test_a_wrong_secret_is_no_reason_to_lose_an_answer(server: WechatServer, office: Office) -> None:
    channel = make(server.settings(app_secret="wrong"), shanghai_now, time.monotonic)
    with pytest.raises(SendFailed, match="40125") as failed:
        await channel.send({"member": "zhang"}, "答", "k")
    assert failed.value.after_seconds == 300
    await channel.close()


async def say_nothing_else(incoming: Incoming, memory: Memory) -> Reply:
    return Reply(f"答：{incoming.text}]]>\x07&<b>")


async def test_without_the_right_to_write_the_answer_is_the_callbacks_own(tmp_path: Path) -> None:
    for plain in (False, True):
        server = WechatServer(may_send=False, plain=plain)
        (path := tmp_path / str(plain)).mkdir()
        async with answering(server, path, say_nothing_else):
            assert await server.say("多久", id="a") == 200
            expected = "答：多久]]>&<b>"
            assert await server.say("多久", id="a") == 200
            assert [each.text for each in server.arrived] == [expected, expected]
            assert server.complaints == []
            assert "/cgi-bin/message/custom/send" not in server.calls


async def test_an_answer_that_is_late_is_had_by_the_platforms_repetition(tmp_path: Path) -> None:
    again, calls = asyncio.Event(), 0

    async def slowly(incoming: Incoming, memory: Memory) -> Reply:
        await again.wait()
        return Reply("迟到的答复")

    async def post(*asked: Any, **headers: str) -> tuple[int, str]:
        nonlocal calls
        calls += 1
        if calls == 2:
            again.set()
        return await call(*asked, **headers)

    server = WechatServer(may_send=False)
    call, server.post = server.post, post  # type: ignore[method-assign]
    server.patience, server.passive_seconds = 1.5, 0.5
    async with answering(server, tmp_path, slowly):
        assert await server.say("多久") == 200
        assert [each.text for each in server.arrived] == ["迟到的答复"]
        assert server.complaints == []


LONG = tuple(f"依据：《示例办法》第{number}条\n“{'长' * 600}”" for number in range(3))


async def long(incoming: Incoming, memory: Memory) -> Reply:
    return Reply("答复如下。", LONG) if incoming.text == "多久" else Reply(f"答：{incoming.text}")


async def test_a_long_answer_is_had_piece_by_piece_with_go_on(tmp_path: Path) -> None:
    server = WechatServer(may_send=False)
    async with answering(server, tmp_path, long) as books:
        await server.say("多久")
        while server.arrived[-1].text.endswith(MORE):
            await server.say(GO_ON)
        texts = [each.text for each in server.arrived]
        assert len(texts) == 3
        assert all(text.startswith(f"（{number}/3）") for number, text in enumerate(texts, 1))
        assert all(f"第{number}条" in texts[number] for number in range(3))
        await server.say(GO_ON)
        assert server.arrived[-1].text == f"答：{GO_ON}"
        counts = await books.counts()
        assert (counts.waiting, counts.unsent, counts.given_up) == (0, 0, 0)
        assert server.complaints == []


async def test_who_asks_something_else_has_done_with_the_rest(tmp_path: Path) -> None:
    server = WechatServer(may_send=False)
    async with answering(server, tmp_path, long) as books:
        await server.say("多久", id="a")
        await server.say("多久", id="a")
        assert server.arrived[0] == server.arrived[1]
        await asyncio.sleep(0.2)
        await server.say("收费吗")
        assert server.arrived[-1].text == "答：收费吗"
        await server.say(GO_ON)
        assert server.arrived[-1].text == f"答：{GO_ON}"
        assert (await books.counts()).unsent == 0


async def test_files_are_not_sent_because_no_account_shows_them(server: WechatServer, office: Office) -> None:
    assert not office.channel.limits.files
    with pytest.raises(SendFailed) as failed:
        await office.channel.send_file({"member": "zhang"}, OutFile("报告.pdf", b"%PDF"), "k")
    assert failed.value.after_seconds is None


async def test_in_plain_mode_nobody_is_believed_to_be_staff() -> None:
    server = WechatServer(plain=True)
    async with connected(server) as office:
        assert await server.say("问") == 200
        assert office.received.messages[0].tenant == ""
        stamp = str(int(time.time()))
        params = {"timestamp": stamp, "nonce": "n", "signature": signature(stamp, "n", "another-token")}
        assert (await server.post(b"<xml></xml>", params))[0] == 403


def sealed(content: str, *, token: str = TOKEN, key: str = AES_KEY, app: str = APP_ID) -> tuple[bytes, dict[str, str]]:
    """Body and query as wechatpy seals them, now."""
    stamp = str(int(time.time()))
    xml = WeChatCrypto(token, key, app).encrypt_message(content, "n", stamp)
    body = f"<xml><ToUserName>{ACCOUNT}</ToUserName><Encrypt>{found('Encrypt', xml)}</Encrypt></xml>".encode()
    signed = found("MsgSignature", xml)
    return body, {"msg_signature": signed, "timestamp": stamp, "nonce": "n", "signature": signature(stamp, "n")}


def message(server: WechatServer, to: str = ACCOUNT, **fields: str) -> str:
    rest = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return server.written("zhang", int(time.time()), "text", f"<Content>x</Content>{rest}").replace(ACCOUNT, to)


async def test_messages_that_are_not_ours_are_refused(server: WechatServer, office: Office) -> None:
    good = message(server, MsgId="1")
    body, params = sealed(good)
    nested = sealed(f"<xml><Encrypt>{found('Encrypt', sealed(good)[0].decode())}</Encrypt></xml>")
    both = sealed(good.replace("<Content>", "<Encrypt>x</Encrypt><Content>"))
    cases = {
        "as it should be": (body, params, 200),
        "again": (body, params, 200),
        "forged": (body, {**params, "msg_signature": "0" * 40}, 403),
        "only the plain signature": (good.encode(), {**params, "msg_signature": params["signature"]}, 400),
        "other moment": (body, {**params, "timestamp": str(int(params["timestamp"]) + 1)}, 403),
        "no signature": (body, {key: params[key] for key in ("timestamp", "nonce")}, 400),
        "other token": (*sealed(good, token="other"), 403),
        "other key": (*sealed(good, key=base64.b64encode(b"k" * 32).decode()[:43]), 400),
        "other app": (*sealed(good, app="wx0000000000000000"), 403),
        "other account": (*sealed(message(server, "gh_another", MsgId="1")), 403),
        "nested": (*nested, 400),
        "nested beside": (*both, 400),
        "no message": (*sealed("x"), 400),
        "without id": (*sealed(message(server)), 400),
        "dtd inside": (*sealed('<!DOCTYPE xml [<!ENTITY a "b">]>' + good), 400),
        "xxe": (
            b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Encrypt>&a;</Encrypt></xml>',
            params,
            400,
        ),
        "gbk": (b"<?xml version='1.0' encoding='gbk'?>" + body, params, 400),
        "not utf-8": (body.replace(b"gh_", "é".encode("latin-1")), params, 400),
        "json": (json.dumps({"Encrypt": "x"}).encode(), params, 400),
        "oversized": (b"<xml>" + b" " * 140_000 + b"</xml>", params, 413),
    }
    statuses = {name: (await server.post(body, query))[0] for name, (body, query, _) in cases.items()}
    assert statuses == {name: status for name, (_, _, status) in cases.items()}
    assert len(office.received.messages) == 1


async def test_what_is_old_or_from_tomorrow_is_refused(server: WechatServer, office: Office) -> None:
    content = message(server, MsgId="1")
    for away, status in ((-310, 403), (-200, 200), (280, 200), (400, 403)):
        assert (await server.call(content, at=time.time() + away))[0] == status


async def test_beside_the_sealed_message_nothing_counts(server: WechatServer, office: Office) -> None:
    """兼容模式 sends the plain fields too; no signature covers them."""
    body, params = sealed(message(server, MsgId="1"))
    mixed = body.replace(b"<Encrypt>", b"<FromUserName>boss</FromUserName><MsgId>9</MsgId><Encrypt>")
    assert (await server.post(mixed, params))[0] == 200
    assert [(each.sender, each.id) for each in office.received.messages] == [("zhang", "1")]


async def test_our_replies_are_refused_by_wechatpy_when_anything_is_changed(tmp_path: Path) -> None:
    from wechatpy.exceptions import InvalidSignatureException

    server = WechatServer(may_send=False)
    async with answering(server, tmp_path, say_nothing_else):
        _, reply = await server.call(message(server, MsgId="1"))
    fields = [found(name, reply) for name in ("MsgSignature", "TimeStamp", "Nonce")]
    assert "答：x" in server.crypto.decrypt_message(reply, *fields)
    with pytest.raises(InvalidSignatureException):
        server.crypto.decrypt_message(reply, fields[0], fields[1], "other")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"token": ""}, "token"),
        ({"aes_key": "short"}, "aes_key"),
        ({"original_id": ""}, "original_id"),
        ({"encryption": "强力模式"}, "encryption"),
        ({"reply": "later"}, "reply"),
        ({"api": "http://api.weixin.qq.com"}, "api"),
    ],
)
async def test_wrong_settings_are_named(server: WechatServer, changed: dict[str, object], field: str) -> None:
    with pytest.raises(UsageError, match=field):
        make(server.settings(**changed), shanghai_now, time.monotonic)
    await server.close()


@pytest.mark.shared
def test_the_vectors_reproduce_byte_for_byte(shared: Path) -> None:
    vectors = json.loads((shared / "vectors" / "messaging.json").read_text("utf-8"))["wechat"]
    for vector in vectors:
        envelope = Envelope(vector["token"], vector["encoding_aes_key"], vector["receive_id"])
        sealed = Sealed(vector["encrypted"], vector["signature"], vector["timestamp"], vector["nonce"])
        assert envelope.open(sealed) == vector["plain"]
        if "random16" in vector:
            again = envelope.seal(
                vector["plain"],
                timestamp=vector["timestamp"],
                nonce=vector["nonce"],
                random=vector["random16"].encode(),
            )
            assert again == sealed
        with pytest.raises(Refused):
            envelope.open(
                Sealed(vector["encrypted"], hashlib.sha1(b"").hexdigest(), vector["timestamp"], vector["nonce"])
            )
