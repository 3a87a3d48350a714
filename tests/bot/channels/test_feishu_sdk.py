"""Feishu's own client, lark-oapi, as an independent reading: of our frames, of what the simulator encrypts, signs and
sends, and of the way it answers. What it accepts we accept; what it refuses we refuse.

* Its event dispatcher takes the simulator's events and refuses wrong signatures, keys and tokens.
* Its long-connection client works against the simulator; so the simulator does what the platform does.
* Its API client gets tokens, replies, uploads and downloads from the simulator.
"""

import asyncio
import json
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given

from bot.channels.contacts import HasContacts
from bot.channels.feishu_envelope import FeishuEnvelope
from bot.channels.feishu_frames import Frame
from tests.bot.channels.company import Person
from tests.bot.channels.feishu_sealed import (
    APP_ID,
    APP_SECRET,
    ENCRYPT_KEY,
    ROBOT,
    TOKEN,
    encrypted,
    event,
    signed,
    text,
)
from tests.bot.channels.feishu_server import ADDRESSED, FeishuServer
from tests.bot.channels.feishu_socket_server import FeishuSocketServer, frame, read_frame
from tests.bot.channels.test_feishu_frames import FRAMES


@pytest.fixture(scope="module")
def lark() -> Any:
    """It keeps the event loop that it finds when it is imported: one that is nobody's."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    import lark_oapi
    from lark_oapi.core.model import RawRequest
    from lark_oapi.core.utils import AESCipher
    from lark_oapi.ws.pb.pbbp2_pb2 import Frame as Pb2

    asyncio.set_event_loop(None)
    loop.close()
    return SimpleNamespace(sdk=lark_oapi, raw=RawRequest, cipher=AESCipher, frame=Pb2)


@pytest.fixture(scope="module")
def pb2(lark: Any) -> Any:
    return lark.frame


def test_feishus_own_reading_of_our_frames_and_ours_of_its(pb2: Any) -> None:
    @given(FRAMES)
    def same(ours: Frame) -> None:
        theirs = pb2()
        theirs.ParseFromString(ours.to_bytes())
        assert _as_ours(theirs) == ours
        assert Frame.from_bytes(theirs.SerializeToString()) == ours
        assert theirs.SerializeToString() == ours.to_bytes()

    same()


def test_feishus_own_reading_of_the_simulators_frames(pb2: Any) -> None:
    theirs = pb2()
    theirs.ParseFromString(frame(1, {"type": "event", "长": "值" * 100}, b"\x00" * 300))
    assert {each.key: each.value for each in theirs.headers} == {"type": "event", "长": "值" * 100}
    assert read_frame(theirs.SerializeToString()) == (1, {"type": "event", "长": "值" * 100}, b"\x00" * 300)


def _as_ours(theirs: Any) -> Frame:
    def given(name: str) -> Any:
        return getattr(theirs, name) if theirs.HasField(name) else None

    headers = tuple((each.key, each.value) for each in theirs.headers)
    return Frame(
        theirs.SeqID, theirs.LogID, theirs.service, theirs.method, headers,
        given("payload_encoding"), given("payload_type"), given("payload"), given("LogIDNew"),
    )  # fmt: skip


def test_feishus_own_decryption_of_what_is_encrypted(lark: Any) -> None:
    for words in ("", "x" * 16, "专用信用报告"):
        if words:
            assert lark.cipher(ENCRYPT_KEY).decrypt_str(encrypted(words)) == words
        assert FeishuEnvelope(ENCRYPT_KEY).opened(encrypted(words)).decode() == words


class Dispatched:
    """lark-oapi's event dispatcher, as an application uses it."""

    def __init__(self, lark: Any, encrypt_key: str = ENCRYPT_KEY, token: str = TOKEN) -> None:
        self.seen: list[Any] = []
        builder = lark.sdk.EventDispatcherHandler.builder(encrypt_key, token)
        self._handler = builder.register_p2_im_message_receive_v1(self.seen.append).build()
        self._raw = lark.raw

    def status(self, body: bytes, headers: dict[str, str]) -> int:
        request = self._raw()
        request.uri, request.body, request.headers = "/channels/feishu", body, headers
        return int(self._handler.do(request).status_code)


