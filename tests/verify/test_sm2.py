"""Answers verify/sm2.py and verify/libcrypto.py: the known answers, and what is no key and no signature."""

import ctypes
import json
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from verify import libcrypto, sm2
from verify.der import to_der, to_raw
from verify.errors import KeyringError
from verify.keyring import SM2, verifying_key
from verify.signing import signer_of_der, sm2_signer

SIGNER = sm2_signer(sm2.private(sm2.pkcs8(0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8)))
MESSAGE = "盐城市公共信用信息中心（虚构）".encode()


def vector(shared: Path, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((shared / "vectors" / "sm2" / name).read_text(encoding="utf-8"))
    return loaded


def test_the_worked_example_of_the_standard_holds(shared: Path) -> None:
    """GB/T 32918.5 annex A: key pair, digest and signature."""
    known = vector(shared, "gmt0003.5_annexA.json")
    public_key, message = bytes.fromhex(f"04{known['x']}{known['y']}"), bytes.fromhex(known["msg"])
    signature = bytes.fromhex(known["r"] + known["s"])
    assert sm2.digest(public_key, message, bytes.fromhex(known["id"])) == bytes.fromhex(known["e"])
    assert bytes.fromhex(known["id"]) == sm2.SIGNER_ID
    assert signer_of_der(SM2, sm2.pkcs8(int(known["d"], 16))).public_key == public_key
    holds = verifying_key(SM2, public_key)
    assert holds(message, signature)
    for changed in (message + b" ", message[:-1], b""):
        assert not holds(changed, signature)


def test_a_digest_of_nothing_but_zeros_is_signed_like_any_other(shared: Path) -> None:
    known = vector(shared, "gmsm560.json")
    key = sm2.public(bytes.fromhex(f"04{known['pub']}"))
    digest, signature = bytes.fromhex(known["e"]), bytes.fromhex(known["sig"])
    assert key.verify(digest, signature) is known["valid"] is True
    assert to_der(to_raw(signature, sm2.ORDER), sm2.ORDER) == signature
    assert not key.verify(b"\1" + digest[1:], signature)


@pytest.mark.parametrize("signer_id", [b"", b"1234567812345677", b"12345678123456781", b"ALICE123@YAHOO.COM"])
def test_a_signature_under_another_signer_id_does_not_hold(signer_id: bytes) -> None:
    """Verify-case 45; the empty id is what OpenSSL takes when nobody sets one."""
    private = sm2.private(sm2.pkcs8(12345))
    public_key = private.public_point()
    foreign = to_raw(private.sign(sm2.digest(public_key, MESSAGE, signer_id)), sm2.ORDER)
    assert private.verify(sm2.digest(public_key, MESSAGE, signer_id), to_der(foreign, sm2.ORDER))
    assert not verifying_key(SM2, public_key)(MESSAGE, foreign)


@given(st.binary(max_size=300))
def test_what_is_signed_verifies_and_nothing_else_does(message: bytes) -> None:
    signature = SIGNER.sign(message)
    holds = verifying_key(SM2, SIGNER.public_key)
    assert holds(message, signature)
    assert not holds(message + b"\0", signature)
    for position in (0, 31, 32, 63):
        changed = bytearray(signature)
        changed[position] ^= 1
        assert not holds(message, bytes(changed))


@pytest.mark.parametrize("half", [0, sm2.ORDER, sm2.ORDER + 1, 2**256 - 1])
def test_numbers_outside_the_order_do_not_hold(half: int) -> None:
    signature, wrong = SIGNER.sign(MESSAGE), half.to_bytes(32)
    holds = verifying_key(SM2, SIGNER.public_key)
    assert not holds(MESSAGE, wrong + signature[32:])
    assert not holds(MESSAGE, signature[:32] + wrong)


def test_no_signature_has_a_second_form() -> None:
    signature = SIGNER.sign(MESSAGE)
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    holds = verifying_key(SM2, SIGNER.public_key)
    for other in ((r, sm2.ORDER - s), (sm2.ORDER - r, s), (sm2.ORDER - r, sm2.ORDER - s), (s, r)):
        assert not holds(MESSAGE, b"".join(number.to_bytes(32) for number in other))


def test_a_coordinate_beyond_the_field_is_refused() -> None:
    x = int.from_bytes(SIGNER.public_key[1:33])
    assert x + sm2.P >= 2**256, "this key has no such writing; the next one has"
    low = next(point for point in map(_point_of, range(1, 40)) if point is not None and point[0] + sm2.P < 2**256)
    beyond = b"\x04" + (low[0] + sm2.P).to_bytes(32) + low[1].to_bytes(32)
    sm2.public(b"\x04" + low[0].to_bytes(32) + low[1].to_bytes(32))
    with pytest.raises(ValueError):
        sm2.public(beyond)


def _point_of(x: int) -> tuple[int, int] | None:
    """The point above a small ``x``, if there is one: p = 3 mod 4."""
    square = (x**3 + sm2.A * x + sm2.B) % sm2.P
    y = pow(square, (sm2.P + 1) // 4, sm2.P)
    return (x, y) if y * y % sm2.P == square else None


def test_a_private_key_of_another_kind_is_no_sm2_key() -> None:
    other = Ed25519PrivateKey.generate()
    der = other.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = other.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for wrong in (der, b"", b"\0" * 40):
        with pytest.raises(ValueError):
            sm2.private(wrong)
    assert libcrypto.public_key(public) is None
    with pytest.raises(ValueError):
        sm2.private_of_pem(b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", None)


def test_a_public_key_does_not_sign() -> None:
    with pytest.raises(KeyringError) as caught:
        sm2.public(SIGNER.public_key).sign(bytes(32))
    assert caught.value.code == "SM2_FAILED"


def test_a_failed_check_leaves_nothing_behind_for_python_s_own_tls() -> None:
    holds = verifying_key(SM2, SIGNER.public_key)
    assert not holds(MESSAGE, b"\1" * 64)
    with pytest.raises(ValueError):
        sm2.private(b"\x30\x03\x02\x01\x00")
    libcrypto.libcrypto().ERR_get_error.restype = ctypes.c_ulong
    assert libcrypto.libcrypto().ERR_get_error() == 0
    ssl.create_default_context()


def test_a_machine_without_openssl_3_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> ctypes.CDLL:
        raise OSError("no such file")

    monkeypatch.setattr(libcrypto, "_linked_to_python", missing)
    monkeypatch.setattr(libcrypto, "_of_the_system", missing)
    libcrypto.libcrypto.cache_clear()
    with pytest.raises(KeyringError) as caught:
        verifying_key(SM2, SIGNER.public_key)
    assert caught.value.code == "SM2_UNAVAILABLE"
    assert "OpenSSL" in caught.value.next_step


def test_the_system_s_library_serves_where_python_has_none_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def static() -> ctypes.CDLL:
        raise AttributeError("_hashlib is built in")

    monkeypatch.setattr(libcrypto, "_linked_to_python", static)
    libcrypto.libcrypto.cache_clear()
    assert verifying_key(SM2, SIGNER.public_key)(MESSAGE, SIGNER.sign(MESSAGE))
