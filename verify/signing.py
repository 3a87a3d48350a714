"""Signers with a private key in memory for ES256 and SM2, and new keys of every algorithm.

* A private key passes as PKCS#8 DER; what opens it is told which algorithm it belongs to, and takes no other.
* ES256 nonces are derived from key and message (RFC 6979); SM2's are OpenSSL's random ones.
* A signer shows its kid, never its secret.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from verify import ecdsa, sm2
from verify.der import to_raw
from verify.errors import KeyringError
from verify.keyring import ALGORITHMS, ED25519, ES256, SM2, Ed25519Signer, Signer, kid

if TYPE_CHECKING:
    from verify.libcrypto import Key


class HeldSigner:
    """Signs with a private key held in memory, by ``sign``, which alone knows it."""

    def __init__(self, algorithm: int, public_key: bytes, sign: Callable[[bytes], bytes]) -> None:
        self.algorithm = algorithm
        self.public_key = public_key
        self.kid = kid(public_key)
        self._sign = sign

    def sign(self, message: bytes) -> bytes:
        return self._sign(message)

    def __repr__(self) -> str:
        return f"HeldSigner({ALGORITHMS[self.algorithm].name}, kid={self.kid.hex()})"


def es256_signer(key: EllipticCurvePrivateKey) -> HeldSigner:
    """Of a P-256 key."""
    method = ECDSA(SHA256(), deterministic_signing=True)
    public_key = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return HeldSigner(ES256, public_key, lambda message: ecdsa.lowered(to_raw(key.sign(message, method), ecdsa.ORDER)))


def sm2_signer(key: "Key") -> HeldSigner:
    """Of an SM2 key held by OpenSSL, always under the one signer id."""
    public_key = key.public_point()
    return HeldSigner(SM2, public_key, lambda message: sm2.sign(key, public_key, message))


def new_private_key(algorithm: int) -> bytes:
    """A random private key, PKCS#8 DER. Raises KeyringError for an algorithm we do not know."""
    if algorithm == SM2:
        return sm2.new_private_key()
    if algorithm == ES256:
        key: EllipticCurvePrivateKey | Ed25519PrivateKey = generate_private_key(SECP256R1())
    elif algorithm == ED25519:
        key = Ed25519PrivateKey.generate()
    else:
        raise KeyringError(f"不认可的签名算法：{algorithm}", next_step="请升级程序。", code="ALGORITHM_UNKNOWN")
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def throwaway_signer(algorithm: int) -> Signer:
    """A signer whose key nobody keeps: for rehearsals."""
    return signer_of_der(algorithm, new_private_key(algorithm))


def signer_of_der(algorithm: int, der: bytes) -> Signer:
    """The signer of a private key in PKCS#8 DER. Raises ValueError for anything but a private key of ``algorithm``."""
    return (
        sm2_signer(sm2.private(der))
        if algorithm == SM2
        else _signer(algorithm, lambda: load_der_private_key(der, None))
    )


def signer_of_pem(algorithm: int, pem: bytes, passphrase: str | None) -> Signer:
    """The signer of a private key in PKCS#8 PEM.

    Raises ValueError for a wrong passphrase and for anything but a private key of ``algorithm``.
    """
    if algorithm == SM2:
        return sm2_signer(sm2.private_of_pem(pem, passphrase))
    return _signer(algorithm, lambda: load_pem_private_key(pem, passphrase.encode() if passphrase else None))


def _signer(algorithm: int, load: Callable[[], object]) -> Signer:
    try:
        key = load()
    except (TypeError, UnsupportedAlgorithm) as error:  # no passphrase given, or one too many; a curve of others
        raise ValueError("no usable private key") from error
    if algorithm == ED25519 and isinstance(key, Ed25519PrivateKey):
        return Ed25519Signer(key)
    if algorithm == ES256 and isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return es256_signer(key)
    raise ValueError("a key of another algorithm")
