"""Markdown: the marks that are no words go, headings and tables keep their meaning.

Rules:
* only a file called ``.md`` or ``.markdown`` is read so: in plain text a ``#`` or ``*`` may be the author's own;
* ``# …`` and underlined lines are headings; ``| a | b |`` rows stay rows, their ruler goes;
* ``- `` bullets go, numbers stay;
* ``**bold**``, ``[words](address)``, ``<br>`` and code fences leave their words; a line ends a line (no re-wrapping),
  but a line that ends in a backslash or two blanks is no different;
* ``[^1]`` notes become 注1：… after the paragraph that refers to them; comments and front matter are no text.

Source: CommonMark 0.31; tables and notes as GitHub writes them.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from index.policies.readers.raw import RawText, bounded
from index.policies.readers.txt import text_of

SUFFIXES = frozenset({".md", ".markdown"})
_FRONT_MATTER = re.compile(r"\A---\n.{0,4000}?\n---\n", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*)$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_RULER = re.compile(r"^[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*:?-*:?[ \t]*$")
_LINE_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_BULLET = re.compile(r"^([ \t]*)[-*+][ \t]+(?:\[[ xX]\][ \t]+)?")
_QUOTE = re.compile(r"^[ \t]{0,3}(?:>[ \t]?)+")
_FENCE = re.compile(r"^[ \t]{0,3}(?:```|~~~)")
_NOTE = re.compile(r"^ {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*(.*)$")
_NOTE_MARK = re.compile(r"\[\^([^\]\s]{1,40})\]")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]]{1,200}\]:[ \t]*\S+.*$")
_INLINE = (
    (re.compile(r"!\[([^\[\]]{0,500})\]\([^()\s]{0,2000}(?:[ \t]+\"[^\"()]{0,200}\")?\)"), ""),
    (re.compile(r"\[([^\[\]]{1,500})\]\([^()\s]{0,2000}(?:[ \t]+\"[^\"()]{0,200}\")?\)"), r"\1"),
    (re.compile(r"\[([^\[\]]{1,500})\]\[[^\[\]]{0,200}\]"), r"\1"),
    (re.compile(r"<(https?://[^<>\s]{1,2000})>"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.{1,400}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![A-Za-z0-9*])\*(?=[^\s*])([^*\n]{1,400}?)(?<=[^\s*])\*(?![A-Za-z0-9*])"), r"\1"),
    (re.compile(r"~~(?=\S)(.{1,400}?)(?<=\S)~~"), ""),
    (re.compile(r"`{1,2}([^`]{1,2000})`{1,2}"), r"\1"),
    (re.compile(r"</?(?:b|i|u|em|strong|span|font|center|p|div|sup|sub)(?:\s[^<>]{0,200})?>", re.IGNORECASE), ""),
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_SHELTER = 0xF800
"""Escaped marks wait in the private-use area until the others have done their work."""
_SHELTERED = re.compile(r"[\uf820-\uf87e]")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def read_markdown(path: Path, content: bytes) -> RawText:
    """Text and headings of a Markdown file; raises UnreadablePolicy as for plain text."""
    text = text_of(path, content).replace("\r\n", "\n").replace("\r", "\n")
    text = _COMMENT.sub("", _FRONT_MATTER.sub("", text))
    notes = {match[1]: _plain(match[2]) for match in map(_NOTE.match, text.split("\n")) if match}
    lines: list[str] = []
    headings: list[tuple[str, int]] = []
    for line, level in _lines(text.split("\n"), notes):
        lines.append(line)
        if level:
            headings.append((line, level))
    return RawText(bounded(path, "\n".join(lines)), tuple(headings))


def _lines(source: list[str], notes: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Lines with their heading level, 0 for none."""
    numbers: dict[str, int] = {}
    fenced = False
    for at, line in enumerate(source):
        following = source[at + 1] if at + 1 < len(source) else ""
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced:
            yield line, 0
        elif not _is_silent(line, source[at - 1] if at else ""):
            yield from _with_notes(line, following, notes, numbers)


def _is_silent(line: str, previous: str) -> bool:
    """Lines that only rule, underline or define."""
    underlines = _UNDERLINE.match(line) and previous.strip()
    return bool(
        underlines or _LINE_RULE.match(line) or _RULER.match(line) or _NOTE.match(line) or _DEFINITION.match(line)
    )


def _with_notes(line: str, following: str, notes: dict[str, str], numbers: dict[str, int]) -> Iterator[tuple[str, int]]:
    marks = [mark for mark in _NOTE_MARK.findall(line) if mark in notes]
    line = _NOTE_MARK.sub(lambda match: "" if match[1] in notes else match[0], line)
    yield from _line(line, following)
    for mark in marks:
        if mark not in numbers:
            numbers[mark] = len(numbers) + 1
            yield f"注{numbers[mark]}：{notes[mark]}", 0


def _line(line: str, following: str) -> Iterator[tuple[str, int]]:
    heading = _HEADING.match(line)
    underline = _UNDERLINE.match(following) if line.strip() and "|" not in line else None
    if heading or (underline and not _BULLET.match(line)):
        level = len(heading[1]) if heading else (1 if underline and underline[1][0] == "=" else 2)
        yield _plain(_unhashed(heading[2]) if heading else line.strip()), level
    elif line.count("|") >= 2 and line.strip().startswith("|"):
        yield _plain(_BREAK.sub(" ", line)), 0
    else:
        for part in _BREAK.split(_BULLET.sub(r"\1", _QUOTE.sub("", line))):
            yield _plain(part), 0


def _unhashed(words: str) -> str:
    """A heading without the marks that may close it: ``# words #``."""
    words = words.strip()
    bare = words.rstrip("#")
    return bare.rstrip() if bare[-1:] in ("", " ", "\t") else words


def _plain(text: str) -> str:
    text = _ESCAPED.sub(lambda match: chr(_SHELTER + ord(match[1])), text)
    for pattern, words in _INLINE:
        text = pattern.sub(words, text)
    return _SHELTERED.sub(lambda match: chr(ord(match[0]) - _SHELTER), text)
