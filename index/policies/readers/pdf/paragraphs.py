"""Printed lines joined to the paragraphs their author wrote, across page breaks.

Rules, in this order; a line begins a paragraph if
1. it is another size than the line above, or set off by more than the usual distance;
2. it stands at the left edge, where the document sets all other lines in (and only then, there);
3. the line above ends although what follows would have fitted behind it: it is a last line;
4. it begins with a number (第一条, 一、, （一）, 1.) and the line above ends a sentence;
5. it is set in, where the document sets its first lines in; elsewhere it is indented, and the line above ends a
   sentence or stands at another indent.
Everything else continues. Centred lines of one size larger than the text are one title.
Between Chinese characters nothing is put where lines join; a hyphen that parted a Latin word goes.

Source: GB/T 9704-2012 7.3.3 (two characters of indent), 7.3.1 (titles are centred and may take several lines).
"""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from index.policies.readers.pdf.rows import Row

_ENDS = re.compile(r"[。；：！？;:!?][”’）)」』]*$")
_NUMBERED = re.compile(
    r"^(?:第[一二三四五六七八九十百零〇\d]+[编章节条](?![的中规第、和及至款项])|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)]|"
    r"\d{1,2}[.．、](?!\d)|[①-⑳]|——|附\s*[件表录]|注\d)"
)
_CLOSED = ("）", "》", "”", ")")
_UNBREAKABLE = re.compile(r"^[《（〔“‘【「『(\[]*(?:[!-~]+|.)[》）〕”’】」』)\]、，。；：！？,.;:!?%％]*")
"""What moves to the next line as one: a sign or a Latin word, with its opening and closing marks."""
_SLACK = 0.4
_HANGING = "，。、；：！？,.;:"
"""Marks that may hang over the right edge."""
_LATIN_WIDTH = 0.6
_WIDE_MARKS = "“”‘’—…·"
_INDENT = 1.2
_ENOUGH = 4
_OFTEN = 0.4
"""Lines that wrap end a sentence far less often, lines before a paragraph far more often."""
_FIRST_LINES = (1.5, 2.6)
"""How far a first line is set in, in signs."""
_SAME_EDGE = 0.4
_OTHER_SIZE = 0.09
_TITLE_SIZE = 1.12


@dataclass(frozen=True, slots=True)
class Layout:
    """The usual of a document: size of its text, left and right edge, distance of two lines."""

    size: float
    left: float
    right: float
    leading: float
    sets_in: bool
    """Whether it sets first lines in, so that a line set in begins a paragraph."""
    hangs: bool
    """Whether it sets all lines but the first in, so that a line at the left edge begins one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of running text with the page it stands on."""

    row: Row
    page: int


def layout_of(lines: list[Line]) -> Layout:
    """By the most characters: robust against titles, tables and notes."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.row.size * 2) / 2] += len(line.row.text)
    size = max(sizes, key=lambda one: (sizes[one], one), default=12.0)
    body = [line for line in lines if abs(line.row.size - size) <= size * _OTHER_SIZE]
    lefts = Counter(round(line.row.x0) for line in body)
    square = [line for line in body if line.row.text[-1:] not in _HANGING]
    rights = sorted(line.row.x1 for line in square or body)
    gaps = Counter(
        round(above.row.y0 - below.row.y0)
        for above, below in pairwise(body)
        if above.page == below.page and 0 < above.row.y0 - below.row.y0 < 4 * size
    )
    left = min((edge for edge, count in lefts.items() if count >= max(lefts.values()) / 5), default=0)
    right = rights[int(len(rights) * 0.98)] if rights else 0.0
    leading = max(gaps, key=lambda gap: (gaps[gap], -gap), default=1.5 * size)
    set_in = [above for above, line in pairwise(body) if _is_set_in(line.row, left, size)]
    at_left = sum(abs(line.row.x0 - left) < _SAME_EDGE * size for line in body)
    is_mixed = len(set_in) >= len(body) * 0.1 and at_left >= len(body) * 0.1
    after_ends = sum(_ENDS.search(above.row.text) is not None for above in set_in)
    is_first = after_ends >= len(set_in) * _OFTEN
    hangs = is_mixed and not is_first and len(set_in) >= _ENOUGH
    return Layout(size, left, right, leading, is_mixed and is_first, hangs)


def _is_set_in(row: Row, left: float, size: float) -> bool:
    return _FIRST_LINES[0] * size <= row.x0 - left <= _FIRST_LINES[1] * size


def begins(line: Line, above: Line, layout: Layout) -> bool:
    """Whether ``line`` begins a paragraph."""
    row, before = line.row, above.row
    if _is_title(row, layout) and _is_title(before, layout):
        return not _continues_title(line, above, layout)
    if abs(row.size - before.size) > _OTHER_SIZE * before.size:
        return True
    gap = before.y0 - row.y0
    if line.page == above.page and (gap > layout.leading * 1.45 + 1 or gap < -row.size):
        return True
    if layout.hangs:
        return abs(row.x0 - layout.left) < _SAME_EDGE * layout.size
    if has_room(before, row.text, layout.right):
        return True
    ends = _ENDS.search(before.text) is not None
    if _NUMBERED.match(row.text) and (ends or before.text.endswith(_CLOSED)):
        return True
    if layout.sets_in and _is_set_in(row, layout.left, layout.size):
        return True
    is_indented = row.x0 > layout.left + _INDENT * layout.size
    same_edge = abs(row.x0 - before.x0) < _SAME_EDGE * layout.size
    return is_indented and (ends or not (same_edge or row.x0 > before.x0))


def has_room(before: Row, following: str, right: float) -> bool:
    """Whether the beginning of ``following`` would have fitted behind a line: then the line ends on purpose."""
    match = _UNBREAKABLE.match(following)
    signs = match[0] if match else ""
    wide = sum(char > "\u2e7f" or char in _WIDE_MARKS for char in signs)
    width = (wide + (len(signs) - wide) * _LATIN_WIDTH) * before.size
    return before.x1 + width + _SLACK * before.size <= right


def _is_title(row: Row, layout: Layout) -> bool:
    centre = (layout.left + layout.right) / 2
    is_large = row.size > layout.size * _TITLE_SIZE
    return is_large and abs((row.x0 + row.x1) / 2 - centre) < 2 * row.size


def _continues_title(line: Line, above: Line, layout: Layout) -> bool:
    gap = above.row.y0 - line.row.y0
    same = abs(line.row.size - above.row.size) <= _OTHER_SIZE * line.row.size
    near = line.page == above.page and 0 < gap < 2.2 * line.row.size
    return same and near and not _NUMBERED.match(line.row.text)


def joined(first: str, second: str) -> str:
    """Two lines of one paragraph as one."""
    if first.endswith("-") and len(first) > 1 and first[-2].isascii() and first[-2].isalpha() and second[:1].islower():
        return first[:-1] + second
    is_latin = first[-1:].isascii() and second[:1].isascii() and first[-1:].isalnum() and second[:1].isalnum()
    words = is_latin and (first[-1:].isalpha() or second[:1].isalpha())
    return f"{first} {second}" if words else first + second
