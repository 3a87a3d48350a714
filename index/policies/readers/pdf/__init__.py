"""PDF files with a text layer: printed lines back to paragraphs, tables back to rows, what runs along the pages gone.

| module | what it knows |
|---|---|
| page | pdfium: signs, ruled lines, pictures |
| rows | signs → printed lines |
| grid | ruled lines → tables |
| margins | running headers, footers, page numbers |
| notes | footnotes |
| paragraphs | lines → paragraphs |
| document | pages → text |

Rules:
* a scan is named as a scan, never indexed as empty; a text layer that says nothing readable is named;
* a page that is only a picture among pages of text is marked at its place;
* pages, signs and drawn lines are bounded; the process that reads has its own bounds (``isolation``).
"""

from pathlib import Path
from typing import TYPE_CHECKING

from index.policies.readers.decoding import commonness
from index.policies.readers.pdf.document import is_scan, text_of
from index.policies.readers.raw import RawText, bounded, unreadable

if TYPE_CHECKING:
    from index.policies.readers.pdf.page import PageContent

MAX_PAGES = 1_000
MAX_GLYPHS = 1_200_000
_PASSWORD = 4
_FEW_HAN = 20
_UNREADABLE_SHARE = 0.1
_COMMON_SHARE = 0.6
_OCR = "请先做文字识别（OCR）并核对，存为 docx、txt 或文字版 PDF 后再添加。"
_EXPORT = "请向发文单位索取 docx，或用文字识别（OCR）得到文字、核对后再添加。"
_REPAIR = "请用 PDF 阅读器打开，确认能正常显示后重新导出，再添加。"


def read_pdf(path: Path, content: bytes) -> RawText:
    """Text of a PDF; raises UnreadablePolicy for scans, locked, damaged and unreadable ones."""
    pages = _pages(path, content)
    _examine(path, pages)
    return RawText(bounded(path, text_of(pages)))


def _pages(path: Path, content: bytes) -> "list[PageContent]":
    from pypdfium2 import PdfDocument, PdfiumError

    from index.policies.readers.pdf.page import page_content

    try:
        document = PdfDocument(content)
    except PdfiumError as cause:
        if cause.err_code == _PASSWORD:
            raise unreadable(path, "PDF 有密码", "请取消密码后再添加。", "POLICY_ENCRYPTED") from cause
        raise unreadable(path, "PDF 已损坏，打不开", _REPAIR, "POLICY_BROKEN") from cause
    if len(document) > MAX_PAGES:
        raise unreadable(path, f"PDF 超过 {MAX_PAGES} 页", "请按文件拆分后再添加。", "POLICY_TOO_LARGE")
    pages: list[PageContent] = []
    left = MAX_GLYPHS
    try:
        for number in range(len(document)):
            pages.append(page_content(document[number], left))
            left -= len(pages[-1].glyphs)
    except (PdfiumError, ValueError, OverflowError) as cause:
        raise unreadable(path, f"PDF 第 {len(pages) + 1} 页读不出来", _REPAIR, "POLICY_BROKEN") from cause
    return pages


def _examine(path: Path, pages: "list[PageContent]") -> None:
    """A scan, or a text layer that no one can read, is named."""
    text = "".join(glyph.char for page in pages for glyph in page.glyphs)
    unreadable_signs = sum(page.unreadable for page in pages)
    han = sum("\u4e00" <= char <= "\u9fff" for char in text)
    if unreadable_signs > max(_FEW_HAN, len(text) * _UNREADABLE_SHARE):
        raise unreadable(path, "PDF 里的文字读不出来（字体没有对应的文字编码）", _EXPORT, "POLICY_NOT_TEXT")
    scans = sum(is_scan(page) for page in pages)
    if scans and (han < _FEW_HAN * len(pages) or scans * 2 > len(pages)):
        raise unreadable(path, "是扫描件，没有可读的文字", _OCR, "POLICY_SCAN")
    if not han:
        raise unreadable(path, "PDF 里没有中文文字（可能是扫描件，或文字已转成图形）", _OCR, "POLICY_SCAN")
    if commonness(text, "gb18030") < _COMMON_SHARE:
        raise unreadable(path, "PDF 里的文字读不出来（文字编码错乱）", _EXPORT, "POLICY_NOT_TEXT")
