"""The bytes of a credential as they are when nothing is wrong: one fixed layout, read in one pass.

* ``read`` gives the items of a token that has exactly the layout of docs/credential.md §2, every number in its range; None
  for anything else. ``verify.credential`` then reads it item by item, which finds what is wrong, or a rarer form: a
  name of over 100 bytes.
* What matches is deterministic CBOR: every number is written in its shortest form, every length is the true one, no item
  is missing, added or moved. In that form unsigned numbers sort like their bytes, so ranges are compared undecoded.
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
from verify.validity import SHANGHAI, expires_at

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
_SIGNATURE_HEAD, _PAYLOAD_START = 2, 3
_ONE, _TWO_BYTES_MOST = b"\x01", b"\x19\xff\xff"
_SEQUENCE_MOST, _INDEX_MOST = b"\x1a" + (9_999_999).to_bytes(4), b"\x1a\x00\xff\xff\xff"
_FOUR_BYTES_MORE_THAN = b"\x00\x00\xff\xff"
_DAY_SECONDS, _AHEAD_SECONDS = 86_400, 8 * 3600
_EPOCH = datetime(1970, 1, 1, tzinfo=SHANGHAI)


class Laid(NamedTuple):
    """One token, unverified. ``issued`` in seconds; the facts but the first two as they stand, undecoded."""

    signed: Signed
    issued: int
    sequence: bytes
    index: bytes
    code: bytes
    name: bytes
    first: bytes
    last: bytes
    domains: bytes
    records: bytes
    without: bytes
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
    start, end = head.start(5) - _PAYLOAD_START, tail.start(7) - _SIGNATURE_HEAD
    number = _ALGORITHMS.get(algorithm)
    issued = int.from_bytes(iat)
    month_end, issue_day = _month((issued + _AHEAD_SECONDS) // _DAY_SECONDS)
    if not (
        number is not None
        and protected[0] - 0x40 == len(protected) - 1
        and size[0] == end - start
        and iat > _FOUR_BYTES_MORE_THAN
        and exp == month_end
        and first <= last < issue_day
        and _ONE <= sequence <= _SEQUENCE_MOST
        and index <= _INDEX_MOST
        and _ONE <= domains <= _TWO_BYTES_MOST
        and records <= _TWO_BYTES_MOST
        and without <= domains
    ):
        return None
    payload = token[start:end]
    signed = Signed(number, kid, payload, b"\x84\x6aSignature1%b\x40\x58%b%b" % (protected, size, payload), signature)
    name = token[name_at:name_end]
    return Laid(signed, issued, sequence, index, code, name, first, last, domains, records, without, root)


@lru_cache(maxsize=4096)
def _month(day: int) -> tuple[bytes, bytes]:
    """For an issue day, counted in Shanghai from 1970: the ``exp`` that belongs to it, and the day itself in CBOR."""
    noon = _EPOCH + timedelta(days=day, hours=12)
    return int(expires_at(noon).timestamp()).to_bytes(5).removeprefix(b"\x00"), dumps(day)


def number(item: bytes) -> int:
    """An unsigned number of CBOR in its shortest form."""
    return int.from_bytes(item[1:] or item)


_ALGORITHMS = {dumps(number): number for number in ALGORITHMS}
