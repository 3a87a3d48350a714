"""The QR of a report: the verification text as a crisp black-and-white PNG with its quiet zone.

Rules kept:
* Level M, quiet zone 4 modules, whole pixels per module, no antialiasing.
* Printed 35 mm wide; wider where a long name needs it, so that a module is never below half a millimetre.
* The address is one byte segment, the digits one numeric segment: the densest form of ``https://host/v#digits``.
* One fixed mask: trying all eight costs four times as much and no reader needs it. Decision: docs/decisions/0050.

Source: design §3; ISO/IEC 18004.
"""

import io
from dataclasses import dataclass, field

PRINTED_MM = 35.0
MIN_MODULE_MM = 0.505
"""Half a millimetre, and what a printer's rounding may take."""
QUIET_MODULES = 4
MAX_VERSION = 11
"""61 modules + 8 of quiet zone in 35 mm: 0.507 mm each. From version 12 on the picture is printed wider."""
_MASK = 3
_PIXELS = 10


@dataclass(frozen=True, slots=True)
class QrPicture:
    """``version`` 1–40 as in ISO/IEC 18004; ``modules`` is the width without quiet zone; ``matrix`` the rows with it."""

    png: bytes
    version: int
    modules: int
    matrix: tuple[tuple[bool, ...], ...] = field(repr=False)

    @property
    def printed_mm(self) -> float:
        """Width on paper, quiet zone included."""
        return max(PRINTED_MM, MIN_MODULE_MM * (self.modules + 2 * QUIET_MODULES))

    @property
    def module_mm(self) -> float:
        """Width of one module on paper."""
        return self.printed_mm / (self.modules + 2 * QUIET_MODULES)


def picture(text: str) -> QrPicture:
    """The QR of ``text``: everything before its trailing digits as one segment, the digits in numeric mode."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.util import QRData

    prefix = text.rstrip("0123456789")
    digits = text[len(prefix) :]
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_MODULES, mask_pattern=_MASK)
    if prefix:
        code.add_data(QRData(prefix.encode("ascii")))
    if digits:
        code.add_data(QRData(digits.encode("ascii")))
    code.make(fit=True)
    matrix = tuple(map(tuple, code.get_matrix()))
    return QrPicture(_png(matrix), code.version, code.modules_count, matrix)


def _png(matrix: tuple[tuple[bool, ...], ...]) -> bytes:
    from PIL import Image

    side = len(matrix)
    small = Image.new("1", (side, side), 1)
    small.putdata([0 if dark else 1 for row in matrix for dark in row])
    out = io.BytesIO()
    small.resize((side * _PIXELS, side * _PIXELS), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()
