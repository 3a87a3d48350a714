"""Whether a table stands on its paper: wider than that, its last columns are printed beside the page; or squeezed.

* The columns of the grid, with the table's indent; the cells of each row; the table itself: each no wider than paper.
* A table much narrower than its columns is drawn so by some programs: too narrow to be read.
* Single columns are bounded in ``properties``; a width that cannot be read is out of bounds there.

Source: ECMA-376 part 1, 17.4.15, 17.4.48, 17.4.63, 17.4.71. Decision: docs/decisions/0044.
"""

from collections.abc import Iterable, Iterator

from verify.documents.properties import measure
from verify.documents.wordml import Element, W, attribute

LETTER_TWIPS = 12_240
"""What a section is that does not say how wide its paper is."""
_LEAST_SHARE = 0.5
_LEAST_FIFTIETHS = 1000


def paper(main: Element) -> float:
    """The width of the narrowest paper of the document, in twips."""
    widths = [measure(attribute(size, "w")) for size in main.iter(f"{W}pgSz")]
    return min((width for width in widths if width is not None), default=LETTER_TWIPS)


def off_paper(table: Element, paper_twips: float) -> Iterator[str]:
    """The names of what makes the table too wide or too narrow. A table in a cell counts with its row."""
    grid = _sum(table.findall(f"{W}tblGrid/{W}gridCol"))
    if grid + max(0.0, _sum(table.findall(f"{W}tblPr/{W}tblInd"))) > paper_twips:
        yield "tblGrid"
    if any(_is_off(width, grid, paper_twips) for width in table.findall(f"{W}tblPr/{W}tblW")):
        yield "tblW"
    if any(_sum(row.iter(f"{W}tcW")) > paper_twips for row in table.iter(f"{W}tr")):
        yield "tcW"


def _is_off(width: Element, grid: float, paper_twips: float) -> bool:
    kind, text = attribute(width, "type"), attribute(width, "w") or "0"
    if kind in {"auto", "nil"}:
        return False
    if kind == "pct":
        share = (measure(text.removesuffix("%")) or 0) * (50 if text.endswith("%") else 1)
        return not _LEAST_FIFTIETHS <= share <= 5 * _LEAST_FIFTIETHS
    return not _LEAST_SHARE * grid <= (measure(text) or 0) <= paper_twips


def _sum(widths: Iterable[Element]) -> float:
    """Of those in twips."""
    return sum(measure(attribute(each, "w")) or 0 for each in widths if attribute(each, "type") in {None, "dxa"})