def _sealed(told: object, key: str = ENCRYPT_KEY) -> bytes:
    return json.dumps({"encrypt": encrypted(json.dumps(told), key)}).encode()


async def test_feishus_own_dispatcher_takes_the_simulators_events(lark: Any) -> None:
    theirs, server = Dispatched(lark), FeishuServer()
    body = _sealed(server.message(f"{ADDRESSED} 你好", "zhang", "office", "1", None))
    await server.close()
    assert theirs.status(body, signed(body)) == 200
    (seen,) = theirs.seen
    assert json.loads(seen.event.message.content) == {"text": "@_user_1 你好"}
    assert (seen.event.message.mentions[0].id.open_id, seen.event.sender.sender_id.user_id) == (ROBOT, "zhang")
    challenge = _sealed({"challenge": "x", "token": TOKEN, "type": "url_verification"})
    assert theirs.status(challenge, {}) == 200


def test_feishus_own_dispatcher_refuses_what_we_refuse(lark: Any) -> None:
    body = _sealed(event(text("你好")))
    for wrong in (
        signed(body, "another"),
        signed(body + b" "),
        signed(body) | {"X-Lark-Request-Timestamp": str(int(time.time()) + 1)},
        signed(body) | {"X-Lark-Request-Nonce": "1"},
    ):
        assert Dispatched(lark).status(body, wrong) == 500
    assert Dispatched(lark, token="another").status(body, signed(body)) == 500
    assert Dispatched(lark, encrypt_key="another").status(body, signed(body)) == 500


async def test_feishus_own_client_calls_the_simulators_api(lark: Any) -> None:
    """In a thread, as it blocks: token, upload, reply with ``uuid``, download."""
    server = FeishuServer()
    await server.start()
    told = server.message("", "zhang", None, "1", ("报告.pdf", b"content"))["event"]["message"]
    try:
        await asyncio.to_thread(_call, lark, server.origin, told["message_id"], json.loads(told["content"])["file_key"])
    finally:
        await server.close()
    assert [(each.conversation, each.text, each.file) for each in server.arrived] == [
        ("oc_with_zhang", "一年。", None),
        ("oc_with_zhang", "", "x.pdf"),
    ]


def _client(lark: Any, origin: str) -> Any:
    """It keeps tokens for the whole process, by app: those of another test's platform are forgotten."""
    from lark_oapi.core.token.manager import TokenManager

    TokenManager.cache.cache.clear()
    return lark.sdk.Client.builder().app_id(APP_ID).app_secret(APP_SECRET).domain(origin).build()


def _call(lark: Any, origin: str, message: str, key: str) -> None:
    import io

    from lark_oapi.api.im.v1 import (
        CreateFileRequest,
        CreateFileRequestBody,
        GetMessageResourceRequest,
        ReplyMessageRequest,
        ReplyMessageRequestBody,
    )

    client = _client(lark, origin)

    def reply(kind: str, content: dict[str, str], uuid: str) -> Any:
        body = ReplyMessageRequestBody.builder().msg_type(kind).content(json.dumps(content)).uuid(uuid).build()
        return client.im.v1.message.reply(ReplyMessageRequest.builder().message_id(message).request_body(body).build())

    assert reply("text", {"text": "一年。"}, "1").success()
    assert reply("text", {"text": "一年。"}, "1").success()
    body = CreateFileRequestBody.builder().file_type("pdf").file_name("x.pdf").file(io.BytesIO(b"pdf")).build()
    uploaded = client.im.v1.file.create(CreateFileRequest.builder().request_body(body).build())
    assert reply("file", {"file_key": uploaded.data.file_key}, "2").success()
    asked = GetMessageResourceRequest.builder().message_id(message).file_key(key).type("file").build()
    assert client.im.v1.message_resource.get(asked).file.read() == b"content"


