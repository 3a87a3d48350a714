"""How a report looks: page, fonts, one paragraph style for each role. Numbers are millimetres and points.

Rules kept:
* Every font is named for both Latin and East Asian text (``w:eastAsia``). Noto Serif/Sans CJK have the rare characters
  of names (喆 堃 𬭎); Word without them takes the font table's alternative, 仿宋 and 黑体. docs/decisions/0053.
* No list numbering and no field that Word would ask about: the words stand in the document as issued.

Source: report layout, "通用" (标题二号, 正文仿宋四号, 表格小五至五号).
"""

from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from verify.issuing.outline import GridKind, Role

PAGE_MM = (210.0, 297.0)
SIDE_MM = 20.0
TEXT_MM = PAGE_MM[0] - 2 * SIDE_MM
SONG, HEI = "Noto Serif CJK SC", "Noto Sans CJK SC"
WIDTHS_MM = {
    GridKind.FACTS: (32.0, 54.0, 26.0, 58.0),
    GridKind.DETAIL: (34.0, 54.0, 30.0, 52.0),
    GridKind.DOMAINS: (8.0, 40.5, 53.0, 29.5, 18.0, 21.0),
}
"""The columns of each kind of table. Those of part one let its 45 rows stand on one page."""
PADDING_MM = {GridKind.FACTS: (0.9, 1.8), GridKind.DETAIL: (0.1, 1.8), GridKind.DOMAINS: (0.1, 0.8)}
"""Of each cell: above and below, left and right."""
QR_ROOM_MM = 4.5
"""Left and right of the QR in its column: LibreOffice cuts a picture that is as wide as its cell."""
HAIRLINE = ("4", "C8CCD2")
RULE = ("8", "595959")
"""Eighths of a point, and colour. Tables have no upright lines: rules above and below, hairlines between rows."""
SHADE = "F1F3F6"
SHADED = frozenset({Role.COLUMN, Role.COLUMN_LEFT})
_INK = RGBColor(0x1A, 0x1A, 0x1A)
_GREY = RGBColor(0x59, 0x59, 0x59)


@dataclass(frozen=True, slots=True)
class Look:
    """One paragraph style, in points. ``leading`` is exact: faces differ in their own line height, pages must not."""

    font: str
    size: float
    leading: float
    align: str = "left"
    before: float = 0
    after: float = 0
    bold: bool = False
    indent: float = 0
    keep_next: bool = False
    whole: bool = False
    """Its lines stay on one page."""
    grey: bool = False


LOOKS = {
    Role.TITLE: Look(HEI, 22, 32, "center", before=6, after=4, bold=True),
    Role.SUBTITLE: Look(SONG, 14, 20, "center", after=10),
    Role.HEADING: Look(HEI, 15, 22, before=10, after=6, keep_next=True),
    Role.SUBHEADING: Look(HEI, 12, 17, before=9, after=4, keep_next=True),
    Role.BODY: Look(SONG, 14, 22, indent=28),
    Role.CONCLUSION: Look(SONG, 14, 22, "both", indent=28, after=2),
    Role.NOTE: Look(SONG, 11, 17, "both", indent=22, after=2, whole=True),
    Role.LABEL: Look(HEI, 9, 14, grey=True),
    Role.VALUE: Look(SONG, 10.5, 14),
    Role.COLUMN: Look(HEI, 9, 12, "center"),
    Role.COLUMN_LEFT: Look(HEI, 9, 12),
    Role.CELL: Look(SONG, 9, 12),
    Role.CELL_CENTRED: Look(SONG, 9, 12, "center"),
    Role.FOUND: Look(HEI, 9, 12, "center", bold=True),
    Role.GAP: Look(SONG, 9, 12, "center", grey=True),
    Role.HEADER: Look(SONG, 9, 13, grey=True),
    Role.FOOTER: Look(SONG, 9, 13, "center", grey=True),
    Role.CODE: Look(HEI, 9.5, 14, "center", bold=True),
    Role.HINT: Look(SONG, 7.5, 10, "center", grey=True),
}
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


@dataclass(frozen=True, slots=True)
class Font:
    """An entry of the font table: what to use where the font is missing, and its family for the last resort."""

    alternatives: tuple[str, ...]
    panose: str
    family: str


_FONTS = {
    SONG: Font(("仿宋", "FangSong"), "02010609060101010101", "roman"),
    HEI: Font(("黑体", "SimHei"), "02010609060101010101", "swiss"),
}


def set_up(document: Document) -> None:
    """Page size, fonts and styles of an empty document."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE_MM[0]), Mm(PAGE_MM[1])
    section.left_margin = section.right_margin = Mm(SIDE_MM)
    section.top_margin, section.bottom_margin = Mm(24), Mm(20)
    section.header_distance, section.footer_distance = Mm(10), Mm(10)
    section.different_first_page_header_footer = True
    _set_normal(document)
    for role, look in LOOKS.items():
        _add_style(document, role, look)
    _add_fonts(document)


def _set_normal(document: Document) -> None:
    normal = document.styles["Normal"]
    _set_font(normal, SONG)
    normal.font.size = Pt(10.5)
    normal.element.rPr.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="en-US" w:eastAsia="zh-CN"/>'))


def _add_style(document: Document, role: Role, look: Look) -> None:
    style = document.styles.add_style(role.value, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    _set_font(style, look.font)
    style.font.size, style.font.bold = Pt(look.size), look.bold
    style.font.color.rgb = _GREY if look.grey else _INK
    setting = style.paragraph_format
    setting.alignment = _ALIGN[look.align]
    setting.space_before, setting.space_after = Pt(look.before), Pt(look.after)
    setting.line_spacing_rule, setting.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.leading)
    setting.first_line_indent = Pt(look.indent)
    setting.keep_with_next = look.keep_next
    setting.keep_together = look.whole
    setting.widow_control = True
    _set_as_issued(style)


def _set_as_issued(style: Any) -> None:
    """No hanging punctuation, no space added around numbers. The order of properties is fixed: before ``w:spacing``."""
    spacing = style.element.pPr.find(qn("w:spacing"))
    for name in ("overflowPunct", "autoSpaceDE", "autoSpaceDN"):
        spacing.addprevious(parse_xml(f'<w:{name} {nsdecls("w")} w:val="0"/>'))


def _set_font(style: Any, name: str) -> None:
    """The same face for Latin and Chinese: its own digits stand on the same line and no second font is needed."""
    style.font.name = name
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), name)
    fonts.set(qn("w:cs"), name)


def _add_fonts(document: Document) -> None:
    """Names the fonts with a fallback each, replacing the template's table."""
    table = next(part for part in document.part.package.iter_parts() if part.partname == "/word/fontTable.xml")
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{",".join(font.alternatives)}"/><w:panose1 w:val="{font.panose}"/>'
        f'<w:charset w:val="86"/><w:family w:val="{font.family}"/><w:pitch w:val="variable"/></w:font>'
        for name, font in _FONTS.items()
    )
    table._blob = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{fonts}</w:fonts>'.encode()
    )
