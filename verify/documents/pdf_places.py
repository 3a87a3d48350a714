"""Which issued field stands at a place of a page: told by its words and by those of its row.

* The words in a box name the fields that have them; where several do (未查询到 stands in forty rows), the other cells
  of the row, which stand at the same height, say which one it is. Where even they do not, none is named; nor is one
  where the box holds more words of other rows than of its own.
"""

from collections import defaultdict
from collections.abc import Sequence

from verify.binding import FieldPackage
from verify.margins import body_fields, compact

_LEAST_WORDS = 2
_MOST = 1 / 2


class Places:
    """Of one report; ``package`` None: nothing is known."""

    def __init__(self, package: FieldPackage | None) -> None:
        self._rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for field in [] if package is None else body_fields(package):
            if field.text:
                self._rows[field.path.rpartition("／")[0]].append((field.path, compact(field.text)))

    def path(self, words: Sequence[str], height: Sequence[str]) -> str:
        """Of the field with these ``words``; ``height``: all words of the page at that height. Empty: not known."""
        text, around = "".join(words), "".join(height)
        if len(text) < _LEAST_WORDS:
            return ""
        found = {row: paths for row, cells in self._rows.items() if (paths := _paths(cells, text))}
        scores = {row: _there(self._rows[row], around) for row in found}
        best = [row for row, score in scores.items() if score == max(scores.values())]
        if len(best) != 1:
            return ""
        paths = found[best[0]]
        return paths[0] if len(paths) == 1 else best[0]


def _paths(cells: Sequence[tuple[str, str]], text: str) -> list[str]:
    """Of the cells that ``text`` is about: a part of one, or mostly cells of this row."""
    within = [path for path, cell in cells if text in cell]
    about = [(path, cell) for path, cell in cells if len(cell) >= _LEAST_WORDS and cell in text]
    mostly = sum(len(cell) for _, cell in about) > _MOST * len(text)
    return within or ([path for path, _ in about] if mostly else [])


def _there(cells: Sequence[tuple[str, str]], around: str) -> int:
    """How much of a row stands around."""
    return sum(len(cell) for _, cell in cells if cell in around)
