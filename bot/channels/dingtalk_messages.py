"""A message to a DingTalk robot, as HTTP and Stream deliver it: read strictly, and made an Incoming.

* In a group the robot is meant only when it is among those addressed (``isInAtList``).
* Who asks is the user id in the company (``senderStaffId``). Without one – an outsider in a group, an app that is not
  published – the sender belongs to no company, and nobody in the directory is found for it.
* A conversation with one member goes by the member, not by what the message calls it.
* Speech comes recognised; pictures and files are fetched by their download code.

Source: open.dingtalk.com 接收消息 (receive-message); developerpedia, learn/stream/faq §8.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels.callback import Refusal, Refused
from bot.channels.dingtalk_robot import Robot
from bot.channels.messages import Attachment, Incoming, Platform
from verify.validity import SHANGHAI

ID_CHARACTERS = 256
CODE_CHARACTERS = 2048
TEXT_CHARACTERS = 20_000
PARTS = 100
PICTURE = "图片"
_ADDRESSING = re.compile(r"@\S{1,40}\s*")
_MILLISECONDS = 1_000
_LATEST = 99_999_999_999_999


@dataclass(frozen=True, slots=True)
class RobotMessage:
    """``staff``: user id in our company, or None. ``webhook``: where this conversation can be answered until then."""

    id: str
    conversation: str
    group: bool
    addressed: bool
    staff: str | None
    stranger: str
    text: str
    attachments: tuple[Attachment, ...]
    sent_at: datetime
    webhook: str
    webhook_until: datetime


def read_message(values: object, robot: Robot) -> RobotMessage:
    """Raises Refused: MALFORMED; FOREIGN when it is for another robot."""
    if not isinstance(values, dict):
        raise Refused(Refusal.MALFORMED)
    if (_text(values, "robotCode", ID_CHARACTERS, "") or robot.code) != robot.code:
        raise Refused(Refusal.FOREIGN)
    group = _choice(values, "conversationType", {"1": False, "2": True})
    text, attachments = _content(values)
    return RobotMessage(
        id=_text(values, "msgId", ID_CHARACTERS),
        conversation=_text(values, "conversationId", ID_CHARACTERS),
        group=group,
        addressed=not group or values.get("isInAtList") is True,
        staff=_staff(values, robot),
        stranger=_text(values, "senderId", ID_CHARACTERS),
        text=_ADDRESSING.sub("", text, count=1) if group and text.startswith("@") else text,
        attachments=attachments,
        sent_at=_moment(values, "createAt"),
        webhook=_text(values, "sessionWebhook", CODE_CHARACTERS, ""),
        webhook_until=_moment(values, "sessionWebhookExpiredTime", 0),
    )


def incoming(message: RobotMessage, robot: Robot, route: Mapping[str, str]) -> Incoming:
    sender = message.staff or message.stranger
    return Incoming(
        app=robot.app,
        platform=Platform.DINGTALK,
        id=message.id,
        tenant=robot.corp if message.staff else "",
        sender=sender,
        conversation=message.conversation if message.group else sender,
        group=message.group,
        text=message.text,
        sent_at=message.sent_at,
        route=route,
        attachments=message.attachments,
    )


def _staff(values: Mapping[str, Any], robot: Robot) -> str | None:
    staff = _text(values, "senderStaffId", ID_CHARACTERS, "")
    ours = _text(values, "senderCorpId", ID_CHARACTERS, robot.corp) == robot.corp
    return staff if staff and ours else None


def _content(values: Mapping[str, Any]) -> tuple[str, tuple[Attachment, ...]]:
    """What is said, and what is sent with it; nothing of kinds that we cannot use."""
    kind = _text(values, "msgtype", ID_CHARACTERS)
    inside = values.get("text" if kind == "text" else "content")
    if not isinstance(inside, dict):
        raise Refused(Refusal.MALFORMED)
    match kind:
        case "text":
            return _text(inside, "content", TEXT_CHARACTERS, "").strip(), ()
        case "richText":
            return _rich(inside.get("richText"))
        case "audio":
            return _text(inside, "recognition", TEXT_CHARACTERS, "").strip(), ()
        case "picture":
            return "", (_attachment(inside, PICTURE),)
        case "file":
            return "", (_attachment(inside, _text(inside, "fileName", ID_CHARACTERS)),)
    return "", ()


def _rich(parts: object) -> tuple[str, tuple[Attachment, ...]]:
    if not isinstance(parts, Sequence) or isinstance(parts, str) or len(parts) > PARTS:
        raise Refused(Refusal.MALFORMED)
    if not all(isinstance(part, dict) for part in parts):
        raise Refused(Refusal.MALFORMED)
    said = "".join(_text(part, "text", TEXT_CHARACTERS, "") for part in parts).strip()
    return said, tuple(_attachment(part, PICTURE) for part in parts if part.get("downloadCode"))


def _attachment(inside: Mapping[str, Any], name: str) -> Attachment:
    return Attachment(name, {"code": _text(inside, "downloadCode", CODE_CHARACTERS)})


def _text(values: Mapping[str, Any], name: str, most: int, default: str | None = None) -> str:
    """A field that must be there unless it has a default; null is as good as absent."""
    value = values.get(name)
    if value is None:
        value = default
    if not isinstance(value, str) or len(value) > most or (default is None and not value):
        raise Refused(Refusal.MALFORMED)
    return value


def _choice(values: Mapping[str, Any], name: str, meanings: Mapping[str, bool]) -> bool:
    value = values.get(name)
    if not isinstance(value, str) or value not in meanings:
        raise Refused(Refusal.MALFORMED)
    return meanings[value]


def _moment(values: Mapping[str, Any], name: str, default: int | None = None) -> datetime:
    """Milliseconds since 1970, as a number or in digits."""
    value = values.get(name, default)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < len(str(_LATEST)):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LATEST:
        raise Refused(Refusal.MALFORMED)
    return datetime.fromtimestamp(value / _MILLISECONDS, SHANGHAI)
