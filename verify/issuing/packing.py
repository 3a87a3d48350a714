"""A zip of members some of which were compressed before: what is the same in every report is deflated once.

Rules kept:
* Plain deflate, no flags but UTF-8 names, no extra fields, no comment: any program opens it.
* All members carry one date; the same members give the same bytes.

Source: PKWARE APPNOTE 6.3.10, 4.3.7, 4.3.12, 4.3.16.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from verify.validity import SHANGHAI

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _UTF8, _DEFLATED = 20, 0x800, 8
_LEVEL = 3
"""A tenth larger than level 6, in a third of the time."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the zip, deflated."""

    name: str
    crc: int
    size: int
    deflated: bytes


def member(name: str, content: bytes) -> Member:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Member(name, zlib.crc32(content), len(content), packer.compress(content) + packer.flush())


def packed(members: Sequence[Member], moment: datetime) -> bytes:
    """The zip, every member dated ``moment`` (Asia/Shanghai, even seconds)."""
    day, time = _stamp(moment)
    out, directory = bytearray(), bytearray()
    for each in members:
        name = each.name.encode()
        shared = (_UTF8, _DEFLATED, time, day, each.crc, len(each.deflated), each.size, len(name), 0)
        directory += _CENTRAL.pack(b"PK\x01\x02", _VERSION, _VERSION, *shared, 0, 0, 0, 0, len(out)) + name
        out += _LOCAL.pack(b"PK\x03\x04", _VERSION, *shared) + name + each.deflated
    end = _END.pack(b"PK\x05\x06", 0, 0, len(members), len(members), len(directory), len(out), 0)
    return bytes(out + directory + end)


def _stamp(moment: datetime) -> tuple[int, int]:
    """MS-DOS day and time: from 1980, two seconds exact."""
    local = moment.astimezone(SHANGHAI)
    day = (local.year - 1980) << 9 | local.month << 5 | local.day
    return day, local.hour << 11 | local.minute << 5 | local.second // 2
