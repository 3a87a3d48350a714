"""What a member of a WeChat official account says, from the fields of one callback.

* A message is known by its MsgId; an event, which has none, by sender, moment and name.
* Following the account is a greeting, a menu of kind ``click`` says its key; other events ask for no answer.
* Speech comes recognised, where the account has that switched on; of the other kinds only pictures can be used.

Source: developers.weixin.qq.com 接收普通消息, 接收事件推送, 自定义菜单事件推送.
"""

import hashlib
from collections.abc import Mapping

from bot.channels.callback import Refusal, Refused, moment
from bot.channels.messages import Attachment, Incoming, Platform

ID_CHARACTERS = 128
GREETING = "您好"


def incoming_of(fields: Mapping[str, str], app: str, tenant: str) -> Incoming | None:
    """None: nothing to be answered. Raises Refused."""
    kind, sender, created = (field(fields, name) for name in ("MsgType", "FromUserName", "CreateTime"))
    text = _said(kind, fields)
    if text is None:
        return None
    id_ = _event_id(sender, created, fields["Event"]) if kind == "event" else field(fields, "MsgId")
    return Incoming(
        app=app,
        platform=Platform.WECHAT,
        id=id_,
        tenant=tenant,
        sender=sender,
        conversation=sender,
        group=False,
        text=text,
        sent_at=moment(created),
        route={"member": sender, "message": id_},
        attachments=_attachments(kind, fields),
    )


def _event_id(*known_by: str) -> str:
    """Names nobody: it is kept for days."""
    return hashlib.sha256("\n".join(known_by).encode()).hexdigest()[:32]


def _said(kind: str, fields: Mapping[str, str]) -> str | None:
    """None: an event that nobody waits to have answered. Speech is recognised by WeChat, if the account lets it."""
    match kind, fields.get("Event", "").lower():
        case "event", "subscribe":
            return GREETING
        case "event", "click":
            return fields.get("EventKey", "")
        case "event", _:
            return None
        case "text", _:
            return fields.get("Content", "").strip()
        case "voice", _:
            return fields.get("Recognition", "").strip()
    return ""


def _attachments(kind: str, fields: Mapping[str, str]) -> tuple[Attachment, ...]:
    return (Attachment("picture.jpg", {"media_id": field(fields, "MediaId")}),) if kind == "image" else ()


def field(fields: Mapping[str, str], name: str) -> str:
    """Raises Refused when it is missing or longer than an id."""
    value = fields.get(name, "")
    if not 0 < len(value) <= ID_CHARACTERS:
        raise Refused(Refusal.MALFORMED)
    return value
