"""Punctuation: half-width marks between Chinese characters become full-width, stray quotes are paired.

Rules:
* a mark changes only beside a Chinese character or mark; between digits (2,000 · 07:12) and in Latin text it stays;
* brackets change in pairs; ``[ ]`` and ``< >`` stay as printed (a 文号 may be written either way);
* addresses (URL, e-mail) are left alone.
"""

import re

_CJK = r"\u2e80-\u2fff\u3001-\u303f\u3400-\u9fff\uff01-\uff0f\uff1a-\uff1f“”‘’—…·"
_IS_CJK = re.compile(f"[{_CJK}]")
_ADDRESS = re.compile(r"(?:https?://|www\.)[\x21-\x7e]+|[\w.+-]+@[\w-]+\.[\w.]+", re.ASCII)
_WIDE = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？"}
_NUMBER_DOT = re.compile(r"^(\d{1,3})．", re.MULTILINE)
_AFTER_MARK = re.compile(r"(?<=[，。；：！？、”’]) (?=[\u3400-\u9fff“‘《（])")
_BEFORE_MARK = re.compile(r"(?<=[\u3400-\u9fff]) (?=[，。；：！？、）》])")


def widen_punctuation(text: str) -> str:
    """Reads lines. Writes full-width punctuation in Chinese context, ``3.`` for ``3．`` at a line's start."""
    return "\n".join(_widen(line) for line in _NUMBER_DOT.sub(r"\1.", text).split("\n"))


def _widen(line: str) -> str:
    if not _IS_CJK.search(line):
        return line
    kept = [(match.start(), match.end()) for match in _ADDRESS.finditer(line)]
    free = [not any(start <= at < end for start, end in kept) for at in range(len(line))] if kept else None
    chars = list(line)
    _widen_marks(chars, free)
    _widen_brackets(chars, free)
    _pair_quotes(chars, free)
    return _BEFORE_MARK.sub("", _AFTER_MARK.sub("", "".join(chars)))


def _widen_marks(chars: list[str], free: list[bool] | None) -> None:
    for at, char in enumerate(chars):
        wide = _WIDE.get(char)
        if wide is None or (free is not None and not free[at]):
            continue
        before, after = _neighbour(chars, at, -1), _neighbour(chars, at, 1)
        between_digits = before.isdigit() and after.isdigit()
        if not between_digits and (_IS_CJK.match(before) or _IS_CJK.match(after)):
            chars[at] = wide


def _neighbour(chars: list[str], at: int, step: int) -> str:
    at += step
    while 0 <= at < len(chars) and chars[at] in ' "':
        at += step
    return chars[at] if 0 <= at < len(chars) else ""


def _widen_brackets(chars: list[str], free: list[bool] | None) -> None:
    opened: list[int] = []
    for at, char in enumerate(chars):
        if free is not None and not free[at]:
            continue
        if char in "(（":
            opened.append(at)
        elif char in ")）" and opened:
            start = opened.pop()
            if "（" in chars[start] or "）" in char or _touches_chinese(chars, start, at):
                chars[start], chars[at] = "（", "）"


def _touches_chinese(chars: list[str], start: int, end: int) -> bool:
    around = (
        _neighbour(chars, start, -1),
        _neighbour(chars, start, 1),
        _neighbour(chars, end, -1),
        _neighbour(chars, end, 1),
    )
    return any(_IS_CJK.match(char) for char in around)


def _pair_quotes(chars: list[str], free: list[bool] | None) -> None:
    """A straight double quote closes what is open, else opens – if any Chinese stands beside it."""
    is_open = False
    for at, char in enumerate(chars):
        if char in "“”":
            is_open = char == "“"
        elif char == '"' and (free is None or free[at]):
            beside = _neighbour(chars, at, -1) + _neighbour(chars, at, 1)
            if is_open or _IS_CJK.search(beside):
                chars[at] = "”" if is_open else "“"
                is_open = not is_open
