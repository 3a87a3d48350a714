"""Text that is there but not to be seen as written: hidden, faint, tiny, struck out, in a symbol font, out of place.

* Looked up where Word looks: the run, its character style, the paragraph's style, the table's style with all its
  conditional parts, their ``basedOn``, the defaults. Attributes of spacing are inherited one by one; a toggle that any
  style switches on counts unless the run itself says otherwise, since Word combines the levels by "exclusive or".
* ``marks`` names what it finds, in Chinese; the reader prints it around the text, so that issued text made invisible
  differs from what was issued, and so does invisible text that was added.
* Contrast (``contrast``): of an explicit colour against highlight, run, paragraph, cell or table shading, or paper;
  theme colours are resolved (``theme``); Word's text fill effects (w14:textFill), which we never use, count as none.
* Every property is held against the whitelist of its kind (``properties``).

Source: ECMA-376 part 1, 17.3.2, 17.7 (17.7.3 on toggles).
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from verify.documents.contrast import HIGHLIGHTS, PAPER, contrast, shade
from verify.documents.fonts import names_symbol_font
from verify.documents.properties import CELL, PARAGRAPH, ROW, RUN, TABLE, Check, measure, strange
from verify.documents.theme import Theme
from verify.documents.wordml import Element, W, attribute, children, is_on
from verify.reasons import Reason, Rejection

TINY_HALF_POINTS = 8
USUAL_HALF_POINTS = 20
CONTRAST_MIN = 1.6
NARROW_PERCENT = 20
LEADING_MIN = 0.9
"""Of the font size; Word cuts the letters off above an exact line height."""
LINE_MIN = 200
"""In 240ths of a line, when the line height follows the letters."""
_STYLE_DEPTH_MAX = 20
_HIDING = ("vanish", "webHidden", "specVanish")
_STRIKES = ("strike", "dstrike")
_KINDS: Mapping[str, Mapping[str, Check]] = {
    f"{W}rPr": RUN,
    f"{W}pPr": PARAGRAPH,
    f"{W}tblPr": TABLE,
    f"{W}trPr": ROW,
    f"{W}tcPr": CELL,
}


class Styles:
    """The style sheet of one document; ``root`` is None when the file has none."""

    def __init__(self, root: Element | None, theme: Theme) -> None:
        styles = [] if root is None else root.findall(f"{W}style")
        self._theme = theme
        self._chains: dict[tuple[str | None, str], tuple[Element, ...]] = {}
        self._strange: dict[tuple[str | None, str], tuple[str, ...]] = {}
        self._by_id = {(attribute(style, "type"), attribute(style, "styleId")): style for style in styles}
        self._standard = {attribute(style, "type"): style for style in styles if _is_standard(style)}
        self._names = Counter(_name(style) for style in styles)
        """Word goes by names: of two styles with one name, either may hold. Programs leave such pairs unused."""
        self._defaults = None if root is None else root.find(f"{W}docDefaults")
        self.ambiguous = root is not None and _is_ambiguous(root, styles)
        """Programs would disagree about what this style sheet says."""

    def marks(
        self, run: Element | None, paragraph: Element | None, cell: Element | None, table: Element | None
    ) -> tuple[str, ...]:
        """What is wrong with how this run is shown; empty for ordinary text. ``cell``, ``table``: what it stands in."""
        in_table = [part for style in self._table_chain(table) for part in _parts(style)]
        own, inherited = self._own_settings(run), list(self._inherited_settings(run, paragraph, in_table))
        settings = [*own, *inherited]
        around = list(self._paragraph_settings(paragraph, in_table))
        found = [
            ("隐藏", any(_toggled(own, inherited, name) for name in _HIDING)),
            ("删除线", any(_toggled(own, inherited, name) for name in _STRIKES)),
            ("难以看见", self._contrast(settings, self._fills(settings, around, cell, table, in_table)) < CONTRAST_MIN),
            ("极小", _size(settings) < TINY_HALF_POINTS or _width(settings) < NARROW_PERCENT),
            ("极小", _is_flat(around, _size(settings))),
            ("符号字体", any(names_symbol_font(each.find(f"{W}rFonts")) for each in settings)),
            ("格式重复", any(_repeats(each) for each in (*own, *paragraph_properties(paragraph)))),
        ]
        named = dict.fromkeys(name for name, holds in found if holds)
        return (*named, *self._strange_marks(own, run, paragraph, table))

    def is_numbered(self, paragraph: Element) -> bool:
        """Whether Word prints a number or bullet that is not in the text."""
        for settings in self._paragraph_settings(paragraph, []):
            number = settings.find(f"{W}numPr/{W}numId")
            if number is not None:
                return attribute(number, "val") != "0"
        return False

    def hides_rows(self, table: Element) -> bool:
        """Whether the table's style does."""
        parts = [part for style in self._table_chain(table) for part in _parts(style)]
        return any(is_on(part.find(f"{W}trPr/{W}hidden")) for part in parts)

    # Styles

    def _chain(self, identity: str | None, kind: str) -> tuple[Element, ...]:
        """The named style, or the standard one of its kind, and what it is based on."""
        key = (identity, kind)
        if key not in self._chains:
            standard = self._standard.get(kind)
            style = self._by_id.get((kind, identity), standard) if identity else standard
            self._chains[key] = tuple(self._upwards(style, kind))
        return self._chains[key]

    def _upwards(self, style: Element | None, kind: str) -> Iterator[Element]:
        for _ in range(_STYLE_DEPTH_MAX):
            if style is None:
                return
            yield style
            style = self._by_id.get((kind, attribute(style.find(f"{W}basedOn"), "val")))
        raise Rejection(Reason.DANGEROUS_FILE, "样式嵌套过深")

    def _paragraph_chain(self, paragraph: Element | None) -> tuple[Element, ...]:
        return self._chain(_paragraph_style(paragraph), "paragraph")

    def _table_chain(self, table: Element | None) -> tuple[Element, ...]:
        return () if table is None else self._chain(_table_style(table), "table")

    def _strange_marks(
        self, own: list[Element], run: Element | None, paragraph: Element | None, table: Element | None
    ) -> tuple[str, ...]:
        """Properties that do not belong on a report, in the run itself and in every style it gets its looks from."""
        names = [name for each in own for name in strange(each, RUN)]
        names += self._strange_in_style(_run_style(run), "character")
        names += self._strange_in_style(_paragraph_style(paragraph), "paragraph")
        if table is not None:
            names += self._strange_in_style(_table_style(table), "table")
        return out_of_place(names)

    def _strange_in_style(self, identity: str | None, kind: str) -> tuple[str, ...]:
        key = (identity, kind)
        if key not in self._strange:
            parts = [part for style in self._chain(identity, kind) for part in _parts(style)]
            defaults = () if self._defaults is None else tuple(self._defaults.iter(f"{W}rPr", f"{W}pPr"))
            settings = [child for part in parts for child in children(part) if child.tag in _KINDS]
            names = (name for each in (*settings, *defaults) for name in strange(each, _KINDS[each.tag]))
            shared = ["name"] if any(self._names[_name(style)] > 1 for style in self._chain(identity, kind)) else []
            self._strange[key] = tuple(dict.fromkeys([*names, *shared]))
        return self._strange[key]

    # What holds for a run, nearest first

    def _own_settings(self, run: Element | None) -> list[Element]:
        return [] if run is None else run.findall(f"{W}rPr")

    def _inherited_settings(
        self, run: Element | None, paragraph: Element | None, in_table: list[Element]
    ) -> Iterator[Element]:
        for style in (*self._chain(_run_style(run), "character"), *self._paragraph_chain(paragraph), *in_table):
            yield from style.findall(f"{W}rPr")
        if self._defaults is not None:
            yield from self._defaults.iter(f"{W}rPr")

    def _paragraph_settings(self, paragraph: Element | None, in_table: list[Element]) -> Iterator[Element]:
        yield from paragraph_properties(paragraph)
        for style in (*self._paragraph_chain(paragraph), *in_table):
            yield from style.findall(f"{W}pPr")
        if self._defaults is not None:
            yield from self._defaults.iter(f"{W}pPr")

    # Contrast

    def _contrast(self, settings: list[Element], fills: Iterator[str]) -> float:
        if any(child.tag.endswith("}textFill") for each in settings for child in children(each)):
            return 1.0
        element = _first(settings, "color")
        themed = self._theme.colour(element)
        colour = attribute(element, "val") if themed is None else themed
        return 21.0 if colour in {None, "auto"} else contrast(colour or "", next(fills, PAPER))

    def _fills(
        self,
        settings: list[Element],
        around: list[Element],
        cell: Element | None,
        table: Element | None,
        in_table: list[Element],
    ) -> Iterator[str]:
        """What lies behind the text, nearest first."""
        highlight = HIGHLIGHTS.get(attribute(_first(settings, "highlight"), "val") or "")
        if highlight is not None:
            yield highlight
        of_cell = [each for each in (cell, *in_table) if each is not None]
        of_table = [each for each in (table, *in_table) if each is not None]
        shadings = (
            _first(settings, "shd"),
            _first(around, "shd"),
            *(each.find(f"{W}tcPr/{W}shd") for each in of_cell),
            *(each.find(f"{W}tblPr/{W}shd") for each in of_table),
        )
        for shading in shadings:
            fill = shade(shading, self._theme)
            if fill is not None:
                yield fill


