"""Changing, adding or hiding any visible character of a docx is an alteration, and is named."""

import io
import re
from collections.abc import Callable

import pytest

from tests.verify.documents.report import (
    MAIN,
    PACKAGE_PART,
    Report,
    W,
    before_end,
    paragraph,
    qr_png,
    run,
    white_png,
)
from tests.verify.sample import NOW, TRUST, URL
from verify.binding import FieldPackage
from verify.check import Verification
from verify.documents.docx import ELEMENTS_MAX, package_xml
from verify.documents.examine import examine
from verify.reasons import Reason, Verdict
from verify.scanned import qr_text

RESULT = "一、分领域查询结果／第2行 生态环境领域／查询结果"
WORDS = "本企业无任何违法违规记录"
DRAWING = (
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


def verdict_on(report: Report) -> Verification:
    return examine(report.docx(), name="report.docx", trust=TRUST, at=NOW, now=NOW)


def add(block: str) -> Callable[[Report], Report]:
    return lambda report: report.edited(MAIN, lambda xml: before_end(xml, block))


def swap(old: str, new: str, part: str = MAIN) -> Callable[[Report], Report]:
    return lambda report: report.swapped(part, old, new)


def format_result(properties: str) -> Callable[[Report], Report]:
    """The issued run “有 1 条” with other run properties."""
    return swap("<w:r><w:t>有 1 条</w:t></w:r>", run("有 1 条", properties))


def textbox(inner: str, branch: str = "choice") -> str:
    choice = (
        f'<w:drawing><wp:anchor {DRAWING}><a:graphic><a:graphicData uri="x"><wps:wsp><wps:txbx><w:txbxContent>{inner}'
        "</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing>"
    )
    fallback = (
        f"<w:pict {DRAWING}><v:rect><v:textbox><w:txbxContent>{inner}</w:txbxContent></v:textbox></v:rect></w:pict>"
    )
    first = choice if branch != "fallback" else ""
    second = fallback if branch != "choice" else ""
    return (
        f'<w:r><mc:AlternateContent {DRAWING}><mc:Choice Requires="wps">{first}</mc:Choice>'
        f"<mc:Fallback>{second}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def field(code: str, result: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{result}</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def notes(kind: str) -> bytes:
    note = kind.removesuffix("s")
    return f'<w:{kind} {W}><w:{note} w:id="2">{paragraph(run(WORDS))}</w:{note}></w:{kind}>'.encode()


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def related(kind: str, part: str, content: bytes, mode: str = "") -> Callable[[Report], Report]:
    """A further part of the document, with its relationship."""

    def edit(report: Report) -> Report:
        target = part if mode else part.removeprefix("word/")
        line = f'<Relationship Id="rIdX" Type="{OFFICE}/{kind}" Target="{target}"{mode}/></Relationships>'
        linked = report.swapped("word/_rels/document.xml.rels", "</Relationships>", line)
        return linked if mode else linked.with_part(part, content)

    return edit


# name → (attack, where it must be found, what must be shown there)
ATTACKS: dict[str, tuple[Callable[[Report], Report], str, str]] = {
    "a cell": (swap("有 1 条", "未查询到"), RESULT, "未查询到"),
    "one digit of a cell": (swap("有 1 条", "有 2 条"), RESULT, "有 2 条"),
    "a body paragraph": (swap("禾苗环保", "禾田环保"), "第5项", "禾田环保"),
    "the title": (swap("经营主体专用信用报告", "经营主体专用信用证书"), "第4项", "证书"),
    "an empty cell filled": (
        lambda r: r.edited(MAIN, lambda x: x.replace("<w:p><w:r/></w:p>", paragraph(run(WORDS)), 1)),
        "第1行 市场监管领域／备注",
        WORDS,
    ),
    "the first header": (swap("7K3M", "8K3M", "word/header1.xml"), "第1项", "8K3M"),
    "the default header": (swap("报告编号", "报告号码", "word/header2.xml"), "第3项", "报告号码"),
    "the footer": (swap(" 页 共 ", " 页 总 ", "word/footer1.xml"), "第21项", "总"),
    "the watermark": (swap("示例 · 非真实报告", "正式报告", "word/header1.xml"), "第2项", "正式报告"),
    "the watermark removed": (swap('string="示例 · 非真实报告"', "", "word/header1.xml"), "第2项", ""),
    "the watermark hidden": (swap("position:absolute;", "visibility:hidden;", "word/header1.xml"), "第2项", "‹隐藏"),
    "a paragraph added": (add(paragraph(run(WORDS))), "正文第", WORDS),
    "a row removed": (
        lambda r: r.edited(MAIN, lambda x: x[: x.rindex("<w:tr>")] + x[x.rindex("</w:tr>") + 7 :]),
        "第17项",
        "",
    ),
    "tracked insertion": (add(paragraph(f'<w:ins w:id="9">{run(WORDS)}</w:ins>')), "正文第", WORDS),
    "tracked insertion in a cell": (
        swap("<w:t>有 1 条</w:t></w:r>", f'<w:t>有 1 条</w:t></w:r><w:ins w:id="9">{run("（已修复）")}</w:ins>'),
        RESULT,
        "有 1 条（已修复）",
    ),
    "tracked deletion": (
        swap("<w:r><w:t>有 1 条</w:t></w:r>", '<w:del w:id="9"><w:r><w:delText>有 1 条</w:delText></w:r></w:del>'),
        RESULT,
        "‹删除：有 1 条›",
    ),
    "tracked deletion of a row": (swap("<w:tr>", '<w:tr><w:trPr><w:del w:id="9"/></w:trPr>'), "第6项", "‹删除：序号›"),
    "content control around a paragraph": (
        add(f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph(run(WORDS))}</w:sdtContent></w:sdt>"),
        "内容控件",
        WORDS,
    ),
    "content control in a paragraph": (
        swap(
            "<w:t>有 1 条</w:t></w:r>",
            f"<w:t>有 1 条</w:t></w:r><w:sdt><w:sdtContent>{run('？')}</w:sdtContent></w:sdt>",
        ),
        RESULT,
        "有 1 条？",
    ),
    "content control bound to data": (
        add(
            '<w:sdt><w:sdtPr><w:dataBinding w:xpath="/x"/></w:sdtPr>'
            f"<w:sdtContent>{paragraph('')}</w:sdtContent></w:sdt>"
        ),
        "内容控件",
        "绑定外部数据",
    ),
    "text box": (add(paragraph(textbox(paragraph(run(WORDS)), "both"))), "文本框", WORDS),
    "text box for old programs only": (add(paragraph(textbox(paragraph(run(WORDS)), "fallback"))), "文本框", WORDS),
    "text box in the header": (
        swap("</w:hdr>", paragraph(textbox(paragraph(run(WORDS)))) + "</w:hdr>", "word/header2.xml"),
        "页眉",
        WORDS,
    ),
    "a table in a cell": (
        swap(
            "<w:t>有 1 条</w:t></w:r></w:p>",
            "<w:t>有 1 条</w:t></w:r></w:p><w:tbl><w:tr><w:tc>"
            f"{paragraph(run(WORDS))}</w:tc></w:tr></w:tbl>{paragraph('')}",
        ),
        "表格1／第3行／第3列／表格1",
        WORDS,
    ),
    "hidden text added": (add(paragraph(run(WORDS, "<w:vanish/>"))), "正文第", f"‹隐藏：{WORDS}›"),
    "white text added": (add(paragraph(run(WORDS, '<w:color w:val="FFFFFF"/>'))), "正文第", f"‹难以看见：{WORDS}›"),
    "tiny text added": (add(paragraph(run(WORDS, '<w:sz w:val="2"/>'))), "正文第", f"‹极小：{WORDS}›"),
    "issued text hidden": (format_result("<w:vanish/>"), RESULT, "‹隐藏：有 1 条›"),
    "issued text white": (format_result('<w:color w:val="FEFEFE"/>'), RESULT, "‹难以看见：有 1 条›"),
    "issued text in the theme's white": (
        format_result('<w:color w:val="000000" w:themeColor="background1"/>'),
        RESULT,
        "‹难以看见",
    ),
    "issued text black on black": (
        format_result('<w:color w:val="000000"/><w:highlight w:val="black"/>'),
        RESULT,
        "‹难以看见",
    ),
    "issued text without fill": (
        format_result('<w14:textFill xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"/>'),
        RESULT,
        "‹难以看见",
    ),
    "issued text tiny": (format_result('<w:sz w:val="1"/>'), RESULT, "‹极小"),
    "issued text squeezed": (format_result('<w:w w:val="1"/>'), RESULT, "‹极小"),
    "issued text struck out": (format_result("<w:strike/>"), RESULT, "‹删除线：有 1 条›"),
    "issued text in a symbol font": (format_result('<w:rFonts w:ascii="Wingdings 2"/>'), RESULT, "‹符号字体"),
    "hidden by its style": (
        swap('w:styleId="Normal">', 'w:styleId="Normal"><w:rPr><w:vanish/></w:rPr>', "word/styles.xml"),
        RESULT,
        "‹隐藏：有 1 条›",
    ),
    "hidden by the defaults": (
        swap("<w:rPrDefault><w:rPr>", "<w:rPrDefault><w:rPr><w:webHidden/>", "word/styles.xml"),
        RESULT,
        "‹隐藏",
    ),
    "white by its table's style": (
        lambda r: r.edited(
            "word/styles.xml",
            lambda x: re.sub(
                r'(<w:style w:type="table" w:default="1"[^>]*>)', r'\1<w:rPr><w:color w:val="FFFFFF"/></w:rPr>', x
            ),
        ),
        RESULT,
        "‹难以看见：有 1 条›",
    ),
    "hidden by a part of its table's style": (
        lambda r: r.edited(
            "word/styles.xml",
            lambda x: re.sub(
                r'(<w:style w:type="table" w:default="1"[^>]*>)',
                r'\1<w:tblStylePr w:type="band1Horz"><w:rPr><w:vanish/></w:rPr></w:tblStylePr>',
                x,
            ),
        ),
        RESULT,
        "‹隐藏：有 1 条›",
    ),
    "hidden by the standard character style": (
        lambda r: r.edited(
            "word/styles.xml",
            lambda x: re.sub(r'(<w:style w:type="character" w:default="1"[^>]*>)', r"\1<w:rPr><w:vanish/></w:rPr>", x),
        ),
        RESULT,
        "‹隐藏：有 1 条›",
    ),
    "a theme whose text is white": (
        lambda r: format_result('<w:color w:val="000000" w:themeColor="text1"/>')(r).edited(
            "word/theme/theme1.xml", lambda x: x.replace('<a:sysClr val="windowText"', '<a:sysClr val="window"')
        ),
        RESULT,
        "‹难以看见：有 1 条›",
    ),
    "a mapping whose text is the paper": (
        lambda r: format_result('<w:color w:val="000000" w:themeColor="text1"/>')(r).edited(
            "word/settings.xml",
            lambda x: re.sub("<w:clrSchemeMapping[^>]*/>", '<w:clrSchemeMapping w:t1="light1"/>', x),
        ),
        RESULT,
        "‹难以看见：有 1 条›",
    ),
    "a colour tinted away": (
        format_result('<w:color w:val="000000" w:themeColor="text1" w:themeTint="05"/>'),
        RESULT,
        "‹难以看见：有 1 条›",
    ),
    "one property twice": (format_result('<w:vanish w:val="0"/><w:vanish/>'), RESULT, "‹格式重复"),
    "two styles of one name": (
        swap("</w:styles>", '<w:style w:type="paragraph" w:styleId="Normal"/></w:styles>', "word/styles.xml"),
        "文件结构",
        "‹样式表有歧义›",
    ),
    "a second style sheet": (
        related("styles", "word/styles2.xml", f"<w:styles {W}/>".encode()),
        "文件结构",
        "部件重复",
    ),
    "a flat row": (
        swap("<w:tr>", '<w:tr><w:trPr><w:trHeight w:val="1" w:hRule="exact"/></w:trPr>'),
        "第6项",
        "‹极小",
    ),
    "a flat paragraph": (
        swap(
            "<w:p><w:r><w:t>有 1 条", '<w:p><w:pPr><w:spacing w:line="1" w:lineRule="exact"/></w:pPr><w:r><w:t>有 1 条'
        ),
        RESULT,
        "‹极小",
    ),
    "a cell covered by a merge": (
        lambda r: r.edited(
            MAIN,
            lambda x: x.replace('<w:tcW w:type="dxa" w:w="2160"/>', '<w:tcW w:type="dxa" w:w="2160"/><w:vMerge/>'),
        ),
        RESULT,
        "‹被合并遮住：有 1 条›",
    ),
    "zero-width character": (swap("有 1 条", "有 1\u200b 条"), RESULT, "有 1‹U+200B› 条"),
    "look-alike letter": (swap("YCZX", "YС\u0417X", "word/header2.xml"), "第3项", "‹U+0417›"),
    "Kangxi radical": (swap("生态环境", "⽣态环境"), "第14项", "‹U+2F63›"),
    "right-to-left override": (swap("有 1 条", "有 \u202e1\u202c 条"), RESULT, "‹U+202E›"),
    "bidirectional run": (
        swap("<w:r><w:t>有 1 条</w:t></w:r>", f'<w:bdo w:val="rtl">{run("有 1 条")}</w:bdo>'),
        RESULT,
        "‹改变书写方向",
    ),
    "a symbol": (
        swap("<w:t>有 1 条</w:t>", '<w:t>有 1 条</w:t><w:sym w:font="Wingdings" w:char="F0FC"/>'),
        RESULT,
        "‹符号 Wingdings F0FC›",
    ),
    "a tab": (swap("<w:t>有 1 条</w:t>", "<w:t>有 1 条</w:t><w:tab/>"), RESULT, "有 1 条‹U+0009›"),
    "a field": (add(paragraph(field(" QUOTE x ", WORDS))), "正文第", f"‹域 QUOTE x›{WORDS}"),
    "a simple field": (
        add(paragraph(f'<w:fldSimple w:instr="TITLE">{run(WORDS)}</w:fldSimple>')),
        "正文第",
        "‹域 TITLE›",
    ),
    "a page number that is words": (swap(">1</w:t>", f">{WORDS}</w:t>", "word/footer1.xml"), "第21项", WORDS),
    "a page number with a picture switch": (
        swap(" PAGE ", " PAGE \\# 无违法 ", "word/footer1.xml"),
        "第21项",
        "‹域 PAGE \\# 无违法›",
    ),
    "a field that never ends": (
        add(paragraph('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + run(WORDS))),
        "正文第",
        WORDS,
    ),
    "automatic numbering": (
        swap("<w:p><w:r><w:t>有 1 条", '<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>有 1 条'),
        RESULT,
        "‹自动编号›有 1 条",
    ),
    "a footnote": (related("footnotes", "word/footnotes.xml", notes("footnotes")), "脚注1", WORDS),
    "an endnote": (related("endnotes", "word/endnotes.xml", notes("endnotes")), "尾注1", WORDS),
    "a comment": (related("comments", "word/comments.xml", notes("comments")), "批注1", WORDS),
    "an embedded document": (
        lambda r: related("aFChunk", "word/chunk.html", b"<p>hi")(
            r.edited(MAIN, lambda x: before_end(x, '<w:altChunk r:id="rIdX"/>'))
        ),
        "altChunk",
        "‹未知内容 altChunk›",
    ),
    "an OLE object": (related("oleObject", "word/embeddings/ole.bin", b"ole"), "文件结构", "oleObject"),
    "a chart": (related("chart", "word/charts/chart1.xml", b"<c/>"), "文件结构", "chart"),
    "a macro": (related("vbaProject", "word/vbaProject.bin", b"vba"), "文件结构", "vbaProject"),
    "a template from outside": (
        related("attachedTemplate", "http://evil.example/t.dotm", b"", ' TargetMode="External"'),
        "文件结构",
        "http://evil",
    ),
    "an embedded font": (related("font", "word/fonts/f.odttf", b"font"), "文件结构", "font"),
    "a formula": (
        add(
            '<w:p><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">'
            "<m:r><m:t>0 条</m:t></m:r></m:oMath></w:p>"
        ),
        "oMath",
        "0 条",
    ),
    "a covering shape": (
        add(f'<w:p><w:r><w:pict {DRAWING}><v:rect style="width:100pt" fillcolor="white"/></w:pict></w:r></w:p>'),
        "图形",
        "‹图形 rect›",
    ),
    "words inside a text element": (swap("<w:t>有 1 条</w:t>", "<w:t>有 1 条<w:x>!</w:x></w:t>"), RESULT, "有 1 条!"),
}


@pytest.mark.parametrize(("attack", "where", "shown"), ATTACKS.values(), ids=ATTACKS.keys())
def test_what_was_changed_is_named(report: Report, attack: Callable[[Report], Report], where: str, shown: str) -> None:
    answer = verdict_on(attack(report))
    assert (answer.verdict, answer.reason) == (Verdict.ALTERED, Reason.FIELDS_DIFFER)
    hits = [each for each in answer.differences if where in each.where]
    assert hits, answer.differences
    assert any(shown in each.found for each in hits), hits
    assert answer.credential is not None


def test_the_issued_document_is_valid(report: Report) -> None:
    answer = verdict_on(report)
    assert (answer.reason, answer.differences) == (Reason.OK, ())


UNCHANGED: dict[str, Callable[[Report], Report]] = {
    "a text in two runs": swap(
        "<w:t>有 1 条</w:t></w:r>",
        "<w:t>有</w:t></w:r><w:r><w:t> 1 条</w:t></w:r>".replace("<w:t> 1", '<w:t xml:space="preserve"> 1'),
    ),
    "an empty paragraph": add("<w:p/>"),
    "a bookmark": add('<w:bookmarkStart w:id="1" w:name="a"/><w:bookmarkEnd w:id="1"/>'),
    "another font size": format_result('<w:sz w:val="28"/><w:color w:val="D00000"/>'),
    "the text colour of the theme": format_result('<w:color w:val="FFFFFF" w:themeColor="text1"/>'),
    "white letters on a dark cell": lambda r: format_result('<w:color w:val="FFFFFF"/>')(r).edited(
        MAIN, lambda x: x.replace("<w:tcPr>", '<w:tcPr><w:shd w:val="clear" w:fill="1F3864"/>')
    ),
    "another page count": swap(">1</w:t>", ">17</w:t>", "word/footer1.xml"),
    "another title in the file's properties": lambda r: r.edited(
        "docProps/core.xml", lambda x: x.replace("generated", "x")
    ),
}


@pytest.mark.parametrize("edit", UNCHANGED.values(), ids=UNCHANGED.keys())
def test_what_changes_nothing_visible_is_valid(report: Report, edit: Callable[[Report], Report]) -> None:
    answer = verdict_on(edit(report))
    assert answer.reason is Reason.OK, answer.differences


def test_every_single_issued_line_is_guarded(report: Report) -> None:
    """Changes each text of each part by one character in turn."""
    tried = 0
    for part in (MAIN, "word/header1.xml", "word/header2.xml", "word/footer1.xml"):
        xml = report.parts[part].decode()
        for piece in re.split(r"<w:t(?=[ >])", xml)[1:]:
            text = piece.split(">", 1)[1].split("</w:t>", 1)[0]
            if not text.strip() or (text.isdigit() and part == "word/footer1.xml"):
                continue
            changed = piece.replace(f">{text}<", f">{text}甲<", 1)
            answer = verdict_on(report.with_part(part, xml.replace(piece, changed, 1).encode()))
            assert answer.verdict is Verdict.ALTERED, (part, text)
            tried += 1
    assert tried >= 20


def test_a_qr_moved_onto_another_company_s_report_is_altered_and_names_its_owner(report: Report) -> None:
    other = FieldPackage(b"x" * 32, report.package.fields)
    answer = verdict_on(report.with_part(PACKAGE_PART, package_xml(other)))
    assert answer.reason is Reason.OTHER_REPORT
    assert "盐城示例禾苗环保科技有限公司" in answer.message


DAMAGES: dict[str, tuple[Callable[[Report], Report], Reason]] = {
    "removed": (lambda r: r.without_part(PACKAGE_PART), Reason.PACKAGE_MISSING),
    "cut": (lambda r: r.edited(PACKAGE_PART, lambda x: x.replace("</", "AA</")), Reason.PACKAGE_DAMAGED),
    "not base64": (lambda r: r.edited(PACKAGE_PART, lambda x: x.replace("</", "!</")), Reason.PACKAGE_DAMAGED),
    "twice": (lambda r: r.with_part("customXml/item8.xml", r.parts[PACKAGE_PART]), Reason.PACKAGE_DAMAGED),
}


@pytest.mark.parametrize(("damage", "reason"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_package_removed_or_damaged_is_never_valid(
    report: Report, damage: Callable[[Report], Report], reason: Reason
) -> None:
    assert verdict_on(damage(report)).reason is reason


def picture(content: bytes) -> Callable[[Report], Report]:
    return lambda report: report.with_part("word/media/image1.png", content)


def with_words(report: Report) -> bytes:
    """The genuine QR on a larger sheet with a black bar beside it: a picture that could carry words."""
    from PIL import Image

    sheet = white_png(1200, 700)
    with Image.open(io.BytesIO(qr_png(qr_text(report.token, URL)))) as code:
        sheet.paste(code, (0, 0))
        sheet.paste(0, (code.width + 20, 100, code.width + 200, 140))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def test_a_picture_that_shows_more_than_the_code_is_named(report: Report) -> None:
    answer = verdict_on(picture(with_words(report))(report))
    assert answer.reason is Reason.FIELDS_DIFFER
    assert answer.differences[0].found == "‹图片 image1.png›"


def test_a_document_without_or_with_another_code_gets_its_own_reason(report: Report) -> None:
    out = io.BytesIO()
    white_png(100, 100).save(out, "PNG")
    assert verdict_on(picture(out.getvalue())(report)).reason is Reason.NO_CODE_FOUND
    assert verdict_on(picture(qr_png("https://weixin.example/abc"))(report)).reason is Reason.NOT_A_VERIFICATION_CODE
    assert verdict_on(picture(qr_png(qr_text(report.token[:-1] + b"x", URL)))(report)).verdict is Verdict.FORGED


def test_two_different_codes_in_one_document_are_refused(report: Report) -> None:
    other = qr_png(qr_text(report.token[:-1] + b"x", URL))
    graphic = '<a:graphic><a:graphicData uri="p"><a:blip r:embed="rIdX"/></a:graphicData></a:graphic>'
    shown = f"<w:r><w:drawing><wp:inline {DRAWING}>{graphic}</wp:inline></w:drawing></w:r>"
    extra = related("image", "word/media/image2.png", other)(report)
    doubled = extra.edited(MAIN, lambda xml: before_end(xml, paragraph(shown)))
    assert verdict_on(doubled).reason is Reason.SEVERAL_CODES


def test_a_code_that_is_not_shown_does_not_count(report: Report) -> None:
    """With the first page's header switched off there is no code to scan on the paper either."""
    assert verdict_on(report.swapped(MAIN, "<w:titlePg/>", "")).reason is Reason.NO_CODE_FOUND


def test_a_flood_of_paragraphs_is_refused(report: Report) -> None:
    paragraphs = "".join(f'<w:p w:rsidR="{number:08X}"/>' for number in range(ELEMENTS_MAX))
    flood = report.edited(MAIN, lambda xml: before_end(xml, paragraphs))
    assert verdict_on(flood).reason is Reason.FILE_TOO_LARGE
