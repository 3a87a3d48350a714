"""The shell of a report: everything of the docx but the words of one report, made once by python-docx.

Rules kept:
* python-docx makes it: page, styles, fonts, headers, footers, picture, relationships, content types.
* Where a report's own words, its package and its QR go, the shell has slots; the marks of the slots are cut out when
  the shell is made, so that no word of a report is ever looked at for them.
* What has no slot is deflated once.

Source: ECMA-376 part 1, part 2 (packages).
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache

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
from verify.issuing.outline import Role
from verify.issuing.packing import Member, member
from verify.issuing.qr import picture
from verify.issuing.styles import QR_ROOM_MM, TEXT_MM, set_up

SHELLS_MAX = 16
"""Kinds of pages kept at once: with and without watermark, and the widths of long names."""
_ITEM_FACTS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
    '<ds:datastoreItem ds:itemID="{6D5F8E1A-3C0B-4B6E-9E57-2A1C4F7B9D10}" '
    'xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"><ds:schemaRefs>'
    f'<ds:schemaRef ds:uri="{PACKAGE_NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>'
).encode()
_AS_HIGH_AS_THE_PICTURE = '<w:spacing w:line="240" w:lineRule="auto"/>'
_COUNTER = re.compile(r"\{(PAGE|NUMPAGES)\}")
_MARKED_MOMENT = datetime(1999, 9, 9, 9, 9, 9)  # noqa: DTZ001 - python-docx writes what it gets as UTC


class Slot(Enum):
    """Where something of one report goes; the value stands for it in the shell until the shell is cut."""

    TITLE = "slot-of-the-title"
    ISSUER = "slot-of-the-issuer"
    MOMENT = "1999-09-09T09:09:09Z"
    NAME = "slot-of-the-name"
    CODE = "slot-of-the-code"
    HINT = "slot-of-the-hint"
    LATER_NAME = "slot-of-the-later-name"
    NUMBER = "slot-of-the-number"
    BODY = "<slot-of-the-body/>"
    PACKAGE = "<slot-of-the-package/>"
    QR = "slot-of-the-qr"


_MARKS = re.compile(b"|".join(re.escape(slot.value.encode()) for slot in Slot))


@dataclass(frozen=True, slots=True)
class Frame:
    """What the pages of a report have in common with those of others. Of two: the first page, the later ones."""

    watermarks: tuple[str | None, ...]
    footers: tuple[str, str]
    qr_mm: float


@dataclass(frozen=True, slots=True)
class ShellPart:
    """One part of the docx: pieces with a slot between each two; ``ready`` is the whole where there is no slot."""

    name: str
    pieces: tuple[bytes, ...]
    slots: tuple[Slot, ...]
    ready: Member

    def filled(self, contents: Mapping[Slot, bytes]) -> bytes:
        whole = [self.pieces[0]]
        for slot, piece in zip(self.slots, self.pieces[1:], strict=True):
            whole += (contents[slot], piece)
        return b"".join(whole)


@lru_cache(maxsize=SHELLS_MAX)
def shell_of(frame: Frame) -> tuple[ShellPart, ...]:
    """The parts in the order in which python-docx writes them; some 100 ms for the first report of a frame."""
    out = io.BytesIO()
    _document(frame).save(out)
    with zipfile.ZipFile(out) as archive:
        return tuple(_cut(name, archive.read(name)) for name in archive.namelist())


def _cut(name: str, content: bytes) -> ShellPart:
    if name.startswith("word/media/"):
        content = Slot.QR.value.encode()
    slots = tuple(Slot(mark.decode()) for mark in _MARKS.findall(content))
    return ShellPart(name, tuple(_MARKS.split(content)), slots, member(name, content))


def _document(frame: Frame) -> Document:
    document = docx.Document()
    _forget_template_parts(document)
    set_up(document)
    _set_properties(document)
    section = document.sections[0]
    _set_first_header(section.first_page_header, frame)
    _set_later_header(section.header, frame)
    for footer, text in zip((section.first_page_footer, section.footer), frame.footers, strict=True):
        _set_footer(footer, text)
    _set_body(document)
    _attach(document)
    return document


def _forget_template_parts(document: Document) -> None:
    """python-docx's template brings a thumbnail and an empty bibliography; a report has neither."""
    for rels in (document.part.package.rels, document.part.rels):
        for rid, link in list(rels.items()):
            if link.reltype in (RELATIONSHIP_TYPE.THUMBNAIL, RELATIONSHIP_TYPE.CUSTOM_XML):
                del rels[rid]


