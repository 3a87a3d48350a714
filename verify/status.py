"""The status list: which reports were withdrawn. IETF Token Status List, CWT form, 2 bits per report.

* 0 VALID → valid; 1 INVALID → revoked; 2 SUSPENDED → suspended; 3 APPLICATION_SPECIFIC → superseded.
* Two bits per index, least significant bits of each byte first; zlib-compressed; at most ``LIST_LIMIT_BYTES`` unpacked.
* Signed by the root or by a key of the key list that was in force when the list was issued.
* ``exp`` passed, or the clock before ``iat``: the list says nothing any more (the verdict is indeterminate).
* ``sub`` is the list's address and must be this issuer's.

Source: draft-ietf-oauth-status-list §4, §5.2, §7.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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


class Status(IntEnum):
    VALID = 0
    REVOKED = 1
    SUSPENDED = 2
    SUPERSEDED = 3


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

    def status(self, index: int) -> Status | None:
        """None when the list has no entry for ``index``."""
        if not 0 <= index < len(self):
            return None
        return Status(self.packed[index // _PER_BYTE] >> BITS * (index % _PER_BYTE) & 0b11)


def status_uri(verify_url: str) -> str:
    """Where an issuer's list lives; also its ``sub``."""
    return f"{verify_url}/status"


def pack(statuses: Mapping[int, Status], size: int) -> bytes:
    """``size`` entries (rounded up to whole bytes), valid unless named. Raises ValueError for an index beyond them."""
    packed = bytearray(-(-size // _PER_BYTE))
    for index, status in statuses.items():
        if not 0 <= index < size:
            raise ValueError(f"status index {index} is not below {size}")
        packed[index // _PER_BYTE] |= status << BITS * (index % _PER_BYTE)
    return bytes(packed)


def sign_status_list(statuses: StatusList, signer: Signer) -> bytes:
    claims = {
        SUB: statuses.uri,
        EXP: int(statuses.expires_at.timestamp()),
        IAT: int(statuses.issued_at.timestamp()),
        TTL: statuses.ttl_seconds,
        STATUS_LIST: {"bits": BITS, "lst": zlib.compress(statuses.packed, 9)},
    }
    return sign1(dumps(claims), signer, TYP)


def read_status_list(data: bytes) -> tuple[StatusList, Signed]:
    """The list and its unverified signature. Raises TrustError for anything malformed."""
    if len(data) > TOKEN_LIMIT_BYTES:
        raise unusable("过大")
    try:
        signed = open_sign1(data, TYP)
        claims = loads(signed.payload)
    except Rejection as error:
        raise unusable(str(error)) from error
    if not isinstance(claims, dict) or set(claims) != {SUB, EXP, IAT, TTL, STATUS_LIST}:
        raise unusable("结构不对")
    uri, ttl = claims[SUB], claims[TTL]
    if type(uri) is not str or type(ttl) is not int or ttl <= 0:
        raise unusable("结构不对")
    packed = _packed(claims[STATUS_LIST])
    return StatusList(uri, _moment(claims[IAT]), _moment(claims[EXP]), ttl, packed), signed


def unusable(what: str, code: str = "STATUS_LIST_INVALID") -> TrustError:
    return TrustError(f"状态清单不可用：{what}。", next_step="请重新下载信任文件后重试。", code=code)


def _packed(value: Any) -> bytes:
    match value:
        case {"bits": int(bits), "lst": bytes(compressed)} if bits == BITS and len(value) == 2:
            return unpack(compressed)
    raise unusable("不是每份报告两位的清单")


def unpack(compressed: bytes) -> bytes:
    """Decompress, bounded. Raises TrustError for a bomb, a truncated stream or bytes after it."""
    stream = zlib.decompressobj()
    try:
        packed = stream.decompress(compressed, LIST_LIMIT_BYTES + 1)
    except zlib.error as error:
        raise unusable("压缩内容损坏") from error
    if len(packed) > LIST_LIMIT_BYTES:
        raise unusable("展开后过大", "STATUS_LIST_TOO_LARGE")
    if not stream.eof or stream.unused_data:
        raise unusable("压缩内容不完整")
    return packed


def _moment(value: Any) -> datetime:
    if type(value) is not int or not 0 <= value < 1 << 32:
        raise unusable("时间的写法不对")
    return datetime.fromtimestamp(value, UTC).astimezone(SHANGHAI)
