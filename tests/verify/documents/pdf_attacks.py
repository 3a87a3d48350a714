"""Attacks on a genuine certified PDF, by case of ../shared/verify-cases.md: how each is made, what must be said."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from tests.verify.documents.genuine import TYPESETTER, Build, Genuine, certify, identity, of_another_company
from tests.verify.documents.pdf_tools import (
    Writer,
    block_at,
    dictionary,
    drawn_over,
    edited,
    in_place,
    letters,
    name,
    numbers,
    place_of,
    saved_again,
    signed_again,
    signed_over,
    stream_of,
    updated,
    with_annotation,
    with_content,
    with_kids,
)
from verify.issuing.outline import Grid, Text
from verify.issuing.pdf.certificates import DocumentIdentity
from verify.reasons import Reason

TABLE = 1
"""The page with the table of domains, from 0."""
RESULT = "一、分领域查询结果／第13行 生态环境领域／查询结果"
CLEAN, FOUND = "未查询到", "有 1 条"
NAME = "首页／主体信息／名称"


@dataclass(frozen=True, slots=True)
class Attack:
    """``where`` and ``shown`` must stand in one of the differences; both empty where nothing on the pages differs."""

    build: Build
    reason: Reason
    where: str = ""
    shown: str = ""


def forger() -> DocumentIdentity:
    return identity("假冒机构（虚构）")


def set_again(change: Callable[[Text], Text], *, with_package: bool = True) -> Build:
    """The report set anew by our own typesetter with other words, and the issued package: nobody signed it."""

    def build(report: Genuine) -> bytes:
        outline = report.sheet.outline
        body = tuple(
            replace(block, rows=tuple(tuple(map(change, row)) for row in block.rows))
            if isinstance(block, Grid)
            else change(block)
            for block in outline.body
        )
        assert body != outline.body, "the change found nothing"
        package = report.sheet.package_xml if with_package else b"<none/>"
        return TYPESETTER.set(replace(report.sheet, outline=replace(outline, body=body), package_xml=package))

    return build


def at(path: str, old: str, new: str) -> Callable[[Text], Text]:
    return lambda text: replace(text, text=text.text.replace(old, new)) if text.path == path else text


# 64 — a genuine code on another company's report


def code_on_another_report(report: Genuine) -> bytes:
    return TYPESETTER.set(replace(of_another_company().sheet, qr=report.sheet.qr))


def code_pasted_on_a_certified_report(report: Genuine) -> bytes:
    """Another company's certified PDF, whose code an update covers with ours: with the drawing of our page 1."""
    content = stream_of(report.pdf, 0)
    return with_content(of_another_company().pdf, 0, content)


# 65–67 — words edited, added, hidden, imitated


def in_the_content_stream(report: Genuine) -> bytes:
    return saved_again(with_content(report.unsigned, TABLE, edited(report.unsigned, TABLE, FOUND, CLEAN)))


def in_the_signed_bytes(report: Genuine) -> bytes:
    return in_place(report.pdf, TABLE, edited(report.pdf, TABLE, FOUND, CLEAN))


def resigned_by_a_forger(report: Genuine) -> bytes:
    return certify(in_the_content_stream(report), forger())


def white_words(report: Genuine) -> bytes:
    """Words in the colour of paper, added by an update at the foot of a page."""
    words = b"q 1 g 1 0 0 -1 60 70 cm\n" + letters(block_at(report.pdf, TABLE, CLEAN)) + b"\nQ\n"
    return with_content(report.pdf, TABLE, words, added=True)


def invisible_words(report: Genuine) -> bytes:
    """The issued finding, drawn invisibly, in a copy that nobody signed."""
    block = block_at(report.unsigned, TABLE, FOUND)[0]
    hidden = block.replace(b"0 Tr", b"3 Tr")
    assert hidden != block
    return with_content(report.unsigned, TABLE, stream_of(report.unsigned, TABLE).replace(block, hidden))


# 68, 69, 73 — what comes after the signature


def overlay(report: Genuine) -> bytes:
    return with_content(report.pdf, TABLE, drawn_over(report.pdf, TABLE, FOUND, CLEAN), added=True)


