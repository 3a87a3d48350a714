"""Every attack on a document, PDF and docx, by case of ../shared/verify-cases.md (64–74), in one table.

Each attack makes a file of ``genuine()``; checked at ``sample.NOW`` under ``genuine.trust()`` it must give the attack's
reason, which is never valid, and name the place. ``build(case)`` gives the files, made.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping

from tests.verify.documents.genuine import Build, Genuine, genuine, of_another_company
from tests.verify.documents.pdf_attacks import ATTACKS as PDF
from tests.verify.documents.pdf_attacks import RESULT, Attack
from tests.verify.documents.report import before_end, pack, paragraph, run
from tests.verify.documents.test_docx import related, textbox
from verify.reasons import Reason

MAIN, CELL, CLEAN = "word/document.xml", "有 1 条", "未查询到"
WORDS = "本企业无任何违法违规记录"
DIFFER = Reason.FIELDS_DIFFER
_RUN = f'<w:r><w:t xml:space="preserve">{CELL}</w:t></w:r>'


def swapped(old: str, new: str, part: str = MAIN) -> Build:
    return lambda report: report.docx.swapped(part, old, new).docx()


def added(block: str) -> Build:
    return lambda report: report.docx.edited(MAIN, lambda xml: before_end(xml, block)).docx()


def other_code(report: Genuine) -> bytes:
    """Another company's report, with the picture of our code in the place of its own."""
    picture = next(name for name in report.docx.parts if name.startswith("word/media/"))
    return of_another_company().docx.with_part(picture, report.docx.parts[picture]).docx()


def macro(report: Genuine) -> bytes:
    return related("vbaProject", "word/vbaProject.bin", b"Sub AutoOpen()")(report.docx).docx()


def zip_bomb(report: Genuine) -> bytes:
    return pack({**report.docx.parts, "word/media/image9.png": bytes(49 * 1024 * 1024)})


def doubled_part(report: Genuine) -> bytes:
    """Two parts of one name: which one is shown depends on who reads."""
    out = io.BytesIO(report.docx.docx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(MAIN.replace("document", "Document"), report.docx.parts[MAIN])
    return out.getvalue()


DOCX: Mapping[int, Mapping[str, Attack]] = {
    64: {"docx: a code on another company's report": Attack(other_code, Reason.OTHER_REPORT)},
    65: {
        "docx: a cell": Attack(swapped(CELL, CLEAN), DIFFER, RESULT, CLEAN),
        "docx: the header": Attack(
            swapped("核验码：7K3M", "核验码：8K3M", "word/header1.xml"), DIFFER, "首页页眉", "8K3M"
        ),
        "docx: a paragraph": Attack(
            swapped("查询到违法违规记录 1 条", "未查询到违法违规记录"), DIFFER, "首页／查询结论／结论"
        ),
    },
    66: {
        "docx: a tracked insertion": Attack(
            swapped(_RUN, f'{_RUN}<w:ins w:id="9">{run("（已修复）")}</w:ins>'), DIFFER, RESULT, "（已修复）"
        ),
        "docx: a tracked deletion": Attack(
            swapped(_RUN, f'<w:del w:id="9"><w:r><w:delText>{CELL}</w:delText></w:r></w:del>'),
            DIFFER,
            RESULT,
            "‹删除：",
        ),
        "docx: a content control": Attack(
            added(f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph(run(WORDS))}</w:sdtContent></w:sdt>"),
            DIFFER,
            "内容控件",
            WORDS,
        ),
        "docx: a text box": Attack(added(paragraph(textbox(paragraph(run(WORDS)), "both"))), DIFFER, "文本框", WORDS),
        "docx: in a header": Attack(
            swapped("</w:hdr>", paragraph(run(WORDS)) + "</w:hdr>", "word/header2.xml"), DIFFER, "页眉", WORDS
        ),
        "docx: hidden words": Attack(added(paragraph(run(WORDS, "<w:vanish/>"))), DIFFER, "正文", f"‹隐藏：{WORDS}›"),
        "docx: white words": Attack(
            added(paragraph(run(WORDS, '<w:color w:val="FFFFFF"/>'))), DIFFER, "正文", f"‹难以看见：{WORDS}›"
        ),
        "docx: a finding hidden": Attack(swapped(_RUN, run(CELL, "<w:vanish/>")), DIFFER, RESULT, f"‹隐藏：{CELL}›"),
    },
    67: {
        "docx: a zero-width space": Attack(swapped(CELL, "有 1\u200b 条"), DIFFER, RESULT, "‹U+200B›"),
        "docx: a look-alike letter": Attack(swapped("YCZX", "YС\u0417X"), DIFFER, "报告编号", "‹U+0417›"),
    },
    74: {
        "docx: a zip bomb": Attack(zip_bomb, Reason.FILE_TOO_LARGE),
        "docx: an external entity": Attack(
            swapped("<w:document ", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><w:document '),
            Reason.DANGEROUS_FILE,
        ),
        "docx: a macro": Attack(macro, DIFFER, "文件结构", "vbaProject"),
        "docx: a part twice": Attack(doubled_part, Reason.DANGEROUS_FILE),
    },
}

FILES: Mapping[int, Mapping[str, Attack]] = {case: {**PDF[case], **DOCX.get(case, {})} for case in PDF}
"""By case and name. Every one is never valid."""


def build(case: int) -> Iterator[tuple[str, bytes, Reason]]:
    """The files of one case: name, content, the reason each must give."""
    for name, attack in FILES[case].items():
        yield name, attack.build(genuine()), attack.reason
