"""bot.channels.envelope: the published vectors byte for byte, wechatpy as the independent second implementation."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto as WechatpyAccount
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.work.crypto import WeChatCrypto as WechatpyWork
from wechatpy.work.exceptions import InvalidCorpIdException

from bot.channels.callback import Refusal, Refused
from bot.channels.envelope import Envelope, Sealed
from bot.channels.xml_text import read, written

TOKEN = "QDG6eK"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CORP = "wx5823bf96d3bd56c7"
OURS = Envelope(TOKEN, KEY, CORP)
WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=300)


def vectors(shared: Path, platform: str, kind: str) -> list[dict[str, Any]]:
    found = json.loads((shared / "vectors/messaging.json").read_text(encoding="utf-8"))[platform]
    return [each for each in found if each["kind"] == kind]


def sealed(vector: dict[str, Any]) -> Sealed:
    return Sealed(vector["encrypted"], vector["signature"], vector["timestamp"], vector["nonce"])


def envelope(vector: dict[str, Any]) -> Envelope:
    return Envelope(vector["token"], vector["encoding_aes_key"], vector["receive_id"])


def raw(plain: bytes, key: str = KEY) -> str:
    """``plain`` encrypted as it is: what no honest sender makes."""
    secret = base64.b64decode(key + "=")
    encryptor = Cipher(algorithms.AES256(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def signed(encrypted: str) -> Sealed:
    return Sealed(encrypted, OURS._signature(encrypted, "1", "n"), "1", "n")


def refusal(envelope: Envelope, message: Sealed) -> Refusal:
    with pytest.raises(Refused) as refused:
        envelope.open(message)
    return refused.value.refusal


@pytest.mark.shared
@pytest.mark.parametrize("platform", ["wecom", "wechat"])
def test_published_vectors_open_to_their_plain_text_byte_for_byte(shared: Path, platform: str) -> None:
    for kind in ("url_verification", "message", "encrypt_reply"):
        for vector in vectors(shared, platform, kind):
            assert envelope(vector).open(sealed(vector)) == vector["plain"]


@pytest.mark.shared
def test_published_reply_is_sealed_byte_for_byte(shared: Path) -> None:
    (vector,) = vectors(shared, "wechat", "encrypt_reply")
    ours = envelope(vector).seal(
        vector["plain"], timestamp=vector["timestamp"], nonce=vector["nonce"], random=vector["random16"].encode()
    )
    assert ours == sealed(vector)


@given(WORDS)
def test_what_we_seal_wechatpy_opens(text: str) -> None:
    ours = OURS.seal(text, timestamp="1411525903", nonce="461056294", random=os.urandom(16))
    xml = written({"Encrypt": ours.encrypted})
    theirs = WechatpyWork(TOKEN, KEY, CORP)
    assert theirs.decrypt_message(xml, ours.signature, ours.timestamp, ours.nonce) == text


@given(WORDS)
def test_what_wechatpy_seals_we_open(text: str) -> None:
    fields = read(WechatpyWork(TOKEN, KEY, CORP).encrypt_message(text, "461056294", "1411525903").encode())
    message = Sealed(fields["Encrypt"], fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
    assert OURS.open(message) == text


def test_both_refuse_a_wrong_signature_and_another_receiver() -> None:
    ours = OURS.seal("问", timestamp="1", nonce="n", random=bytes(16))
    wrong = Sealed(ours.encrypted, ours.signature[:-1] + ("0" if ours.signature[-1] != "0" else "1"), "1", "n")
    xml = written({"Encrypt": ours.encrypted})
    assert refusal(OURS, wrong) is Refusal.FORGED
    with pytest.raises(InvalidSignatureException):
        WechatpyWork(TOKEN, KEY, CORP).decrypt_message(xml, wrong.signature, "1", "n")
    assert refusal(Envelope(TOKEN, KEY, "another"), ours) is Refusal.FOREIGN
    with pytest.raises(InvalidCorpIdException):
        WechatpyWork(TOKEN, KEY, "another").decrypt_message(xml, ours.signature, "1", "n")
    with pytest.raises(InvalidAppIdException):
        WechatpyAccount(TOKEN, KEY, "another").decrypt_message(xml, ours.signature, "1", "n")


def test_smart_robot_envelope_is_meant_for_nobody_in_particular() -> None:
    robot = Envelope(TOKEN, KEY, "")
    ours = robot.seal("{}", timestamp="1", nonce="n", random=bytes(16))
    assert robot.open(ours) == "{}"
    assert refusal(OURS, ours) is Refusal.FOREIGN


@pytest.mark.parametrize("part", ["encrypted", "signature", "timestamp", "nonce"])
def test_any_changed_part_is_forged(part: str) -> None:
    ours = OURS.seal("问", timestamp="1", nonce="n", random=bytes(16))
    parts = {name: getattr(ours, name) for name in ("encrypted", "signature", "timestamp", "nonce")}
    for changed in (parts[part] + "x", "", "é", parts[part][::-1] + "1"):
        assert refusal(OURS, Sealed(**{**parts, part: changed})) is Refusal.FORGED


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        bytes(16),
        bytes(32),
        b"\x00" * 31 + b"\x21",
        b"\x00" * 30 + b"\x01\x02",
        b"r" * 16 + b"\xff\xff\xff\xff" + b"\x0c" * 12,
        b"r" * 16 + b"\x00\x00\x00\x02\xff\xfe" + CORP.encode() + b"\x18" * 24,
        b"\x10" * 48,
        b"\x20" * 32,
    ],
    ids=["empty", "half a block", "no filling", "filling of 33", "uneven filling", "length beyond the end",
         "not UTF-8", "a block and a half", "nothing but filling"],
)  # fmt: skip
def test_signed_but_broken_content_is_malformed(plain: bytes) -> None:
    assert refusal(OURS, signed(raw(plain))) is Refusal.MALFORMED


@pytest.mark.parametrize("encrypted", ["", "====", "abc", "é", "AAAA\n", " AAAA", "AAAB\u0000", "QUJ=", "A" * 4096])
def test_signed_text_that_is_no_cipher_text_is_malformed(encrypted: str) -> None:
    assert refusal(OURS, signed(encrypted)) is Refusal.MALFORMED


@given(st.binary(max_size=200))
def test_signed_bytes_are_opened_or_refused_but_never_fail(content: bytes) -> None:
    with pytest.raises(Refused):
        OURS.open(signed(raw(content + bytes(-len(content) % 16))))


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "=", KEY[:-1] + "-", KEY[:-1] + "é", KEY + "\n"])
def test_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        Envelope(TOKEN, key, CORP)
