"""The frames of DingTalk's Stream: what the platform pushes over the WebSocket, and how each is acknowledged.

* SYSTEM ``ping`` is answered with its own data; SYSTEM ``disconnect`` is not answered: the platform closes in 10 s.
* CALLBACK is answered with ``{"response": null}`` when it is ours and lies safe, EVENT with ``{"status": "SUCCESS"}``
  (we subscribe to none), a topic that we do not know with 404, what cannot be read with 400.

Source: developerpedia, learn/stream/protocol (钉钉 Stream 协议描述).
"""

from dataclasses import dataclass
from enum import StrEnum

import orjson

from bot.channels.callback import Refusal, Refused

ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
ID_CHARACTERS = 256


class Kind(StrEnum):
    SYSTEM = "SYSTEM"
    EVENT = "EVENT"
    CALLBACK = "CALLBACK"


@dataclass(frozen=True, slots=True)
class Frame:
    """``data``: JSON as text, as it came."""

    kind: Kind
    topic: str
    id: str
    data: str

    @property
    def ends(self) -> bool:
        """The platform is about to close the connection."""
        return self.kind is Kind.SYSTEM and self.topic == "disconnect"

    @property
    def is_message(self) -> bool:
        return self.kind is Kind.CALLBACK and self.topic == ROBOT_TOPIC

    def content(self) -> object:
        """Raises Refused: MALFORMED."""
        return _json(self.data)


def read_frame(text: str) -> Frame:
    """Raises Refused: MALFORMED."""
    match _json(text):
        case {"type": "SYSTEM" | "EVENT" | "CALLBACK" as kind, "headers": {"topic": str(topic)} as headers, **rest}:
            id_, data = headers.get("messageId", ""), rest.get("data", "")
            if isinstance(id_, str) and len(id_) <= ID_CHARACTERS and isinstance(data, str):
                return Frame(Kind(kind), topic, id_, data)
    raise Refused(Refusal.MALFORMED)


def acknowledged(frame: Frame, code: int = 200) -> str:
    """What is sent back for ``frame``; 200: it lies safe, or there is nothing to do for it."""
    answer = {
        "code": code,
        "headers": {"contentType": "application/json", "messageId": frame.id},
        "message": "OK" if code == 200 else "not taken",
        "data": _answer_data(frame),
    }
    return orjson.dumps(answer).decode()


def _answer_data(frame: Frame) -> str:
    if frame.kind is Kind.SYSTEM:
        return frame.data
    if frame.kind is Kind.EVENT:
        return '{"status":"SUCCESS","message":"success"}'
    return '{"response":null}'


def _json(text: str) -> object:
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError as cause:
        raise Refused(Refusal.MALFORMED) from cause
    return value
