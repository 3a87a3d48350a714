"""Text that is there but not to be seen: hidden, without contrast, tiny, struck out, in a symbol font.

* Looked up where Word looks: the run, its character style, the paragraph's style, the table's style with all its
  conditional parts, their ``basedOn``, the defaults. Theme colours are resolved (``theme``).
* ``marks`` names what it finds, in Chinese; the reader prints it around the text, so that issued text made invisible
  differs from what was issued, and so does invisible text that was added.
* Contrast: WCAG relative luminance of an explicit colour against highlight, run, paragraph or cell shading, or paper;
  Word's text fill effects (w14:textFill), which we never use, count as no contrast.

Source: ECMA-376 part 1, 17.3.2, 17.7.
"""

from collections.abc import Iterator

from verify.documents.theme import Theme
from verify.documents.wordml import Element, W, attribute, children, is_on

TINY_HALF_POINTS = 8
CONTRAST_MIN = 1.6
NARROW_PERCENT = 20
FLAT_TWIPS = 60
_STYLE_DEPTH_MAX = 20
_HIDING = ("vanish", "webHidden", "specVanish")
_STRIKES = ("strike", "dstrike")
_SYMBOL_FONTS = ("symbol", "wingdings", "webdings", "mt extra", "zapfdingbats", "opensymbol", "marlett")
_PAPER = "FFFFFF"
_HIGHLIGHTS = {
    "black": "000000",
    "blue": "0000FF",
    "cyan": "00FFFF",
    "green": "00FF00",
    "magenta": "FF00FF",
    "red": "FF0000",
    "yellow": "FFFF00",
    "white": "FFFFFF",
    "darkBlue": "000080",
    "darkCyan": "008080",
    "darkGreen": "008000",
    "darkMagenta": "800080",
    "darkRed": "800000",
    "darkYellow": "808000",
    "darkGray": "808080",
    "lightGray": "C0C0C0",
}


