"""Word files (docx): paragraphs and tables in document order, headings by style, merged cells filled.

Rules:
* the zip is examined before anything is parsed: number of parts, unpacked size, compression ratio, encryption;
* a part that declares a document type is refused: no entities, neither external nor nested;
* a table row is one line ``a | b | c``; a row that is one merged cell is one line without bars.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from index.policies.readers.raw import MAX_LINES, RawText, bounded, unreadable

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.oxml.table import CT_Tc
    from docx.table import Table

MAX_PARTS = 2_000
MAX_UNPACKED_BYTES = 32 * 1024 * 1024
MAX_RATIO = 100
_RATIO_FROM_BYTES = 1024 * 1024
_MOST_COLUMNS = 60
_PARAGRAPH = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_HEADING_STYLE = re.compile(r"^(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_REOPEN = "请用 Word 打开原文，确认能正常显示后另存为 docx 再添加。"


def read_docx(path: Path, content: bytes) -> RawText:
    """Text and headings of a docx; raises UnreadablePolicy for anything broken, encrypted or hostile."""
    _examine(path, content)
    document = _open(path, content)
    lines: list[str] = []
    headings: list[tuple[str, int]] = []
    for line, level in islice(_lines(document), MAX_LINES + 2):
        lines.append(line)
        if level is not None and line.strip():
            headings.append((line.strip(), level))
    text = "\n".join(lines)
    if not text.strip():
        raise unreadable(path, "Word 文件里没有文字", "扫描件请先做文字识别，再添加。", "POLICY_EMPTY")
    return RawText(bounded(path, text), tuple(headings))


def _examine(path: Path, content: bytes) -> None:
    """Refuse what is no zip, encrypted, a bomb, or carries a document type."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _examine_sizes(path, archive)
            for part in archive.infolist():
                if part.filename.endswith((".xml", ".rels")) and _DOCTYPE.search(archive.read(part)):
                    raise unreadable(path, "Word 文件含有外部实体声明，已拒绝", _REOPEN, "POLICY_HOSTILE")
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError) as cause:
        raise unreadable(path, "Word 文件已损坏，无法解压", _REOPEN, "POLICY_BROKEN") from cause
    except zlib.error as cause:
        raise unreadable(path, "Word 文件已损坏，无法解压", _REOPEN, "POLICY_BROKEN") from cause


def _examine_sizes(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if any(part.flag_bits & 1 for part in parts):
        raise unreadable(path, "文件已加密", "请先取消密码保护，再添加。", "POLICY_ENCRYPTED")
    bomb = unpacked > _RATIO_FROM_BYTES and unpacked > packed * MAX_RATIO
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or bomb:
        raise unreadable(path, "解压后体积异常，已拒绝", "请核对文件来源；正常的政策文件不会这样。", "POLICY_HOSTILE")


def _open(path: Path, content: bytes) -> "WordDocument":
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        return Document(io.BytesIO(content))
    except (OpcError, LxmlError, KeyError, ValueError, AttributeError) as cause:
        raise unreadable(path, "不是 Word 文档或已损坏", _REOPEN, "POLICY_BROKEN") from cause


def _lines(document: "WordDocument") -> Iterator[tuple[str, int | None]]:
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for line in _rows(block):
                yield line, None
        else:
            yield block.text, _heading_level(block.style.name if block.style else None)


def _heading_level(style: str | None) -> int | None:
    if style in ("Title", "标题"):
        return 0
    match = _HEADING_STYLE.match(style or "")
    return int(match[1]) if match else None


def _rows(table: "Table") -> Iterator[str]:
    """Rows as lines. A cell merged over columns repeats in each, one merged over rows in each row below."""
    above: list[str] = []
    for row in table._tbl.tr_lst:
        cells = row.tc_lst
        above = _filled(cells, above)
        if any(above):
            one_cell = len(cells) == 1 and len(above) > 1
            yield above[0] if one_cell else " | ".join(above)


def _filled(cells: "list[CT_Tc]", above: list[str]) -> list[str]:
    texts: list[str] = []
    for cell in cells:
        continues = cell.vMerge == "continue" and len(texts) < len(above)
        text = (
            above[len(texts)] if continues else _cell_text("\n".join(one.text or "" for one in cell.iter(_PARAGRAPH)))
        )
        texts.extend([text] * min(cell.grid_span, _MOST_COLUMNS))
    return texts


def _cell_text(text: str) -> str:
    return " ".join(text.split()).replace("|", "｜")
