"""The formatting a report may carry, and within what bounds; anything else is named.

* A whitelist per kind of property element (run, paragraph, table, row, cell, section): a property that is not listed,
  or whose value leaves its bounds, could move, squeeze, turn, cover or exchange what is read. What programs write when
  they save a document again is listed.
* Colours, sizes, strikes, hidden text and merges are judged elsewhere (``formatting``, ``story``), so listed as free.
* A measure is a number of twips or a length with unit; one that cannot be read is out of bounds.

Source: ECMA-376 part 1, 17.3–17.6; docs/decisions/0044.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from verify.documents.wordml import Element, W, attribute, children, is_on, local
from verify.reasons import Reason, Rejection

Check: TypeAlias = Callable[[Element], bool]
"""Whether one property may stand as it does."""

W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_MEASURE = re.compile(r"([+-]?[0-9]{1,7}(?:\.[0-9]{1,6})?)(pt|in|cm|mm|pc|pi)?")
_TWIPS = {"pt": 20.0, "in": 1440.0, "cm": 1440 / 2.54, "mm": 144 / 2.54, "pc": 240.0, "pi": 240.0}
_REPEATABLE = {"gridCol", "headerReference", "footerReference"}
PROPERTIES_MAX = 200
COLUMN_MIN_TWIPS = 300
COLUMN_MIN_FIFTIETHS = 100


def measure(text: str | None, *, per_point: float = 20) -> float | None:
    """A length in twips, or in the unit of which ``per_point`` make a point; None when it cannot be read."""
    found = _MEASURE.fullmatch(text or "")
    if found is None:
        return None
    number = float(found[1])
    return number if found[2] is None else number * _TWIPS[found[2]] / 20 * per_point


def strange(settings: Element | None, allowed: Mapping[str, Check]) -> Iterator[str]:
    """The names of the properties in ``settings`` that may not stand there like this; one given twice is one.

    Raises Rejection for more properties than any document has.
    """
    seen: set[str] = set()
    if settings is not None and len(settings) > PROPERTIES_MAX:
        raise Rejection(Reason.DANGEROUS_FILE, "属性过多")
    for child in () if settings is None else children(settings):
        name = local(child) if child.tag.startswith(W) else child.tag
        check = allowed.get(name)
        if check is None or (name in seen and name not in _REPEATABLE) or not check(child):
            yield local(child)
        seen.add(name)


def _free(_: Element) -> bool:
    return True


def _off(element: Element) -> bool:
    return not is_on(element)


def _one_of(*values: str) -> Check:
    return lambda element: attribute(element, "val") in values


def _bounded(**bounds: tuple[float, float]) -> Check:
    """Every attribute is a measure within its bounds; attributes that are not named are free."""

    def check(element: Element) -> bool:
        return all(_within(attribute(element, name), low, high) for name, (low, high) in bounds.items())

    return check


def _within(text: str | None, low: float, high: float) -> bool:
    value = measure(text)
    return text is None or (value is not None and low <= value <= high)


def _margins(element: Element) -> bool:
    return all(_within(attribute(side, "w"), 0, 600) for side in children(element))


def _width(element: Element) -> bool:
    """A width that leaves room for letters; automatic ones are the program's."""
    kind, value = attribute(element, "type"), (attribute(element, "w") or "0")
    if kind in {"auto", "nil"}:
        return True
    if kind == "pct":
        number = measure(value.removesuffix("%"))
        return number is not None and number * (50 if value.endswith("%") else 1) >= COLUMN_MIN_FIFTIETHS
    number = measure(value)
    return number is not None and COLUMN_MIN_TWIPS <= number <= 20_000


def _no_diagonals(element: Element) -> bool:
    lines = [child for child in children(element) if local(child) in {"tl2br", "tr2bl"}]
    return all(attribute(line, "val") in {"nil", "none"} for line in lines)


def _not_exact(element: Element) -> bool:
    return attribute(element, "hRule") in {None, "auto", "atLeast"}


def _all(names: str, check: Check = _free) -> dict[str, Check]:
    return dict.fromkeys(names.split(), check)


