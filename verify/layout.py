"""The bytes of a credential as they are when nothing is wrong: one fixed layout, read in one pass.

* ``read`` gives the items of a token that has exactly the layout of docs/credential.md §2, every number in its range;
  None for anything else. ``verify.credential`` then reads it item by item, which finds what is wrong, or a rarer form:
  a name of over 100 bytes.
* What matches is deterministic CBOR: every number is written in its shortest form, every length is the true one, no
  item is missing, added or moved. So unsigned numbers sort like their bytes, and ranges are compared undecoded.
* Subject code and name are only cut out here; ``verify.subject`` judges them.
* A test holds both ways of reading against each other (tests/verify/test_layout.py).

Why: item by item costs as much as half a signature, and banks ask often. Decision: docs/decisions/0181.
"""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from verify.cose import Signed
from verify.encoding import dumps
from verify.keyring import ALGORITHMS
from verify.validity import SHANGHAI, expires_at, valid_until

_UINT = rb"([\x00-\x17]|\x18[\x18-\xff]|\x19[\x01-\xff].|\x1a(?:[\x01-\xff].|\x00[\x01-\xff])..)"
_LENGTH = rb"([\x40-\x57]|\x58[\x18-\xff])"
_HEAD = re.compile(
    rb"\xd2\x84"
    rb"([\x40-\x57]\xa2\x01(\x32|\x26|\x3a....)\x04\x48(.{8}))\xa0"  # protected {1: alg, 4: kid}, unprotected {}
    rb"\x58([\x18-\xff])"  # payload
    rb"\xa3\x04\x1a(....)\x06\x1a(....)\x37\x8c\x01\x01" + _UINT * 2 + rb"\x4b(.{11})" + _LENGTH,
    re.DOTALL,
)
"""Up to the length of the name, the one item whose length varies much. Version 1, report type 1."""
_TAIL = re.compile(_UINT * 5 + rb"\x58\x20(.{32})\x58\x40(.{64})", re.DOTALL)
_SIGNATURE1 = b"\x84\x6aSignature1"
_BEFORE_PAYLOAD, _AFTER_PAYLOAD = 5, 66
"""Beside the protected header: tag, array, empty map and length; and the signature with its length."""
_ONE, _TWO_BYTES_MOST = b"\x01", b"\x19\xff\xff"
_SEQUENCE_MOST, _INDEX_MOST = b"\x1a" + (9_999_999).to_bytes(4), b"\x1a\x00\xff\xff\xff"
_FOUR_BYTES_MORE_THAN = b"\x00\x00\xff\xff"
_DAY_SECONDS, _AHEAD_SECONDS = 86_400, 8 * 3600
_EPOCH = datetime(1970, 1, 1, tzinfo=SHANGHAI)


class Month(NamedTuple):
    """What follows from an issue day: its ``exp`` as four bytes, the day in CBOR, and the month's end twice."""

    exp: bytes
    issue_day: bytes
    valid_until: datetime
    expires_at: datetime


class Laid(NamedTuple):
    """One token, unverified. ``issued`` in seconds; ``numbers``: facts 2, 3 and 6–10, each in CBOR."""

    signed: Signed
    issued: int
    month: Month
    code: bytes
    name: bytes
    numbers: tuple[bytes, ...]
    root: bytes


def read(token: bytes) -> Laid | None:
    """None for another layout, which need not be wrong."""
    head = _HEAD.match(token)
    if head is None:
        return None
    protected, algorithm, kid, size, exp, iat, sequence, index, code, length = head.groups()
    name_at = head.end()
    name_end = name_at + length[-1] - (0x40 if len(length) == 1 else 0)
    tail = _TAIL.fullmatch(token, name_end)
    if tail is None:
        return None
    first, last, domains, records, without, root, signature = tail.groups()
    start, end = len(protected) + _BEFORE_PAYLOAD, len(token) - _AFTER_PAYLOAD
    known = _ALGORITHMS.get(algorithm)
    issued = int.from_bytes(iat)
    month = _month((issued + _AHEAD_SECONDS) // _DAY_SECONDS)
    if not (
        known is not None
        and protected[0] - 0x40 == len(protected) - 1
        and size[0] == end - start
        and iat > _FOUR_BYTES_MORE_THAN
        and exp == month.exp
        and first <= last < month.issue_day
        and _ONE <= sequence <= _SEQUENCE_MOST
        and index <= _INDEX_MOST
        and _ONE <= domains <= _TWO_BYTES_MOST
        and records <= _TWO_BYTES_MOST
        and without <= domains
    ):
        return None
    message = _SIGNATURE1 + protected + b"\x40" + token[start - 2 : end]
    signed = Signed(known, kid, token[start:end], message, signature)
    numbers = (sequence, index, first, last, domains, records, without)
    return Laid(signed, issued, month, code, token[name_at:name_end], numbers, root)


@lru_cache(maxsize=4096)
def _month(day: int) -> Month:
    """``day``: counted in Shanghai from 1970."""
    noon = _EPOCH + timedelta(days=day, hours=12)
    end = expires_at(noon)
    exp = int(end.timestamp()).to_bytes(5).removeprefix(b"\x00")
    return Month(exp, dumps(day), valid_until(noon), end)


def number(item: bytes) -> int:
    """An unsigned number of CBOR in its shortest form."""
    return int.from_bytes(item[1:] or item)


_ALGORITHMS = {dumps(number): number for number in ALGORITHMS}
