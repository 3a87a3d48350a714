"""Table rows in text: ``a | b | c``, one row a line. Trailing bars and blanks left by breaks in cells go."""

import re

_RULE_LINE = re.compile(r"^\|?[\s:|-]*-{3,}[\s:|-]*\|?$")
_LABEL = re.compile(r" (?=[\u4e00-\u9fff]{2,6}[：:])")
_CELL_BLANK = re.compile(r"(?<=[\u3400-\u9fff、，；：（）()“”]) (?=[\u3400-\u9fff（）()、，；“”])")
_LABEL_MARK = "\x00"


def even_rows(text: str) -> str:
    """Reads lines. Writes table rows as ``a | b | c`` without empty cells at the end, and cells without stray blanks.

    A line is a row if it has two bars or ends with one; a single bar inside a line of prose stays.
    A blank before a label (``配合单位：``) separates two entries of a cell and stays.
    """
    return "\n".join(line for line in map(_even_line, text.split("\n")) if line is not None)


def _even_line(line: str) -> str | None:
    """None for a line that only rules or frames a table."""
    if not _is_row(line):
        return None if "|" in line and _RULE_LINE.match(line) else line
    return None if _RULE_LINE.match(line) else _even_row(line) or None


def _is_row(line: str) -> bool:
    return line.count("|") >= 2 or line.endswith("|") or line.count(" | ") == 1


def _even_row(line: str) -> str:
    framed = line.startswith("|") and line.endswith("|")
    cells = [_even_cell(cell.strip()) for cell in (line[1:] if framed else line).split("|")]
    while cells and not cells[-1]:
        cells.pop()
    return " | ".join(cells).strip()


def _even_cell(cell: str) -> str:
    marked = _LABEL.sub(_LABEL_MARK, cell)
    return _CELL_BLANK.sub("", marked).replace(_LABEL_MARK, " ")
