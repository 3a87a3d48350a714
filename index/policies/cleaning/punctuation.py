"""Punctuation: half-width marks between Chinese characters become full-width, stray quotes are paired.

Rules:
* a mark changes only beside a Chinese character or mark; between digits (2,000 · 07:12) and in Latin text it stays;
* brackets change in pairs; ``[ ]`` and ``< >`` stay as printed (a 文号 may be written either way);
* addresses (URL, e-mail) are left alone.
"""

import re
from collections.abc import Iterator

from index.policies.cleaning.stage import lines_of, steps
from index.policies.cleaning.tracing import Edit, difference, replaced

_CJK = r"\u2e80-\u2fff\u3001-\u303f\u3400-\u9fff\uff01-\uff0f\uff1a-\uff1f“”‘’—…·"
_IS_CJK = re.compile(f"[{_CJK}]")
_ADDRESS = re.compile(r"(?:https?://|www\.)[\x21-\x7e]+|[\w.+-]+@[\w-]+\.[\w.]+", re.ASCII)
_WIDE = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？"}
_NUMBER_DOT = re.compile(r"^(\d{1,3})．", re.MULTILINE)
_SKIPPED = frozenset(' ",;:!?()')
_MOST_ROUNDS = 8
_STRAY_BLANK = re.compile(
    r"(?<=[，。；：！？、”’]) (?=[\u3400-\u9fff“‘《（])|(?<=[\u3400-\u9fff]) (?=[，。；：！？、）》])"
)


def _marks(text: str) -> Iterator[Edit]:
    for start, line in lines_of(text):
        if _IS_CJK.search(line):
            yield from difference(line, _widened(line), start)


widen_punctuation = steps(
    "widen_punctuation",
    "Reads lines. Writes full-width punctuation in Chinese context, ``3.`` for ``3．`` at a line's start.",
    lambda text: replaced(_NUMBER_DOT, text, lambda match: f"{match[1]}."),
    _marks,
    lambda text: replaced(_STRAY_BLANK, text, ""),
)


def _widened(line: str) -> str:
    """Mark for mark, until nothing changes: a widened mark is Chinese context for its neighbours."""
    free = [True] * len(line)
    for match in _ADDRESS.finditer(line):
        free[match.start() : match.end()] = [False] * (match.end() - match.start())
    chars = list(line)
    for _ in range(_MOST_ROUNDS):
        before = chars.copy()
        around = _Around(chars)
        _widen_brackets(chars, around, free)
        _widen_marks(chars, around, free)
        _pair_quotes(chars, around, free)
        if chars == before:
            break
    return "".join(chars)


class _Around:
    """For every place the nearest character before and after it that is no blank, quote or half-width mark."""

    def __init__(self, chars: list[str]) -> None:
        self.before = _nearest(chars)
        self.after = _nearest(chars[::-1])[::-1]

    def is_chinese(self, at: int) -> bool:
        """Beside Chinese; at the end of a line with Chinese in it, after a figure (…完成80%;)."""
        if not self.after[at] and (self.before[at].isdigit() or self.before[at] in tuple("%％‰℃")):
            return True
        return _IS_CJK.match(self.before[at]) is not None or _IS_CJK.match(self.after[at]) is not None

    def is_number(self, at: int) -> bool:
        return self.before[at].isdigit() and self.after[at].isdigit()


def _nearest(chars: list[str]) -> list[str]:
    nearest: list[str] = []
    last = ""
    for char in chars:
        nearest.append(last)
        last = last if char in _SKIPPED else char
    return nearest


def _widen_marks(chars: list[str], around: _Around, free: list[bool]) -> None:
    for at, char in enumerate(chars):
        if char in _WIDE and free[at] and around.is_chinese(at) and not around.is_number(at):
            chars[at] = _WIDE[char]


def _widen_brackets(chars: list[str], around: _Around, free: list[bool]) -> None:
    opened: list[int] = []
    for at, char in enumerate(chars):
        if not free[at]:
            continue
        if char in "(（":
            opened.append(at)
        elif char in ")）" and opened:
            start = opened.pop()
            if "（" in chars[start] or "）" in char or around.is_chinese(start) or around.is_chinese(at):
                chars[start], chars[at] = "（", "）"


def _pair_quotes(chars: list[str], around: _Around, free: list[bool]) -> None:
    """A straight double quote closes what is open, else opens beside Chinese; a straight single one only closes."""
    is_open = single = False
    for at, char in enumerate(chars):
        if char in "‘’":
            single = char == "‘"
        elif char == "'" and free[at] and single:
            chars[at], single = "’", False
        elif char in "“”":
            is_open = char == "“"
        elif char == '"' and free[at] and (is_open or around.is_chinese(at)):
            chars[at] = "”" if is_open else "“"
            is_open = not is_open