_INDENTS = dict.fromkeys(("left", "right", "start", "end", "firstLine", "hanging"), (-300.0, 2500.0))
_INDENTS_IN_CHARACTERS = {f"{name}Chars": (-200.0, 1000.0) for name in _INDENTS}
_SPACING = {"before": (0.0, 2000.0), "after": (0.0, 2000.0), "beforeLines": (0.0, 500.0), "afterLines": (0.0, 500.0)}
_SIDES = dict.fromkeys(("top", "bottom", "left", "right", "header", "footer"), (0.0, 3000.0))
_UPRIGHT = _one_of("lrTb", "lr")

RUN: Mapping[str, Check] = {
    **_all(
        """rStyle rFonts b bCs i iCs strike dstrike vanish webHidden specVanish noProof snapToGrid color highlight shd
        kern szCs u lang rPrChange"""
    ),
    "w": lambda element: _within((attribute(element, "val") or "").removesuffix("%"), 50, 200),
    **{f"{W14}{name}": _free for name in ("ligatures", "numForm", "numSpacing", "stylisticSets", "cntxtAlts")},
    **_all("caps smallCaps outline shadow emboss imprint rtl cs oMath", _off),
    **_all("effect em", _one_of("none")),
    "bdr": _one_of("nil", "none"),
    "vertAlign": _one_of("baseline"),
    "spacing": _bounded(val=(-20, 100)),
    "position": _bounded(val=(-6, 6)),
    "sz": _bounded(val=(0, 144)),
}
"""``textFill`` and the other effects of Word 2010 are not among them."""

PARAGRAPH_MARK: Mapping[str, Check] = {**RUN, **_all("ins"), **_all("vanish webHidden specVanish", _off)}

PARAGRAPH: Mapping[str, Check] = {
    **_all(
        """pStyle keepNext keepLines pageBreakBefore widowControl numPr suppressLineNumbers pBdr shd tabs
        suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN adjustRightInd
        snapToGrid contextualSpacing mirrorIndents suppressOverlap jc textAlignment textboxTightWrap outlineLvl divId
        cnfStyle sectPr pPrChange"""
    ),
    "bidi": _off,
    "textDirection": _UPRIGHT,
    "spacing": _bounded(**_SPACING),
    "ind": _bounded(**_INDENTS, **_INDENTS_IN_CHARACTERS),
    "rPr": lambda element: not any(strange(element, PARAGRAPH_MARK)),
}

TABLE: Mapping[str, Check] = {
    **_all(
        """tblStyle jc tblBorders shd tblLayout tblLook tblCaption tblDescription tblStyleRowBandSize
        tblStyleColBandSize tblOverlap tblPrChange tblPrExChange"""
    ),
    "tblW": _width,
    "bidiVisual": _off,
    "tblInd": _bounded(w=(-300, 1500)),
    "tblCellMar": _margins,
    "tblCellSpacing": _bounded(w=(0, 200)),
}

GRID: Mapping[str, Check] = {"gridCol": _bounded(w=(COLUMN_MIN_TWIPS, 20_000)), "tblGridChange": _free}

ROW: Mapping[str, Check] = {
    **_all("cnfStyle divId cantSplit tblHeader jc hidden ins del trPrChange"),
    "trHeight": _not_exact,
    "tblCellSpacing": _bounded(w=(0, 200)),
    **_all("gridBefore gridAfter", _one_of("0")),
    **_all("wBefore wAfter", _bounded(w=(0, 0))),
}

CELL: Mapping[str, Check] = {
    **_all("cnfStyle gridSpan vMerge shd vAlign hideMark headers tcPrChange"),
    "tcW": _width,
    "tcBorders": _no_diagonals,
    "tcMar": _margins,
    "textDirection": _UPRIGHT,
    **_all("noWrap tcFitText", _off),
}

SECTION: Mapping[str, Check] = {
    **_all(
        """headerReference footerReference footnotePr endnotePr type paperSrc formProt vAlign noEndnote titlePg
        printerSettings sectPrChange"""
    ),
    "pgSz": _bounded(w=(11_000, 24_000), h=(11_000, 24_000)),
    "pgMar": _bounded(**_SIDES, gutter=(0, 1000)),
    "cols": lambda element: attribute(element, "num") in {None, "0", "1"},
    "pgNumType": lambda element: set(element.attrib.values()) <= {"decimal"},
    "docGrid": _bounded(charSpace=(-4096, 40_960)),
    "textDirection": _UPRIGHT,
    **_all("bidi rtlGutter", _off),
}
