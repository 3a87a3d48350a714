"""bot.channels.wecom_robot_message: any JSON is a message, nothing, or refused; never a fault."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.callback import Refused
from bot.channels.messages import Incoming, SendFailed
from bot.channels.wecom_robot_message import Robot, opened_file, read_message
from tests.bot.channels.wecom_robot_server import encrypted
from verify.validity import SHANGHAI

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)
ROBOT = Robot("robot", "ww1", "诚核助手")
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("msgid", "chatid", "chattype", "from", "create_time", "text", "image", "mixed", "voice", "file", "quote")
MESSAGE: dict[str, Any] = {
    "msgid": "1",
    "aibotid": "r",
    "chatid": "g",
    "chattype": "group",
    "from": {"userid": "zhang"},
    "text": {"content": "问"},
    "image": {"url": "https://a.myqcloud.com/1"},
    "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": "问"}}]},
    "voice": {"content": "问"},
    "file": {"url": "https://a.myqcloud.com/1"},
}


@given(st.sampled_from(["text", "image", "mixed", "voice", "file", "video", "event"]),
       st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=3))  # fmt: skip
def test_changed_message_is_read_or_refused(kind: str, changes: dict[str, Any]) -> None:
    try:
        incoming = read_message(ROBOT, MESSAGE | {"msgtype": kind} | changes, NOW)
    except Refused:
        return
    assert incoming is None or Incoming.from_json(incoming.to_json()) == incoming


@given(ANYTHING)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(Refused):
        read_message(ROBOT, value, NOW)


def test_robot_whose_name_has_a_blank_is_not_part_of_the_question() -> None:
    robot = Robot("robot", "ww1", "诚核 助手")
    incoming = read_message(robot, MESSAGE | {"msgtype": "text", "text": {"content": "@诚核 助手 一个月？"}}, NOW)
    assert incoming.text == "一个月？"


def test_quote_of_no_kind_is_passed_over() -> None:
    value = MESSAGE | {"msgtype": "text", "quote": {"msgtype": {}}}
    assert read_message(ROBOT, value, NOW).attachments == ()


def test_quotes_within_quotes_are_not_followed() -> None:
    picture = {"msgtype": "image", "image": {"url": "https://a.myqcloud.com/1"}}
    value = MESSAGE | {"msgtype": "text", "quote": picture | {"quote": picture}}
    assert read_message(ROBOT, value, NOW).attachments == ()
    assert len(read_message(ROBOT, MESSAGE | {"msgtype": "text", "quote": picture}, NOW).attachments) == 1


@given(st.binary(max_size=200))
def test_files_open_to_what_was_sent(content: bytes) -> None:
    assert opened_file(encrypted(content, KEY), KEY) == content


@given(st.binary(max_size=200), st.sampled_from([KEY, "", "x", "é", KEY[:-4]]))
def test_anything_else_does_not_open(content: bytes, key: str) -> None:
    with pytest.raises(SendFailed):
        opened_file(content, key)


def test_files_are_fetched_from_the_platform_only() -> None:
    assert "https://ww-aibot-img-1258476243.cos.ap-guangzhou.myqcloud.com/a?sign=b%26c" in ROBOT.media_hosts
    for address in ("http://a.myqcloud.com/", "https://myqcloud.com.example/", "https://myqcloud.com@evil.example/",
                    "https://evil.example/?a.qq.com", "https://127.0.0.1/"):  # fmt: skip
        assert address not in ROBOT.media_hosts


@pytest.mark.parametrize("kind", ["group", "Single", "external", "topic"])
def test_a_conversation_of_an_unknown_kind_is_never_taken_for_a_private_one(kind: str) -> None:
    assert read_message(ROBOT, MESSAGE | {"msgtype": "text", "chattype": kind}, NOW).group
    with pytest.raises(Refused):
        read_message(ROBOT, {**MESSAGE, "msgtype": "text", "chattype": kind, "chatid": None}, NOW)
    assert not read_message(ROBOT, MESSAGE | {"msgtype": "text", "chattype": "single"}, NOW).group