def _set_properties(document: Document) -> None:
    facts = document.core_properties
    facts.title, facts.author, facts.language = Slot.TITLE.value, Slot.ISSUER.value, "zh-CN"
    facts.last_modified_by, facts.comments, facts.revision = Slot.ISSUER.value, "", 1
    facts.created = facts.modified = _MARKED_MOMENT


def _attach(document: Document) -> None:
    """The field package as a custom XML item, with the properties part that Word expects beside it."""
    package = document.part.package
    item = Part(PackURI("/customXml/item1.xml"), CONTENT_TYPE.XML, Slot.PACKAGE.value.encode(), package)
    facts = Part(PackURI("/customXml/itemProps1.xml"), CONTENT_TYPE.OFC_CUSTOM_XML_PROPERTIES, _ITEM_FACTS, package)
    item.relate_to(facts, RELATIONSHIP_TYPE.CUSTOM_XML_PROPS)
    document.part.relate_to(item, RELATIONSHIP_TYPE.CUSTOM_XML)


def _words(role: Role, slot: Slot, *, setting: str = "") -> str:
    return wml.paragraph(role, wml.run(slot.value), setting=setting)


def _set_first_header(header: _Header, frame: Frame) -> None:
    """Two columns without borders: the report's name left; QR, typed code and hint right."""
    right = frame.qr_mm + 2 * QR_ROOM_MM
    left = TEXT_MM - right
    header.is_linked_to_previous = False
    codes = wml.paragraph(Role.CODE, setting=_AS_HIGH_AS_THE_PICTURE)
    codes += _words(Role.CODE, Slot.CODE) + _words(Role.HINT, Slot.HINT)
    cells = (wml.cell(left, _words(Role.HEADER, Slot.NAME), align="top"), wml.cell(right, codes, align="top"))
    _put_table_first(header, wml.table((left, right), [wml.row(cells)], padding_mm=None))
    inline = header.part.new_pic_inline(io.BytesIO(picture(Slot.QR.value).png), width=Mm(frame.qr_mm))
    inline.docPr.set("descr", "核验码二维码")
    header.tables[0].cell(0, 1).paragraphs[0].add_run()._r.add_drawing(inline)
    _put_watermark(header, frame.watermarks[0], 1)


def _set_later_header(header: _Header, frame: Frame) -> None:
    """The report's name left, its number right, a thin line below."""
    half = TEXT_MM / 2
    header.is_linked_to_previous = False
    right = _words(Role.HEADER, Slot.NUMBER, setting='<w:jc w:val="right"/>')
    cells = (wml.cell(half, _words(Role.HEADER, Slot.LATER_NAME)), wml.cell(half, right))
    _put_table_first(header, wml.table((half, half), [wml.row(cells)], padding_mm=None, ruled=True))
    _put_watermark(header, frame.watermarks[1], 2)


def _put_table_first(part: _Header, table: str) -> None:
    part._element.insert(0, parse_xml(table))


def _put_watermark(header: _Header, text: str | None, number: int) -> None:
    """A header ends with a paragraph; it is tiny, and holds the watermark of sample offices."""
    last = header.paragraphs[-1]
    last.paragraph_format.space_after = 0
    last.paragraph_format.line_spacing = Pt(4)
    if text is not None:
        last._p.append(parse_xml(wml.watermark(text, number=number).replace("<w:r ", f"<w:r {wml.NAMESPACE} ", 1)))


def _set_footer(footer: _Footer, text: str) -> None:
    footer.is_linked_to_previous = False
    pieces = _COUNTER.split(text)
    content = "".join(wml.counter(piece) if number % 2 else wml.run(piece) for number, piece in enumerate(pieces))
    old = footer.paragraphs[0]._p
    old.getparent().replace(
        old, parse_xml(wml.paragraph(Role.FOOTER, content).replace("<w:p>", f"<w:p {wml.NAMESPACE}>", 1))
    )


def _set_body(document: Document) -> None:
    body = document.element.body
    for old in list(body)[:-1]:
        body.remove(old)
    body.insert(0, parse_xml(Slot.BODY.value))
