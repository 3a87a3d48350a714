"""A report as a docx: the outline set on A4 pages by python-docx, the QR at the upper right of page 1.

Rules kept:
* Every word comes from the outline; this module adds frames, spaces and page counters only.
* The heading row of part one repeats on every page; no row breaks but one that may be longer than a page; a record's
  table stays on one page where it fits.
* The same outline and QR give the same parts: no clock, no random ids.
* One picture only, the QR; no list numbering; nothing hidden.

Source: report layout, page by page; ECMA-376 part 1.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import docx
from docx.document import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.section import _Footer, _Header
from docx.shared import Mm, Pt

from verify.documents.docx import PACKAGE_NAMESPACE
from verify.issuing import wml
from verify.issuing.outline import Grid, GridKind, Margins, Outline, Role, Text
from verify.issuing.qr import QrPicture
from verify.issuing.styles import PADDING_MM, QR_COLUMN_MM, TEXT_MM, WIDTHS_MM, set_up
from verify.validity import SHANGHAI

_LONG_TEXT = 1200
"""Characters of a cell that may not fit one page: its row may break, and its record need not stay together."""
_ITEM_FACTS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
    '<ds:datastoreItem ds:itemID="{6D5F8E1A-3C0B-4B6E-9E57-2A1C4F7B9D10}" '
    'xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"><ds:schemaRefs>'
    f'<ds:schemaRef ds:uri="{PACKAGE_NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>'
).encode()
_AS_HIGH_AS_THE_PICTURE = '<w:spacing w:line="240" w:lineRule="auto"/>'
_COUNTER = re.compile(r"\{(PAGE|NUMPAGES)\}")


def render(outline: Outline, qr: QrPicture, package_xml: bytes, *, issuer: str, moment: datetime) -> bytes:
    """The docx with its field package. ``moment`` is the issuing moment: in the core properties and inside the zip."""
    document = docx.Document()
    _forget_template_parts(document)
    set_up(document)
    _set_properties(document, outline, issuer, moment)
    section = document.sections[0]
    _set_first_header(section.first_page_header, outline.first, qr)
    _set_later_header(section.header, outline.later)
    _set_footer(section.first_page_footer, outline.first)
    _set_footer(section.footer, outline.later)
    _set_body(document, outline)
    _attach(document, package_xml)
    out = io.BytesIO()
    document.save(out)
    return _with_fixed_times(out.getvalue(), moment)


def _forget_template_parts(document: Document) -> None:
    """python-docx's template brings a thumbnail and an empty bibliography; a report has neither."""
    for rels in (document.part.package.rels, document.part.rels):
        for rid, link in list(rels.items()):
            if link.reltype in (RELATIONSHIP_TYPE.THUMBNAIL, RELATIONSHIP_TYPE.CUSTOM_XML):
                del rels[rid]


def _set_properties(document: Document, outline: Outline, issuer: str, moment: datetime) -> None:
    facts = document.core_properties
    facts.title, facts.author, facts.language = outline.title, issuer, "zh-CN"
    facts.last_modified_by, facts.comments, facts.revision = issuer, "", 1
    facts.created = facts.modified = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _attach(document: Document, package_xml: bytes) -> None:
    """The field package as a custom XML item, with the properties part that Word expects beside it."""
    package = document.part.package
    item = Part(PackURI("/customXml/item1.xml"), CONTENT_TYPE.XML, package_xml, package)
    facts = Part(PackURI("/customXml/itemProps1.xml"), CONTENT_TYPE.OFC_CUSTOM_XML_PROPERTIES, _ITEM_FACTS, package)
    item.relate_to(facts, RELATIONSHIP_TYPE.CUSTOM_XML_PROPS)
    document.part.relate_to(item, RELATIONSHIP_TYPE.CUSTOM_XML)


