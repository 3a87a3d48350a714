"""Issued words that are moved, squeezed, turned, covered, exchanged, or left to one program only, are altered."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verify.documents.report import MAIN, Report, paragraph
from tests.verify.documents.test_docx import (
    DRAWING,
    RESULT,
    format_result,
    related,
    swap,
    verdict_on,
)
from verify.binding import compare
from verify.documents.archive import members
from verify.documents.docx import read_docx
from verify.reasons import Reason, Verdict

RELATIONSHIPS = "word/_rels/document.xml.rels"
STYLES, FIRST, FONTS = "word/styles.xml", "word/header1.xml", "word/fontTable.xml"
CELL = "<w:p><w:r><w:t>有 1 条</w:t></w:r></w:p>"
RUN = "<w:r><w:t>有 1 条</w:t></w:r>"
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
Attack = Callable[[Report], Report]


def set_paragraph(properties: str) -> Attack:
    return swap(CELL, f"<w:p><w:pPr>{properties}</w:pPr>{RUN}</w:p>")


def around(tag: str, edit: Callable[[str], str]) -> Attack:
    """The cell, row or table of the result, edited."""

    def attack(report: Report) -> Report:
        def of_result(xml: str) -> str:
            at = xml.index(RUN)
            start, end = xml.rindex(f"<w:{tag}>", 0, at), xml.index(f"</w:{tag}>", at) + len(f"</w:{tag}>")
            return xml[:start] + edit(xml[start:end]) + xml[end:]

        return report.edited(MAIN, of_result)

    return attack


def set_cell(properties: str) -> Attack:
    return around("tc", lambda cell: cell.replace("</w:tcPr>", f"{properties}</w:tcPr>", 1))


def set_row(properties: str) -> Attack:
    return around("tr", lambda row: row.replace("<w:tr>", f"<w:tr><w:trPr>{properties}</w:trPr>", 1))


def set_table(properties: str) -> Attack:
    return around("tbl", lambda table: table.replace("<w:tblPr>", f"<w:tblPr>{properties}", 1))


def set_section(properties: str) -> Attack:
    return swap("<w:titlePg/>", f"{properties}<w:titlePg/>")


def both(*attacks: Attack) -> Attack:
    def attack(report: Report) -> Report:
        for each in attacks:
            report = each(report)
        return report

    return attack


def add_style(style: str) -> Attack:
    return swap("</w:styles>", f"{style}</w:styles>", STYLES)


def hidden_style(kind: str, identity: str, properties: str = "<w:rPr><w:vanish/></w:rPr>") -> str:
    return f'<w:style w:type="{kind}" w:styleId="{identity}"><w:name w:val="{identity}"/>{properties}</w:style>'


def only_in_fallback(xml: str) -> str:
    return (
        f'<mc:AlternateContent {MC}><mc:Choice Requires="w14"/><mc:Fallback>{xml}</mc:Fallback></mc:AlternateContent>'
    )


def in_header(drawing: str) -> Attack:
    return swap("</w:hdr>", paragraph(f"<w:r>{drawing}</w:r>") + "</w:hdr>", FIRST)


def code_again(edit: Callable[[str], str]) -> Attack:
    """The report's own code a second time, in another shape."""

    def attack(report: Report) -> Report:
        drawing = re.search(r"<w:drawing>.*?</w:drawing>", report.parts[FIRST].decode(), re.DOTALL)
        assert drawing is not None
        return in_header(edit(drawing[0]))(report)

    return attack


def first_style(properties: str) -> Attack:
    """In the style that the result's paragraph has: Normal."""
    return swap('w:styleId="Normal">', f'w:styleId="Normal">{properties}', STYLES)


