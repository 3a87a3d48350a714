"""Signatures of two integers: DER as libraries and devices write them ↔ the raw 64 bytes r ‖ s that we keep.

* One SEQUENCE of exactly two INTEGERs, lengths in their short form, nothing after it and nothing between.
* Each integer in its shortest form, positive, and 0 < r, s < n of its curve.
* Raw: r and s, each as 32 bytes, most significant first. Either form has exactly one counterpart.

Sources: ITU-T X.690 §8.3, §10.1; RFC 3279 §2.2.3; RFC 9053 §2.1 (raw form). Verify-cases 41, 43, 46.
"""

from verify.errors import KeyringError

HALF = 32
_SEQUENCE, _INTEGER, _LONG_FORM = 0x30, 0x02, 0x80


def to_raw(der: bytes, order: int) -> bytes:
    """r ‖ s. ``order``: n of the curve, of 256 bits. Raises KeyringError (SIGNATURE_MALFORMED)."""
    if len(der) < 2 or der[0] != _SEQUENCE or der[1] >= _LONG_FORM or der[1] != len(der) - 2:
        raise _malformed("不是一个 SEQUENCE")
    r, end = _integer(der, 2)
    s, end = _integer(der, end)
    if end != len(der):
        raise _malformed("有多余的元素")
    return b"".join(_in_range(value, order).to_bytes(HALF) for value in (r, s))


def to_der(raw: bytes, order: int) -> bytes:
    """The SEQUENCE. Raises KeyringError (SIGNATURE_MALFORMED)."""
    if len(raw) != 2 * HALF:
        raise _malformed("长度不对")
    halves = (int.from_bytes(raw[:HALF]), int.from_bytes(raw[HALF:]))
    content = b"".join(_encoded(_in_range(value, order)) for value in halves)
    return bytes((_SEQUENCE, len(content))) + content


def _integer(der: bytes, at: int) -> tuple[int, int]:
    """The integer that starts at ``at`` and the offset after it."""
    if len(der) < at + 3 or der[at] != _INTEGER:
        raise _malformed("缺少 INTEGER")
    size, start = der[at + 1], at + 2
    if size == 0 or size > HALF + 1 or start + size > len(der):
        raise _malformed("INTEGER 的长度不对")
    content = der[start : start + size]
    if content[0] & 0x80 or (size > 1 and content[0] == 0 and not content[1] & 0x80):
        raise _malformed("INTEGER 是负数或不是最短写法")
    return int.from_bytes(content), start + size


def _encoded(value: int) -> bytes:
    content = value.to_bytes(value.bit_length() // 8 + 1)
    return bytes((_INTEGER, len(content))) + content


def _in_range(value: int, order: int) -> int:
    if not 0 < value < order:
        raise _malformed("r 或 s 不在 1 至 n-1 之间")
    return value


def _malformed(what: str) -> KeyringError:
    return KeyringError(f"签名的写法不对：{what}。", next_step="请核对签名的来源。", code="SIGNATURE_MALFORMED")
