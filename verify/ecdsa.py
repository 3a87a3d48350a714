"""ES256: ECDSA on P-256 with SHA-256, raw keys and signatures.

* A public key is its point, uncompressed: 04 ‖ x ‖ y, 65 bytes, on the curve.
* A signature is r ‖ s, 64 bytes. ``is_low``: s lies in the lower half. The curve equation accepts n - s as well, so a
  stranger could write a second signature of the same thing; our profile of COSE takes the lower one only.

Sources: FIPS 186-5 §6; RFC 9053 §2.1; SEC 1 §2.3.3; RFC 6979 (nonces).
"""

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
POINT_BYTES, SIGNATURE_BYTES = 65, 64
_UNCOMPRESSED = 0x04
_LARGEST_LOW = (ORDER // 2).to_bytes(32)


def load(public_key: bytes) -> Callable[[bytes, bytes], bool]:
    """(message, signature) → does it hold? Raises ValueError for bytes that are no point of the curve."""
    if len(public_key) != POINT_BYTES or public_key[0] != _UNCOMPRESSED:
        raise ValueError("not an uncompressed point")
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key)
    method = ECDSA(SHA256())

    def holds(message: bytes, signature: bytes) -> bool:
        if len(signature) != SIGNATURE_BYTES:
            return False
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        try:
            key.verify(encode_dss_signature(r, s), message, method)
        except InvalidSignature:
            return False
        return True

    return holds


def is_low(signature: bytes) -> bool:
    """Whether s is not above n/2."""
    return signature[32:] <= _LARGEST_LOW


def lowered(signature: bytes) -> bytes:
    """The same signature with the lower s."""
    if is_low(signature):
        return signature
    return signature[:32] + (ORDER - int.from_bytes(signature[32:])).to_bytes(32)