LAYOUTS: dict[str, Attack] = {
    # letters
    "a size in points": format_result('<w:sz w:val="1pt"/>'),
    "letters squeezed by a fraction": format_result('<w:w w:val="1.0%"/>'),
    "text fitted into nothing": format_result('<w:fitText w:val="1"/>'),
    "text raised off its line": format_result('<w:position w:val="200"/>'),
    "letters pushed over each other": format_result('<w:spacing w:val="-200"/>'),
    "other capitals": format_result("<w:caps/>"),
    "embossed": format_result("<w:emboss/>"),
    "turned letters": format_result('<w:eastAsianLayout w:vert="1"/>'),
    "blinking": format_result('<w:effect w:val="blinkBackground"/>'),
    "superscript": format_result('<w:vertAlign w:val="superscript"/>'),
    "right to left": format_result("<w:rtl/>"),
    "a white outline": format_result(f'<w14:textOutline {W14} w14:w="200000"/>'),
    "properties for some programs": format_result(
        f'<mc:AlternateContent {MC}><mc:Choice Requires="w14"><w:vanish/></mc:Choice></mc:AlternateContent>'
    ),
    "deleted text outside a deletion": swap("<w:t>有 1 条</w:t>", "<w:delText>有 1 条</w:delText>"),
    "a colour that is none": format_result('<w:color w:val="#FFFFFF"/>'),
    "a rarer symbol font": format_result('<w:rFonts w:ascii="Bookshelf Symbol 7"/>'),
    "a symbol font below a hint": both(
        format_result('<w:rFonts w:hint="eastAsia"/>'),
        first_style('<w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr>'),
    ),
    "a symbol font as substitute": lambda r: r.edited(
        FONTS,
        lambda x: x.replace("</w:fonts>", '<w:font w:name="X"><w:altName w:val="Y,Wingdings"/></w:font></w:fonts>'),
    ),
    "an ordinary font of symbols": lambda r: r.edited(
        FONTS, lambda x: x.replace("</w:fonts>", '<w:font w:name="X"><w:charset w:val="02"/></w:font></w:fonts>')
    ),
    "a symbol font behind the theme": lambda r: r.edited(
        "word/theme/theme1.xml", lambda x: re.sub('<a:latin typeface="[^"]*"', '<a:latin typeface="Wingdings"', x)
    ),
    # shading
    "a solid pattern behind it": both(
        set_paragraph('<w:shd w:val="solid" w:color="000000" w:fill="FFFFFF"/>'),
        format_result('<w:color w:val="202020"/>'),
    ),
    "a dense pattern behind it": both(
        set_cell('<w:shd w:val="pct95" w:color="000000" w:fill="FFFFFF"/>'), format_result('<w:color w:val="202020"/>')
    ),
    "a dark table": both(
        set_table('<w:shd w:val="clear" w:fill="101010"/>'), format_result('<w:color w:val="202020"/>')
    ),
    "a theme colour in another notation": both(
        format_result('<w:color w:val="000000" w:themeColor="text1"/>'),
        lambda r: r.edited(
            "word/theme/theme1.xml",
            lambda x: re.sub("<a:dk1>.*?</a:dk1>", '<a:dk1><a:prstClr val="white"/></a:dk1>', x, flags=re.DOTALL),
        ),
    ),
    "a dark page": swap("<w:body>", '<w:background w:color="101010"/><w:body>'),
    # paragraphs
    "a frame off the page": set_paragraph('<w:framePr w:w="1" w:h="1" w:hRule="exact" w:x="-20000" w:y="1"/>'),
    "indented off the page": set_paragraph('<w:ind w:left="-20000"/>'),
    "indented by characters": set_paragraph('<w:ind w:firstLineChars="99999"/>'),
    "pushed to another page": set_paragraph('<w:spacing w:before="31680"/>'),
    "a paragraph right to left": set_paragraph("<w:bidi/>"),
    "a paragraph's mark hidden": set_paragraph("<w:rPr><w:vanish/></w:rPr>"),
    "lines cut off": set_paragraph('<w:spacing w:line="80" w:lineRule="exact"/>'),
    "lines over each other": set_paragraph('<w:spacing w:line="1" w:lineRule="auto"/>'),
    "a flat line inherited beside another attribute": both(
        set_paragraph('<w:spacing w:after="0"/>'),
        first_style('<w:pPr><w:spacing w:line="20" w:lineRule="exact"/></w:pPr>'),
    ),
    "flat lines by default": swap(
        "<w:pPrDefault><w:pPr>", '<w:pPrDefault><w:pPr><w:spacing w:line="20" w:lineRule="exact"/>', STYLES
    ),
    # tables
    "a column of no width": set_cell('<w:tcW w:w="1" w:type="dxa"/>'),
    "a grid of no width": around(
        "tbl", lambda x: re.sub('<w:gridCol w:w="[0-9]+"/>', '<w:gridCol w:w="1"/>', x, count=1)
    ),
    "a grid wider than the paper": around(
        "tbl", lambda x: re.sub('<w:gridCol w:w="[0-9]+"/>', '<w:gridCol w:w="14000"/>', x, count=1)
    ),
    "cells wider than the paper": around("tbl", lambda x: re.sub('(<w:tcW[^>]*w:w=)"[0-9]+"', r'\1"6000"', x)),
    "a table wider than the paper": set_table('<w:tblW w:w="19000" w:type="dxa"/>'),
    "a table squeezed": set_table('<w:tblW w:w="2%" w:type="pct"/>'),
    "text fitted into its cell": set_cell("<w:tcFitText/>"),
    "a cell read downwards": set_cell('<w:textDirection w:val="tbRl"/>'),
    "a cell all margin": set_cell('<w:tcMar><w:left w:w="5000" w:type="dxa"/></w:tcMar>'),
    "a cell deleted under tracking": set_cell('<w:cellDel w:id="3"/>'),
    "a cell merged away": set_cell('<w:hMerge w:val="continue"/>'),
    "a cell crossed out": set_cell('<w:tcBorders><w:tl2br w:val="single" w:sz="96"/></w:tcBorders>'),
    "a row of exact height": set_row('<w:trHeight w:val="110" w:hRule="exact"/>'),
    "a row shifted by columns": set_row('<w:gridBefore w:val="1"/>'),
    "a row hidden by the table's style": lambda r: r.edited(
        STYLES,
        lambda x: re.sub(r'(<w:style w:type="table" w:default="1"[^>]*>)', r"\1<w:trPr><w:hidden/></w:trPr>", x),
    ),
    "a table off the page": set_table('<w:tblInd w:w="-20000" w:type="dxa"/>'),
    "a floating table": set_table('<w:tblpPr w:tblpX="-20000" w:tblpY="1"/>'),
    "a mirrored table": set_table("<w:bidiVisual/>"),
    # pages
    "numbers beside the lines": set_section('<w:lnNumType w:countBy="1"/>'),
    "a tiny page": lambda r: r.edited(MAIN, lambda x: re.sub("<w:pgSz[^>]*/>", '<w:pgSz w:w="2000" w:h="2000"/>', x)),
    "text beside the page": lambda r: r.edited(
        MAIN, lambda x: re.sub('w:right="[0-9]+"', 'w:right="-9000"', x, count=1)
    ),
    "a page read downwards": set_section('<w:textDirection w:val="tbRl"/>'),
    "other page numbers": set_section('<w:pgNumType w:start="7"/>'),
    "a section more, without headers": swap("<w:body>", "<w:body><w:p><w:pPr><w:sectPr/></w:pPr></w:p>"),
    "a header that no program finds": lambda r: r.edited(
        RELATIONSHIPS,
        lambda x: re.sub('relationships/header" Target="header2', 'relationships/image" Target="header2', x),
    ),
    "styles that no program finds": swap(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles", "urn:x/styles", RELATIONSHIPS
    ),
    "even pages without header": swap("<w:zoom", "<w:evenAndOddHeaders/><w:zoom", "word/settings.xml"),
    "two bodies": swap("</w:body>", f"</w:body><w:body>{CELL}</w:body>"),
    # what programs read differently
    "a row for old programs only": around("tr", only_in_fallback),
    "a paragraph for old programs only": swap(CELL, f"<w:p/>{only_in_fallback(CELL)}"),
    "a cell in a language to be ignored": lambda r: r.edited(
        MAIN,
        lambda x: x.replace(RUN, "<s:r><s:t>有 1 条</s:t></s:r>").replace(
            "<w:body>", '<w:body xmlns:s="http://purl.oclc.org/ooxml/wordprocessingml/main">'
        ),
    ),
    "two sets of run properties": swap(RUN, "<w:r><w:rPr/><w:rPr><w:vanish/></w:rPr><w:t>有 1 条</w:t></w:r>"),
    "properties behind the text": swap(RUN, "<w:r><w:t>有 1 条</w:t><w:rPr><w:vanish/></w:rPr></w:r>"),
    "two sets of paragraph properties": swap(CELL, f"<w:p><w:pPr/><w:pPr/>{RUN}</w:p>"),
    "two paragraph styles": set_paragraph('<w:pStyle w:val="Normal"/><w:pStyle w:val="Header"/>'),
    "two sets of row properties": around(
        "tr", lambda row: row.replace("<w:tr>", "<w:tr><w:trPr/><w:trPr><w:hidden/></w:trPr>", 1)
    ),
    "hidden by one of two combined styles": both(
        format_result('<w:rStyle w:val="Shown"/>'),
        add_style(hidden_style("character", "Shown", '<w:rPr><w:vanish w:val="0"/></w:rPr>')),
        first_style("<w:rPr><w:vanish/></w:rPr>"),
    ),
    "a paragraph style that is none": both(
        set_paragraph('<w:pStyle w:val="Letters"/>'),
        add_style(hidden_style("character", "Letters", "")),
        first_style("<w:rPr><w:vanish/></w:rPr>"),
    ),
    "two standard styles": add_style(
        hidden_style("paragraph", "Other").replace('w:styleId="Other"', 'w:default="1" w:styleId="Other"')
    ),
    "two styles under one name": add_style(
        hidden_style("paragraph", "Other").replace('w:name w:val="Other"', 'w:name w:val="Normal"')
    ),
    "two sets of defaults": add_style("<w:docDefaults/>"),
    "styles for some programs": add_style(
        f'<mc:AlternateContent {MC}><mc:Choice Requires="w14"/></mc:AlternateContent>'
    ),
    # pictures and shapes
    "the code cropped to a white patch": code_again(
        lambda x: x.replace("<a:stretch>", '<a:srcRect r="99000" b="99000"/><a:stretch>')
    ),
    "the code floating over words": code_again(lambda x: x.replace("wp:inline", "wp:anchor")),
    "the code twice": code_again(lambda x: x),
    "the code enlarged over the page": swap('cx="1260000" cy="1260000"', 'cx="9260000" cy="9260000"', FIRST),
    "the code hidden": swap("<wp:docPr ", '<wp:docPr hidden="1" ', FIRST),
    "the code turned": swap("<a:xfrm>", '<a:xfrm rot="5400000">', FIRST),
    "a shape that claims to be letters": in_header(
        f'<w:pict {DRAWING}><v:shape style="width:400pt" fillcolor="white"><v:textpath/></v:shape></w:pict>'
    ),
    "a shape that claims to be a picture": in_header(
        f'<w:pict {DRAWING}><v:shape style="width:400pt" fillcolor="white"><v:imagedata/></v:shape></w:pict>'
    ),
    "the code as a filled shape": in_header(
        f'<w:pict {DRAWING}><v:shape fillcolor="white"><v:imagedata r:id="rId1" cropright="65000f"/></v:shape></w:pict>'
    ),
    "a watermark that covers": swap('<v:fill opacity="9000f"/>', "", FIRST),
    "a watermark with an outline": swap('stroked="f"', 'strokeweight="90pt"', FIRST),
    "a watermark filled from elsewhere": swap(
        'opacity="9000f"', 'opacity="9000f" src="http://evil.example/x.png"', FIRST
    ),
    "a watermark of another shape": swap("#_x0000_t136", "#_x0000_t75", FIRST),
}


