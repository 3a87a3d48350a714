"""Plain text files: lines as they are; the encoding is recognised (``decoding``)."""

from pathlib import Path

from index.policies.readers.decoding import decoded, is_han
from index.policies.readers.raw import RawText, bounded, unreadable

_NOT_TEXT = "内容不是文字（可能是图片、压缩包或已损坏的文件）"
_RESAVE = "请用 Word 或记事本打开原文，另存为 docx 或 UTF-8 编码的 txt 后再添加。"


def read_txt(path: Path, content: bytes) -> RawText:
    """Text of ``content``; raises UnreadablePolicy when it is no text, empty, or too long."""
    return RawText(text_of(path, content))


def text_of(path: Path, content: bytes) -> str:
    """The decoded text, bounded; raises UnreadablePolicy when it is no Chinese text."""
    text = decoded(content)
    if text is None:
        raise unreadable(path, _NOT_TEXT, _RESAVE, "POLICY_NOT_TEXT")
    if not any(map(is_han, text)):
        raise unreadable(path, "文件里没有中文正文", "请确认选对了文件；扫描件请先做文字识别。", "POLICY_EMPTY")
    return bounded(path, text)
