"""What a WeCom smart robot 智能机器人 hears: its JSON, read strictly, the same by callback and by long connection.

* A message of a group comes only when the robot was addressed; its ``@name`` is not part of the question.
* Pictures and files, also those of a quoted message (in a group there is no other way to hand in a file), lie encrypted
  at an address of Tencent's object store for five minutes: AES-256-CBC, PKCS#7 to 32 by the documentation, to 16 or 32
  by WeCom's own client, IV = first 16 bytes of the key. Only hosts of the list are fetched from.
* Of a voice message WeCom tells the words. Events, cards and stream refreshes are no messages.

Source: developer.work.weixin.qq.com 接收消息 (100719), 智能机器人长连接 (101463).
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.channels.addresses import ADDRESS_CHARACTERS, Hosts
from bot.channels.callback import Refusal, Refused, moment
from bot.channels.messages import Attachment, Incoming, Platform, SendFailed

MEDIA_HOSTS = (".myqcloud.com", ".qq.com", ".qpic.cn")
ID_CHARACTERS = 256
ATTACHMENTS = 10
PADDING_BYTES = 32
_KINDS = frozenset({"text", "image", "mixed", "voice", "file", "video"})
_NAMES = {"image": "picture.jpg", "file": "file", "video": "video.mp4"}


@dataclass(frozen=True, slots=True)
class Robot:
    """``name``: as members address it. ``media_key``: of files without their own (callback mode), 43 characters."""

    app: str
    corp_id: str
    name: str
    robot_ids: tuple[str, ...] = ()
    media_key: str = field(default="", repr=False)
    media_hosts: Hosts = field(default_factory=lambda: Hosts(MEDIA_HOSTS))


def read_message(robot: Robot, value: object, came_at: datetime) -> Incoming | None:
    """The message; None when it is none (an event). Raises Refused."""
    message = _object(value)
    if robot.robot_ids and _text(message, "aibotid") not in robot.robot_ids:
        raise Refused(Refusal.FOREIGN)
    kind = _text(message, "msgtype")
    if kind not in _KINDS:
        return None
    sender, group = _text(_object(message.get("from")), "userid"), _text(message, "chattype") != "single"
    conversation = _text(message, "chatid") if group else sender
    sent_at = message.get("create_time")
    return Incoming(
        app=robot.app,
        platform=Platform.WECOM,
        id=_text(message, "msgid"),
        tenant=robot.corp_id,
        sender=sender,
        conversation=conversation,
        group=group,
        text=_unaddressed("\n".join(_texts(message, kind)), robot.name),
        sent_at=moment(str(sent_at)) if sent_at else came_at,
        route={"conversation": conversation},
        attachments=tuple(_attachments(message))[:ATTACHMENTS],
    )


def opened_file(content: bytes, key: str) -> bytes:
    """A file as it was sent. Raises SendFailed when it cannot be opened."""
    try:
        secret = base64.b64decode(key + "=" * (-len(key) % 4), validate=True)
        decryptor = Cipher(algorithms.AES256(secret), modes.CBC(secret[:16])).decryptor()
        padded = decryptor.update(content) + decryptor.finalize()
    except (ValueError, binascii.Error) as cause:
        raise SendFailed("the file cannot be opened", None) from cause
    length = padded[-1] if padded else 0
    if not 1 <= length <= PADDING_BYTES or padded[-length:] != bytes([length]) * length:
        raise SendFailed("the file cannot be opened", None)
    return padded[:-length]


def _unaddressed(text: str, name: str) -> str:
    return text.replace(f"@{name}", "", 1).strip()


def _texts(message: Mapping[str, Any], kind: str) -> Iterator[str]:
    if kind in {"text", "voice"}:
        content = _object(message.get(kind)).get("content")
        if not isinstance(content, str):
            raise Refused(Refusal.MALFORMED)
        yield content
    elif kind == "mixed":
        for item in _items(message):
            if item.get("msgtype") == "text":
                yield from _texts(item, "text")


def _attachments(message: Mapping[str, Any]) -> Iterator[Attachment]:
    """Of the message, then of what it quotes."""
    kind = message.get("msgtype")
    if kind == "mixed":
        for item in _items(message):
            if item.get("msgtype") == "image":
                yield _attachment(item, "image")
    elif isinstance(kind, str) and kind in _NAMES:
        yield _attachment(message, kind)
    quoted = message.get("quote")
    if isinstance(quoted, dict) and "quote" not in quoted:
        yield from _attachments(quoted)


def _attachment(message: Mapping[str, Any], kind: str) -> Attachment:
    place = _object(message.get(kind))
    address, key, name = place.get("url"), place.get("aeskey", ""), place.get("filename") or _NAMES[kind]
    if not isinstance(address, str) or not isinstance(key, str) or not isinstance(name, str):
        raise Refused(Refusal.MALFORMED)
    if len(address) > ADDRESS_CHARACTERS or len(key) > ID_CHARACTERS:
        raise Refused(Refusal.MALFORMED)
    return Attachment(name[:ID_CHARACTERS], {"url": address.strip(), "key": key} if key else {"url": address.strip()})


def _items(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = _object(message.get("mixed")).get("msg_item")
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise Refused(Refusal.MALFORMED)
    return items


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(Refusal.MALFORMED)
    return value


def _text(message: Mapping[str, Any], field: str) -> str:
    value = message.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= ID_CHARACTERS:
        raise Refused(Refusal.MALFORMED)
    return value
