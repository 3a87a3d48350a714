"""The encoding of a text is recognised from its bytes, never guessed into nonsense, never believed from a label.

Rules:
* a byte order mark decides; else UTF-8, strictly; else the better of GB18030 and Big5 (UTF-16 if there are NULs);
* a reading counts only if most of its letters are common Chinese characters: a wrong encoding gives rare ones;
* what a page declares about itself is not used: pages say GB2312 and are UTF-8, and the other way round;
* a few broken bytes in an otherwise sound text (a file cut off, a byte lost on the way) become U+FFFD, one in two
  hundred at most; they stay visible in the text.
"""

import re
from itertools import islice

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NARROW = ("gb18030", "big5")
_WIDE = ("utf-16-le", "utf-16-be")
_LEVEL_1_GB = ("gb2312", 0xB0, 0xD7)
_LEVEL_1_BIG5 = ("big5", 0xA4, 0xC6)
_LETTER = re.compile(r"[^\x00-\x7f\u00b7\u2010-\u2027\u3000-\u303f\uff00-\uffef]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_COMMON_SHARE = 0.6
_SAMPLE_LETTERS = 20_000
_MOST_CONTROLS = 1 / 200
_MOST_BROKEN = 1 / 200
_FEW_BROKEN = 8
_MOST_ODD = 1 / 25
_HEAD_BYTES = 65_536
_FEW_LETTERS = 200
_BROKEN = "\ufffd"


def decoded(content: bytes) -> str | None:
    """The text of ``content``; None when it is no text in an encoding we know."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _mended([encoding], content)
    if b"\0" in content:
        return _best(content, _WIDE) or _mended(_WIDE, content)
    utf8 = _strict(content, "utf-8")
    if utf8 is not None:
        return utf8 if _is_text(utf8) else None
    return _best(content, _NARROW) or _mended(("utf-8", *_NARROW), content)


def _best(content: bytes, encodings: tuple[str, ...]) -> str | None:
    """The reading with the most common characters, if they are common enough at all."""
    readings = [(encoding, _strict(content, encoding)) for encoding in encodings if _is_likely(content, encoding)]
    scored = [(commonness(text, encoding), text) for encoding, text in readings if text is not None and _is_text(text)]
    share, text = max(scored, key=lambda one: one[0], default=(0.0, None))
    return text if share >= _COMMON_SHARE else None


def _mended(encodings: "tuple[str, ...] | list[str]", content: bytes) -> str | None:
    """The first reading that is sound but for a few bytes."""
    for encoding in encodings:
        if not _is_likely(content, encoding):
            continue
        text = content.decode(encoding, "replace")
        letters = sum(1 for _ in _LETTER.finditer(text))
        broken = text.count(_BROKEN)
        sound = broken <= max(_FEW_BROKEN, letters * _MOST_BROKEN) and _is_text(text)
        if sound and (not letters or commonness(text.replace(_BROKEN, ""), encoding) >= _COMMON_SHARE):
            return text
    return None


def _is_likely(content: bytes, encoding: str) -> bool:
    """A look at the beginning, so that sixteen megabytes of anything are not decoded four times."""
    text = content[:_HEAD_BYTES].decode(encoding, "replace")
    odd = text.count(_BROKEN) + sum(1 for _ in _CONTROL.finditer(text))
    if odd > max(4, len(text) * _MOST_ODD):
        return False
    letters = sum(1 for _ in _LETTER.finditer(text))
    return letters < _FEW_LETTERS or commonness(text.replace(_BROKEN, ""), encoding) >= _COMMON_SHARE / 2


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_text(text: str) -> bool:
    """Hardly any control characters."""
    return sum(1 for _ in _CONTROL.finditer(text)) <= len(text) * _MOST_CONTROLS


def commonness(text: str, encoding: str) -> float:
    """Share of common characters among all that are neither ASCII nor punctuation."""
    letters = [match[0] for match in islice(_LETTER.finditer(text), _SAMPLE_LETTERS)]
    return sum(_is_common(char, encoding) for char in letters) / len(letters) if letters else 0.0


def is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def _is_common(char: str, encoding: str) -> bool:
    """In level 1 of GB 2312 (3,755 characters) or of Big5 (5,401): read from the codecs, no table of our own."""
    tables = (_LEVEL_1_BIG5,) if encoding == "big5" else (_LEVEL_1_GB, _LEVEL_1_BIG5)
    return is_han(char) and any(_in_level(char, *table) for table in tables)


def _in_level(char: str, encoding: str, low: int, high: int) -> bool:
    code = char.encode(encoding, "ignore")
    return len(code) == 2 and low <= code[0] <= high
