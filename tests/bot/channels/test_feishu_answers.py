"""Feishu by HTTP: what is sent arrives once, within the limits."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.messages import Channel, OutFile, SendFailed
from tests.bot.channels.feishu_running import Running, run
from tests.bot.channels.feishu_server import FeishuServer


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with run(FeishuServer()) as running:
        yield running


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


async def test_tokens_that_end_at_once_are_asked_for_again_as_soon_as_anything(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.feishu.say("你好")
    route = running.received.messages[0].route
    with monkeypatch.context() as ending:
        ending.setattr(running.feishu, "_failure", lambda: "expired")
        with pytest.raises(SendFailed, match="new token") as failed:
            await running.channel.send(route, "一个月。", "1")
    assert failed.value.after_seconds == 0.0
    await running.channel.send(route, "一个月。", "1")
    assert len(running.feishu.arrived) == 1


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
