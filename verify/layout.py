"""The bytes of a credential as they are when nothing is wrong: one fixed layout, read in one pass.

* ``read`` gives what a verdict needs of a token that has exactly the layout of docs/credential.md §2, every number in
  its range; None for anything else. ``verify.credential`` then reads it item by item, which finds what is wrong, or a
  rarer form: a name of over 100 bytes, one of the last thousands of sequences or codes.
* What matches is deterministic CBOR: every number is written in its shortest form, every length is the true one, no
  item is missing, added or moved. So unsigned numbers sort like their bytes, and are compared undecoded.
* ``remaining`` gives the other facts, for who asks for them. The name is only cut out: ``verify.subject`` judges it.
* A test holds both ways of reading against each other (tests/verify/test_layout.py).

Why: item by item costs as much as half a signature, and banks ask often. Decision: docs/decisions/0181.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from verify.cose import ALG, KID, Signed
from verify.encoding import dumps
from verify.keyring import ALGORITHMS, KID_BYTES
from verify.subject import CODE_END
from verify.validity import SHANGHAI, expires_at, valid_until

_START_OF_HEADER = {
    bytes([0x40 + len(start) + KID_BYTES]) + start: number
    for number in ALGORITHMS
    for start in [dumps({ALG: number, KID: bytes(KID_BYTES)})[:-KID_BYTES]]
}
"""The protected header {1: alg, 4: kid} of each algorithm, up to its kid."""
_COUNT = rb"[\x00-\x17]|\x18[\x18-\xff]|\x19[\x01-\xff]."
_COUNT_FROM_ONE = rb"[\x01-\x17]|\x18[\x18-\xff]|\x19[\x01-\xff]."
_SEQUENCE = _COUNT_FROM_ONE + rb"|\x1a\x00[\x01-\x97].."
_INDEX = _COUNT + rb"|\x1a\x00[\x01-\xff].."
_CODE = rb"[\x00-" + re.escape(bytes([CODE_END[0] - 1])) + rb"].{10}"
_USUAL_NAME_BYTES = 28
_NAME = b"|".join(
    re.escape(dumps(bytes(size))[:-size]) + rb".{%d}" % size
    for size in sorted(range(2, 101, 2), key=lambda size: abs(size - _USUAL_NAME_BYTES))
)
"""Each length with as many bytes after it, the likeliest first."""

_TOKEN = re.compile(
    rb"\xd2\x84((%b).{8})\xa0\x58([\x18-\xff])" % b"|".join(map(re.escape, _START_OF_HEADER))  # and length of payload
    + rb"\xa3\x04\x1a(....)\x06\x1a((?!\x00\x00)....)\x37\x8c\x01\x01"  # exp, iat, version 1, report type 1
    + rb"(%b)(%b)\x4b(%b)(%b)" % (_SEQUENCE, _INDEX, _CODE, _NAME)
    + rb"(%b)(%b)(%b)(%b)(%b)" % (_COUNT, _COUNT, _COUNT_FROM_ONE, _COUNT, _COUNT)
    + rb"\x58\x20(.{32})\x58\x40(.{64})",
    re.DOTALL,
)
_SIGNATURE1, _NOTHING_BESIDE = b"\x84\x6aSignature1", b"\x40\x58"
_BEFORE_PAYLOAD, _AFTER_PAYLOAD = 5, 66
"""Beside the protected header: tag, array, empty map and length; and the signature with its length."""
_LONG_NAME = 0x58
_DAY_SECONDS, _AHEAD_SECONDS = 86_400, 8 * 3600
_FIRST_DAY = date(1970, 1, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=SHANGHAI)


class Month(NamedTuple):
    """What follows from an issue day: its ``exp`` as four bytes, the day in CBOR, and the month's end twice."""

    exp: bytes
    issue_day: bytes
    valid_until: datetime
    expires_at: datetime


Laid = tuple[Signed, int, Month, int, bytes, tuple[bytes, ...]]
"""One token, unverified: what is signed, when it was issued (seconds), that day's month, status index, name, and the
items that ``remaining`` reads."""


def read(token: bytes) -> Laid | None:
    """None for another layout, which need not be wrong."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    items = found.groups()
    protected, start, size, exp, iat, _, index, _, name, first, last, domains, _, without, _, signature = items
    payload = token[len(protected) + _BEFORE_PAYLOAD : -_AFTER_PAYLOAD]
    issued = int.from_bytes(iat)
    month = _month((issued + _AHEAD_SECONDS) // _DAY_SECONDS)
    if size[0] != len(payload) or exp != month.exp or not first <= last < month.issue_day or without > domains:
        return None
    message = b"".join((_SIGNATURE1, protected, _NOTHING_BESIDE, size, payload))
    signed = Signed(_START_OF_HEADER[start], protected[-KID_BYTES:], payload, message, signature)
    return (
        signed,
        issued,
        month,
        int.from_bytes(index[1:] or index),
        name[2:] if name[0] == _LONG_NAME else name[1:],
        items,
    )


@lru_cache(maxsize=4096)
def _month(day: int) -> Month:
    """``day``: counted in Shanghai from 1970."""
    noon = _EPOCH + timedelta(days=day, hours=12)
    end = expires_at(noon)
    exp = int(end.timestamp()).to_bytes(5).removeprefix(b"\x00")
    return Month(exp, dumps(day), valid_until(noon), end)


Remaining = tuple[int, bytes, date, date, int, int, int, bytes]
"""What no verdict needs: sequence, code, both days of the window, domains, records, domains without data, root."""


def remaining(items: tuple[bytes, ...]) -> Remaining:
    """Of the items that ``read`` gave."""
    _, _, _, _, _, sequence, _, code, _, first, last, domains, records, without, root, _ = items
    counts = _count(domains), _count(records), _count(without)
    return int.from_bytes(sequence[1:] or sequence), code, _day(first), _day(last), *counts, root


@lru_cache(maxsize=4096)
def _count(item: bytes) -> int:
    """An unsigned number of CBOR in its shortest form. Remembered: the same few stand in every report."""
    return int.from_bytes(item[1:] or item)


@lru_cache(maxsize=4096)
def _day(item: bytes) -> date:
    return _FIRST_DAY + timedelta(days=_count(item))