class Styles:
    """The style sheet of one document; ``root`` is None when the file has none."""

    def __init__(self, root: Element | None, theme: Theme) -> None:
        styles = [] if root is None else root.findall(f"{W}style")
        self._theme = theme
        self._chains: dict[tuple[str | None, str], tuple[Element, ...]] = {}
        self._by_id = {attribute(style, "styleId"): style for style in styles}
        self.ambiguous = len(self._by_id) != len(styles)
        """Two styles under one name: programs disagree which one holds."""
        self._standard = {
            attribute(style, "type"): style
            for style in reversed(styles)
            if attribute(style, "default") in {"1", "true", "on"}
        }
        self._defaults = None if root is None else root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")

    def marks(
        self, run: Element | None, paragraph: Element | None, cell: Element | None, table: Element | None
    ) -> tuple[str, ...]:
        """What is wrong with how this run is shown; empty for ordinary text. ``cell``, ``table``: what it stands in."""
        in_table = [part for style in self._table_chain(table) for part in _parts(style)]
        settings = list(self._run_settings(run, paragraph, in_table))
        found = [
            ("隐藏", any(is_on(_first(settings, name)) for name in _HIDING)),
            ("删除线", any(is_on(_first(settings, name)) for name in _STRIKES)),
            ("难以看见", self._contrast(settings, self._fills(settings, paragraph, cell, in_table)) < CONTRAST_MIN),
            ("极小", _number(_first(settings, "sz"), 99) < TINY_HALF_POINTS),
            ("极小", _number(_first(settings, "w"), 100) < NARROW_PERCENT),
            ("极小", self._is_flat(paragraph)),
            ("符号字体", _in_symbol_font(_first(settings, "rFonts"))),
            ("格式重复", any(_repeats(each) for each in settings)),
        ]
        return tuple(dict.fromkeys(name for name, holds in found if holds))

    def is_numbered(self, paragraph: Element) -> bool:
        """Whether Word prints a number or bullet that is not in the text."""
        for settings in self._paragraph_settings(paragraph):
            number = settings.find(f"{W}numPr/{W}numId")
            if number is not None:
                return attribute(number, "val") != "0"
        return False

    def _chain(self, identity: str | None, kind: str) -> tuple[Element, ...]:
        """The named style, or the standard one of its kind, and what it is based on."""
        key = (identity, kind)
        if key not in self._chains:
            standard = self._standard.get(kind)
            style = self._by_id.get(identity, standard) if identity else standard
            self._chains[key] = tuple(self._upwards(style))
        return self._chains[key]

    def _upwards(self, style: Element | None) -> Iterator[Element]:
        for _ in range(_STYLE_DEPTH_MAX):
            if style is None:
                return
            yield style
            style = self._by_id.get(attribute(style.find(f"{W}basedOn"), "val"))

    def _paragraph_chain(self, paragraph: Element | None) -> tuple[Element, ...]:
        named = None if paragraph is None else attribute(paragraph.find(f"{W}pPr/{W}pStyle"), "val")
        return self._chain(named, "paragraph")

    def _table_chain(self, table: Element | None) -> tuple[Element, ...]:
        return () if table is None else self._chain(attribute(table.find(f"{W}tblPr/{W}tblStyle"), "val"), "table")

    def _run_settings(
        self, run: Element | None, paragraph: Element | None, in_table: list[Element]
    ) -> Iterator[Element]:
        own = None if run is None else run.find(f"{W}rPr")
        if own is not None:
            yield own
        named = None if own is None else attribute(own.find(f"{W}rStyle"), "val")
        for style in (*self._chain(named, "character"), *self._paragraph_chain(paragraph), *in_table):
            yield from style.findall(f"{W}rPr")
        if self._defaults is not None:
            yield self._defaults

    def _paragraph_settings(self, paragraph: Element | None) -> Iterator[Element]:
        if paragraph is not None:
            yield from paragraph.findall(f"{W}pPr")
        for style in self._paragraph_chain(paragraph):
            yield from style.findall(f"{W}pPr")

    def _contrast(self, settings: list[Element], fills: Iterator[str]) -> float:
        if any(child.tag.endswith("}textFill") for each in settings for child in children(each)):
            return 0.0
        element = _first(settings, "color")
        colour = self._theme.colour(element) or attribute(element, "val")
        if colour is None or colour == "auto" or len(colour) != 6:
            return 21.0
        light, dark = sorted((_luminance(colour), _luminance(next(fills, _PAPER))), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    def _fills(
        self, settings: list[Element], paragraph: Element | None, cell: Element | None, in_table: list[Element]
    ) -> Iterator[str]:
        """What lies behind the text, nearest first."""
        highlight = _HIGHLIGHTS.get(attribute(_first(settings, "highlight"), "val") or "")
        if highlight is not None:
            yield highlight
        of_cell = [each for each in (cell, *in_table) if each is not None]
        shadings = (
            _first(settings, "shd"),
            _first(list(self._paragraph_settings(paragraph)), "shd"),
            *(each.find(f"{W}tcPr/{W}shd") for each in of_cell),
        )
        for shading in shadings:
            fill = self._theme.colour(shading, fill=True) or attribute(shading, "fill")
            if fill is not None and fill != "auto":
                yield fill

    def _is_flat(self, paragraph: Element | None) -> bool:
        spacing = _first(list(self._paragraph_settings(paragraph)), "spacing")
        return attribute(spacing, "lineRule") == "exact" and _number(spacing, 999, "line") < FLAT_TWIPS


def _parts(style: Element) -> Iterator[Element]:
    """A table style and what it says about first rows, bands and corners."""
    yield style
    yield from style.findall(f"{W}tblStylePr")


def _repeats(settings: Element) -> bool:
    """One property twice: programs disagree which one holds."""
    names = [child.tag for child in children(settings)]
    return len(set(names)) != len(names)


def _first(settings: list[Element], name: str) -> Element | None:
    return next((found for each in settings if (found := each.find(W + name)) is not None), None)


def _number(element: Element | None, otherwise: int, name: str = "val") -> int:
    text = (attribute(element, name) or "").removesuffix("%")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise


def _in_symbol_font(fonts: Element | None) -> bool:
    return fonts is not None and any(
        value.lower().startswith(_SYMBOL_FONTS) for value in map(str, fonts.attrib.values())
    )


def _luminance(colour: str) -> float:
    try:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    except ValueError:
        return 0.0
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
