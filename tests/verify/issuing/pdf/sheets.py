"""Sheets for the tests of the PDF: one for each kind of report, and what a reader finds in the file."""

from collections import Counter
from dataclasses import replace

import pypdfium2

from tests.verify.issuing.test_content import RECORD, SUBJECT, content, feeds
from tests.verify.issuing.test_document import CONTENTS, many
from verify.binding import FieldPackage
from verify.documents.docx import package_xml
from verify.issuing.content import ReportContent
from verify.issuing.fields import fields_of, outline_of
from verify.issuing.outline import Grid, GridKind, Outline, Text
from verify.issuing.pdf.sheet import Sheet
from verify.issuing.qr import picture

QR_TEXT = "https://verify.example.cn/v#" + "1234567890" * 48
RARE = "喆堃䶮𬭎㛃镕翀昇垚赟旻珺玥砼𫖯𬱖"
LONG_TYPE = "有限责任公司（外商投资与内资合资）"
WORDY = replace(SUBJECT, name="盐城示例喆堃𬭎" * 12, address="示例路" * 40, type_name=LONG_TYPE)
FOUR_GAPS = tuple(feed for feed in feeds() if feed.domain not in (2, 7, 11, 14))
MARKUP = '#panic("x") $x$ *粗* _斜_ @ref <label> \\ `code` // /* */ [x] {PAGE} = - + ~ --- ... &amp; "引号" \' #{1+1}'
REPORTS = {
    **CONTENTS,
    "rare name": content(subject=replace(SUBJECT, name=f"盐城{RARE}有限公司（虚构）")),
    "wordy": content(RECORD, subject=WORDY, reached=FOUR_GAPS),
    "markup everywhere": content(
        replace(RECORD, facts=MARKUP, violation=MARKUP, document_number=MARKUP), subject=replace(SUBJECT, name=MARKUP)
    ),
    "facts longer than a page": content(replace(RECORD, facts="检查发现贮存间没有标志，" * 300), *many(3)),
    "a word wider than its cell": content(replace(RECORD, facts="W" * 400, document_number="X" * 90)),
}


def sheet_of(made: ReportContent, qr_text: str = QR_TEXT) -> Sheet:
    package = package_xml(FieldPackage(bytes(32), fields_of(made)))
    return Sheet(outline_of(made), picture(qr_text), package, made.issuer_name, made.issued_at)


def page_texts(pdf: bytes) -> list[str]:
    """Each page's text without white space: lines are broken where they fall."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def expected(outline: Outline, pages: int, repeated_headings: int) -> Counter[str]:
    """The characters that ``pages`` pages of this outline show."""
    texts: list[str] = []
    for number in range(1, pages + 1):
        margins = outline.first if number == 1 else outline.later
        texts += [text.text for text in margins.header]
        texts += [text.text.format(PAGE=number, NUMPAGES=pages) for text in margins.footer]
        texts += [margins.watermark.text] if margins.watermark else []
    for block in outline.body:
        texts += [text.text for text in _texts(block)]
        if isinstance(block, Grid) and block.kind is GridKind.DOMAINS:
            texts += [text.text for text in block.rows[0]] * repeated_headings
    return Counter("".join("".join(texts).split()))


def _texts(block: Text | Grid) -> list[Text]:
    return [block] if isinstance(block, Text) else [text for row in block.rows for text in row]
