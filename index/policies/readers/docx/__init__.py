"""Word files (docx, docm): everything a reader of the printed page sees, in reading order.

| module | what it knows |
|---|---|
| package | the zip, its bounds, its parts |
| story | paragraphs and tables in order |
| runs | the words inside a paragraph; tracked changes, fields, hidden text |
| numbering, number_formats | automatic numbers |
| styles | what a paragraph inherits |
| tables | merged cells |
| notes, margins | footnotes and endnotes; headers and footers |
| symbols, equations | signs of symbol fonts; words kept in field instructions |

Rules: text is bounded while it is read; macros, comments and linked files are never opened.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from index.policies.readers.decoding import is_han
from index.policies.readers.docx.margins import margin_lines
from index.policies.readers.docx.names import W, child
from index.policies.readers.docx.notes import Notes
from index.policies.readers.docx.numbering import Numbering
from index.policies.readers.docx.package import Package, opened
from index.policies.readers.docx.story import Line, Story
from index.policies.readers.docx.styles import Styles
from index.policies.readers.raw import MAX_LINES, MAX_TEXT_CHARS, RawText, bounded, unreadable

_MAIN = "officeDocument"


def read_docx(path: Path, content: bytes) -> RawText:
    """Text and headings of a docx; raises UnreadablePolicy for anything broken, encrypted or hostile."""
    lines: list[str] = []
    headings: list[tuple[str, int]] = []
    with opened(path, content) as package:
        for line, level in islice(_within_bounds(_lines(path, package)), MAX_LINES + 2):
            lines.append(line)
            if level is not None:
                headings.append((line.strip(), level))
    text = "\n".join(lines)
    if not any(map(is_han, text)):
        raise unreadable(path, "Word 文件里没有中文正文", "请确认选对了文件；扫描件请先做文字识别。", "POLICY_EMPTY")
    return RawText(bounded(path, text), tuple(headings))


def _within_bounds(lines: Iterator[Line]) -> Iterator[Line]:
    """Stops soon after the text is too long, so that a hostile file costs no more than a long one."""
    chars = 0
    for line in lines:
        chars += len(line[0])
        yield line
        if chars > MAX_TEXT_CHARS:
            return


def _lines(path: Path, package: Package) -> Iterator[Line]:
    main = next((one.part for one in package.related("") if one.kind == _MAIN), "word/document.xml")
    document = package.xml(main)
    body = child(document, "body")
    if body is None:
        next_step = "请确认选对了文件；表格或演示文稿请先把正文另存为 docx。"
        raise unreadable(path, "不是 Word 文档或已损坏", next_step, "POLICY_BROKEN")
    if next(body.iter(f"{W}altChunk"), None) is not None:
        next_step = "请用 Word 打开后另存为 docx（嵌入的内容会变成正文），再添加。"
        raise unreadable(path, "Word 文件里嵌有另一份文件", next_step, "POLICY_FORMAT")
    parts = {one.kind: one.part for one in package.related(main)}
    styles = Styles(package.xml(parts.get("styles", "")))
    notes = Notes(package.xml(parts.get("footnotes", "")), package.xml(parts.get("endnotes", "")))
    numbering = Numbering(package.xml(parts.get("numbering", "")), styles)
    said: list[str] = []
    for line in Story(styles, numbering, notes, body).lines():
        said.append(line[0])
        yield line
    in_use = {value for mark in body.iter(f"{W}headerReference", f"{W}footerReference") for value in mark.values()}
    margins = [one for one in package.related(main) if one.kind in ("header", "footer") and one.id in in_use]
    for kind, part in [(one.kind, package.xml(one.part)) for one in margins]:
        if part is not None:
            yield from margin_lines(kind, Story(styles, numbering, notes, part), said)
