"""Where a text may be cut without tearing what a reader sees as one character.

A mark stays with its letter, a joined emoji with its parts, a flag with both its letters, a syllable with its jamo, a
line feed with its carriage return. Where in doubt it is not cut: that can only make a piece shorter.

Source: UAX #29 §3.1 (grapheme cluster boundaries), the rules that matter in Chinese chats.
"""

import unicodedata

_JOINER = "\u200d"
_MODIFIERS = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)
_JAMO_AFTER = (range(0x1160, 0x1200), range(0xD7B0, 0xD800))


def may_cut(text: str, at: int, since: int = 0) -> bool:
    """Whether ``text`` may be cut before its character ``at``. ``since``: the last cut; flags count from it."""
    before, after = text[at - 1], text[at]
    if _clings(after) or before == _JOINER or (before == "\r" and after == "\n"):
        return False
    return not (ord(after) in _FLAGS and _flags_before(text, at, since) % 2)


def _clings(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character).startswith("M")
        or character in (_JOINER, "\u200c")
        or code in _MODIFIERS
        or code in _TAGS
        or any(code in jamo for jamo in _JAMO_AFTER)
    )


def _flags_before(text: str, at: int, since: int) -> int:
    start = at
    while start > since and ord(text[start - 1]) in _FLAGS:
        start -= 1
    return at - start
