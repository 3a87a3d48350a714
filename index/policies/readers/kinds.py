"""What a file is: its content says so, never its name.

Government sites and clerks rename at will: a web page called .doc, a docx called .doc, a PDF called .txt are read as
what they are. A kind that cannot be a policy text (a spreadsheet, a picture) is named with what to do.

Sources of the magic numbers: [MS-CFB] 2.2, ISO 32000-2 7.5.2, RTF 1.9.1, RFC 2557 (MHTML), ECMA-376 part 2.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from enum import StrEnum

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF_WITHIN = 1024
_START = 4096
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>]|meta\s|title[\s>]|table[\s>]|div[\s>]|p[\s>]|script[\s>])",
    re.IGNORECASE,
)
_MIME_HEAD = re.compile(
    rb"^(?:from|subject|date|mime-version|content-type|x-[\w-]+|snapshot-content-location|message-id):", re.IGNORECASE
)
_ENTRY_OF_ZIP = b"PK\x01\x02"
MOST_ENTRIES = 20_000
"""Opening a zip costs time and memory for each."""
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")


class Kind(StrEnum):
    """Values name the reader; those of ``WHAT_TO_DO`` have none."""

    TEXT = "text"
    WEB_PAGE = "html"
    WEB_ARCHIVE = "mhtml"
    WORD = "docx"
    PDF = "pdf"
    OLD_WORD = "doc"
    RTF = "rtf"
    OPEN_DOCUMENT = "odt"
    ENCRYPTED_OFFICE = "encrypted"
    SPREADSHEET = "spreadsheet"
    SLIDES = "slides"
    FIXED_LAYOUT = "ofd"
    PICTURE = "picture"
    ARCHIVE = "archive"
    OLD_WPS = "wps"
    UNKNOWN_OFFICE = "ole"


WHAT_TO_DO = {
    Kind.ENCRYPTED_OFFICE: ("文件已加密", "请用 Word 打开并取消密码（文件 → 信息 → 保护文档），保存后再添加。"),
    Kind.SPREADSHEET: ("是电子表格，不是政策正文", "请把表格复制到 Word，连同标题另存为 docx 后再添加。"),
    Kind.SLIDES: ("是演示文稿，不是政策正文", "请找到正文，存为 docx 或 PDF 后再添加。"),
    Kind.FIXED_LAYOUT: ("是 OFD 版式文件，目前不能直接读取", "请用 OFD 阅读器导出为 PDF（文字版）或 docx 后再添加。"),
    Kind.PICTURE: ("是图片", "请先做文字识别（OCR），核对后存为 docx 或 txt 再添加。"),
    Kind.ARCHIVE: ("是压缩包", "请先解压，再添加里面的文件。"),
    Kind.OLD_WPS: ("是很旧的 WPS 或 Works 文件", "请用 WPS 打开，另存为 docx 后再添加。"),
    Kind.UNKNOWN_OFFICE: ("不是 Word 文档（可能是安装包、邮件或图纸）", "请用原来的软件打开，另存为 docx 后再添加。"),
}


def kind_of(content: bytes) -> Kind:
    """The kind of a file by its content; ``TEXT`` when nothing else fits (the text reader then judges)."""
    start = content[:_START]
    if start.startswith(_OLE[:4]):
        return _of_ole(content)
    if start.startswith(b"PK"):
        return _of_zip(content)
    if start.lstrip().startswith(b"{\\rtf"):
        return Kind.RTF
    if b"%PDF-" in start[:_PDF_WITHIN]:
        return Kind.PDF
    if start.startswith(_PICTURES) and b"\0" in start:
        return Kind.PICTURE
    if start.startswith(_ARCHIVES):
        return Kind.ARCHIVE
    return _of_text(start)


def _of_text(start: bytes) -> Kind:
    plain = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    first_lines = plain.splitlines()[:12]
    if sum(_MIME_HEAD.match(line) is not None for line in first_lines) >= 3:
        return Kind.WEB_ARCHIVE if re.search(rb"mime-version:", plain, re.IGNORECASE) else Kind.TEXT
    return Kind.WEB_PAGE if plain.startswith(b"<") and _MARKUP.search(plain) else Kind.TEXT


def _of_zip(content: bytes) -> Kind:
    """By the names of its parts; a broken zip goes to the Word reader, which says what is wrong with it."""
    if content.count(_ENTRY_OF_ZIP) > MOST_ENTRIES:
        return Kind.WORD
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _of_parts(archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, RuntimeError, OSError, ValueError, EOFError):
        return Kind.WORD


def _of_parts(archive: zipfile.ZipFile) -> Kind:
    parts = {part.filename: part for part in archive.infolist()}
    for name, kind in _PARTS:
        if name in parts:
            return kind
    label = parts.get("mimetype")
    if label is not None and label.file_size <= _LONGEST_LABEL:
        is_text = b"opendocument.text" in archive.read(label)
        return Kind.OPEN_DOCUMENT if is_text else Kind.SPREADSHEET
    return Kind.WORD if "[Content_Types].xml" in parts else Kind.ARCHIVE


_LONGEST_LABEL = 200
_PARTS = (
    ("word/document.xml", Kind.WORD),
    ("xl/workbook.xml", Kind.SPREADSHEET),
    ("xl/workbook.bin", Kind.SPREADSHEET),
    ("ppt/presentation.xml", Kind.SLIDES),
    ("OFD.xml", Kind.FIXED_LAYOUT),
)
_STREAMS = (
    ("EncryptedPackage", Kind.ENCRYPTED_OFFICE),
    ("WordDocument", Kind.OLD_WORD),
    ("Workbook", Kind.SPREADSHEET),
    ("Book", Kind.SPREADSHEET),
    ("PowerPoint Document", Kind.SLIDES),
    ("MM", Kind.OLD_WPS),
    ("MatOST", Kind.OLD_WPS),
)
_ENTRY_BYTES = 128


def _of_ole(content: bytes) -> Kind:
    """By the streams named in the directory of the compound file."""
    found = {name: at for at, name in _entries(content)}
    for name, kind in _STREAMS:
        if name in found:
            is_locked = kind is Kind.OLD_WORD and _is_locked(content, found[name])
            return Kind.ENCRYPTED_OFFICE if is_locked else kind
    return Kind.UNKNOWN_OFFICE


def _entries(content: bytes) -> Iterator[tuple[int, str]]:
    """Directory entries that bear one of our names: 64 bytes of name, padded, then its length with the final NUL."""
    names = {name.encode("utf-16-le") + b"\0\0": name for name, _ in _STREAMS}
    for at in range(0, len(content) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        length = content[at + 64] + 256 * content[at + 65]
        if 4 <= length <= 64:
            name = names.get(content[at : at + length])
            if name is not None:
                yield at, name


def _is_locked(content: bytes, entry: int) -> bool:
    """Whether the Word stream says that it is encrypted (FibBase.fEncrypted, [MS-DOC] 2.5.2)."""
    if len(content) < entry + _ENTRY_BYTES:
        return False
    shift = min(struct.unpack("<H", content[30:32])[0], 12)
    first = struct.unpack("<I", content[entry + 116 : entry + 120])[0]
    base = (first + 1) << shift
    head = content[base : base + 12]
    return len(head) == 12 and head[:2] == b"\xec\xa5" and bool(struct.unpack("<H", head[10:12])[0] & 0x0100)
