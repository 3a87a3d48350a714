"""Several documents in one file are told apart.

Rules:
* a document begins at a line that is named like a policy text and is followed by how a policy text begins
  (为…, 根据…, 第一章, 第一条, 一、);
* the letter of notice in front (各县（市、区）…：… 现印发给你们 …) stays with the first document it brings;
* the heading of an attachment begins no document – unless nothing but the letter stands before it.
"""

import re
from dataclasses import dataclass

from index.policies.markers import Style, marker
from index.policies.titles import ATTACHMENT_LABEL, DOCUMENT_NUMBER, LABELLED_LINE, TITLE_END

_OPENING = re.compile(
    r"^(?:为|根据|按照|依据|遵照|第一[编章条]|一、|目录|总则|（.*(?:通过|公布|印发|修订|修正)|各.{2,60}：$)"
)
_SENTENCE_MARK = re.compile(r"[。；！？]")
_NUMBER_LINE = re.compile(rf"^[（(]?{DOCUMENT_NUMBER.pattern}[）)]?$")
_LONGEST_TITLE = 80
_SHORTEST_TITLE = 6
_LONGEST_HEADER = 6


@dataclass(frozen=True, slots=True)
class TextPart:
    """One document of a file. ``source[title_start:title_end]`` is its title; before it stands the letter of notice."""

    source: str
    title: str
    title_start: int
    title_end: int

    @property
    def preamble(self) -> str:
        return self.source[: self.title_start]

    @property
    def body(self) -> str:
        return self.source[self.title_end :]


def split(text: str) -> tuple[TextPart, ...]:
    """The documents of a clean text, in order; together their sources are the text (each ends with a newline)."""
    lines = text.split("\n")
    titles = _titles(lines)
    starts = [0, *titles[1:]]
    ends = [*starts[1:], len(lines)]
    return tuple(_part(lines[start:end], at - start) for start, end, at in zip(starts, ends, titles, strict=True))


def _part(lines: list[str], title_at: int) -> TextPart:
    before = "".join(f"{line}\n" for line in lines[:title_at])
    title_lines = [lines[title_at]]
    if title_at + 1 < len(lines) and lines[title_at + 1].startswith("——") and "。" not in lines[title_at + 1]:
        title_lines.append(lines[title_at + 1])
    title_text = "".join(f"{line}\n" for line in title_lines)
    source = "".join(f"{line}\n" for line in lines)
    return TextPart(source, "".join(title_lines), len(before), len(before) + len(title_text))


def _titles(lines: list[str]) -> list[int]:
    """Line numbers of the titles, one per document."""
    found = [at for at in range(len(lines)) if _is_title(lines, at)]
    first = _first_title(lines, found)
    return [first, *(at for at in found if at > first and not _is_attachment(lines, at))]


def _first_title(lines: list[str], found: list[int]) -> int:
    """The first name, past the letter or the header of an official paper; else the first line that labels nothing."""
    if found and _is_notice(lines[found[0]]) and len(found) > 1 and _is_letter(lines[found[0] : found[1]]):
        return found[1]
    if found and (_is_letter(lines[: found[0]]) or _is_header(lines[: found[0]])):
        return found[0]
    return next((at for at, line in enumerate(lines) if line and not _is_label(line)), 0)


def _is_notice(line: str) -> bool:
    return "印发" in line and line.endswith("通知")


def _is_letter(lines: list[str]) -> bool:
    """A letter of notice: it hands a text on and has no headings of its own (a list of attachments may be numbered)."""
    text = "".join(lines)
    found = [one.style for one in map(marker, lines) if one]
    hands_on = "印发给你们" in text or ("印发" in text and "执行" in text)
    return hands_on and not any(style <= Style.CHINESE_BRACKETED for style in found)


def _is_header(lines: list[str]) -> bool:
    return len(lines) <= _LONGEST_HEADER and not any(
        _SENTENCE_MARK.search(line) for line in lines if not _is_label(line)
    )


def _is_label(line: str) -> bool:
    """发文机关：…, 附件, but not 关于…：…"""
    is_attachment = ATTACHMENT_LABEL.match(line) is not None
    return is_attachment or (LABELLED_LINE.match(line) is not None and not line.startswith("关于"))


def _is_title(lines: list[str], at: int) -> bool:
    line = lines[at]
    if not _SHORTEST_TITLE <= len(line) <= _LONGEST_TITLE or "|" in line or _SENTENCE_MARK.search(line):
        return False
    if marker(line) or line.startswith("附件") or not TITLE_END.search(line):
        return False
    following = [
        other for other in lines[at + 1 : at + 4] if not _NUMBER_LINE.match(other) and not other.startswith("——")
    ]
    return bool(following) and _OPENING.match(following[0]) is not None


def _is_attachment(lines: list[str], at: int) -> bool:
    return at > 0 and ATTACHMENT_LABEL.match(lines[at - 1]) is not None
