"""Words that Word keeps in the instruction of an EQ field: encircled signs, readings over words, fractions.

| instruction | shown |
|---|---|
| ``\\o\\ac(○,3)`` | ③ (带圈字符) |
| ``\\o\\ad(\\s\\up 9(chá),茶)`` | 茶 (拼音指南) |
| ``\\f(1,3)`` | 1/3 |

Rules: anything else shows nothing, as the field has no result. Source: Word's EQ field (ECMA-376 part 1, 17.16.5.22).
"""

import re

_OVER = re.compile(r"\\o\s*\\(a[cdlr])\s*\((.*)\)\s*$", re.IGNORECASE | re.DOTALL)
_FRACTION = re.compile(r"\\f\s*\(([^(),;]{1,40})[,;]([^(),;]{1,40})\)", re.IGNORECASE)
_RINGS = "○◯〇Ｏ"
_LONGEST = 300
_LARGEST_RING = 20


def shown_by(instruction: str) -> str:
    """The words of one EQ field; "" for every other field."""
    instruction = instruction.strip()
    if instruction[:3].upper() != "EQ " or len(instruction) > _LONGEST:
        return ""
    over = _OVER.search(instruction)
    if over:
        below = _last_argument(over[2])
        return _encircled(below) if over[2].lstrip()[:1] in _RINGS else below
    fraction = _FRACTION.search(instruction)
    return f"{fraction[1].strip()}/{fraction[2].strip()}" if fraction else ""


def _last_argument(arguments: str) -> str:
    """What stands behind the last comma outside brackets."""
    depth, start = 0, 0
    for at, char in enumerate(arguments):
        depth += (char == "(") - (char == ")")
        if char in ",;" and depth == 0:
            start = at + 1
    return arguments[start:].strip()


def _encircled(words: str) -> str:
    if words.isdecimal() and 1 <= int(words) <= _LARGEST_RING:
        return chr(ord("①") + int(words) - 1)
    return f"（{words}）" if words else ""
