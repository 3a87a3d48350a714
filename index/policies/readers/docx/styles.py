"""Styles of a docx: what a paragraph or a run inherits that matters for its text.

Only four things do: numbering, outline level, whether it is hidden, and the style's name (heading 1, Title).
Rules: a style inherits along ``basedOn``; a chain that bites its tail ends there; the nearest value wins.

Source: ECMA-376 part 1, 17.7 (styles), 17.3.1.20 (outlineLvl), 17.3.2.41 (vanish).
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.policies.readers.docx.names import W, child, number, switch, value

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_HEADING = re.compile(r"^(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_TITLES = frozenset({"title", "标题", "文档标题"})
_BODY_LEVEL = 9
_LONGEST_CHAIN = 20


class Styles:
    """The styles part; an empty one when the file has none."""

    def __init__(self, root: "Element | None") -> None:
        found = [] if root is None else root.findall(f"{W}style")
        self._by_id = {value(style, "styleId") or "": style for style in found}
        defaults = (
            one for one in found if value(one, "default") in ("1", "true") and value(one, "type") == "paragraph"
        )
        self._default = value(next(defaults, None), "styleId")
        self._chains: dict[str | None, tuple[Element, ...]] = {}

    def chain(self, style_id: str | None) -> "tuple[Element, ...]":
        """The style and those it is based on, nearest first."""
        if style_id not in self._chains:
            self._chains[style_id] = tuple(self._walk(style_id))
        return self._chains[style_id]

    def of_paragraph(self, properties: "Element | None") -> str | None:
        return value(child(properties, "pStyle")) or self._default

    def numbering(self, style_id: str | None) -> "Element | None":
        """``numPr`` of the nearest style that has one."""
        found = (child(style, "pPr", "numPr") for style in self.chain(style_id))
        return next((one for one in found if one is not None), None)

    def level(self, properties: "Element | None") -> int | None:
        """0 for a title, 1–9 for a heading of that outline level, None for body text."""
        outline = number(child(properties, "outlineLvl"))
        for style in self.chain(self.of_paragraph(properties)):
            named = _named_level(value(child(style, "name")) or "")
            if outline is None and named is not None:
                return named
            outline = number(child(style, "pPr", "outlineLvl")) if outline is None else outline
        return None if outline is None or not 0 <= outline < _BODY_LEVEL else outline + 1

    def is_hidden(self, run: "Element | None", style_id: str | None) -> bool:
        """Whether run properties hide the text: their own word counts, else the run's style, else the paragraph's."""
        own = switch(run, "vanish")
        if own is not None:
            return own
        styles = (*self.chain(value(child(run, "rStyle"))), *self.chain(style_id))
        inherited = (switch(child(style, "rPr"), "vanish") for style in styles)
        return next((one for one in inherited if one is not None), False)

    def _walk(self, style_id: str | None) -> "Iterator[Element]":
        for _ in range(_LONGEST_CHAIN):
            style = self._by_id.get(style_id or "")
            if style is None:
                return
            yield style
            style_id = value(child(style, "basedOn"))


def _named_level(name: str) -> int | None:
    if name.strip().lower() in _TITLES:
        return 0
    match = _HEADING.match(name.strip())
    return int(match[1]) if match else None