def _with_fixed_times(archive: bytes, moment: datetime) -> bytes:
    """The same members in the same order, all dated ``moment``: one report, one sequence of bytes."""
    out = io.BytesIO()
    dated = moment.astimezone(SHANGHAI).timetuple()[:6]
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, dated), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _set_first_header(header: _Header, margins: Margins, qr: QrPicture) -> None:
    """Two columns without borders: the report's name left; QR, typed code and hint right."""
    name, code, hint = margins.header
    right = max(QR_COLUMN_MM, qr.printed_mm)
    left = TEXT_MM - right
    header.is_linked_to_previous = False
    codes = wml.paragraph(Role.CODE, setting=_AS_HIGH_AS_THE_PICTURE) + wml.words(code) + wml.words(hint)
    cells = (wml.cell(left, wml.words(name), align="top"), wml.cell(right, codes, align="top"))
    _put_table_first(header, wml.table((left, right), [wml.row(cells)], padding_mm=None))
    picture = header.part.new_pic_inline(io.BytesIO(qr.png), width=Mm(qr.printed_mm))
    picture.docPr.set("descr", "核验码二维码")
    header.tables[0].cell(0, 1).paragraphs[0].add_run()._r.add_drawing(picture)
    _put_watermark(header, margins, 1)


def _set_later_header(header: _Header, margins: Margins) -> None:
    """The report's name left, its number right, a thin line below."""
    name, number = margins.header
    half = TEXT_MM / 2
    header.is_linked_to_previous = False
    right = wml.paragraph(number.role, wml.run(number.text), setting='<w:jc w:val="right"/>')
    cells = (wml.cell(half, wml.words(name)), wml.cell(half, right))
    _put_table_first(header, wml.table((half, half), [wml.row(cells)], padding_mm=None, ruled=True))
    _put_watermark(header, margins, 2)


def _put_table_first(part: _Header, table: str) -> None:
    part._element.insert(0, parse_xml(table))


def _put_watermark(header: _Header, margins: Margins, number: int) -> None:
    """A header ends with a paragraph; it is tiny, and holds the watermark of sample offices."""
    last = header.paragraphs[-1]
    last.paragraph_format.space_after = 0
    last.paragraph_format.line_spacing = Pt(4)
    if margins.watermark is not None:
        last._p.append(parse_xml(_declared(wml.watermark(margins.watermark.text, number=number))))


def _declared(fragment: str) -> str:
    return fragment.replace("<w:r ", f"<w:r {wml.NAMESPACE} ", 1)


def _set_footer(footer: _Footer, margins: Margins) -> None:
    footer.is_linked_to_previous = False
    pieces = _COUNTER.split(margins.footer[0].text)
    content = "".join(wml.counter(piece) if number % 2 else wml.run(piece) for number, piece in enumerate(pieces))
    old = footer.paragraphs[0]._p
    old.getparent().replace(old, _parsed(wml.paragraph(Role.FOOTER, content))[0])


def _set_body(document: Document, outline: Outline) -> None:
    body = document.element.body
    for old in list(body)[:-1]:
        body.remove(old)
    for element in _parsed("".join(_blocks(outline))):
        body.insert(len(body) - 1, element)


def _parsed(fragments: str) -> list[object]:
    return list(parse_xml(f"<w:body {wml.NAMESPACE}>{fragments}</w:body>"))


def _blocks(outline: Outline) -> Iterator[str]:
    headings = 0
    for block in outline.body:
        if isinstance(block, Grid):
            yield _grid(block)
        elif block.role is Role.HEADING:
            headings += 1
            yield _heading(block, new_page=headings == 1)
        else:
            yield wml.words(block)


def _heading(text: Text, *, new_page: bool) -> str:
    """Part one begins on page 2; the others follow where they fall, so that no page stays empty."""
    setting = "<w:pageBreakBefore/>" if new_page else ""
    return wml.paragraph(text.role, wml.run(text.text), setting=setting)


def _grid(grid: Grid) -> str:
    widths = WIDTHS_MM[grid.kind]
    last = len(grid.rows) - 1
    long = [any(len(text.text) > _LONG_TEXT for text in row) for row in grid.rows]
    together = grid.kind is not GridKind.DOMAINS and not any(long)
    rows = [
        wml.text_row(
            row,
            widths,
            heading=grid.kind is GridKind.DOMAINS and place == 0,
            keep_next=together and place < last,
            may_break=long[place],
        )
        for place, row in enumerate(grid.rows)
    ]
    return wml.table(widths, rows, padding_mm=PADDING_MM[grid.kind]).replace(f" {wml.NAMESPACE}", "", 1)