async def test_feishus_own_client_reads_the_contacts_as_we_do(lark: Any) -> None:
    """60 members in one department: two pages; more than 50 at once are refused."""
    server = FeishuServer()
    await server.start()
    company = server.contacts.company
    company.people |= {f"m{number:02}": Person(f"名{number}", (2,)) for number in range(60)}
    channel = server.channel()
    assert isinstance(channel, HasContacts)
    try:
        theirs, refused = await asyncio.to_thread(_contacts, lark, server.origin)
        ours = await channel.contacts()
    finally:
        await channel.close()
        await server.close()
    assert theirs == (ours.tenant, {each.account.account: each.unit for each in ours.members})
    assert refused == {40011, 40004}


def _contacts(lark: Any, origin: str) -> tuple[tuple[str, dict[str, str]], set[int]]:
    """The company and the members' departments, and with which codes wrong questions are refused."""
    from lark_oapi.api.contact.v3 import ChildrenDepartmentRequest, FindByDepartmentUserRequest, ListScopeRequest
    from lark_oapi.api.tenant.v2 import QueryTenantRequest

    client = _client(lark, origin)
    contact = client.contact.v3

    def asked(request: Any) -> Any:
        return request.builder().user_id_type("user_id").department_id_type("open_department_id")

    def children(id: str) -> Any:
        return contact.department.children(asked(ChildrenDepartmentRequest).department_id(id).page_size(50).build())

    def members(id: str, size: int, token: str = "") -> Any:
        request = asked(FindByDepartmentUserRequest).department_id(id).page_size(size)
        return contact.user.find_by_department((request.page_token(token) if token else request).build())

    units: dict[str, str] = {}
    (top,) = contact.scope.list(asked(ListScopeRequest).page_size(100).build()).data.department_ids
    for id, name in [
        (top, "市信用办（虚构）"),
        *((each.open_department_id, each.name) for each in children(top).data.items),
    ]:
        token, more = "", True
        while more:
            page = members(id, 50, token).data
            token, more = page.page_token, page.has_more
            for user in page.items:
                (main,) = [each.department_id for each in user.orders if each.is_primary_dept]
                units[user.user_id] = units[user.user_id] if user.user_id in units and main != id else name
    server_tenant = client.tenant.v2.tenant.query(QueryTenantRequest.builder().build()).data.tenant.tenant_key
    return (server_tenant, units), {members(top, 51).code, children("od-404").code}


CLIENT = """
import sys
import lark_oapi as lark

def seen(event):
    print("SEEN", event.event.message.content, flush=True)

handler = lark.EventDispatcherHandler.builder("", "").register_p2_im_message_receive_v1(seen).build()
lark.ws.Client(sys.argv[1], sys.argv[2], event_handler=handler, domain=sys.argv[3]).start()
"""


async def test_feishus_own_long_connection_works_with_the_simulator() -> None:
    """In a process of its own: it keeps one event loop for the whole process, and never stops."""
    server = FeishuSocketServer(part_bytes=300)
    await server.start()
    theirs = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", CLIENT, APP_ID, APP_SECRET, server.origin,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(300):
            await server.connected.wait()
            assert await server.say("你好" * 200, id="1") == 200
            assert theirs.stdout is not None
            while b"SEEN" not in (line := await theirs.stdout.readline()):
                assert line
            assert json.loads(line.removeprefix(b"SEEN ")) == {"text": "你好" * 200}
            while server.pings < 2:
                await asyncio.sleep(0.1)
            await server.drop()
            while server.connections < 2:
                await asyncio.sleep(0.1)
            assert await server.say("再见") == 200
    finally:
        theirs.kill()
        await theirs.wait()
        await server.close()
    assert {each["code"] for each in server.acknowledged} == {200}
