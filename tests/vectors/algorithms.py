"""Cases of the two other algorithms: ES256 and SM2 with SM3, and of one algorithm passed off as another."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

from tests.vectors.form import case
from tests.vectors.sm2_signer import FixedSm2Signer
from tests.verify.sample import ENTRY, FACTS, KEY, TOKEN, Office
from verify import ecdsa, sm2
from verify.cose import sign1
from verify.credential import encode_facts, sign
from verify.der import to_der
from verify.keyring import ED25519, ES256, SM2, Signer
from verify.reasons import Reason
from verify.signing import es256_signer
from verify.trust import Trust

P256_KEY = es256_signer(derive_private_key(0x6368656E676865 << 100 | 1, SECP256R1()))
SM2_KEY = FixedSm2Signer(b"chenghe fictional SM2 key 000001")
OTHER_ID = FixedSm2Signer(b"chenghe fictional SM2 key 000001", b"ALICE123@YAHOO.COM")
ES256_OFFICE, SM2_OFFICE = "an ES256 office", "an SM2 office"
TRUSTS: dict[str, Trust] = {
    name: Office(entry=replace(ENTRY, algorithm=key.algorithm, public_key=key.public_key)).trust()
    for name, key in ((ES256_OFFICE, P256_KEY), (SM2_OFFICE, SM2_KEY))
}


@dataclass(frozen=True, slots=True)
class Passed:
    """Signs anything with ``signature`` in the name of ``kid`` and ``algorithm``."""

    algorithm: int
    kid: bytes
    signature: bytes
    public_key: bytes = b""

    def sign(self, message: bytes) -> bytes:
        return self.signature


def cases() -> Iterator[dict[str, Any]]:
    for name, key, order in ((ES256_OFFICE, P256_KEY, ecdsa.ORDER), (SM2_OFFICE, SM2_KEY, sm2.ORDER)):
        token = sign(FACTS, key)
        signature = token[-64:]
        yield case(f"{name}: genuine", token, Reason.OK, trust=name)
        yield case(f"{name}: another name", _renamed(token), Reason.SIGNATURE_INVALID, number=40, trust=name)
        for what, wrong in impossible(signature, order):
            yield case(f"{name}: {what}", token[:-64] + wrong, Reason.SIGNATURE_INVALID, number=43, trust=name)
        for what, number, wrong in written_as_der(signature, order):
            forged = _with_signature(Passed(key.algorithm, key.kid, wrong))
            yield case(f"{name}: {what}", forged, Reason.SIGNATURE_LENGTH, number=number, trust=name)
    yield case(
        "SM2 under another signer id", sign(FACTS, OTHER_ID), Reason.SIGNATURE_INVALID, number=45, trust=SM2_OFFICE
    )
    yield from passed_off()


def passed_off() -> Iterator[dict[str, Any]]:
    """29: a key that belongs to one algorithm, and a header that names another."""
    mismatch = Reason.KEY_ALGORITHM_MISMATCH
    for name, algorithm, key, trust in (
        ("an Ed25519 key as ES256", ES256, KEY, "plain"),
        ("an Ed25519 key as SM2", SM2, KEY, "plain"),
        ("a P-256 key as Ed25519", ED25519, P256_KEY, ES256_OFFICE),
        ("a P-256 key as SM2", SM2, P256_KEY, ES256_OFFICE),
        ("an SM2 key as ES256", ES256, SM2_KEY, SM2_OFFICE),
    ):
        forged = _with_signature(Passed(algorithm, key.kid, TOKEN[-64:]))
        yield case(name, forged, mismatch, number=29, trust=trust)


def impossible(signature: bytes, order: int) -> Iterator[tuple[str, bytes]]:
    """43: r or s out of its range, or turned round; every one is 64 bytes."""
    r, s = signature[:32], signature[32:]
    zero, n = bytes(32), order.to_bytes(32)
    negative = (order - int.from_bytes(s)).to_bytes(32)
    yield "r is 0", zero + s
    yield "s is 0", r + zero
    yield "r is n", n + s
    yield "s is n", r + n
    yield "-s", r + negative
    yield "all ones", b"\xff" * 64


def written_as_der(signature: bytes, order: int) -> Iterator[tuple[str, int, bytes]]:
    """41, 46: a sequence of two numbers in the place of 64 bytes."""
    der = to_der(signature, order)
    yield "DER", 41, der
    yield "DER with a third element", 46, bytes([0x30, der[1] + 3]) + der[2:] + b"\x02\x01\x01"


def _with_signature(signer: Signer) -> bytes:
    return sign1(encode_facts(FACTS), signer)


def _renamed(token: bytes) -> bytes:
    return token.replace("禾苗".encode("utf-16-be"), "禾田".encode("utf-16-be"))
