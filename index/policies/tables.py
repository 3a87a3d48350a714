"""Tables in the clean text: which lines are rows, headers and group rows; which column a cell stands under.

Rules:
* rows are lines ``a | b | c``; one bar alone makes no table unless its neighbour has one too;
* the first row is the header; the same row again is the header repeated; a row without a header has 第1列, 第2列 …;
* a cell that labels its entries (``牵头单位：… 配合单位：…``) is kept as printed, and each label is a column besides.
"""

import re
from dataclasses import dataclass

BAR = " | "
_LABELLED = re.compile(r"([\u4e00-\u9fff]{2,4}(?:单位|部门))：(.*?)(?= [\u4e00-\u9fff]{2,4}(?:单位|部门)：|$)")
_LONGEST_HEADER_CELL = 20
_LONGEST_GROUP = 40
_SENTENCE_MARK = re.compile(r"[。；：！？]")


@dataclass(frozen=True, slots=True)
class Row:
    """Columns of one row: names, texts, and spans relative to the line's first character."""

    columns: tuple[tuple[str, str], ...]
    spans: tuple[tuple[int, int], ...]


def row_lines(lines: list[str]) -> list[bool]:
    """For each line, whether it is a table row."""
    bars = [line.count(BAR) + (line.endswith(" |") or line.startswith("| ")) for line in lines]
    beside = [max(bars[at - 1] if at else 0, bars[at + 1] if at + 1 < len(bars) else 0) for at in range(len(bars))]
    return [own >= 2 or (own == 1 and near >= 1) for own, near in zip(bars, beside, strict=True)]


def cells(line: str) -> tuple[str, ...]:
    return tuple(line[start:end] for start, end in _cell_spans(line))


def is_header(line: str) -> bool:
    """Short names in every cell, no numbers, no sentences."""
    return all(
        cell and len(cell) <= _LONGEST_HEADER_CELL and not cell.isdigit() and not _SENTENCE_MARK.search(cell)
        for cell in cells(line)
    )


def is_group(line: str) -> bool:
    """A line between rows, or right above a table, that names the rows below it."""
    return len(line) <= _LONGEST_GROUP and not _SENTENCE_MARK.search(line)


def row(line: str, header: tuple[str, ...]) -> Row:
    """The row under its header; labelled entries become columns of their own, after the printed ones."""
    spans = _cell_spans(line)
    names = [header[at] if at < len(header) and header[at] else f"第{at + 1}列" for at in range(len(spans))]
    columns = [(name, line[start:end]) for name, (start, end) in zip(names, spans, strict=True)]
    places = list(spans)
    for start, end in spans:
        for match in _LABELLED.finditer(line[start:end]):
            if match[1] not in names:
                columns.append((match[1], match[2]))
                places.append((start + match.start(2), start + match.end(2)))
    return Row(tuple(columns), tuple(places))


def _cell_spans(line: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = 0
    for piece in re.split(r"(\|)", line):
        end = start + len(piece)
        if piece != "|":
            left = start + len(piece) - len(piece.lstrip())
            spans.append((min(left, end), max(left, start + len(piece.rstrip()))))
        start = end
    return spans