def out_of_place(names: list[str]) -> tuple[str, ...]:
    """The mark for properties that do not belong on a report."""
    return (f"版面异常 {' '.join(dict.fromkeys(names))}",) if names else ()


def paragraph_properties(paragraph: Element | None) -> list[Element]:
    return [] if paragraph is None else paragraph.findall(f"{W}pPr")


def _is_standard(style: Element) -> bool:
    return attribute(style, "default") in {"1", "true", "on"}


def _is_ambiguous(root: Element, styles: list[Element]) -> bool:
    """Style sheets say one thing in one place: ids, standards and properties once, nothing but styles."""
    ids = [(attribute(style, "styleId") or "").casefold() for style in styles]
    standards = [attribute(style, "type") for style in styles if _is_standard(style)]
    others = [child.tag for child in children(root) if child.tag != f"{W}style"]
    return (
        any(len(set(each)) != len(each) for each in (ids, standards, others))
        or not set(others) <= {f"{W}docDefaults", f"{W}latentStyles"}
        or any(_repeats(style, f"{W}tblStylePr") for style in styles)
    )


def _name(style: Element) -> str:
    return (attribute(style.find(f"{W}name"), "val") or "").casefold()


def _run_style(run: Element | None) -> str | None:
    return None if run is None else attribute(run.find(f"{W}rPr/{W}rStyle"), "val")


