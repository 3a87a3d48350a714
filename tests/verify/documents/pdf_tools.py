"""What a forger does to a PDF: updates, edits of content streams, signatures over byte ranges of any kind."""

import io
import re
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256

import pypdfium2
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from verify.issuing.pdf.certificates import DocumentIdentity
from verify.issuing.pdf.mould import CmsMould

Writer = IncrementalPdfFileWriter
_BLOCK = re.compile(rb"q 1 0 0 -1 ([\d.]+) ([\d.]+) cm(?:(?!\nQ\n).)*\nQ\n", re.DOTALL)
_TEXT = re.compile(rb"BT\b.*?\bET", re.DOTALL)
_RANGE = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+) *\]")


def name(text: str) -> generic.NameObject:
    return generic.NameObject(text)


def dictionary(**entries: object) -> generic.DictionaryObject:
    return generic.DictionaryObject({name("/" + key): value for key, value in entries.items()})


def numbers(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject([generic.FloatObject(value) for value in values])


def updated(pdf: bytes, edit: Callable[[Writer], None], *, strict: bool = True) -> bytes:
    """With one more update at its end."""
    writer = Writer(io.BytesIO(pdf), strict=strict)
    edit(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def page_of(writer: Writer, number: int) -> generic.DictionaryObject:
    page: generic.DictionaryObject = writer.find_page_for_modification(number)[0].get_object()
    return page


def stream_of(pdf: bytes, page: int) -> bytes:
    """The content stream of a page, unpacked; pages count from 0."""
    data: bytes = PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Kids"][page]["/Contents"].data
    return data


def place_of(pdf: bytes, page: int, text: str, nth: int = 0) -> tuple[float, float, float, float]:
    """The box of the text on a page: left, bottom, right, top."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        words = document[page].get_textpage()
        search = words.search(text)
        for _ in range(nth + 1):
            found = search.get_next()
        start, count = found
        boxes = [words.get_charbox(start), words.get_charbox(start + count - 1)]
        return boxes[0][0], min(box[1] for box in boxes), boxes[1][2], max(box[3] for box in boxes)
    finally:
        document.close()


def block_at(pdf: bytes, page: int, text: str, nth: int = 0) -> re.Match[bytes]:
    """The drawing operations of one cell."""
    left, bottom, _, top = place_of(pdf, page, text, nth)
    for block in _BLOCK.finditer(stream_of(pdf, page)):
        if abs(float(block[1]) - left) < 3 and bottom - 3 < float(block[2]) < top and _TEXT.search(block[0]):
            return block
    raise AssertionError(f"no drawing of {text}")


def letters(block: re.Match[bytes]) -> bytes:
    """How the words of a cell are drawn, in which font."""
    found = _TEXT.search(block[0])
    assert found is not None
    return found[0]


def edited(pdf: bytes, page: int, cell: str, source: str) -> bytes:
    """The page's content with ``cell`` showing the words of ``source``, another cell of the page."""
    block = block_at(pdf, page, cell)
    other = block[0].replace(letters(block), letters(block_at(pdf, page, source)))
    return stream_of(pdf, page).replace(block[0], other, 1)


def drawn_over(pdf: bytes, page: int, cell: str, source: str) -> bytes:
    """Operations that paint paper over ``cell`` and the words of ``source`` on it."""
    left, bottom, right, top = place_of(pdf, page, cell)
    block, other = block_at(pdf, page, cell), block_at(pdf, page, source)
    paper = f"q 1 g {left - 2} {bottom - 2} {right - left + 4} {top - bottom + 4} re f Q\n".encode()
    return paper + block[0].replace(letters(block), letters(other))


def with_content(pdf: bytes, page: int, content: bytes, *, added: bool = False) -> bytes:
    """An update in which a page has other content, or more of it."""

    def edit(writer: Writer) -> None:
        found = page_of(writer, page)
        stream = writer.add_object(generic.StreamObject(stream_data=content))
        old = found.raw_get("/Contents")
        found[name("/Contents")] = generic.ArrayObject([old, stream]) if added else stream
        writer.update_container(found)

    return updated(pdf, edit)


def with_kids(pdf: bytes, order: Sequence[int]) -> bytes:
    """An update with other pages: those of the numbers ``order``, from 0."""

    def edit(writer: Writer) -> None:
        pages = writer.root["/Pages"]
        kids = [pages["/Kids"].raw_get(number) for number in order]
        pages[name("/Kids")] = generic.ArrayObject(kids)
        pages[name("/Count")] = generic.NumberObject(len(order))
        writer.update_container(pages)

    return updated(pdf, edit)


def in_place(pdf: bytes, page: int, content: bytes) -> bytes:
    """The same file with another content stream squeezed into the old one's bytes, signature and all untouched."""
    reader = PdfFileReader(io.BytesIO(pdf))
    old = reader.root["/Pages"]["/Kids"][page]["/Contents"].encoded_data
    packed = zlib.compress(re.sub(rb"(\d\.\d\d)\d+", rb"\1", content), 9)
    assert len(packed) <= len(old), "the new content does not fit"
    assert pdf.count(old) == 1
    return pdf.replace(old, packed + b"\0" * (len(old) - len(packed)))


def with_annotation(pdf: bytes, page: int, **entries: object) -> bytes:
    def edit(writer: Writer) -> None:
        note = dictionary(Type=name("/Annot"), **entries)
        writer.register_annotation(writer.find_page_for_modification(page)[0], writer.add_object(note))

    return updated(pdf, edit)


def signed_over(pdf: bytes, ranges: Callable[[int, int, int], tuple[int, int, int]], by: DocumentIdentity) -> bytes:
    """Signed anew over another ByteRange: ``ranges`` gets and gives its last three numbers."""
    found = _RANGE.search(pdf)
    assert found is not None
    start, end, rest = (int(number) for number in found.groups())
    new = ranges(start, end, rest)
    text = b"/ByteRange [0 %d %d %d" % new
    pdf = pdf[: found.start()] + text.ljust(len(found[0]) - 1) + b"]" + pdf[found.end() :]
    digest = sha256(pdf[: new[0]] + pdf[new[1] : new[1] + new[2]]).digest()
    content = CmsMould(by).cms(digest).hex().encode()
    return pdf[: start + 1] + content.ljust(end - start - 2, b"0") + pdf[end - 1 :]


def signed_again(pdf: bytes, by: DocumentIdentity) -> bytes:
    """With one more signature over the whole file, in a field of its own."""
    writer = Writer(io.BytesIO(pdf))
    embedding = PdfCMSEmbedder(SigFieldSpec("Second")).write_cms("Second", writer)
    next(embedding)
    embedding.send(SigObjSetup(SignatureObject(subfilter=SigSeedSubFilter.PADES, bytes_reserved=8192)))
    prepared, output = embedding.send(SigIOSetup("sha256", in_place=True))
    embedding.send(CmsMould(by).cms(prepared.document_digest))
    data: bytes = output.getvalue()
    return data


def saved_again(pdf: bytes) -> bytes:
    """Opened and written anew by pdfium."""
    document = pypdfium2.PdfDocument(pdf)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()