def covered(report: Genuine) -> bytes:
    left, bottom, right, top = place_of(report.pdf, TABLE, FOUND)
    paper = f"q 1 g {left} {bottom} {right - left} {top - bottom} re f Q\n".encode()
    return with_content(report.pdf, TABLE, paper, added=True)


def note_over_a_cell(report: Genuine) -> bytes:
    box = place_of(report.pdf, TABLE, FOUND)
    return with_annotation(
        report.pdf,
        TABLE,
        Subtype=name("/FreeText"),
        Rect=numbers(*box),
        Contents=generic.TextStringObject("未查询到违法违规记录"),
        DA=generic.TextStringObject("/Helv 9 Tf"),
        C=numbers(1, 1, 1),
    )


def stamp(report: Genuine) -> bytes:
    return with_annotation(
        report.pdf,
        0,
        Subtype=name("/Stamp"),
        Rect=numbers(300, 300, 420, 420),
        Contents=generic.TextStringObject("业务专用章"),
    )


def filled_in_field(report: Genuine) -> bytes:
    return with_annotation(
        report.pdf,
        TABLE,
        Subtype=name("/Widget"),
        FT=name("/Tx"),
        T=generic.TextStringObject("结论"),
        V=generic.TextStringObject("无违法违规记录"),
        Rect=numbers(*place_of(report.pdf, TABLE, FOUND)),
    )


def row_hidden(report: Genuine) -> bytes:
    """Shadow hide: an update in which the page draws one row less."""
    block = block_at(report.pdf, TABLE, FOUND)[0]
    return with_content(report.pdf, TABLE, stream_of(report.pdf, TABLE).replace(block, b""))


def page_replaced(report: Genuine) -> bytes:
    """Shadow replace: the object of the content stream defined anew, the page itself untouched."""

    def edit(writer: Writer) -> None:
        content = writer.root["/Pages"]["/Kids"][TABLE].raw_get("/Contents")
        stream = content.get_object()
        stream._data, stream._encoded_data = edited(report.pdf, TABLE, FOUND, CLEAN), None
        writer.mark_update(content)

    return updated(report.pdf, edit)


def fonts_exchanged(report: Genuine) -> bytes:
    """The words stay, their letters are drawn as others."""

    def edit(writer: Writer) -> None:
        resources = writer.root["/Pages"]["/Kids"][TABLE]["/Resources"]
        fonts = resources["/Font"]
        fonts[name("/f1")], fonts[name("/f2")] = fonts.raw_get("/f2"), fonts.raw_get("/f1")
        writer.update_container(resources)

    return updated(report.pdf, edit)


def script(report: Genuine) -> bytes:
    def edit(writer: Writer) -> None:
        action = dictionary(S=name("/JavaScript"), JS=generic.TextStringObject("app.alert('0')"))
        names = writer.root["/Names"]
        entry = generic.ArrayObject([generic.TextStringObject("a"), writer.add_object(action)])
        names[name("/JavaScript")] = dictionary(Names=entry)
        writer.update_container(names)

    return updated(report.pdf, edit)


def other_title(report: Genuine) -> bytes:
    def edit(writer: Writer) -> None:
        info = writer.trailer["/Info"]
        info[name("/Title")] = generic.TextStringObject("无违法违规记录证明")
        writer.update_container(info)

    return updated(report.pdf, edit)


def validation_data(report: Genuine) -> bytes:
    def edit(writer: Writer) -> None:
        writer.root[name("/DSS")] = dictionary(Certs=generic.ArrayObject())
        writer.update_root()

    return updated(report.pdf, edit)


def other_package(report: Genuine) -> bytes:
    """The attachment exchanged for another company's package."""

    def edit(writer: Writer) -> None:
        names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
        content = names[1]["/EF"].raw_get("/F")
        content.get_object()._data = of_another_company().sheet.package_xml
        content.get_object()._encoded_data = None
        writer.mark_update(content)

    return updated(report.pdf, edit)


# 70 — pages


