"""Feishu's cryptography: the published vector, and that nothing else opens."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.feishu_envelope import FeishuEnvelope, Undecryptable
from tests.bot.channels.feishu_sealed import ENCRYPT_KEY, encrypted, signed

ENVELOPE = FeishuEnvelope(ENCRYPT_KEY)


@pytest.mark.shared
def test_the_published_vector_opens(shared: Path) -> None:
    (vector,) = json.loads((shared / "vectors" / "messaging.json").read_text())["feishu"]
    assert FeishuEnvelope(vector["encrypt_key"]).opened(vector["encrypted"]).decode() == vector["plain"]


@given(st.text())
def test_what_feishu_encrypts_opens(text: str) -> None:
    content = text.encode("utf-8", "replace").decode()
    assert ENVELOPE.opened(encrypted(content)).decode() == content


@given(st.one_of(st.text(), st.binary().map(lambda each: base64.b64encode(each).decode())))
def test_anything_else_is_one_failure(text: str) -> None:
    try:
        ENVELOPE.opened(text)
    except Undecryptable:
        return
    assert len(base64.b64decode(text)) >= 32  # one in 256 has a padding by chance


@given(st.binary(), st.text(), st.integers(0, 64 * 8 - 1))
def test_a_signature_is_of_these_bytes_and_this_key(body: bytes, key: str, bit: int) -> None:
    key = key.encode("utf-8", "replace").decode()
    headers = signed(body, key)
    timestamp, nonce = headers["X-Lark-Request-Timestamp"], headers["X-Lark-Request-Nonce"]
    envelope = FeishuEnvelope(key)
    assert envelope.signed(body, timestamp, nonce, headers["X-Lark-Signature"])
    assert not envelope.signed(body + b"\n", timestamp, nonce, headers["X-Lark-Signature"])
    assert not FeishuEnvelope(key + "x").signed(body, timestamp, nonce, headers["X-Lark-Signature"])
    changed = bytearray(headers["X-Lark-Signature"].encode())
    changed[bit // 8] ^= 1 << bit % 7
    assert not envelope.signed(body, timestamp, nonce, changed.decode("latin-1"))
