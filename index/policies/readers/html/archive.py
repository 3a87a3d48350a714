"""The page inside a web archive (mht): the first HTML part, decoded from its transfer encoding.

Source: RFC 2557. Rules: parts that are not HTML are not decoded; nothing is fetched.
"""

import email
from email.message import Message
from email.policy import compat32

MAX_PARTS = 2_000


def page_of(content: bytes) -> bytes | None:
    """The bytes of the page; None when the archive holds none."""
    message: Message = email.message_from_bytes(content, policy=compat32)
    for number, part in enumerate(message.walk()):
        if number > MAX_PARTS:
            return None
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            return payload if isinstance(payload, bytes) and payload.strip() else None
    return None
