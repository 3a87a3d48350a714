"""Pictures for cases 1–3, 14 and 15: broken, several, cut in parts, under a seal, too large. All fictional."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from PIL import Image, ImageDraw
from qrcode import QRCode, util
from qrcode.constants import ERROR_CORRECT_M

from tests.verify.documents.photos import jpeg, mm, pdf, photographed, report_page, sealed, sheet
from tests.verify.documents.report import qr_png
from tests.verify.sample import FACTS, KEY, QR, URL
from verify.credential import sign
from verify.scanned import qr_text

CHAT = "https://chat.example/u/abcdef"
SEAL_OVER_CODE = (178.0, 30.0)
_STRUCTURED_APPEND, _BYTES = 0b0011, 0b0100


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def torn() -> bytes:
    """A third of the code is gone: the corners stand, the words cannot be put together."""
    with Image.open(io.BytesIO(qr_png(QR))) as opened:
        image = opened.convert("RGB")
    wide, high = image.size
    draw = ImageDraw.Draw(image)
    draw.rectangle((wide * 0.3, high * 0.35, wide * 0.95, high * 0.62), fill="white")
    draw.rectangle((wide * 0.35, high * 0.1, wide * 0.6, high * 0.9), fill="black")
    return png(image)


def another() -> str:
    """The code of another genuine report."""
    return qr_text(sign(replace(FACTS, sequence=18), KEY), URL)


def part(number: int, of: int, text: str) -> Image.Image:
    """One symbol of a structured-append set (ISO/IEC 18004 §8)."""
    code = QRCode(version=11, error_correction=ERROR_CORRECT_M, border=4, box_size=8)
    buffer = util.BitBuffer()
    parity = 0
    for byte in QR.encode():
        parity ^= byte
    for value, bits in ((_STRUCTURED_APPEND, 4), (number, 4), (of - 1, 4), (parity, 8), (_BYTES, 4)):
        buffer.put(value, bits)
    buffer.put(len(text), util.length_in_bits(_BYTES, 11))
    for byte in text.encode():
        buffer.put(byte, 8)
    blocks = util.base.rs_blocks(11, ERROR_CORRECT_M)
    room = sum(block.data_count for block in blocks)
    buffer.put(0, 4)
    while len(buffer) % 8:
        buffer.put_bit(False)
    for place in range(room - len(buffer) // 8):
        buffer.put((0xEC, 0x11)[place % 2], 8)
    code.data_cache = util.create_bytes(buffer, blocks)
    code.makeImpl(False, 0)
    return code.make_image().get_image().convert("RGB")


def first_half() -> bytes:
    return png(part(0, 2, QR[: len(QR) // 2]))


def both_halves() -> bytes:
    page = Image.new("RGB", (mm(210), mm(297)), "white")
    middle = len(QR) // 2
    for number, text in enumerate((QR[:middle], QR[middle:])):
        page.paste(part(number, 2, text), (mm(20), mm(20 + 120 * number)))
    return png(page)


def claimed(side: int) -> bytes:
    """A PNG that claims so many pixels and carries almost none."""
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(bytes(1000))))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in (*chunks, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + body


def grey(side: int) -> bytes:
    """A real picture of that size: a few kilobytes of file."""
    return png(Image.new("L", (side, side), 255))


BUILDERS: Mapping[int, Mapping[str, Callable[[], bytes]]] = {
    1: {"a code of which a third is gone": torn},
    2: {
        "two reports on one sheet": lambda: jpeg(sheet((QR, (160, 12)), (another(), (20, 200)))),
        "a chat group's code beside ours": lambda: jpeg(sheet((QR, (160, 12)), (CHAT, (20, 200)))),
        "two reports in one scan": lambda: pdf(report_page(QR), report_page(another())),
    },
    3: {"the first of two symbols": first_half, "both symbols on one page": both_halves},
    14: {
        "a scan with the seal over the code": lambda: png(sealed(report_page(QR), SEAL_OVER_CODE)),
        "a photograph with the seal over the code": lambda: jpeg(
            photographed(sealed(report_page(QR), SEAL_OVER_CODE), tilt=0.05), quality=80
        ),
        "a scanned PDF with the seal over the code": lambda: pdf(sealed(report_page(QR), SEAL_OVER_CODE), quality=85),
    },
    15: {
        "a picture that claims 30,000 × 30,000": lambda: claimed(30_000),
        "a picture that claims 2,000,000 × 2,000,000": lambda: claimed(2_000_000),
        "a picture of 9,000 × 9,000": lambda: grey(9_000),
    },
}