def _paragraph_style(paragraph: Element | None) -> str | None:
    return None if paragraph is None else attribute(paragraph.find(f"{W}pPr/{W}pStyle"), "val")


def _table_style(table: Element) -> str | None:
    return attribute(table.find(f"{W}tblPr/{W}tblStyle"), "val")


def _parts(style: Element) -> Iterator[Element]:
    """A table style and what it says about first rows, bands and corners."""
    yield style
    yield from style.findall(f"{W}tblStylePr")


def _repeats(settings: Element, but: str = "") -> bool:
    """One property twice: programs disagree which one holds."""
    names = [child.tag for child in children(settings) if child.tag != but]
    return len(set(names)) != len(names)


def _first(settings: list[Element], name: str) -> Element | None:
    return next((found for each in settings if (found := each.find(W + name)) is not None), None)


def _toggled(own: list[Element], inherited: list[Element], name: str) -> bool:
    """Whether a toggle property holds, or could: the run's own word is final, the styles' are combined."""
    direct = _first(own, name)
    if direct is not None:
        return is_on(direct)
    return any(is_on(each.find(W + name)) for each in inherited)


def _size(settings: list[Element]) -> float:
    """In half-points; a size that cannot be read is none."""
    element = _first(settings, "sz")
    return USUAL_HALF_POINTS if element is None else measure(attribute(element, "val"), per_point=2) or 0


def _width(settings: list[Element]) -> float:
    """Of the letters, in per cent."""
    element = _first(settings, "w")
    return 100 if element is None else measure((attribute(element, "val") or "").removesuffix("%")) or 0


def _is_flat(around: list[Element], half_points: float) -> bool:
    """Lines too low for the letters: cut off above, or printed over each other."""
    found = [spacing for each in around if (spacing := each.find(f"{W}spacing")) is not None]
    rule = next((rule for each in found if (rule := attribute(each, "lineRule"))), "auto")
    line = next((line for each in found if (line := attribute(each, "line"))), None)
    height = measure(line)
    if line is None or (height is not None and rule == "atLeast"):
        return False
    least = half_points * 10 * LEADING_MIN if rule == "exact" else LINE_MIN
    return height is None or height < least
