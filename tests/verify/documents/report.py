"""A small fictional report as a docx, with its package and QR, and the means to tamper with it part by part."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import docx
import qrcode
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm
from PIL import Image

from tests.verify.sample import FACTS, KEY, URL
from verify.binding import Field, FieldPackage
from verify.credential import sign
from verify.documents.archive import members
from verify.documents.docx import package_xml, read_docx
from verify.scanned import qr_text

SEED = b"fictional seed of this small doc"
ROWS = (
    ("序号", "领域", "查询结果", "备注"),
    ("1", "市场监管领域", "未查询到", ""),
    ("2", "生态环境领域", "有 1 条", "异议处理中 1 条"),
    ("3", "住房公积金领域", "未查询到", ""),
)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
WATERMARK = (Path(__file__).parent / "watermark.xml").read_text("utf-8").strip()
"""As issuing draws it (tests/verify/issuing/test_wml.py), so that these tests run where no issuing is."""


def qr_png(text: str) -> bytes:
    out = io.BytesIO()
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, box_size=6)
    code.add_data(text)
    code.make_image().get_image().convert("L").save(out, "PNG")
    return out.getvalue()


def _counter(paragraph: object, name: str) -> None:
    for kind, text in (("begin", None), (None, name), ("separate", None), ("text", "1"), ("end", None)):
        run = paragraph.add_run()._r  # type: ignore[attr-defined]
        if kind == "text":
            run.text = text
        elif kind is None:
            code = OxmlElement("w:instrText")
            code.text = f" {text} "
            run.append(code)
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run.append(mark)


def _body(qr: bytes) -> bytes:
    document = docx.Document()
    section = document.sections[0]
    section.different_first_page_header_footer = True
    first = section.first_page_header
    first.paragraphs[0].add_run().add_picture(io.BytesIO(qr), width=Mm(35))
    first.add_paragraph("核验码：7K3M-9Q2D-XW4T")
    first.add_paragraph()._p.append(parse_xml(WATERMARK))
    section.header.paragraphs[0].text = "报告编号 YCZX202608200000017"
    footer = section.footer.paragraphs[0]
    footer.add_run("第 ")
    _counter(footer, "PAGE")
    footer.add_run(" 页 共 ")
    _counter(footer, "NUMPAGES")
    footer.add_run(" 页")
    document.add_heading("经营主体专用信用报告", 0)
    document.add_paragraph("名称 盐城示例禾苗环保科技有限公司（虚构）")
    table = document.add_table(len(ROWS), 4)
    for row, texts in zip(table.rows, ROWS, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("1. 数据由各责任单位提供。")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pack(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _path(number: int, text: str) -> str:
    """Row 2's result cell gets the name a real report gives it."""
    return "一、分领域查询结果／第2行 生态环境领域／查询结果" if text == "有 1 条" else f"第{number}项"


@dataclass(frozen=True, slots=True)
class Report:
    """``parts``: the members of the docx."""

    parts: Mapping[str, bytes]
    token: bytes
    package: FieldPackage

    def docx(self) -> bytes:
        return pack(self.parts)

    def with_part(self, name: str, content: bytes) -> "Report":
        return replace(self, parts={**self.parts, name: content})

    def without_part(self, name: str) -> "Report":
        return replace(self, parts={key: value for key, value in self.parts.items() if key != name})

    def edited(self, name: str, edit: Callable[[str], str]) -> "Report":
        """With one part's XML edited; the edit must change something."""
        before = self.parts[name].decode()
        after = edit(before)
        assert after != before, "the edit found nothing to change"
        return self.with_part(name, after.encode())

    def swapped(self, name: str, old: str, new: str) -> "Report":
        return self.edited(name, lambda xml: xml.replace(old, new, 1))


MAIN, PACKAGE_PART = "word/document.xml", "customXml/item9.xml"


def build() -> Report:
    """Issue: read the lines of the finished document, make them the fields, sign their root, put QR and package in."""
    draft = _body(qr_png(qr_text(b"\xd2" + bytes(190), URL)))
    lines = read_docx(members(draft)).document.lines
    fields = tuple(Field(_path(number, line.text), "行", line.text) for number, line in enumerate(lines, start=1))
    remark = next(place for place, field in enumerate(fields) if field.text == "未查询到") + 1
    package = FieldPackage(SEED, (*fields[:remark], Field("第1行 市场监管领域／备注", "行", ""), *fields[remark:]))
    token = sign(replace(FACTS, content_root=package.root()), KEY)
    final = members(_body(qr_png(qr_text(token, URL))))
    return Report({**final, PACKAGE_PART: package_xml(package)}, token, package)


def paragraph(inner: str, properties: str = "") -> str:
    return f"<w:p>{properties}{inner}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def before_end(xml: str, insertion: str) -> str:
    """``insertion`` as last block of the body."""
    return re.sub(r"(<w:sectPr)", insertion.replace("\\", "\\\\") + r"\1", xml, count=1)


def white_png(width: int, height: int) -> Image.Image:
    return Image.new("L", (width, height), 255)
