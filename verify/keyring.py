"""Algorithms and keys: what a signature is, who makes one, and how it is checked.

* An algorithm is registered here under its COSE number or it does not exist for us: Ed25519 (-19, RFC 9864), ES256
  (-7, RFC 9053: ``verify.ecdsa``) and SM2 with SM3 (-65537, of COSE's private range: ``verify.sm2``).
* ``kid`` = first 8 bytes of SHA-256 of the raw public key.
* A key belongs to exactly one algorithm; a signature has the algorithm's exact length. Where the mathematics would
  accept a second form of the same signature, ``in_one_form`` tells the one that our lists and tokens may have.
* Only ``Signer`` knows a private key; everything else in the proof core takes public bytes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from verify import ecdsa, sm2
from verify.errors import KeyringError

KID_BYTES = 8
ED25519, ES256, SM2 = -19, -7, -65537

VerifyingKey = Callable[[bytes, bytes], bool]
"""(message, signature) → does it hold?"""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """``load`` turns raw public key bytes into a VerifyingKey; raises ValueError when they are no such key."""

    number: int
    name: str
    public_key_bytes: int
    signature_bytes: int
    load: Callable[[bytes], VerifyingKey]
    in_one_form: Callable[[bytes], bool] | None = None
    """Whether a signature has the one form we take; None where no other form verifies."""


def _load_ed25519(public_key: bytes) -> VerifyingKey:
    key = Ed25519PublicKey.from_public_bytes(public_key)

    def holds(message: bytes, signature: bytes) -> bool:
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return holds


ALGORITHMS: Mapping[int, Algorithm] = MappingProxyType(
    {
        ED25519: Algorithm(ED25519, "Ed25519", 32, 64, _load_ed25519),
        ES256: Algorithm(ES256, "ES256", ecdsa.POINT_BYTES, ecdsa.SIGNATURE_BYTES, ecdsa.load, ecdsa.is_low),
        SM2: Algorithm(SM2, "SM2", sm2.POINT_BYTES, sm2.SIGNATURE_BYTES, sm2.load),
    }
)


def kid(public_key: bytes) -> bytes:
    """The 8 bytes by which a credential names its key."""
    return sha256(public_key).digest()[:KID_BYTES]


def verifying_key(algorithm: int, public_key: bytes) -> VerifyingKey:
    """Raises KeyringError for an algorithm we do not know or bytes that are no key of it."""
    known = ALGORITHMS.get(algorithm)
    if known is None:
        raise KeyringError(f"不认可的签名算法：{algorithm}", next_step="请升级程序。", code="ALGORITHM_UNKNOWN")
    if len(public_key) != known.public_key_bytes:
        raise _not_a_key(known)
    try:
        return known.load(public_key)
    except ValueError as error:
        raise _not_a_key(known) from error


def _not_a_key(algorithm: Algorithm) -> KeyringError:
    return KeyringError(f"这不是 {algorithm.name} 公钥。", next_step="请核对密钥文件。", code="PUBLIC_KEY_INVALID")


class Signer(Protocol):
    """Whoever can sign: a private key in memory (here, ``verify.signing``), or a device (``verify.issuing.pkcs11``)."""

    @property
    def algorithm(self) -> int: ...

    @property
    def public_key(self) -> bytes: ...

    @property
    def kid(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...


class Ed25519Signer:
    """Signs with a private key held in memory."""

    algorithm = ED25519

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self._public_key = private_key.public_key().public_bytes_raw()

    @classmethod
    def from_seed(cls, seed: bytes) -> "Ed25519Signer":
        """From the 32 private bytes of RFC 8032."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public_key(self) -> bytes:
        return self._public_key

    @property
    def kid(self) -> bytes:
        return kid(self._public_key)

    def sign(self, message: bytes) -> bytes:
        return self._private_key.sign(message)

    def __repr__(self) -> str:
        return f"Ed25519Signer(kid={self.kid.hex()})"
