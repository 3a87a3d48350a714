"""What Feishu's events say: the challenge of a new address, and messages of members, in both schemas.

* Every event names its app and company: one that is another's is refused, whatever its signature.
* A message is known by ``message_id``: the same when Feishu repeats an event, and when an app has subscribed to the old
  and the new schema and gets each message twice (docs/decisions/0223).
* In a group only what mentions the robot is a message to it. In the new schema the robot is told by its ``open_id``;
  the old one says so itself. ``@所有人`` is not the robot.
* Bots are not members: their messages are nothing, so that two robots never talk to each other.
* What is no text (a sticker, a card) is a message without text: its sender gets a word too.

Source: open.feishu.cn, 接收消息 v2.0 (im.message.receive_v1), 接收消息 v1.0 (message).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import orjson

from bot.channels.messages import Attachment
from verify.validity import SHANGHAI

MESSAGE_V2 = "im.message.receive_v1"
MESSAGE_V1 = "message"
ATTACHMENTS_MOST = 20
PICTURE = "图片"
"""Pictures have no name there; their keys say nothing to a member."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
_PLACEHOLDER = re.compile(r"@_(?:user_[0-9]+|all)")
_AT = re.compile(r"<at [^<>]*>([^<>]*)</at>")
_KEYS_OF = {"image": ("image_key", "image"), "file": ("file_key", "file")}


class Malformed(Exception):
    """Not what Feishu documents."""


class AccountId(Enum):
    """Which of a member's ids is the account in the directory."""

    USER_ID = "user_id"
    OPEN_ID = "open_id"
    UNION_ID = "union_id"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every event has. ``type`` of a challenge: ``url_verification``."""

    type: str
    token: str
    app_id: str
    tenant: str
    sent_at: datetime | None
    event: Mapping[str, Any]
    challenge: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """``mentioned``: open ids in the new schema; ``addressed``: what the old schema says itself, else None."""

    id: str
    tenant: str
    sender: str
    chat: str
    group: bool
    text: str
    sent_at: datetime
    attachments: tuple[Attachment, ...]
    mentioned: frozenset[str]
    addressed: bool | None


def json_object(content: bytes | str) -> dict[str, Any]:
    """Raises Malformed."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as cause:
        raise Malformed from cause
    if not isinstance(value, dict):
        raise Malformed
    return value


def envelope(value: Mapping[str, Any]) -> Envelope:
    """Raises Malformed."""
    if "encrypt" in value:
        raise Malformed
    if "schema" in value:
        return _v2(value)
    if value.get("type") == "url_verification":
        return Envelope("url_verification", _text(value, "token"), "", "", None, {}, _text(value, "challenge"))
    return _v1(value)


def message(read: Envelope, account: AccountId, robot: str | None = None) -> Message | None:
    """None: an event of another kind, or nobody's message. ``robot``: its open id, whose mention is left out.

    Raises Malformed.
    """
    if read.type == MESSAGE_V2:
        return _message_v2(read, account, robot)
    return _message_v1(read, account) if read.type == MESSAGE_V1 else None


def _v2(value: Mapping[str, Any]) -> Envelope:
    header = _object(value, "header")
    sent_at = _moment(header.get("create_time"), 1000)
    return Envelope(
        _text(header, "event_type"),
        _text(header, "token", ""),
        _text(header, "app_id"),
        _text(header, "tenant_key"),
        sent_at,
        _object(value, "event"),
    )


def _v1(value: Mapping[str, Any]) -> Envelope:
    if value.get("type") != "event_callback":
        raise Malformed
    event = _object(value, "event")
    seconds = _text(value, "ts").partition(".")[0]
    return Envelope(
        _text(event, "type"),
        _text(value, "token", ""),
        _text(event, "app_id"),
        _text(event, "tenant_key", ""),
        _moment(seconds, 1),
        event,
    )


def _message_v2(read: Envelope, account: AccountId, robot: str | None) -> Message | None:
    sender, told = _object(read.event, "sender"), _object(read.event, "message")
    if _text(sender, "sender_type") != "user":
        return None
    id = _id(told, "message_id")
    mentions = [each for each in _list(told, "mentions") if isinstance(each, dict)]
    content = json_object(_text(told, "content"))
    text, attachments = _content(id, _text(told, "message_type"), content)
    return Message(
        id,
        _text(sender, "tenant_key", read.tenant),
        _sender(_object(sender, "sender_id"), account),
        _id(told, "chat_id"),
        _text(told, "chat_type") != "p2p",
        _named(text, mentions, robot),
        _moment(told.get("create_time"), 1000),
        attachments,
        frozenset(_open_id(each) for each in mentions) - {""},
        None,
    )


