"""SM2 signing with fixed nonces in plain Python: vectors that come out the same every time, or wrong on purpose.

For fictional test keys only: nothing here runs in constant time. Source: GB/T 32918.2-2016 §6.
"""

from hashlib import sha256

from verify.keyring import SM2, kid
from verify.sm2 import ORDER, SIGNER_ID, A, G, P, digest

Point = tuple[int, int] | None


class FixedSm2Signer:
    """``seed`` gives key and nonces; ``signer_id`` is the one signed under."""

    algorithm = SM2

    def __init__(self, seed: bytes, signer_id: bytes = SIGNER_ID) -> None:
        self._secret = int.from_bytes(sha256(seed).digest()) % (ORDER - 2) + 1
        self._id = signer_id
        x, y = _times(self._secret, G) or (0, 0)
        self.public_key = b"\x04" + x.to_bytes(32) + y.to_bytes(32)

    @property
    def kid(self) -> bytes:
        return kid(self.public_key)

    def sign(self, message: bytes) -> bytes:
        e = int.from_bytes(digest(self.public_key, message, self._id))
        nonce = int.from_bytes(sha256(self.public_key + message).digest()) % (ORDER - 1) + 1
        r = (e + (_times(nonce, G) or (0, 0))[0]) % ORDER
        s = pow(1 + self._secret, -1, ORDER) * (nonce - r * self._secret) % ORDER
        assert r * s
        return r.to_bytes(32) + s.to_bytes(32)


def _times(factor: int, point: Point) -> Point:
    result: Point = None
    while factor:
        if factor & 1:
            result = _sum(result, point)
        point = _sum(point, point)
        factor >>= 1
    return result


def _sum(left: Point, right: Point) -> Point:
    if left is None or right is None:
        return right if left is None else left
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) if left == right else (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P
