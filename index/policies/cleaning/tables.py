"""Table rows in text: ``a | b | c``, one row a line. Trailing bars dropped, blanks left by line breaks in cells removed."""

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
    lines = (line for line in text.split("\n") if not ("|" in line and _RULE_LINE.match(line)))
    return "\n".join(_even_row(line) if _is_row(line) else line for line in lines)


def _is_row(line: str) -> bool:
    return line.count("|") >= 2 or line.endswith("|") or line.count(" | ") == 1


def _even_row(line: str) -> str:
    cells = [_even_cell(cell.strip()) for cell in line.removeprefix("|").split("|")]
    while cells and not cells[-1]:
        cells.pop()
    return " | ".join(cells).strip()


def _even_cell(cell: str) -> str:
    marked = _LABEL.sub(_LABEL_MARK, cell)
    return _CELL_BLANK.sub("", marked).replace(_LABEL_MARK, " ")
