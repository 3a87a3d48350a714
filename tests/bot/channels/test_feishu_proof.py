"""What proves that an event is Feishu's, and how everything else is refused."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.bot.channels.feishu_running import Running, run
from tests.bot.channels.feishu_sealed import (
    ENCRYPT_KEY,
    TENANT,
    TOKEN,
    encrypted,
    event,
    signed,
    text,
)
from tests.bot.channels.feishu_server import APP, FeishuServer


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with run(FeishuServer()) as running:
        yield running


HOUR = 3600.0


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
        assert await running.feishu.deliver(event(text("x"), tenant_key="another")) == 403
        assert len(running.received.messages) == 1


async def test_another_apps_address_is_unknown(running: Running) -> None:
    running.feishu.address = running.feishu.address.replace(APP, "another-app")
    assert await running.feishu.deliver(event(text("x"))) == 404


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
