"""Properties that read the same mean the same: what was found out about some holds for all that are alike.

A report has hundreds of cells and a dozen kinds of them; a hostile file may have as many kinds as cells, so that what
is kept is bounded.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from verify.documents.wordml import Element

KEPT_MAX = 2000
Finding = TypeVar("Finding")


def written(elements: Iterable[Element]) -> tuple[object, ...]:
    """The elements with all that is in them: names, attributes, texts. Depth is bounded by the parser."""
    return tuple(map(_written, elements))


def _written(element: Element) -> tuple[object, ...]:
    own = element.tag, element.text, tuple(element.attrib.items())
    return (*own, *map(_written, element)) if len(element) else own


def attributes(element: Element | None) -> tuple[object, ...] | None:
    """For properties that are looked up from many places and say all they say in their attributes."""
    return None if element is None else tuple(element.attrib.items())


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
