"""WordprocessingML by name: its namespaces, and how one attribute or switch of an element is read.

Source: ECMA-376 part 1, 17 (WordprocessingML), 17.17.4 (on/off values); part 3 (AlternateContent).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"

_OFF = frozenset({"0", "false", "off"})


def value(element: "Element | None", name: str = "val") -> str | None:
    """The attribute ``w:name``; None when the element or the attribute is missing."""
    found = None if element is None else element.get(W + name)
    return None if found is None else str(found)


def number(element: "Element | None", name: str = "val") -> int | None:
    """The attribute as a whole number of a sane size; None when it is none."""
    text = value(element, name)
    if text is None or len(text) > 9 or not text.removeprefix("-").isdecimal():
        return None
    return int(text)


def child(element: "Element | None", *path: str) -> "Element | None":
    """The element down a path of ``w:`` names."""
    for name in path:
        if element is None:
            return None
        element = element.find(W + name)
    return element


def switch(element: "Element | None", name: str) -> bool | None:
    """An on/off property: True, False, or None when it is not given."""
    found = child(element, name)
    return None if found is None else value(found) not in _OFF
