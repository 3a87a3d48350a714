"""Properties that read the same mean the same: what was found out about some holds for all that are alike to the byte.

A report has hundreds of cells and a dozen kinds of them; a hostile file may have as many kinds as cells, so that what
is kept is bounded.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from lxml import etree

from verify.documents.wordml import Element

KEPT_MAX = 2000
Finding = TypeVar("Finding")


def written(elements: Iterable[Element]) -> tuple[bytes, ...]:
    """The elements as they stand in the file, without what follows them."""
    return tuple(etree.tostring(element, with_tail=False) for element in elements)


class Findings(Generic[Finding]):
    """Findings of one document by what they are about. ``find`` is asked once for each, while there is room."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Finding] = {}

    def of(self, about: Hashable, find: Callable[[], Finding]) -> Finding:
        if about in self._kept:
            return self._kept[about]
        finding = find()
        if len(self._kept) < KEPT_MAX:
            self._kept[about] = finding
        return finding