def foreign_page(pdf: bytes) -> bytes:
    """One page more at the end, with words of its own."""
    words = letters(block_at(pdf, TABLE, CLEAN))

    def edit(writer: Writer) -> None:
        first = writer.root["/Pages"]["/Kids"][TABLE]
        content = generic.StreamObject(stream_data=b"q 1 0 0 -1 100 700 cm\n" + words + b"\nQ\n")
        page = dictionary(
            Type=name("/Page"),
            MediaBox=first["/MediaBox"],
            Resources=first.raw_get("/Resources"),
            Contents=writer.add_object(content),
        )
        writer.insert_page(page)

    return updated(pdf, edit)


# 71 — the signature gone


def form_removed(report: Genuine) -> bytes:
    def edit(writer: Writer) -> None:
        del writer.root["/AcroForm"]
        del writer.root["/Perms"]
        writer.update_root()

    return updated(report.pdf, edit)


def signature_blanked(report: Genuine) -> bytes:
    """The field is there, and a signature dictionary, and in it nothing."""
    start = report.pdf.index(b"/Contents <") + len(b"/Contents <")
    end = report.pdf.index(b">", start)
    return report.pdf[:start] + b"0" * (end - start) + report.pdf[end:]


def written_anew(report: Genuine) -> bytes:
    """Every object but the signature's copied into a new file, as tools do that make a PDF smaller."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(report.unsigned)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# 74


def encrypted(password: str) -> Build:
    def build(report: Genuine) -> bytes:
        writer = copy_into_new_writer(PdfFileReader(io.BytesIO(report.unsigned)))
        writer.encrypt("owner", password)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    return build


CHANGED, DIFFER = Reason.PDF_CHANGED_SINCE, Reason.FIELDS_DIFFER
ATTACKS: Mapping[int, Mapping[str, Attack]] = {
    64: {
        "a code on another company's report": Attack(code_on_another_report, Reason.OTHER_REPORT),
        "a code pasted on a certified report": Attack(code_pasted_on_a_certified_report, Reason.OTHER_REPORT),
    },
    65: {
        "a cell, in a copy without signature": Attack(in_the_content_stream, DIFFER, RESULT, CLEAN),
        "a cell, under the signature": Attack(in_the_signed_bytes, DIFFER, RESULT, CLEAN),
        "a cell, signed again by a forger": Attack(resigned_by_a_forger, Reason.PDF_OTHER_CERTIFICATE, RESULT, CLEAN),
        "a cell, signed again by a forger, and a line break": Attack(
            lambda report: resigned_by_a_forger(report) + b"\n", Reason.PDF_OTHER_CERTIFICATE, RESULT, CLEAN
        ),
        "the name, set again": Attack(set_again(at(NAME, "环保", "环宝")), DIFFER, NAME, "环宝"),
        "the name, set again without package": Attack(
            set_again(at(NAME, "环保", "环宝"), with_package=False), Reason.PACKAGE_DAMAGED
        ),
    },
    66: {
        "white words after the signature": Attack(
            white_words, CHANGED, "签名之后：第 2 页", "‹看不见的文字：未查询到›"
        ),
        "a finding drawn invisibly": Attack(invisible_words, DIFFER, RESULT, "看不见的文字"),
    },
    67: {
        "a look-alike letter": Attack(set_again(at(NAME, "示例", "示侀")), DIFFER, NAME, "示侀"),
        "a zero-width space": Attack(set_again(at(NAME, "示例", "示\u200b例")), DIFFER, NAME, "示‹U+200B›例"),
    },
    68: {
        "an overlay": Attack(overlay, CHANGED, RESULT, CLEAN),
        "paper over a cell": Attack(covered, CHANGED, RESULT, "‹画面被改动或遮盖›"),
    },
    69: {
        "a note over a cell": Attack(note_over_a_cell, CHANGED, RESULT, "未查询到违法违规记录"),
        "a stamp": Attack(stamp, CHANGED, "第 1 页，图章", "业务专用章"),
        "a field filled in": Attack(filled_in_field, CHANGED, RESULT, "无违法违规记录"),
    },
    70: {
        "removed after the signature": Attack(
            lambda report: with_kids(report.pdf, (0, 1)), CHANGED, "签名时的第 3 页", "‹这一页被删去›"
        ),
        "added after the signature": Attack(
            lambda report: foreign_page(report.pdf), CHANGED, "签名之后：第 4 页", "‹添加的一页›未查询到"
        ),
        "moved after the signature": Attack(
            lambda report: with_kids(report.pdf, (0, 2, 1)), CHANGED, "第 2 页", "签名时的第 3 页，移到了这里"
        ),
        "removed": Attack(lambda report: with_kids(report.unsigned, (0, 1)), DIFFER, "第 3 页", "‹没有这一页›"),
        "added": Attack(lambda report: foreign_page(report.unsigned), DIFFER, "第 4 页", "‹多出的一页，"),
        "moved": Attack(lambda report: with_kids(report.unsigned, (0, 2, 1)), DIFFER, "页的次序", "1、3、2"),
        "doubled": Attack(lambda report: with_kids(report.unsigned, (0, 1, 1, 2)), DIFFER, "第 3 页", "又出现一次"),
    },
    71: {
        "cut off": Attack(lambda report: report.unsigned, Reason.PDF_UNCERTIFIED),
        "written anew without it": Attack(written_anew, Reason.PDF_UNCERTIFIED),
        "blanked": Attack(signature_blanked, Reason.PDF_UNCERTIFIED),
        "saved by another program": Attack(lambda report: saved_again(report.pdf), Reason.PDF_SIGNATURE_INVALID),
        "its field removed by an update": Attack(form_removed, CHANGED, "电子签名", "‹签名从文件中被移出›"),
        "signed by a forger instead": Attack(
            lambda report: certify(report.unsigned, forger()), Reason.PDF_OTHER_CERTIFICATE
        ),
        "signed by a forger besides": Attack(
            lambda report: signed_again(report.pdf, forger()), CHANGED, "电子签名", "又有一个签名：假冒机构（虚构）"
        ),
    },
    72: {
        "overlapping": Attack(
            lambda report: signed_over(report.pdf, lambda a, b, c: (a, b - 400, c + 400), identity()),
            Reason.PDF_SIGNATURE_INVALID,
            "电子签名",
            "ByteRange",
        ),
        "with a gap": Attack(
            lambda report: signed_over(report.pdf, lambda a, b, c: (a - 400, b, c), identity()),
            Reason.PDF_SIGNATURE_INVALID,
            "电子签名",
            "ByteRange",
        ),
        "its gap moved": Attack(
            lambda report: signed_over(report.pdf, lambda a, b, c: (a - 100, b - 100, c + 100), identity()),
            Reason.PDF_SIGNATURE_INVALID,
            "电子签名",
            "ByteRange",
        ),
        "short of the end": Attack(
            lambda report: signed_over(report.pdf, lambda a, b, c: (a, b, c - 30), identity()),
            Reason.PDF_SIGNATURE_INVALID,
        ),
    },
    73: {
        "a row hidden": Attack(row_hidden, CHANGED, RESULT, ""),
        "a page's drawing replaced": Attack(page_replaced, CHANGED, RESULT, CLEAN),
        "fonts exchanged": Attack(fonts_exchanged, CHANGED, "签名之后：第 2 页"),
        "the package exchanged": Attack(other_package, Reason.OTHER_REPORT),
        "properties exchanged": Attack(other_title, CHANGED, "文件属性标题", "无违法违规记录证明"),
        "validation data added": Attack(validation_data, CHANGED, "文件末尾", "看不出其他变化"),
        "a line break at the end": Attack(lambda report: report.pdf + b"\r\n", CHANGED, "文件末尾", "追加了 2 字节"),
    },
    74: {
        "a script": Attack(script, CHANGED, "脚本", "1 段脚本"),
        "a zip at its end": Attack(lambda report: report.pdf + report.docx.docx(), CHANGED, "签名之后"),
        "something before it": Attack(lambda report: b"GIF89a\n" + report.pdf, Reason.UNSUPPORTED_FILE),
        "locked": Attack(encrypted("secret"), Reason.FILE_LOCKED),
        "encrypted, open to all": Attack(encrypted(""), Reason.PDF_UNCERTIFIED),
    },
}
"""By case and name. Every one is never valid."""
