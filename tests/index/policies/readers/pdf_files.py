"""Builds small PDF files object by object."""

from collections.abc import Mapping


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
