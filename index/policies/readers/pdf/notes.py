"""Footnotes of a page: the small lines at its foot that begin with a mark which stands raised in the text above.

Rules: without its mark in the text a small line stays what it is; the mark goes from the sentence, the note follows
the paragraph as 注1：… (docs/decisions/0070).
"""

import re

from index.policies.readers.pdf.margins import Placed
from index.policies.readers.pdf.rows import Row

_MARK = re.compile(r"^[\[(（〔]?(\d{1,2}|[①-⑳]|[*※†])[\])）〕]?\s*")
_SMALL = 0.93
_BRACKETS = "[]()（）〔〕"


def split_notes(page: list[Placed], size: float) -> tuple[list[Placed], dict[str, str]]:
    """The page without its footnotes, and the notes by their marks. ``size``: of the document's text."""
    at = len(page)
    while at and not page[at - 1].in_table and page[at - 1].row.size < size * _SMALL:
        at -= 1
    raised = _raised(page[:at])
    notes: dict[str, str] = {}
    current = None
    for placed in page[at:]:
        found = _MARK.match(placed.row.text)
        if found and found[1] in raised and found[1] not in notes:
            current = found[1]
            notes[current] = placed.row.text[found.end() :]
        elif current is not None:
            notes[current] += placed.row.text
        else:
            at += 1
    return (page[:at], notes) if notes else (page, {})


def _raised(page: list[Placed]) -> frozenset[str]:
    return frozenset(mark for placed in page for mark, _, _ in marks_of(placed.row))


def marks_of(row: Row) -> list[tuple[str, int, int]]:
    """The raised marks of a line: what they say, where they begin and end in its text."""
    found: list[tuple[str, int, int]] = []
    for char, at in row.marks:
        if found and found[-1][2] == at:
            found[-1] = (found[-1][0] + char, found[-1][1], at + 1)
        else:
            found.append((char, at, at + 1))
    return [(text.strip(_BRACKETS), start, end) for text, start, end in found]


def without_marks(row: Row, notes: dict[str, str]) -> tuple[str, list[str]]:
    """The line's text without the marks of ``notes``, and these marks in order."""
    text = row.text
    seen: list[str] = []
    for mark, start, end in reversed(marks_of(row)):
        if mark in notes:
            text = text[:start] + text[end:]
            seen.insert(0, mark)
    return text, seen
