"""The leaves of the log: what one act on one report is as bytes, written and read.

* Deterministic CBOR: ``[1, 0, at]`` opened, ``[1, 1, at, ref, iat, sequence]`` issued, ``[1, act, at, ref, previous]``
  for a change; moments in whole seconds; ``ref`` = SHA-256(token).
* Nothing in a leaf tells a subject: the hash of the token, moments, and the running number of the day.
* A report's acts follow ``MAY_FOLLOW``: withdrawn or replaced is the end.

Source: docs/credential.md §10.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from verify.credential import SEQUENCE_MAX
from verify.encoding import dumps, loads
from verify.reasons import Reason, Rejection
from verify.registration import Act
from verify.validity import SHANGHAI

FORMAT = 1
LEAF_LIMIT_BYTES = 128
REF_BYTES = 32
INDEX_MAX = 1 << 40
_SECONDS_MAX = (1 << 32) - 1
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
    """Raises Rejection, and nothing else, for bytes that are no leaf."""
    if len(data) > LEAF_LIMIT_BYTES:
        raise _no_leaf()
    match loads(data):
        case [int(form), int(act), at, *rest] if form == FORMAT:
            return _leaf(act, _moment(at), rest)
    raise _no_leaf()


def _leaf(act: int, at: datetime, rest: list[Any]) -> Leaf:
    match rest:
        case [] if act == Act.OPENED:
            return Leaf(Act.OPENED, at)
        case [bytes(ref), iat, int(sequence)] if act == Act.ISSUED and 1 <= sequence <= SEQUENCE_MAX:
            return Leaf(Act.ISSUED, at, _ref(ref), iat=_moment(iat), sequence=sequence)
        case [bytes(ref), int(previous)] if Act.REVOKED <= act <= Act.RESUMED and 1 <= previous <= INDEX_MAX:
            return Leaf(Act(act), at, _ref(ref), previous=previous)
    raise _no_leaf()


def _ref(value: bytes) -> bytes:
    if len(value) != REF_BYTES:
        raise _no_leaf()
    return value


def _moment(value: Any) -> datetime:
    if type(value) is not int or not 0 <= value <= _SECONDS_MAX:
        raise _no_leaf()
    return datetime.fromtimestamp(value, UTC).astimezone(SHANGHAI)


def _seconds(moment: datetime) -> int:
    if moment.tzinfo is None or moment.microsecond:
        raise ValueError("a leaf's moments are aware and in whole seconds")
    return int(moment.timestamp())


def _no_leaf() -> Rejection:
    return Rejection(Reason.LOG_PROOF_INVALID, "不是登记日志的条目")
