"""What every QR of one version has in common, learned from the qrcode library: where each bit goes; check bytes.

The library sets one module after the other in Python and takes 10 ms for a report's code. Here it draws a few codes of
known bits once for each version; from them we know the empty picture (patterns, format, mask) and the module of each
bit, and a text is then set in some numpy operations. A test compares every version with the library's own picture.

Rules kept:
* The check bytes are Reed–Solomon over GF(256), generator polynomials and block sizes from the library.
* Data: a byte segment, then a numeric one; terminator and padding as in the standard.

Source: ISO/IEC 18004:2015, 7.4–7.7; docs/decisions/0144.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from qrcode import LUT, base, util
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

Bytes = NDArray[np.uint8]
MASK = 3
_VERSIONS = range(1, 41)
_NUMERIC: Literal[1] = 1
_BYTE: Literal[4] = 4
"""Modes of segments."""
_PADDING = (0xEC, 0x11)


@dataclass(frozen=True, slots=True)
class Plan:
    """One version. ``empty``: the matrix of all-zero bits, flat; ``places[i]``: where bit i goes."""

    version: int
    side: int
    empty: Bytes
    places: NDArray[np.intp]
    blocks: tuple[int, ...]
    """Data bytes of each block."""
    parity: Bytes
    """Row k from the end: check bytes of the byte 1 in the k-th place from a block's end."""

    def data(self, prefix: bytes, digits: str) -> Bytes:
        """The data bytes of a byte segment and a numeric one, padded."""
        bits = _segment(_BYTE, self.version, len(prefix), "".join(f"{byte:08b}" for byte in prefix))
        bits += _segment(_NUMERIC, self.version, len(digits), _numeric(digits))
        room = sum(self.blocks)
        bits += "0" * min(4, room * 8 - len(bits))
        bits += "0" * (-len(bits) % 8)
        used = len(bits) // 8
        padding = (_PADDING * room)[: room - used]
        return np.array([*int(bits, 2).to_bytes(used), *padding], np.uint8)

    def matrix(self, data: Bytes) -> Bytes:
        """1 = dark; without quiet zone."""
        bits = np.unpackbits(self._interleaved(data))
        flat = self.empty.copy()
        flat[self.places] ^= bits
        return flat.reshape(self.side, self.side)

    def _interleaved(self, data: Bytes) -> Bytes:
        """First bytes of all blocks, second bytes …, then the check bytes in the same way."""
        ends = np.cumsum(self.blocks)
        parts = [data[end - length : end] for end, length in zip(ends, self.blocks, strict=True)]
        checks = [self._check_bytes(part) for part in parts]
        mixed = [byte for row in (*zip_longest(*parts), *zip(*checks, strict=True)) for byte in row if byte is not None]
        return np.array(mixed, np.uint8)

    def _check_bytes(self, block: Bytes) -> Bytes:
        rows = self.parity[-len(block) :]
        checks: Bytes = np.bitwise_xor.reduce(_product(block[:, None], rows), axis=0)
        return checks


def version_for(prefix_bytes: int, digits: int) -> int:
    """The smallest version that holds the text. Raises ValueError when none does."""
    numeric = digits // 3 * 10 + (0, 4, 7)[digits % 3]
    for version in _VERSIONS:
        heads = (4 + util.length_in_bits(_BYTE, version)) * (prefix_bytes > 0)
        heads += (4 + util.length_in_bits(_NUMERIC, version)) * (digits > 0)
        if heads + prefix_bytes * 8 + numeric <= util.BIT_LIMIT_TABLE[ERROR_CORRECT_M][version]:
            return version
    raise ValueError("the text is too long for a QR code")


def _segment(mode: Literal[1, 4], version: int, length: int, bits: str) -> str:
    return f"{mode:04b}{length:0{util.length_in_bits(mode, version)}b}{bits}" if length else ""


def _numeric(digits: str) -> str:
    groups = (digits[start : start + 3] for start in range(0, len(digits), 3))
    return "".join(f"{int(group):0{(0, 4, 7, 10)[len(group)]}b}" for group in groups)


@lru_cache(maxsize=len(_VERSIONS))
def plan_of(version: int) -> Plan:
    """Some 50 ms for the first code of a version."""
    blocks = base.rs_blocks(version, ERROR_CORRECT_M)
    checks = blocks[0].total_count - blocks[0].data_count
    size = sum(block.total_count for block in blocks)
    empty = _drawn(version, np.zeros(size, np.uint8))
    lengths = tuple(block.data_count for block in blocks)
    return Plan(
        version, len(empty), empty.ravel(), _places(version, size, empty), lengths, _parity(max(lengths), checks)
    )


def _drawn(version: int, codewords: Bytes) -> Bytes:
    """The library's matrix of these bytes."""
    code = QRCode(version=version, error_correction=ERROR_CORRECT_M, mask_pattern=MASK)
    code.data_cache = codewords.tolist()
    code.makeImpl(False, MASK)
    return np.array(code.modules, np.uint8)


def _places(version: int, size: int, empty: Bytes) -> NDArray[np.intp]:
    """Where each bit goes: the k-th drawing has every bit set whose number has bit k; together they spell numbers."""
    numbers = np.arange(size * 8)
    spelled = np.zeros(empty.shape, np.intp)
    for place in range((size * 8).bit_length()):
        drawn = _drawn(version, np.packbits((numbers + 1 >> place & 1).astype(np.uint8)))
        spelled |= (drawn ^ empty).astype(np.intp) << place
    places = np.empty(size * 8, np.intp)
    holds_data = spelled.ravel() > 0
    places[spelled.ravel()[holds_data] - 1] = np.flatnonzero(holds_data)
    return places


def _parity(length: int, checks: int) -> Bytes:
    """Row i: the remainder of x^(checks + length - 1 - i) by the generator polynomial."""
    generator = np.array(_generator(checks)[1:], np.uint8)
    rows = [generator]
    while len(rows) < length:
        last = rows[-1]
        rows.append(np.append(last[1:], np.uint8(0)) ^ _product(last[:1], generator))
    return np.array(rows[::-1], np.uint8)


def _generator(checks: int) -> list[int]:
    if checks in LUT.rsPoly_LUT:
        return list(LUT.rsPoly_LUT[checks])
    product = base.Polynomial([1], 0)
    for power in range(checks):
        product = product * base.Polynomial([1, base.gexp(power)], 0)
    return [product[place] for place in range(len(product))]


def _product(left: Bytes, right: Bytes) -> Bytes:
    """In GF(256), element by element."""
    powers, logarithms = _field()
    product = powers[logarithms[left] + logarithms[right]]
    return np.where((left == 0) | (right == 0), np.uint8(0), product)


@lru_cache(maxsize=1)
def _field() -> tuple[Bytes, NDArray[np.intp]]:
    powers = np.array([base.EXP_TABLE[power % 255] for power in range(510)], np.uint8)
    return powers, np.array(base.LOG_TABLE, np.intp)
