"""Deterministic CBOR (RFC 8949 §4.2.1), read strictly: one value has one encoding, everything else is refused.

Rules, each with its own reason code:

* integers and lengths in their shortest form; lengths definite and within the data;
* map keys in bytewise order, none twice;
* only integers, byte strings, UTF-8 text, arrays, maps and null: no booleans (nothing we write
  has one, and Python takes true for 1), no tags, no floating point;
* at most ``MAX_DEPTH`` levels; nothing after the value.

What passes is encoded again by cbor2 and must give the same bytes. Own reader because a lenient or eager one is an
attack surface: cbor2 evaluates tags (a 12-byte bigfloat can ask for gigabytes) before anyone can refuse them.
"""

from typing import Any, NoReturn

import cbor2

from verify.reasons import Reason, Rejection

MAX_DEPTH = 8

_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_NULL = 22
_ARGUMENT_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}


def dumps(value: Any) -> bytes:
    """``value`` (int, bytes, str, list, dict, None) as deterministic CBOR."""
    return cbor2.dumps(value, canonical=True)


def loads(data: bytes) -> Any:
    """The one value encoded in ``data``. Raises Rejection, and nothing else, on any other bytes."""
    value, end = _item(data, 0, MAX_DEPTH)
    if end != len(data):
        _refuse(Reason.TRAILING_BYTES, f"{len(data) - end} 字节")
    if dumps(value) != data:
        _refuse(Reason.NOT_CANONICAL)
    return value


def _refuse(reason: Reason, detail: str = "") -> NoReturn:
    raise Rejection(reason, detail)


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """The item that starts at ``at`` and the offset after it."""
    if at >= len(data):
        _refuse(Reason.TRUNCATED)
    major, extra = data[at] >> 5, data[at] & 0x1F
    if major == _TAG:
        _refuse(Reason.TAG_INSIDE)
    if major == _SIMPLE:
        _constant(extra)
        return None, at + 1
    argument, at = (extra, at + 1) if extra < 24 else _argument(data, at + 1, extra)
    if major == _UINT:
        return argument, at
    if major == _NINT:
        return -1 - argument, at
    if major in (_BYTES, _TEXT):
        return _string(data, at, argument, major)
    if depth == 1:
        _refuse(Reason.TOO_DEEP)
    if argument > len(data) - at:
        _refuse(Reason.LENGTH_BEYOND_END, str(argument))
    return _array(data, at, argument, depth) if major == _ARRAY else _map(data, at, argument, depth)


def _constant(extra: int) -> None:
    if extra == _NULL:
        return
    if extra in (25, 26, 27):
        _refuse(Reason.FLOAT)
    if extra == 31:
        _refuse(Reason.INDEFINITE_LENGTH)
    _refuse(Reason.MALFORMED, f"简单值 {extra}")


def _argument(data: bytes, at: int, extra: int) -> tuple[int, int]:
    if extra == 31:
        _refuse(Reason.INDEFINITE_LENGTH)
    if extra not in _ARGUMENT_BYTES:
        _refuse(Reason.MALFORMED, f"保留的附加信息 {extra}")
    size = _ARGUMENT_BYTES[extra]
    if at + size > len(data):
        _refuse(Reason.TRUNCATED)
    value = int.from_bytes(data[at : at + size])
    if value < 24 or (size > 1 and value < 1 << (4 * size)):
        _refuse(Reason.NOT_MINIMAL, str(value))
    return value, at + size


def _string(data: bytes, at: int, size: int, major: int) -> tuple[bytes | str, int]:
    end = at + size
    if end > len(data):
        _refuse(Reason.LENGTH_BEYOND_END, str(size))
    raw = data[at:end]
    if major == _BYTES:
        return raw, end
    try:
        return raw.decode("utf-8"), end
    except UnicodeDecodeError as error:
        raise Rejection(Reason.MALFORMED, "文字不是 UTF-8") from error


def _array(data: bytes, at: int, count: int, depth: int) -> tuple[list[Any], int]:
    values = []
    for _ in range(count):
        value, at = _item(data, at, depth - 1)
        values.append(value)
    return values, at


def _map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[Any, Any], int]:
    values: dict[Any, Any] = {}
    last = b""
    for _ in range(count):
        start = at
        key, at = _item(data, at, depth - 1)
        if type(key) not in (int, bytes, str):
            _refuse(Reason.MALFORMED, "映射的键不是整数或文字")
        encoded = data[start:at]
        if encoded == last:
            _refuse(Reason.DUPLICATE_KEY, str(key))
        if encoded < last:
            _refuse(Reason.KEYS_UNSORTED)
        values[key], at = _item(data, at, depth - 1)
        last = encoded
    return values, at
