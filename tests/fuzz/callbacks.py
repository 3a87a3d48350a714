"""What platforms' callbacks are read by, on any bytes: the XML, the sealed envelope, the JSON of a smart robot."""

from contextlib import suppress
from datetime import datetime
from hashlib import sha1

import orjson

from bot.channels import xml_text
from bot.channels.callback import Refused
from bot.channels.envelope import Envelope, Sealed
from bot.channels.messages import Incoming
from bot.channels.wecom_robot_message import Robot, read_message
from tests.fuzz.edits import edited
from verify.validity import SHANGHAI

TOKEN, KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "ww1436e0e65a779aee"
ENVELOPE = Envelope(TOKEN, KEY, CORP)
ROBOT = Robot("robot", CORP, "诚核助手")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)
XML = "<xml><ToUserName><![CDATA[ww1]]></ToUserName><Content>你好&lt;</Content><MsgId>1</MsgId></xml>".encode()
JSON = orjson.dumps(
    {
        "msgid": "1", "aibotid": "r", "chattype": "group", "chatid": "g", "from": {"userid": "zhang"},
        "msgtype": "mixed", "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": "问"}}]},
        "quote": {"msgtype": "file", "file": {"url": "https://a.myqcloud.com/1", "aeskey": "x"}},
    }
)  # fmt: skip
SEALED = ENVELOPE.seal("你好", timestamp="1", nonce="n", random=bytes(16))


def callbacks(data: bytes) -> None:
    """Read or refused; what is not signed never opens, and what opens is what was sealed."""
    for content in (data, edited(XML, data)):
        with suppress(Refused):
            fields = xml_text.read(content)
            assert xml_text.read(xml_text.written(fields).encode()) == fields
    for content in (data, edited(JSON, data)):
        with suppress(Refused, orjson.JSONDecodeError):
            incoming = read_message(ROBOT, orjson.loads(content), NOW)
            assert incoming is None or Incoming.from_json(incoming.to_json()) == incoming
    text = edited(SEALED.encrypted.encode(), data).decode("utf-8", "replace")
    with suppress(Refused):
        assert ENVELOPE.open(Sealed(text, SEALED.signature, "1", "n")) == "你好"
        assert text == SEALED.encrypted
    signature = sha1("".join(sorted((TOKEN, "1", "n", text))).encode("utf-8", "replace")).hexdigest()
    with suppress(Refused):
        ENVELOPE.open(Sealed(text, signature, "1", "n"))
