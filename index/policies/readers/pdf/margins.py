"""Running headers, running footers and page numbers: found by what pages have in common, taken out.

Rules:
* only the outermost lines of a page are looked at: three above, three below, nothing inside a table;
* a running line stands at the same height with the same words (its numbers aside) on several pages and a third of all;
* a page number is the outermost line, in the outer eighth of the page, and says nothing but a number as pages do.

What is taken out is repeated or a number: nothing that a page says once.
"""

import re
from collections import Counter
from dataclasses import dataclass

from index.policies.readers.pdf.rows import Row

_OUTERMOST = 3
_SAME_HEIGHT = 6.0
_SHARE_OF_PAGES = 1 / 3
_OUTER_PART = 1 / 8
_NUMBERS = re.compile(r"\d+|[一二三四五六七八九十百〇零]+(?=页)|\b[ivxlc]+\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"^[\s—–\-－―·•.\[(（〔|]*(?:第\s*)?(?:\d{1,4}|[ivxlc]{1,7}|[一二三四五六七八九十百〇零]{1,5}(?=\s*页))(?:\s*页)?"
    r"(?:\s*+[,，/／|]?\s*+(?:共|of)?\s*+\d{1,4}\s*页?)?[\s—–\-－―·•.\])）〕|]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A line of a page, and whether it stands inside a table."""

    row: Row
    in_table: bool


def without_margins(pages: list[list[Placed]], heights: list[float]) -> list[list[Placed]]:
    """The pages without what runs along them; ``pages`` hold their lines from top to bottom."""
    common = _running(pages)
    return [
        [placed for at, placed in enumerate(page) if not _is_margin(page, at, heights[number], common)]
        for number, page in enumerate(pages)
    ]


def _running(pages: list[list[Placed]]) -> frozenset[tuple[str, int]]:
    """Keys of lines that several pages share."""
    counts: Counter[tuple[str, int]] = Counter()
    for page in pages:
        counts.update({key for at in _outer(page) for key in _keys(page[at].row)})
    least = max(2.0, len(pages) * _SHARE_OF_PAGES)
    return frozenset(key for key, count in counts.items() if count >= least)


def _outer(page: list[Placed]) -> list[int]:
    free = [at for at, placed in enumerate(page) if not placed.in_table]
    top = [at for at in free if at < _OUTERMOST]
    bottom = [at for at in free if at >= len(page) - _OUTERMOST]
    return sorted({*top, *bottom})


def _keys(row: Row) -> tuple[tuple[str, int], ...]:
    """Two overlapping steps of height, so that a small difference never parts two equal lines."""
    words = _NUMBERS.sub("#", "".join(row.text.split()))
    return (words, round(row.y0 / _SAME_HEIGHT) * 2), (words, round(row.y0 / _SAME_HEIGHT - 0.5) * 2 + 1)


def _is_margin(page: list[Placed], at: int, height: float, common: frozenset[tuple[str, int]]) -> bool:
    placed = page[at]
    if placed.in_table:
        return False
    is_outer = at in _outer(page)
    if is_outer and any(key in common for key in _keys(placed.row)):
        return True
    is_edge = placed.row.y0 < height * _OUTER_PART or placed.row.y1 > height * (1 - _OUTER_PART)
    is_last = all(_PAGE_NUMBER.match(one.row.text) for one in (page[:at] if at < len(page) / 2 else page[at + 1 :]))
    return is_edge and is_last and _PAGE_NUMBER.match(placed.row.text) is not None
