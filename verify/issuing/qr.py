"""The QR of a report: the verification text as a crisp black-and-white PNG with its quiet zone.

Rules kept:
* Level M, quiet zone 4 modules, whole pixels per module, no antialiasing.
* Printed 35 mm wide; wider where a long name needs it, so that a module is never below half a millimetre.
* The address is one byte segment, the digits one numeric segment: the densest form of ``https://host/v#digits``.
* One fixed mask: trying all eight costs four times as much and no reader needs it. Decision: docs/decisions/0050.
* What is the same for every text of a version is learned from the qrcode library once (``qr_plan``); the picture is,
  module for module, the one the library draws. The same text gives the same bytes.

Source: design §3; ISO/IEC 18004; PNG: ISO/IEC 15948.
"""

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from verify.issuing.qr_plan import plan_of, version_for

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PRINTED_MM = 35.0
MIN_MODULE_MM = 0.505
"""Half a millimetre, and what a printer's rounding may take."""
QUIET_MODULES = 4
MAX_VERSION = 11
"""61 modules + 8 of quiet zone in 35 mm: 0.507 mm each. From version 12 on the picture is printed wider."""
_PIXELS = 10
_DIGITS = "0123456789"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class QrPicture:
    """``version`` 1–40 as in ISO/IEC 18004; ``modules`` is the width without quiet zone.

    ``matrix``: every row with its quiet zone, one byte a module, 1 = dark.
    """

    png: bytes
    version: int
    modules: int
    matrix: tuple[bytes, ...] = field(repr=False)

    @property
    def printed_mm(self) -> float:
        """Width on paper, quiet zone included."""
        return max(PRINTED_MM, MIN_MODULE_MM * (self.modules + 2 * QUIET_MODULES))

    @property
    def module_mm(self) -> float:
        """Width of one module on paper."""
        return self.printed_mm / (self.modules + 2 * QUIET_MODULES)


def picture(text: str) -> QrPicture:
    """The QR of ``text``: everything before its trailing digits as one segment, the digits in numeric mode.

    Raises ValueError for a text that no QR holds.
    """
    prefix = text.rstrip(_DIGITS).encode("ascii")
    digits = text[len(prefix) :]
    version = version_for(len(prefix), len(digits))
    plan = plan_of(version)
    framed = _framed(plan.matrix(plan.data(prefix, digits)))
    return QrPicture(_png(framed), version, plan.side, tuple(map(bytes, framed)))


def _framed(matrix: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    import numpy as np

    return np.pad(matrix, QUIET_MODULES)


def _png(framed: "NDArray[np.uint8]") -> bytes:
    """1 = dark. Written here: Pillow looks for the best filter of each row, which takes longer than all the rest."""
    import numpy as np

    lines = np.packbits((1 - framed).repeat(_PIXELS, axis=1), axis=1).repeat(_PIXELS, axis=0)
    unfiltered = np.pad(lines, ((0, 0), (1, 0)))
    side = len(lines)
    facts = struct.pack(">2I5B", side, side, 1, 0, 0, 0, 0)  # one bit, grey
    pixels = zlib.compress(unfiltered.tobytes(), 1)
    return _SIGNATURE + _chunk(b"IHDR", facts) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
