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
from dataclasses import dataclass

from verify.documents.contrast import HIGHLIGHTS, PAPER, contrast, shade
from verify.documents.fonts import names_symbol_font
from verify.documents.likeness import Findings, attributes, written
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
STYLE_ELEMENTS_MAX = 3000
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
        if self._defaults is not None and sum(1 for _ in self._defaults.iter()) > STYLE_ELEMENTS_MAX:
            raise Rejection(Reason.DANGEROUS_FILE, "样式过大")
        self._table: TableShare | None = None
        self._known: Surroundings | None = None
        self._latest: Stand | None = None
        self._inside: tuple[Element | None, object] | None = None
        self._behind: tuple[Element | None, object] | None = None
        self._marks_found: Findings[tuple[str, ...]] = Findings()
        self._numbered_found: Findings[bool] = Findings()
        self.ambiguous = root is not None and _is_ambiguous(root, styles)
        """Programs would disagree about what this style sheet says."""

    def marks(
        self, run: Element | None, paragraph: Element | None, cell: Element | None, table: Element | None
    ) -> tuple[str, ...]:
        """What is wrong with how this run is shown; empty for ordinary text. ``cell``, ``table``: what it stands in."""
        own = [] if run is None else run.findall(f"{W}rPr")
        about = (written(own), *self._about(paragraph, cell, table))
        return self._marks_found.of(about, lambda: self._marks(own, self._surroundings(paragraph, cell, table)))

    def _marks(self, own: list[Element], around: "Surroundings") -> tuple[str, ...]:
        named = _run_style(own)
        character = [rpr for style in self._chain(named, "character") for rpr in style.findall(f"{W}rPr")]
        inherited = [*character, *around.inherited]
        settings = [*own, *inherited]
        found = [
            ("隐藏", any(_toggled(own, inherited, name) for name in _HIDING)),
            ("删除线", any(_toggled(own, inherited, name) for name in _STRIKES)),
            ("难以看见", self._contrast(settings, around) < CONTRAST_MIN),
            ("极小", _size(settings) < TINY_HALF_POINTS or _width(settings) < NARROW_PERCENT),
            ("极小", _is_flat(around.paragraph, _size(settings))),
            ("符号字体", any(names_symbol_font(each.find(f"{W}rFonts")) for each in settings)),
            ("格式重复", around.repeated or any(_repeats(each) for each in own)),
        ]
        strangers = [name for each in own for name in strange(each, RUN)]
        strangers += [*self._strange_in_style(named, "character"), *around.strange]
        return (*dict.fromkeys(name for name, holds in found if holds), *out_of_place(strangers))

    def is_numbered(self, paragraph: Element, cell: Element | None, table: Element | None) -> bool:
        """Whether Word prints a number or bullet that is not in the text."""
        about = self._about(paragraph, cell, table)
        return self._numbered_found.of(about, lambda: _is_numbered(self._surroundings(paragraph, cell, table)))

    def _about(self, paragraph: Element | None, cell: Element | None, table: Element | None) -> tuple[object, ...]:
        """All of what stands around a run that ``_surroundings`` looks at, beside the style sheet."""
        latest = self._latest
        if latest is None or latest.paragraph is not paragraph or latest.cell is not cell or latest.table is not table:
            settings = () if paragraph is None else written(paragraph.findall(f"{W}pPr"))
            about = settings, self._written_in_cell(cell), self._written_behind(table)
            self._latest = latest = Stand(paragraph, cell, table, about)
        return latest.about

    def _written_in_cell(self, cell: Element | None) -> object:
        """The cell's shading; looked up once for each cell in turn."""
        if self._inside is None or self._inside[0] is not cell:
            self._inside = cell, None if cell is None else attributes(cell.find(f"{W}tcPr/{W}shd"))
        return self._inside[1]

    def _written_behind(self, table: Element | None) -> object:
        """What the table says about everything in it; looked up once for each table in turn."""
        if self._behind is None or self._behind[0] is not table:
            shading = None if table is None else attributes(table.find(f"{W}tblPr/{W}shd"))
            self._behind = table, None if table is None else (_table_style(table), shading)
        return self._behind[1]

    def hides_rows(self, table: Element) -> bool:
        """Whether the table's style does."""
        return any(is_on(part.find(f"{W}trPr/{W}hidden")) for part in self._table_share(table).parts)

    # Styles

    def _chain(self, identity: str | None, kind: str) -> tuple[Element, ...]:
        """The named style, or the standard one of its kind, and what it is based on."""
        key = (identity, kind)
        if key not in self._chains:
            standard = self._standard.get(kind)
            style = self._by_id.get((kind, identity), standard) if identity else standard
            self._chains[key] = tuple(self._upwards(style, kind))
            if sum(1 for style in self._chains[key] for _ in style.iter()) > STYLE_ELEMENTS_MAX:
                raise Rejection(Reason.DANGEROUS_FILE, "样式过大")
        return self._chains[key]

    def _upwards(self, style: Element | None, kind: str) -> Iterator[Element]:
        for _ in range(_STYLE_DEPTH_MAX):
            if style is None:
                return
            yield style
            style = self._by_id.get((kind, attribute(style.find(f"{W}basedOn"), "val")))
        raise Rejection(Reason.DANGEROUS_FILE, "样式嵌套过深")

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

    def _surroundings(self, paragraph: Element | None, cell: Element | None, table: Element | None) -> "Surroundings":
        """Looked up once per paragraph, the table's share once per table: files may hold 100 000 runs."""
        if self._table is None or self._table.table is not table:
            self._table = self._table_share(table)
        known = self._known
        if known is None or known.element is not paragraph or known.cell is not cell or known.table is not self._table:
            self._known = known = self._looked_up(paragraph, cell, self._table)
        return known

    def _table_share(self, table: Element | None) -> "TableShare":
        named = None if table is None else _table_style(table)
        chain = () if table is None else self._chain(named, "table")
        parts = tuple(part for style in chain for part in _parts(style))
        shadings = [each.find(f"{W}tblPr/{W}shd") for each in ((table,) if table is not None else ()) + parts]
        names = () if table is None else self._strange_in_style(named, "table")
        return TableShare(table, parts, tuple(each for each in shadings if each is not None), names)

    def _looked_up(self, paragraph: Element | None, cell: Element | None, table: "TableShare") -> "Surroundings":
        own = [] if paragraph is None else paragraph.findall(f"{W}pPr")
        named = _paragraph_style(own)
        styles = (*self._chain(named, "paragraph"), *table.parts)
        defaults = {
            kind: [] if self._defaults is None else list(self._defaults.iter(W + kind)) for kind in ("rPr", "pPr")
        }
        settings = [*own, *(ppr for style in styles for ppr in style.findall(f"{W}pPr")), *defaults["pPr"]]
        cells = (*(() if cell is None else (cell,)), *table.parts)
        shadings = [_first(settings, "shd"), *(each.find(f"{W}tcPr/{W}shd") for each in cells), *table.shadings]
        return Surroundings(
            paragraph,
            cell,
            table,
            paragraph=settings,
            inherited=[*(rpr for style in styles for rpr in style.findall(f"{W}rPr")), *defaults["rPr"]],
            shadings=[each for each in shadings if each is not None],
            strange=(*self._strange_in_style(named, "paragraph"), *table.strange),
            repeated=any(_repeats(each) for each in own),
        )

    # Contrast

    def _contrast(self, settings: list[Element], around: "Surroundings") -> float:
        if any(child.tag.endswith("}textFill") for each in settings for child in children(each)):
            return 1.0
        element = _first(settings, "color")
        themed = self._theme.colour(element)
        colour = attribute(element, "val") if themed is None else themed
        return 21.0 if colour in {None, "auto"} else contrast(colour or "", next(self._fills(settings, around), PAPER))

    def _fills(self, settings: list[Element], around: "Surroundings") -> Iterator[str]:
        """What lies behind the text, nearest first."""
        highlight = HIGHLIGHTS.get(attribute(_first(settings, "highlight"), "val") or "")
        if highlight is not None:
            yield highlight
        for shading in (_first(settings, "shd"), *around.shadings):
            fill = shade(shading, self._theme)
            if fill is not None:
                yield fill


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a run stands, and what is written there."""

    paragraph: Element | None
    cell: Element | None
    table: Element | None
    about: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class TableShare:
    """What a table and its style say: the parts of the style, shadings, properties that do not belong there."""

    table: Element | None
    parts: tuple[Element, ...]
    shadings: tuple[Element, ...]
    strange: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What holds for every run of one paragraph: settings of the paragraph, of its letters, what lies behind them."""

    element: Element | None
    cell: Element | None
    table: TableShare
    paragraph: list[Element]
    inherited: list[Element]
    shadings: list[Element]
    strange: tuple[str, ...]
    repeated: bool


def out_of_place(names: list[str]) -> tuple[str, ...]:
    """The mark for properties that do not belong on a report."""
    return (f"版面异常 {' '.join(dict.fromkeys(names))}",) if names else ()


def _is_numbered(around: Surroundings) -> bool:
    for settings in around.paragraph:
        number = settings.find(f"{W}numPr/{W}numId")
        if number is not None:
            return attribute(number, "val") != "0"
    return False


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


def _run_style(own: list[Element]) -> str | None:
    return attribute(_first(own, "rStyle"), "val")


def _paragraph_style(own: list[Element]) -> str | None:
    return attribute(_first(own, "pStyle"), "val")


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
