# ruff: noqa: E501 - objects of a PDF are read best in one line
"""Builds small PDF files object by object; pages of Chinese words without embedded fonts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

A4 = (595, 842)
Word = tuple[float, float, float, str]
"""x, y of the base line, size, words."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: words, ruled lines (x0, y0, x1, y1), whether a picture covers it, and how it is turned to be shown."""

    words: Sequence[Word] = ()
    rules: Sequence[tuple[float, float, float, float]] = ()
    picture: bool = False
    turned: int = 0
    size: tuple[int, int] = field(default=A4)


def pdf_file(objects: Mapping[int, bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects (1 is the catalogue), with a correct cross-reference table."""
    content = b"%PDF-1.7\n"
    places = {}
    for number in sorted(objects):
        places[number] = len(content)
        content += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    start = len(content)
    last = max(objects) + 1
    content += b"xref\n0 %d\n0000000000 65535 f \n" % last
    for number in range(1, last):
        place = places.get(number)
        content += b"%010d 00000 n \n" % place if place is not None else b"0000000000 00000 f \n"
    return content + b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (last, trailer, start)


def stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), more, content)


def printed(*sheets: Sheet, encoding: str = "UniGB-UCS2-H", ordering: str = "GB1") -> bytes:
    """A PDF of these pages. Another ``encoding`` gives words that no program can read back."""
    font = f"<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /{encoding} /DescendantFonts [4 0 R] >>"
    descendant = (
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /SimSun /DW 1000 /CIDSystemInfo << /Registry (Adobe) "
        f"/Ordering ({ordering}) /Supplement 2 >> /FontDescriptor 5 0 R >>"
    )
    descriptor = (
        b"<< /Type /FontDescriptor /FontName /SimSun /Flags 4 /FontBBox [0 -141 1000 859] /ItalicAngle 0 "
        b"/Ascent 859 /Descent -141 /CapHeight 859 /StemV 80 >>"
    )
    picture = stream(
        b"\0", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
    )
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        3: font.encode(),
        4: descendant.encode(),
        5: descriptor,
        6: picture,
    }
    kids = []
    for at, sheet in enumerate(sheets):
        page, content = 10 + 2 * at, 11 + 2 * at
        kids.append(b"%d 0 R" % page)
        width, height = sheet.size
        objects[page] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Rotate %d /Contents %d 0 R /Resources << /Font << /F 3 0 R "
            b">> /XObject << /I 6 0 R >> >> >>" % (width, height, sheet.turned, content)
        )
        objects[content] = stream(_drawn(sheet))
    objects[2] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return pdf_file(objects)


def _drawn(sheet: Sheet) -> bytes:
    parts = []
    if sheet.picture:
        parts.append(f"q {sheet.size[0]} 0 0 {sheet.size[1]} 0 0 cm /I Do Q")
    parts += [f"{x0} {y0} m {x1} {y1} l S" for x0, y0, x1, y1 in sheet.rules]
    for x, y, size, words in sheet.words:
        place = f"0 1 -1 0 {sheet.size[0] - y} {x}" if sheet.turned == 90 else f"1 0 0 1 {x} {y}"
        parts.append(f"BT /F {size} Tf {place} Tm <{words.encode('utf-16-be').hex()}> Tj ET")
    return "\n".join(parts).encode()


def block(
    text: str, *, top: float, size: float = 16, left: float = 80, columns: int = 28, indent: int = 2
) -> list[Word]:
    """A paragraph as it is printed: lines of ``columns`` signs, the first indented; one line 1.75 sizes below the other."""
    lines = [text[: columns - indent]]
    rest = text[columns - indent :]
    lines += [rest[at : at + columns] for at in range(0, len(rest), columns)]
    return [
        (left + (indent * size if at == 0 else 0), top - at * size * 1.75, size, line) for at, line in enumerate(lines)
    ]
