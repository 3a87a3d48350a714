"""Plain text files: the encoding is recognised, never guessed into nonsense.

Rules:
* a byte order mark decides; else UTF-8, GB18030, Big5, UTF-16 are tried in this order, strictly;
* a reading counts only if most of its Chinese characters are common ones: a wrong encoding gives rare ones.
"""

from pathlib import Path

from index.policies.readers.raw import RawText, bounded, unreadable

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ENCODINGS = ("utf-8", "gb18030", "big5")
_COMMON_SHARE = 0.6
_SAMPLE_CHARS = 20_000
_NOT_TEXT = "内容不是文字（可能是图片、压缩包或已损坏的文件）"
_RESAVE = "请用 Word 或记事本打开原文，另存为 docx 或 UTF-8 编码的 txt 后再添加。"


def read_txt(path: Path, content: bytes) -> RawText:
    """Text of ``content``; raises UnreadablePolicy when it is no text, empty, or too long."""
    text = _decode(content)
    if text is None:
        raise unreadable(path, _NOT_TEXT, _RESAVE, "POLICY_NOT_TEXT")
    if not any(_is_han(char) for char in text):
        raise unreadable(path, "文件里没有中文正文", "请确认选对了文件；扫描件请先做文字识别。", "POLICY_EMPTY")
    return RawText(bounded(path, text))


def _decode(content: bytes) -> str | None:
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _strict(content, encoding)
    candidates = _ENCODINGS if b"\0" not in content else ("utf-16-le", "utf-16-be")
    for encoding in candidates:
        text = _strict(content, encoding)
        if text is not None and _reads_well(text):
            return text
    return None


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _reads_well(text: str) -> bool:
    """No control characters, and – where there is Chinese – mostly common characters."""
    sample = text[:_SAMPLE_CHARS]
    if sum(ord(char) < 32 and char not in "\t\n\r\f\v" for char in sample) * 200 > len(sample):
        return False
    han = [char for char in sample if _is_han(char)]
    return not han or sum(_is_common(char) for char in han) >= _COMMON_SHARE * len(han)


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def _is_common(char: str) -> bool:
    """Level 1 of GB 2312 (3,755 characters) or of Big5 (5,401): read from the codecs, no table of our own."""
    for encoding, low, high in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        code = char.encode(encoding, "ignore")
        if code and low <= code[0] <= high:
            return True
    return False
