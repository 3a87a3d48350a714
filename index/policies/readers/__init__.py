"""Reading a policy file: what it is, is decided by its content, not by its name.

One module per format; ``read`` chooses. Formats: txt (also md), docx.
Every file comes from an enemy: sizes are bounded first.
"""

from pathlib import Path

from index.policies.readers.docx import read_docx
from index.policies.readers.raw import MAX_FILE_BYTES, RawText, unreadable
from index.policies.readers.txt import read_txt

_REFUSED = (
    (b"\xd0\xcf\x11\xe0", "是旧版 Word（doc）或加密的文件", "请用 Word 打开（如有密码先取消），另存为 docx 后再添加。"),
    (b"%PDF", "是 PDF 文件，目前不能直接读取", "请导出为 docx 或 txt 后再添加。"),
    (b"{\\rtf", "是 RTF 文件，目前不能直接读取", "请另存为 docx 后再添加。"),
)
_WEB_PAGE = (b"<!doctype html", b"<html", b"<?xml")


def read(path: Path) -> tuple[RawText, bytes]:
    """The text of one file and its bytes; raises UnreadablePolicy with what to do next."""
    content = _content(path)
    for magic, reason, next_step in _REFUSED:
        if content.startswith(magic):
            raise unreadable(path, reason, next_step, "POLICY_FORMAT")
    if content.lstrip()[:15].lower().startswith(_WEB_PAGE):
        raise unreadable(path, "是网页文件，目前不能直接读取", "请把正文另存为 docx 或 txt 后再添加。", "POLICY_FORMAT")
    if content.startswith(b"PK"):
        return read_docx(path, content), content
    return read_txt(path, content), content


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise unreadable(path, "找不到这个文件", "请检查路径是否写对。", "POLICY_MISSING")
        size_bytes = path.stat().st_size
        if size_bytes > MAX_FILE_BYTES:
            limit = MAX_FILE_BYTES // 1024 // 1024
            raise unreadable(path, f"文件超过 {limit} MB", "请确认是政策文件；如确需添加，请拆分。", "POLICY_TOO_LARGE")
        content = path.read_bytes()
    except OSError as cause:
        raise unreadable(path, "文件打不开", "请检查文件权限，或复制到本机后再添加。") from cause
    if not content.strip():
        raise unreadable(path, "文件是空的", "请重新下载或导出原文。", "POLICY_EMPTY")
    return content


__all__ = ["RawText", "read"]
