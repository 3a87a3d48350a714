"""Feishu's events as it words, encrypts and signs them, written once more by lark-oapi's own reading of them
(tests/bot/channels/test_feishu_sdk.py), so that nothing is shared with the code under test.
"""

import base64
import hashlib
import json
import os
import secrets
import time
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

APP_ID, APP_SECRET = "cli_9f5343c580712544", "fictional-secret"
ENCRYPT_KEY, TOKEN = "fictional encrypt key", "fictional-verification-token"
TENANT, ROBOT = "2ca1d211f64f6438", "ou_robot"


def encrypted(content: str, key: str = ENCRYPT_KEY) -> str:
    iv, data = os.urandom(16), content.encode()
    missing = 16 - len(data) % 16
    encryptor = Cipher(algorithms.AES256(hashlib.sha256(key.encode()).digest()), modes.CBC(iv)).encryptor()
    return base64.b64encode(iv + encryptor.update(data + bytes([missing]) * missing) + encryptor.finalize()).decode()


def signed(body: bytes, key: str = ENCRYPT_KEY, at: float | None = None) -> dict[str, str]:
    """The headers of an event."""
    timestamp, nonce = str(int(time.time() if at is None else at)), secrets.token_hex(8)
    signature = hashlib.sha256(timestamp.encode() + nonce.encode() + key.encode() + body).hexdigest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-Lark-Request-Timestamp": timestamp,
        "X-Lark-Request-Nonce": nonce,
        "X-Lark-Signature": signature,
    }


def event(message: dict[str, Any], member: str = "zhang", **header: Any) -> dict[str, Any]:
    """A message of a member, as the new schema says it."""
    return {
        "schema": "2.0",
        "header": {
            "event_id": secrets.token_hex(16),
            "event_type": "im.message.receive_v1",
            "create_time": str(int(time.time() * 1000)),
            "token": TOKEN,
            "app_id": APP_ID,
            "tenant_key": TENANT,
        }
        | header,
        "event": {
            "sender": {
                "sender_id": {"union_id": f"on_{member}", "user_id": member, "open_id": f"ou_{member}"},
                "sender_type": "user",
                "tenant_key": TENANT,
            },
            "message": {"create_time": str(int(time.time() * 1000)), "chat_type": "p2p", "chat_id": "oc_1"} | message,
        },
    }


def text(words: str, id: str = "om_1", **rest: Any) -> dict[str, Any]:
    content = json.dumps({"text": words}, ensure_ascii=False)
    return {"message_id": id, "message_type": "text", "content": content} | rest


def mention(open_id: str, key: str, name: str) -> dict[str, Any]:
    ids = {"open_id": open_id, "user_id": "", "union_id": ""}
    return {"key": key, "id": ids, "name": name, "tenant_key": TENANT}
