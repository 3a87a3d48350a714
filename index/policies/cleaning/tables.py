"""Table rows in text: ``a | b | c``, one row a line. Trailing bars and blanks left by breaks in cells go."""

import re
from collections.abc import Iterator

from index.policies.cleaning.stage import lines_of, steps, without_lines
from index.policies.cleaning.tracing import Edit
from index.policies.titles import UNIT_ENDINGS

_RULE_LINE = re.compile(r"^(?=[\s:|-]*$).*---")
_LABEL = re.compile(r" (?=[\u4e00-\u9fff]{2,6}[：:])")
_CELL_BLANK = re.compile(r"(?<=[\u3400-\u9fff、，；：（）()“”]) (?=[\u3400-\u9fff（）()、，；“”])")
_BAR = re.compile(r" *\| *")
_UNIT = rf"(?:{UNIT_ENDINGS})(?:（[^（）|]{{1,20}}）)?"
_UNIT_BEFORE = re.compile(rf"(?:^|[ |、，；：])[\u4e00-\u9fff]{{0,28}}{_UNIT}$")
_UNIT_BEHIND = re.compile(rf"(?!员会|（)(?:[\u4e00-\u9fff]|（[^（）|]{{1,20}}）){{1,28}}?{_UNIT}(?=[ |、，；]|$)")
_LONGEST_UNIT = 60


def _rule_lines(text: str) -> Iterator[Edit]:
    """Lines that only rule or frame a table go."""
    lines = enumerate(lines_of(text))
    return without_lines(text, {number for number, (_, line) in lines if _is_empty(line)})


def _rows(text: str) -> Iterator[Edit]:
    for start, line in lines_of(text):
        if _is_row(line) and not _is_empty(line):
            yield from _even_row(line, start)


even_rows = steps(
    "even_rows",
    """Reads lines. Writes table rows as ``a | b | c`` without empty cells at the end, and cells without stray blanks.

    A line is a row if it has two bars or ends with one; a single bar inside a line of prose stays.
    A blank before a label (``配合单位：``) or between two names of units separates two entries of a cell and stays.
    """,
    _rule_lines,
    _rows,
)


def _is_empty(line: str) -> bool:
    """A line that only rules or frames a table."""
    return "|" in line and (_RULE_LINE.match(line) is not None or (_is_row(line) and not line.strip("| ")))


def _is_row(line: str) -> bool:
    return line.count("|") >= 2 or line.endswith("|") or line.count(" | ") == 1


def _even_row(line: str, start: int) -> Iterator[Edit]:
    """The frame and the empty cells at the end go, one blank stands on both sides of a bar, stray blanks go."""
    framed = line.startswith("|") and line.endswith("|") and len(line) > 1
    right = len(line.rstrip("| "))
    left = place = _after_blanks(line, 1 if framed else 0)
    if left:
        yield Edit(start, start + left, "")
    for bar in _BAR.finditer(line, left, right):
        yield from _stray_blanks(line, place, bar.start(), start)
        if bar[0] != " | ":
            yield Edit(start + bar.start(), start + bar.end(), "| " if bar.start() == left else " | ")
        place = bar.end()
    yield from _stray_blanks(line, place, right, start)
    if right < len(line):
        yield Edit(start + right, start + len(line), "")


def _after_blanks(line: str, at: int) -> int:
    return len(line) - len(line[at:].lstrip(" "))


def _stray_blanks(line: str, left: int, right: int, start: int) -> Iterator[Edit]:
    labels = {match.start() for match in _LABEL.finditer(line, left, right)}
    for match in _CELL_BLANK.finditer(line, left, right):
        if match.start() not in labels and not _parts_units(line, match):
            yield Edit(start + match.start(), start + match.end(), "")


def _parts_units(line: str, blank: re.Match[str]) -> bool:
    """Whether the blank stands between two names of units: each had a line of its own in the cell."""
    before = line[max(0, blank.start() - _LONGEST_UNIT) : blank.start()]
    behind = line[blank.end() : blank.end() + _LONGEST_UNIT]
    return _UNIT_BEFORE.search(before) is not None and _UNIT_BEHIND.match(behind) is not None