@pytest.mark.parametrize("attack", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_words_that_are_not_read_as_issued_are_altered(report: Report, attack: Attack) -> None:
    answer = verdict_on(attack(report))
    assert answer.verdict in {Verdict.ALTERED, Verdict.UNREADABLE}, answer.reason
    assert answer.verdict is Verdict.ALTERED or answer.reason is Reason.DANGEROUS_FILE


def test_what_is_wrong_with_the_layout_is_named_at_the_field(report: Report) -> None:
    (difference,) = verdict_on(set_paragraph('<w:framePr w:x="-20000"/>')(report)).differences
    assert (difference.where, difference.issued) == (RESULT, "有 1 条")
    assert difference.found == "‹版面异常 framePr：有 1 条›"


SAVED_AGAIN: dict[str, Attack] = {
    "hints, language, bold": format_result(
        '<w:rFonts w:hint="eastAsia"/><w:b/><w:noProof/><w:kern w:val="0"/><w:szCs w:val="18"/>'
        '<w:u w:val="single"/><w:lang w:eastAsia="zh-CN"/>'
    ),
    "small indents and spaces": set_paragraph(
        '<w:widowControl w:val="0"/><w:spacing w:after="20" w:beforeLines="20"/>'
        '<w:ind w:left="20" w:firstLineChars="0"/><w:jc w:val="left"/><w:rPr><w:b/></w:rPr>'
    ),
    "printer settings": related("printerSettings", "word/printerSettings1.bin", b"x"),
    "a sensitivity label": related("classificationlabels", "docMetadata/LabelInfo.xml", b"<clbl/>"),
    "a decimal page number": set_section('<w:pgNumType w:fmt="decimal"/>'),
    "a row that grows": set_row('<w:trHeight w:val="400"/>'),
    "other paper": lambda r: r.edited(MAIN, lambda x: re.sub("<w:pgSz[^>]*/>", '<w:pgSz w:w="11906" w:h="16838"/>', x)),
}


@pytest.mark.parametrize("edit", SAVED_AGAIN.values(), ids=SAVED_AGAIN.keys())
def test_what_programs_write_when_they_save_again_is_valid(report: Report, edit: Attack) -> None:
    answer = verdict_on(edit(report))
    assert answer.reason is Reason.OK, answer.differences


@pytest.mark.parametrize("inside", ["<w:r><w:t>无</w:t></w:r>", "<w:p><w:r><w:t>无</w:t></w:r></w:p>", "<w:t>无</w:t>"])
@pytest.mark.parametrize(
    "holder",
    [
        lambda words: set_paragraph(f'<w:pStyle w:val="Normal">{words}</w:pStyle>'),
        lambda words: set_paragraph(f"<w:rPr><w:b>{words}</w:b></w:rPr>"),
        lambda words: set_cell(f'<w:vAlign w:val="center">{words}</w:vAlign>'),
        lambda words: swap(RUN, f"<w:proofErr>{words}</w:proofErr>{RUN}"),
        lambda words: swap(RUN, f"<w:r><w:rPr><w:b>{words}</w:b></w:rPr><w:t>有 1 条</w:t></w:r>"),
        lambda words: set_section(f'<w:cols w:num="1">{words}</w:cols>'),
    ],
    ids=["paragraph property", "paragraph mark", "cell property", "proof mark", "run property", "section property"],
)
def test_words_inside_what_shows_nothing_are_named(
    report: Report, holder: Callable[[str], Attack], inside: str
) -> None:
    """Found by ``make fuzz`` (docx_rebuilt): no program should show them, but not one of them was asked."""
    answer = verdict_on(holder(inside)(report))
    assert answer.reason is Reason.FIELDS_DIFFER
    assert any("无" in each.found for each in answer.differences), answer.differences


RUNS = "<w:r><w:t>甲</w:t></w:r>"
FLOODS: dict[str, Attack] = {
    "runs in one paragraph": swap(RUN, RUNS * 40_000),
    "parts of a table style": lambda r: r.edited(
        STYLES,
        lambda x: re.sub(
            r'(<w:style w:type="table" w:default="1"[^>]*>)',
            r"\1" + '<w:tblStylePr w:type="band1Horz"><w:rPr/></w:tblStylePr>' * 50_000,
            x,
        ),
    ),
    "properties of a paragraph": swap(CELL, f"<w:p><w:pPr>{'<w:b/>' * 50_000}</w:pPr>{RUNS * 20_000}</w:p>"),
    "relationships": swap(
        "</Relationships>",
        "".join(f'<Relationship Id="q{n}" Type="x/hyperlink" Target="x"/>' for n in range(50_000)) + "</Relationships>",
        "word/_rels/document.xml.rels",
    ),
    "the same picture": code_again(lambda x: f"{x}</w:r><w:r>" * 500 + x),
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_a_small_file_cannot_keep_the_verifier_busy(report: Report, flood: Attack) -> None:
    """Each of these took from ten seconds to minutes when looked up run by run."""
    flooded = flood(report)
    started = time.process_time()
    assert verdict_on(flooded).verdict in {Verdict.ALTERED, Verdict.UNREADABLE}
    assert time.process_time() - started < 8


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_report_saved_again_by_libreoffice_shows_what_was_issued(report: Report, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    issued = tmp_path / "in" / "report.docx"
    issued.write_bytes(report.docx())
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "docx"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(issued)], check=True, capture_output=True, timeout=120)
    lines = read_docx(members((tmp_path / "report.docx").read_bytes())).document.lines
    assert compare(report.package, lines) == []
