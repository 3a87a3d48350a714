"""Lines: code points and blanks made even, spaced headings closed, broken titles joined, repetitions dropped."""

import re
import unicodedata
from collections.abc import Iterator

from index.policies.titles import TITLE_END

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u00ad\ufeff\ufffe\uffff\x00-\x08\x0e-\x1f\x7f-\x9f]")
_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")


def even_lines(text: str) -> str:
    """Reads any text. Writes NFC, ``\\n``, nothing invisible, no indents, no blank lines, single blanks."""
    text = _LINE_BREAKS.sub("\n", text)
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


_SPACED_TAIL = re.compile(r"^(第[一二三四五六七八九十百零〇\d]+[编章节]) ?((?:[\u4e00-\u9fff] ){1,5}[\u4e00-\u9fff])$")
_SPACED_LINE = re.compile(r"^(?:[\u4e00-\u9fff] ){1,5}[\u4e00-\u9fff]$")


def close_spaced_headings(text: str) -> str:
    """Reads lines. Writes ``第一章 总则`` for ``第一章 总 则`` and ``附件`` for ``附 件``; other blanks stay."""
    return "\n".join(_close(line) for line in text.split("\n"))


def _close(line: str) -> str:
    tail = _SPACED_TAIL.match(line)
    if tail:
        return f"{tail[1]} {tail[2].replace(' ', '')}"
    return line.replace(" ", "") if _SPACED_LINE.match(line) else line


_SENTENCE_END = "。；：！？，、;:!?,"
_OPENING = {"《": "》", "（": "）", "〔": "〕"}
_NUMBERED = re.compile(
    r"^(?:第[一二三四五六七八九十百零〇\d]+[编章节条]|[一二三四五六七八九十]+、|（[一二三四五六七八九十\d]+）|\d+[.、．]|——|附件)"
)
_LONGEST_TITLE = 80


def join_broken_lines(text: str) -> str:
    """Reads lines. Writes titles that a line break cut in two as one line.

    Evidence, not taste: the first half leaves a bracket open that the second closes, or both halves stand
    together elsewhere in the text (a notice that names it, an attachment that repeats it).
    """
    lines = text.split("\n")
    wholes = frozenset(line for line in lines if len(line) <= _LONGEST_TITLE)
    names = frozenset(_NAME.findall(text))
    joined: list[str] = []
    for line in lines:
        if joined and _belongs(joined[-1], line, wholes, names):
            joined[-1] += line
        else:
            joined.append(line)
    return "\n".join(joined)


_NAME = re.compile(r"《([^《》\n]{4,80})》")
_LIST_LABEL = re.compile(r"^附件\s*\d*\s*[：:]?\s*\d*[.．、]?\s*")


def _belongs(first: str, second: str, wholes: frozenset[str], names: frozenset[str]) -> bool:
    if not first or not second or first[-1] in _SENTENCE_END or "|" in first + second or _NUMBERED.match(second):
        return False
    if len(first) + len(second) > _LONGEST_TITLE or first == second:
        return False
    if _closes(first, second):
        return True
    whole = _LIST_LABEL.sub("", first) + second
    known = whole in wholes or (whole in names and TITLE_END.search(whole) is not None)
    return known and second[-1] not in _SENTENCE_END and len(whole) > len(second) + 3


def _closes(first: str, second: str) -> bool:
    pending = _pending(first)
    return bool(pending) and pending[-1] in second and not _pending(first + second)


def _pending(line: str) -> list[str]:
    stack: list[str] = []
    for char in line:
        if char in _OPENING:
            stack.append(_OPENING[char])
        elif stack and char == stack[-1]:
            stack.pop()
    return stack


def drop_repetitions(text: str) -> str:
    """Reads lines. Writes a title that follows itself once, and a text that was pasted several times once."""
    lines = list(_without_twins(text.split("\n")))
    for length in range(3, len(lines) // 2 + 1):
        if len(lines) % length == 0 and lines[length:] == lines[:-length]:
            return "\n".join(lines[:length])
    return "\n".join(lines)


def _without_twins(lines: list[str]) -> Iterator[str]:
    previous = None
    for line in lines:
        if line != previous or "|" in line:
            yield line
        previous = line