def _message_v1(read: Envelope, account: AccountId) -> Message | None:
    event = read.event
    id, kind = _id(event, "open_message_id"), _text(event, "msg_type")
    ids = {"user_id": event.get("employee_id"), "open_id": event.get("open_id"), "union_id": event.get("union_id")}
    content = dict(event)
    content["text"] = _AT.sub(r"\1", _text(event, "text_without_at_bot", "") or _text(event, "text", ""))
    _, attachments = _content(id, kind, content)
    if read.sent_at is None:
        raise Malformed
    return Message(
        id,
        read.tenant,
        _sender(ids, account),
        _id(event, "open_chat_id"),
        _text(event, "chat_type") != "private",
        f"{_text(event, 'title', '')}\n{content['text']}".strip(),
        read.sent_at,
        attachments,
        frozenset(),
        event.get("is_mention") is True,
    )


def _content(id: str, kind: str, content: Mapping[str, Any]) -> tuple[str, tuple[Attachment, ...]]:
    if kind == "post":
        return _post(id, content)
    if kind in _KEYS_OF:
        field, type_ = _KEYS_OF[kind]
        name = _text(content, "file_name", "") or PICTURE
        return "", (Attachment(name, {"message": id, "key": _id(content, field), "type": type_}),)
    return (_text(content, "text", "") if kind == "text" else ""), ()


def _post(id: str, content: Mapping[str, Any]) -> tuple[str, tuple[Attachment, ...]]:
    """The new schema has rows of parts; the old one says the words and the pictures beside each other."""
    lines = [_text(content, "title", ""), _text(content, "text", "")]
    keys = [each for each in _list(content, "image_keys") if isinstance(each, str)]
    for row in _list(content, "content"):
        parts = [each for each in row if isinstance(each, dict)] if isinstance(row, list) else []
        lines.append("".join(_words(parts)))
        keys += [_text(each, "image_key", "") for each in parts if each.get("tag") == "img"]
    places = [{"message": id, "key": key, "type": "image"} for key in keys if _ID.fullmatch(key)]
    text = "\n".join(line for line in lines if line.strip())
    return text, tuple(
        Attachment(f"{PICTURE}{number}", place) for number, place in enumerate(places[:ATTACHMENTS_MOST], start=1)
    )


def _words(parts: list[dict[str, Any]]) -> Iterator[str]:
    for part in parts:
        yield _text(part, "user_id" if part.get("tag") == "at" else "text", "")


def _named(text: str, mentions: list[dict[str, Any]], robot: str | None) -> str:
    """Placeholders as names; the robot's own is left out."""
    names = {
        _text(each, "key", ""): "" if robot and _open_id(each) == robot else f"@{_text(each, 'name', '')}"
        for each in mentions
    }
    names.setdefault("@_all", "@所有人")
    return _PLACEHOLDER.sub(lambda found: names.get(found[0], found[0]), text).strip()


def _open_id(mention: Mapping[str, Any]) -> str:
    ids = mention.get("id")
    return _text(ids, "open_id", "") if isinstance(ids, dict) else ""


def _sender(ids: Mapping[str, Any], account: AccountId) -> str:
    """The open id where the app may not see the other: it is nobody's account then, but still one sender."""
    found = ids.get(account.value) or ids.get("open_id")
    if not isinstance(found, str) or not 0 < len(found) <= 128:
        raise Malformed
    return found


def _moment(found: object, per_second: int) -> datetime:
    digits = str(found) if isinstance(found, str | int) else ""
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 14):
        raise Malformed
    seconds = int(digits) / per_second
    if seconds > 4102444800:  # the year 2100
        raise Malformed
    return datetime.fromtimestamp(seconds, SHANGHAI)


def _object(value: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    found = value.get(field)
    if not isinstance(found, dict):
        raise Malformed
    return found


def _list(value: Mapping[str, Any], field: str) -> list[Any]:
    found = value.get(field)
    if found is not None and not isinstance(found, list):
        raise Malformed
    return found or []


def _text(value: Mapping[str, Any], field: str, default: str | None = None) -> str:
    found = value.get(field)
    found = default if found is None else found
    if not isinstance(found, str):
        raise Malformed
    return found


def _id(value: Mapping[str, Any], field: str) -> str:
    """It becomes part of an address: nothing but letters, digits, ``_`` and ``-``."""
    found = _text(value, field)
    if _ID.fullmatch(found) is None:
        raise Malformed
    return found
