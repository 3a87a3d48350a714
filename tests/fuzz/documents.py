"""Targets that read files: real reports of a fictional office – docx, certified PDF, PDF without signature – changed.

``valid`` may be said of a docx only when its lines are those issued, of a PDF only when it is the very file; of
anything else only by its code, and then it is said so.
"""

import io
from functools import lru_cache

import orjson
from lxml import etree

from tests.fuzz.edits import W, edited, rebuilt
from tests.verify.documents.genuine import genuine, trust
from tests.verify.documents.report import pack, qr_png
from tests.verify.sample import NOW
from verify.check import Verification
from verify.documents.examine import examine
from verify.documents.reading import read
from verify.reasons import Verdict

_BODY, _AROUND = (
    "word/document.xml",
    ("word/header1.xml", "word/header2.xml", "word/footer1.xml", "word/footer2.xml"),
)
_MAGICS = (b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_SHORT = 4096


def docx(data: bytes) -> None:
    """One part of a genuine docx changed anywhere: the first byte says which."""
    parts = genuine().docx.parts
    names = sorted(parts)
    name = names[data[0] % len(names)] if data else names[0]
    _docx_holds(name, edited(parts[name], data[1:]))


def docx_rebuilt(data: bytes) -> None:
    """Elements of the body, a header or a footer removed, moved, doubled, reworded, dressed up: always well-formed."""
    which = data[0] if data else 0
    name = _AROUND[which % 4] if which % 8 < 2 else _BODY
    _docx_holds(name, rebuilt(genuine().docx.parts[name], data[1:]))


def pdf(data: bytes) -> None:
    """A certified PDF changed anywhere."""
    _pdf_holds(edited(genuine().pdf, data))


def pdf_opened(data: bytes) -> None:
    """A PDF without signature, its streams unpacked, changed: pages, attachments, words."""
    _pdf_holds(edited(_unpacked(), data))


def pdf_appended(data: bytes) -> None:
    """A certified PDF with one object given anew behind the signature, as an incremental update does."""
    objects = _objects()
    number, body = objects[data[0] % len(objects)] if data else objects[0]
    _pdf_holds(_updated(genuine().pdf, number, edited(body, data[1:])))


def any_file(data: bytes) -> None:
    """Whatever somebody uploads; something short also behind the first bytes of each kind."""
    for magic in (b"", *(_MAGICS if len(data) < _SHORT else ())):
        answer = _answered(magic + data, "x")
        if answer.verdict is Verdict.VALID:
            _is_ours(answer)


def whole_files() -> tuple[bytes, ...]:
    """What ``any_file`` begins with."""
    report = genuine()
    return report.docx.docx(), report.unsigned, report.pdf, qr_png(report.qr), report.qr.encode()


def _docx_holds(name: str, part: bytes) -> None:
    report = genuine().docx
    file = pack({**report.parts, name: part})
    answer = _answered(file, "报告.docx")
    if answer.verdict is Verdict.VALID:
        _is_ours(answer)
        document = read(file, "报告.docx").document
        assert document is not None
        assert [line.text for line in document.lines] == _lines()
        assert name != _BODY or _words(part) == _words(report.parts[name]), "another reading of the text differs"


def _pdf_holds(file: bytes) -> None:
    answer = _answered(file, "报告.pdf")
    if answer.verdict is Verdict.VALID and file != genuine().pdf:
        assert answer.code_alone
        _is_ours(answer)


def _is_ours(answer: Verification) -> None:
    assert answer.credential is not None
    assert answer.credential.token == genuine().token


def _answered(file: bytes, name: str) -> Verification:
    answer = examine(file, name=name, trust=trust(), at=NOW, now=NOW)
    orjson.dumps(answer.to_json())
    return answer


def _words(part: bytes) -> str:
    """Every ``w:t`` in whatever stands around it, read as plainly as can be, without spaces."""
    plain = etree.XMLParser(remove_comments=True, remove_pis=True)
    found = etree.fromstring(part, plain).iter(f"{{{W}}}t")
    return "".join("".join("".join(each.itertext()) for each in found).split())


@lru_cache(maxsize=1)
def _lines() -> list[str]:
    document = read(genuine().docx.docx(), "报告.docx").document
    assert document is not None
    return [line.text for line in document.lines]


@lru_cache(maxsize=1)
def _unpacked() -> bytes:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(genuine().unsigned)))
    for content in writer.objects.values():
        _unpack(content)
    writer.stream_xrefs = False
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@lru_cache(maxsize=1)
def _objects() -> tuple[tuple[int, bytes], ...]:
    """Number and body of each object of the certified PDF, streams unpacked."""
    from pyhanko.pdf_utils.generic import Reference
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader, found = PdfFileReader(io.BytesIO(genuine().pdf), strict=False), []
    for number in range(1, int(reader.trailer["/Size"])):
        content = reader.get_object(Reference(number, 0, reader), never_decrypt=True)
        _unpack(content)
        out = io.BytesIO()
        content.write_to_stream(out, None)
        found.append((number, out.getvalue()))
    return tuple(found)


def _unpack(content: object) -> None:
    from pyhanko.pdf_utils.generic import StreamObject

    if isinstance(content, StreamObject) and "/Filter" in content and content.get("/Subtype") != "/Image":
        content._data = content.data
        content._encoded_data = None
        for key in ("/Filter", "/DecodeParms"):
            content.pop(key, None)


def _updated(file: bytes, number: int, body: bytes) -> bytes:
    previous = file.rsplit(b"startxref\n", 1)[1].split(b"\n", 1)[0]
    trailer = file.rsplit(b"trailer\n<<\n", 1)[1].split(b"/Prev", 1)[0]
    start = len(file)
    file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    place = len(file)
    return file + (
        b"xref\n%d 1\n%010d 00000 n \ntrailer\n<<\n%s/Prev %s\n>>\nstartxref\n%d\n%%%%EOF\n"
        % (number, start, trailer, previous, place)
    )
