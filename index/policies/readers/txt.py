"""Plain text files: the encoding is recognised, never guessed into nonsense.

Rules:
* a byte order mark decides; else UTF-8, strictly; else the better of GB18030 and Big5 (UTF-16 if there are NULs);
* a reading counts only if most of its letters are common Chinese characters: a wrong encoding gives rare ones.
"""

import re
from pathlib import Path

from index.policies.readers.raw import RawText, bounded, unreadable

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NATIONAL = ("gb18030", "big5")
_WIDE = ("utf-16-le", "utf-16-be")
_LEVEL_1_GB = ("gb2312", 0xB0, 0xD7)
_LEVEL_1_BIG5 = ("big5", 0xA4, 0xC6)
_PUNCTUATION = re.compile(r"[\u00b7\u2010-\u2027\u3000-\u303f\uff00-\uffef]")
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
    utf8 = _strict(content, "utf-8")
    if utf8 is not None and b"\0" not in content:
        return utf8 if _is_text(utf8) else None
    return _best(content, _NATIONAL if b"\0" not in content else _WIDE)


def _best(content: bytes, encodings: tuple[str, ...]) -> str | None:
    """The reading with the most common characters, if they are common enough at all."""
    readings = [(encoding, _strict(content, encoding)) for encoding in encodings]
    scored = [(_commonness(text, encoding), text) for encoding, text in readings if text is not None and _is_text(text)]
    share, text = max(scored, key=lambda one: one[0], default=(0.0, None))
    return text if share >= _COMMON_SHARE else None


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_text(text: str) -> bool:
    """Hardly any control characters."""
    sample = text[:_SAMPLE_CHARS]
    return sum(ord(char) < 32 and char not in "\t\n\r\f\v" for char in sample) * 200 <= len(sample)


def _commonness(text: str, encoding: str) -> float:
    """Share of common characters among all that are neither ASCII nor punctuation."""
    letters = [char for char in text[:_SAMPLE_CHARS] if ord(char) > 0x7F and not _PUNCTUATION.match(char)]
    return sum(_is_common(char, encoding) for char in letters) / len(letters) if letters else 0.0


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def _is_common(char: str, encoding: str) -> bool:
    """In level 1 of GB 2312 (3,755 characters) or of Big5 (5,401): read from the codecs, no table of our own."""
    tables = (_LEVEL_1_BIG5,) if encoding == "big5" else (_LEVEL_1_GB, _LEVEL_1_BIG5)
    return _is_han(char) and any(_in_level(char, *table) for table in tables)


def _in_level(char: str, encoding: str, low: int, high: int) -> bool:
    code = char.encode(encoding, "ignore")
    return len(code) == 2 and low <= code[0] <= high
