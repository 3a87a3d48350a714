"""SM2 with SM3 (商用密码): keys, the digest that is signed, and whether a signature holds.

* What is signed is e = SM3(Z ‖ message), Z = SM3(ENTL ‖ id ‖ a ‖ b ‖ G ‖ public key). The signer id is always set: it
  is ``SIGNER_ID``, the default of GM/T 0009, and a signature made under another id does not hold.
* A public key is its point, uncompressed: 04 ‖ x ‖ y, 65 bytes, coordinates below p, on the curve.
* A signature is r ‖ s, 64 bytes, 0 < r, s < n (``verify.der``). The arithmetic is OpenSSL's (``verify.libcrypto``).

Sources: GB/T 32918.2-2016, GB/T 32918.5-2017 (curve, worked example), GB/T 32905-2016 (SM3), GM/T 0009-2012 §10 (id).
"""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SM3, Hash

from verify.der import to_der, to_raw
from verify.errors import KeyringError

if TYPE_CHECKING:
    from verify.libcrypto import Key

SIGNER_ID = b"1234567812345678"
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
POINT_BYTES, SIGNATURE_BYTES, DIGEST_BYTES = 65, 64, 32
_UNCOMPRESSED = b"\x04"
_ALGORITHM = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
"""AlgorithmIdentifier: id-ecPublicKey on the curve 1.2.156.10197.1.301."""
_PUBLIC_HEADER = bytes.fromhex("3059") + _ALGORITHM + bytes.fromhex("034200")
_SHORT_PRIVATE_HEADER = bytes.fromhex("3041020100") + _ALGORITHM + bytes.fromhex("042730250201010420")
_PRIVATE_HEADER = bytes.fromhex("308187020100") + _ALGORITHM + bytes.fromhex("046d306b0201010420")
_POINT_HEADER = bytes.fromhex("a144034200")


def load(public_key: bytes) -> Callable[[bytes, bytes], bool]:
    """(message, signature) → does it hold? Raises ValueError for bytes that are no point of the curve."""
    key = public(public_key)
    begun = _after_z(public_key, SIGNER_ID)

    def holds(message: bytes, signature: bytes) -> bool:
        try:
            der = to_der(signature, ORDER)
        except KeyringError:
            return False
        return key.verify(_finished(begun, message), der)

    return holds


def public(public_key: bytes) -> "Key":
    """Raises ValueError for bytes that are no point of the curve."""
    _refuse_off_curve(public_key)
    from verify import libcrypto

    key = libcrypto.public_key(_PUBLIC_HEADER + public_key)
    if key is None:
        raise ValueError("refused by OpenSSL")
    return key


def digest(public_key: bytes, message: bytes, signer_id: bytes = SIGNER_ID) -> bytes:
    """e, the 32 bytes that are signed for ``message`` in the name of ``signer_id``."""
    return _finished(_after_z(public_key, signer_id), message)


def sign(key: "Key", public_key: bytes, message: bytes) -> bytes:
    """r ‖ s."""
    return to_raw(key.sign(digest(public_key, message)), ORDER)


def new_private_key() -> bytes:
    """A random private key as PKCS#8 DER."""
    return pkcs8(1 + secrets.randbelow(ORDER - 2))


def pkcs8(secret: int) -> bytes:
    """The private key ``secret`` (1 … n-2) as PKCS#8 DER, with its public point, as OpenSSL writes it."""
    number = secret.to_bytes(32)
    point = private(_SHORT_PRIVATE_HEADER + number).public_point()
    return _PRIVATE_HEADER + number + _POINT_HEADER + point


def private(der: bytes) -> "Key":
    """Raises ValueError for anything but a private SM2 key in PKCS#8."""
    from verify import libcrypto

    return _private(libcrypto.private_key(der))


def private_of_pem(pem: bytes, passphrase: str | None) -> "Key":
    """Raises ValueError for anything but a private SM2 key in PKCS#8 PEM, or when the passphrase is wrong."""
    from verify import libcrypto

    secret = (passphrase or "").encode()
    return _private(None if b"\0" in secret else libcrypto.private_key_of_pem(pem, secret))


def _private(key: "Key | None") -> "Key":
    if key is None:
        raise ValueError("not a private SM2 key")
    _refuse_off_curve(key.public_point())
    return key


def _refuse_off_curve(public_key: bytes) -> None:
    if len(public_key) != POINT_BYTES or public_key[:1] != _UNCOMPRESSED:
        raise ValueError("not an uncompressed point")
    x, y = int.from_bytes(public_key[1:33]), int.from_bytes(public_key[33:])
    if x >= P or y >= P or (y * y - x * x * x - A * x - B) % P:
        raise ValueError("not a point of the curve")


def _after_z(public_key: bytes, signer_id: bytes) -> Hash:
    """SM3 fed with Z, waiting for the message."""
    z = Hash(SM3())
    z.update((8 * len(signer_id)).to_bytes(2) + signer_id)
    z.update(b"".join(number.to_bytes(32) for number in (A, B, *G)))
    z.update(public_key[1:])
    begun = Hash(SM3())
    begun.update(z.finalize())
    return begun


def _finished(begun: Hash, message: bytes) -> bytes:
    whole = begun.copy()
    whole.update(message)
    return whole.finalize()
