"""The leaves of the log: what one act on one report is as bytes, written and read.

* Deterministic CBOR: ``[1, 0, at]`` opened, ``[1, 1, at, ref, iat, sequence]`` issued, ``[1, act, at, ref, previous]``
  for a change; moments in whole seconds; ``ref`` = SHA-256(token).
* Nothing in a leaf tells a subject: the hash of the token, moments, and the running number of the day.
* A report's acts follow ``MAY_FOLLOW``: withdrawn or replaced is the end.

Source: docs/credential.md §10.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType

from verify.credential import SEQUENCE_MAX
from verify.encoding import dumps
from verify.reasons import Reason, Rejection
from verify.registration import Act
from verify.validity import SHANGHAI

FORMAT = 1
LEAF_LIMIT_BYTES = 128
INDEX_MAX = (1 << 32) - 1
LEAVES_MAX = 1000
"""Of one report."""

_UINT = rb"([\x00-\x17]|\x18[\x18-\xff]|\x19[\x01-\xff].|\x1a(?:[\x01-\xff].|\x00[\x01-\xff])..)"
"""0 … 2³²-1 in its shortest form: an index, a moment, a number."""
_REF = rb"\x58\x20(.{32})"
_OPENED = rb"\x83\x01\x00" + _UINT
_ISSUED = rb"\x86\x01\x01" + _UINT + _REF + _UINT * 2
_CHANGED = rb"\x85\x01([\x02-\x05])" + _UINT + _REF + _UINT
_LEAF = re.compile(rb"|".join((_OPENED, _ISSUED, _CHANGED)), re.DOTALL)
"""What matches is deterministic CBOR: read in one pass, because a look-up must cost next to nothing."""
_COUNT = re.compile(rb"[\x80-\x97]|\x98[\x18-\xff]|\x99[\x01-\xff].", re.DOTALL)
_ROW = re.compile(rb"\x82" + _UINT + rb"([\x40-\x57]|\x58[\x18-\x7f])", re.DOTALL)
"""An array's head; a row up to its leaf, with the length of that."""
_AFTER_VALID = frozenset({Act.REVOKED, Act.SUPERSEDED, Act.SUSPENDED})

MAY_FOLLOW: Mapping[Act, frozenset[Act]] = MappingProxyType(
    {
        Act.OPENED: frozenset(),
        Act.ISSUED: _AFTER_VALID,
        Act.RESUMED: _AFTER_VALID,
        Act.SUSPENDED: frozenset({Act.RESUMED, Act.REVOKED, Act.SUPERSEDED}),
        Act.REVOKED: frozenset(),
        Act.SUPERSEDED: frozenset(),
    }
)
"""What may be done to a report after an act."""

_ACTS = tuple(Act)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One act. The opening has no ``ref``; ``iat`` and ``sequence`` stand in an issue, ``previous`` in a change."""

    act: Act
    at: datetime
    ref: bytes = b""
    iat: datetime | None = None
    sequence: int | None = None
    previous: int | None = None


def ref_of(token: bytes) -> bytes:
    """By what the log names a report."""
    return sha256(token).digest()


def opened(at: datetime) -> bytes:
    """The log's first leaf."""
    return dumps([FORMAT, int(Act.OPENED), _seconds(at)])


def issued(at: datetime, token: bytes, iat: datetime, sequence: int) -> bytes:
    """The issue of the report whose credential is ``token``; ``iat`` and ``sequence`` are the token's."""
    return dumps([FORMAT, int(Act.ISSUED), _seconds(at), ref_of(token), _seconds(iat), sequence])


def changed(act: Act, at: datetime, ref: bytes, previous: int) -> bytes:
    """A change of status. ``previous``: index of the report's leaf before. Raises ValueError for another act."""
    if act in (Act.OPENED, Act.ISSUED):
        raise ValueError(f"{act.name} is no change")
    return dumps([FORMAT, int(act), _seconds(at), ref, previous])


def read_leaf(data: bytes) -> Leaf:
    """Raises Rejection (LOG_PROOF_INVALID), and nothing else, for bytes that are no leaf."""
    found = _LEAF.fullmatch(data)
    if found is None:
        raise _no_leaf("不是登记日志的条目")
    opened_at, issued_at, issued_ref, iat, sequence, act, changed_at, changed_ref, previous = found.groups()
    if act is not None:
        return Leaf(_ACTS[act[0]], _moment(changed_at), changed_ref, previous=_positive(previous, INDEX_MAX))
    if opened_at is not None:
        return Leaf(Act.OPENED, _moment(opened_at))
    number = _positive(sequence, SEQUENCE_MAX)
    return Leaf(Act.ISSUED, _moment(issued_at), issued_ref, iat=_moment(iat), sequence=number)


def registered(rows: Sequence[tuple[int, bytes]]) -> bytes:
    """The file ``registered/…`` of one report: (index, leaf bytes) of its leaves, oldest first."""
    return dumps([[index, leaf] for index, leaf in rows])


def read_registered(data: bytes) -> list[tuple[int, bytes]]:
    """(index, leaf bytes), unproven; 1 … ``LEAVES_MAX`` of them. Raises Rejection (LOG_PROOF_INVALID)."""
    head = _COUNT.match(data)
    count = 0 if head is None else int.from_bytes(head[0][1:]) or data[0] & 0x1F
    rows, at = [], 0 if head is None else head.end()
    for _ in range(min(count, LEAVES_MAX)):
        row = _ROW.match(data, at)
        if row is None:
            break
        at = row.end() + (row[2][-1] & 0x7F if len(row[2]) > 1 else row[2][0] & 0x1F)
        rows.append((_number(row[1]), data[row.end() : at]))
    if at != len(data) or not 1 <= len(rows) == count:
        raise _no_leaf("不是一份报告的登记条目")
    return rows


def registered_path(ref: bytes) -> str:
    """Where the published folder holds the leaves of the report."""
    name = ref.hex()
    return f"registered/{name[:2]}/{name}"


def _moment(item: bytes) -> datetime:
    return datetime.fromtimestamp(_number(item), SHANGHAI)


def _number(item: bytes) -> int:
    """An unsigned number of CBOR in its shortest form."""
    return int.from_bytes(item[1:] or item)


def _positive(item: bytes, most: int) -> int:
    number = _number(item)
    if not 1 <= number <= most:
        raise _no_leaf("登记条目中的数字超出范围")
    return number


def _seconds(moment: datetime) -> int:
    if moment.tzinfo is None or moment.microsecond:
        raise ValueError("a leaf's moments are aware and in whole seconds")
    return int(moment.timestamp())


def _no_leaf(what: str) -> Rejection:
    return Rejection(Reason.LOG_PROOF_INVALID, what)
