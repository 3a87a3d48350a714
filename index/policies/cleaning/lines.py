"""Lines: code points and blanks made even, spaced headings closed, broken titles joined, repetitions dropped."""

import re
import unicodedata
from collections.abc import Iterator

from index.policies.cleaning.stage import lines_of, stage, steps, without_lines
from index.policies.cleaning.tracing import Edit, difference, replaced
from index.policies.titles import TITLE_END

_INVISIBLE = re.compile(
    r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u00ad\ufeff\ufffe\uffff\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_AT_ENDS = re.compile(r"^[^\S\n]+|[^\S\n]+$", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\A\n+|\n+\Z|(?<=\n)\n+")


def _composed(text: str) -> Iterator[Edit]:
    for start, line in lines_of(text):
        if unicodedata.is_normalized("NFC", line):
            continue
        pieces = _letters(line)
        if "".join(unicodedata.normalize("NFC", piece) for piece in pieces) != unicodedata.normalize("NFC", line):
            pieces = [line]
        for piece in pieces:
            yield from difference(piece, unicodedata.normalize("NFC", piece), start)
            start += len(piece)


def _letters(line: str) -> list[str]:
    """Every letter with the marks that are to be composed with it."""
    letters: list[str] = []
    for char in line:
        if letters and unicodedata.combining(char):
            letters[-1] += char
        else:
            letters.append(char)
    return letters


even_lines = steps(
    "even_lines",
    "Reads any text. Writes NFC, ``\\n``, nothing invisible, no indents, no blank lines, single blanks.",
    lambda text: replaced(_LINE_BREAKS, text, "\n"),
    lambda text: replaced(_INVISIBLE, text, ""),
    _composed,
    lambda text: replaced(_BLANKS, text, " "),
    lambda text: replaced(_AT_ENDS, text, ""),
    lambda text: replaced(_EMPTY_LINES, text, ""),
)


_SPACED_TAIL = re.compile(r"^(第[一二三四五六七八九十百零〇\d]+[编章节]) ?((?:[\u4e00-\u9fff] ){1,5}[\u4e00-\u9fff])$")
_SPACED_LINE = re.compile(r"^(?:[\u4e00-\u9fff] ){1,5}[\u4e00-\u9fff]$")


@stage
def close_spaced_headings(text: str) -> Iterator[Edit]:
    """Reads lines. Writes ``第一章 总则`` for ``第一章 总 则`` and ``附件`` for ``附 件``; other blanks stay."""
    for start, line in lines_of(text):
        tail = _SPACED_TAIL.match(line)
        if tail and line[tail.end(1)] != " ":
            yield Edit(start + tail.end(1), start + tail.end(1), " ")
        if tail or _SPACED_LINE.match(line):
            first = start + (tail.start(2) if tail else 0)
            yield from (Edit(at, at + 1, "") for at in range(first, start + len(line)) if text[at] == " ")


_SENTENCE_END = "。；：！？，、;:!?,"
_OPENING = {"《": "》", "（": "）", "〔": "〕"}
_NUMBERED = re.compile(
    r"^(?:第[一二三四五六七八九十百零〇\d]+[编章节条]|[一二三四五六七八九十]+、|（[一二三四五六七八九十\d]+）|\d+[.、．]|——|附件)"
)
_LONGEST_TITLE = 80


@stage
def join_broken_lines(text: str) -> Iterator[Edit]:
    """Reads lines. Writes titles that a line break cut in two as one line.

    Evidence, not taste: the first half leaves a bracket open that the second closes, or both halves stand
    together elsewhere in the text (a notice that names it, an attachment that repeats it).
    """
    lines = list(lines_of(text))
    wholes = frozenset(line for _, line in lines if len(line) <= _LONGEST_TITLE)
    names = frozenset(_NAME.findall(text))
    first = lines[0][1]
    for start, line in lines[1:]:
        if _belongs(first, line, wholes, names):
            yield Edit(start - 1, start, "")
            first += line
        else:
            first = line


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


def _twins(text: str) -> Iterator[Edit]:
    """A line that follows itself, table rows excepted."""
    lines = [line for _, line in lines_of(text)]
    return without_lines(
        text, {at for at in range(1, len(lines)) if lines[at] == lines[at - 1] and "|" not in lines[at]}
    )


def _copies(text: str) -> Iterator[Edit]:
    """All but the first of the copies a text consists of."""
    lines = [line for _, line in lines_of(text)]
    for length in range(3, len(lines) // 2 + 1):
        if len(lines) % length == 0 and lines[length:] == lines[:-length]:
            yield Edit(len("\n".join(lines[:length])), len(text), "")
            return


drop_repetitions = steps(
    "drop_repetitions",
    "Reads lines. Writes a title that follows itself once, and a text that was pasted several times once.",
    _twins,
    _copies,
)
