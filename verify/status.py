"""The status list: which reports were withdrawn. IETF Token Status List, CWT form, 2 bits per report.

* 0 VALID → valid; 1 INVALID → revoked; 2 SUSPENDED → suspended; 3 APPLICATION_SPECIFIC → superseded.
* The notice list (``verify.notices``) has the same form and its own address and meaning: ``ListKind`` tells them apart.
* Two bits per index, least significant bits of each byte first; zlib-compressed; at most ``LIST_LIMIT_BYTES`` unpacked.
* Signed by the root or by a key of the key list that was in force when the list was issued.
* ``exp`` passed, or the clock before ``iat``: the list says nothing any more (the verdict is indeterminate).
* ``sub`` is the list's address and must be this issuer's and of this kind: one list never stands in for the other.

Source: draft-ietf-oauth-status-list §4, §5.2, §7.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from verify.cose import Signed, open_sign1, sign1
from verify.encoding import dumps, loads
from verify.errors import TrustError
from verify.keyring import Signer
from verify.reasons import Rejection
from verify.validity import SHANGHAI

TYP = "application/statuslist+cwt"
SUB, EXP, IAT, TTL, STATUS_LIST = 2, 4, 6, 65534, 65533
BITS = 2
_PER_BYTE = 8 // BITS
LIST_LIMIT_BYTES = 4 * 1024 * 1024
TOKEN_LIMIT_BYTES = LIST_LIMIT_BYTES + 4096
_COMPRESSION = 6
"""A list of a thousand withdrawals: 2 ms and 3.6 kB; at level 9, 14 ms and 2.7 kB."""
CLOCK_TOLERANCE = timedelta(minutes=5)


class Status(IntEnum):
    VALID = 0
    REVOKED = 1
    SUSPENDED = 2
    SUPERSEDED = 3


_STATUSES = tuple(Status)


@dataclass(frozen=True, slots=True)
class ListKind:
    """One of the lists an issuer publishes: what it is called in messages and codes, and where it lives."""

    name: str
    code: str
    place: str

    def uri(self, verify_url: str) -> str:
        """The list's address under this issuer; also its ``sub``."""
        return f"{verify_url}/{self.place}"

    def unusable(self, what: str, fault: str = "INVALID") -> TrustError:
        message = f"{self.name}不可用：{what}。"
        return TrustError(message, next_step="请重新下载信任文件后重试。", code=f"{self.code}_{fault}")


WITHDRAWALS = ListKind("状态清单", "STATUS_LIST", "status")
CHANGES = ListKind("提示清单", "NOTICE_LIST", "notices")


@dataclass(frozen=True, slots=True)
class StatusList:
    """``packed`` holds two bits per report, uncompressed."""

    uri: str
    issued_at: datetime
    expires_at: datetime
    ttl_seconds: int
    packed: bytes

    def __len__(self) -> int:
        return len(self.packed) * _PER_BYTE

    def value(self, index: int) -> int | None:
        """The two bits of ``index``; None when the list has no entry for it."""
        place = index // _PER_BYTE
        packed = self.packed
        if not 0 <= place < len(packed):
            return None
        return packed[place] >> BITS * (index % _PER_BYTE) & 0b11

    def status(self, index: int) -> Status | None:
        """``value`` as the status list means it."""
        place, packed = index // _PER_BYTE, self.packed
        return _STATUSES[packed[place] >> BITS * (index % _PER_BYTE) & 0b11] if 0 <= place < len(packed) else None

    def is_fresh(self, now: datetime) -> bool:
        """Whether what the list does not name may be relied on."""
        return self.issued_at - CLOCK_TOLERANCE <= now < self.expires_at


def status_uri(verify_url: str) -> str:
    """Where an issuer's status list lives; also its ``sub``."""
    return WITHDRAWALS.uri(verify_url)


def pack(values: Mapping[int, int], size: int) -> bytes:
    """``size`` entries (rounded up to whole bytes), 0 unless named. Raises ValueError for an index beyond them."""
    packed = bytearray(-(-size // _PER_BYTE))
    for index, value in values.items():
        if not (0 <= index < size and 0 <= value < 1 << BITS):
            raise ValueError(f"status index {index} is not below {size}, or {value} is more than two bits")
        packed[index // _PER_BYTE] |= value << BITS * (index % _PER_BYTE)
    return bytes(packed)


def sign_status_list(statuses: StatusList, signer: Signer) -> bytes:
    claims = {
        SUB: statuses.uri,
        EXP: int(statuses.expires_at.timestamp()),
        IAT: int(statuses.issued_at.timestamp()),
        TTL: statuses.ttl_seconds,
        STATUS_LIST: {"bits": BITS, "lst": zlib.compress(statuses.packed, _COMPRESSION)},
    }
    return sign1(dumps(claims), signer, TYP)


def read_status_list(data: bytes, kind: ListKind = WITHDRAWALS) -> tuple[StatusList, Signed]:
    """The list and its unverified signature. Raises TrustError for anything malformed."""
    if len(data) > TOKEN_LIMIT_BYTES:
        raise kind.unusable("过大")
    try:
        signed = open_sign1(data, TYP)
        claims = loads(signed.payload)
    except Rejection as error:
        raise kind.unusable(error.fault) from error
    if not isinstance(claims, dict) or set(claims) != {SUB, EXP, IAT, TTL, STATUS_LIST}:
        raise kind.unusable("结构不对")
    uri, ttl = claims[SUB], claims[TTL]
    if type(uri) is not str or type(ttl) is not int or ttl <= 0:
        raise kind.unusable("结构不对")
    packed = _packed(claims[STATUS_LIST], kind)
    return StatusList(uri, _moment(claims[IAT], kind), _moment(claims[EXP], kind), ttl, packed), signed


def _packed(value: Any, kind: ListKind) -> bytes:
    match value:
        case {"bits": int(bits), "lst": bytes(compressed)} if bits == BITS and len(value) == 2:
            return unpack(compressed, kind)
    raise kind.unusable("不是每份报告两位的清单")


def unpack(compressed: bytes, kind: ListKind = WITHDRAWALS) -> bytes:
    """Decompress, bounded. Raises TrustError for a bomb, a truncated stream or bytes after it."""
    stream = zlib.decompressobj()
    try:
        packed = stream.decompress(compressed, LIST_LIMIT_BYTES + 1)
    except zlib.error as error:
        raise kind.unusable("压缩内容损坏或不完整") from error
    if len(packed) > LIST_LIMIT_BYTES:
        raise kind.unusable("展开后过大", "TOO_LARGE")
    if not stream.eof or stream.unused_data:
        raise kind.unusable("压缩内容损坏或不完整")
    return packed


def _moment(value: Any, kind: ListKind) -> datetime:
    if type(value) is not int or not 0 <= value < 1 << 32:
        raise kind.unusable("时间的写法不对")
    return datetime.fromtimestamp(value, UTC).astimezone(SHANGHAI)
