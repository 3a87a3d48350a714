"""Whether letters drawn along a path, a watermark, are there to be seen and cover nothing.

* Seen: switched on and printed, filled with a colour that stands out from paper, not too thin, large, in the middle
  of the page. A watermark that says "示例 · 非真实报告" and cannot be seen is a change like any other.
* Covering nothing: no outline, one even fill, at most half opaque.
* What is written in a way not known here counts as unseen: nobody shall rely on it.

Source: ECMA-376 part 4, chapter 19 (VML: shape, fill, textpath); WCAG 2.2 for contrast (``contrast``).
"""

import re
from collections.abc import Mapping

from verify.documents.contrast import PAPER, contrast
from verify.documents.wordml import Element, V

LETTERS = "_x0000_t136"
"""The shape type of letters along a path; what the file itself says about that type is bounded here."""
OPACITY_MIN, OPACITY_MAX = 0.1, 0.5
CONTRAST_MIN = 3.0
WIDTH_MIN_PT, HEIGHT_MIN_PT = 300.0, 30.0
_SHARE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?|\.[0-9]{1,6})(f?)")
_COLOUR = re.compile(r"#([0-9A-Fa-f]{6})(?: \[[0-9]{1,4}\])?")
_POINTS = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4})?)pt")
_OFF = frozenset({"f", "false", "0"})
_CENTRED = {"mso-position-horizontal": "center", "mso-position-vertical": "center"}
_RELATIVE = ("mso-position-horizontal-relative", "mso-position-vertical-relative")


def letters_of(shape: Element) -> str:
    """The words of a watermark; empty for any other shape."""
    paths = shape.findall(f"{V}textpath")
    ordinary = len(paths) == 1 and not shape.get("path") and (shape.get("type") or "").endswith(LETTERS)
    return (paths[0].get("string") or "") if ordinary else ""


def mark_of(shape: Element) -> str:
    """What is wrong with how a watermark stands: 隐藏, 遮盖 or nothing."""
    fills = shape.findall(f"{V}fill")
    opacity = _opacity(fills[0].get("opacity")) if len(fills) == 1 else 1.0
    if not _is_drawn(shape, fills) or opacity < OPACITY_MIN or not _is_large_in_the_middle(shape):
        return "隐藏"
    even = len(fills) == 1 and fills[0].get("type") in {None, "solid"}
    return "" if even and opacity <= OPACITY_MAX and shape.get("stroked") in _OFF else "遮盖"


def _is_drawn(shape: Element, fills: list[Element]) -> bool:
    """Switched on, printed, its letters stretched to the shape, in colours that stand out from paper."""
    off = [shape.get("filled"), shape.get("print"), *(fill.get("on") for fill in fills)]
    colours = [shape.get("fillcolor"), *(fill.get("color") for fill in fills if fill.get("color") is not None)]
    return not _OFF & set(off) and _is_stretched(shape) and all(_stands_out(colour) for colour in colours)


def _stands_out(colour: str | None) -> bool:
    found = _COLOUR.fullmatch(colour or "")
    return found is not None and contrast(found[1], PAPER) >= CONTRAST_MIN


def _is_stretched(shape: Element) -> bool:
    """The path is on and fits the shape, as the shape itself says or the type it is of."""
    types = shape.getroottree().iter(f"{V}shapetype")
    paths = [path for each in types if each.get("id") == LETTERS for path in each.findall(f"{V}textpath")]
    paths.extend(shape.findall(f"{V}textpath"))
    fits = {path.get("fitshape") for path in paths} - {None}
    return bool(fits) and not _OFF & (fits | {path.get("on") for path in paths})


def _is_large_in_the_middle(shape: Element) -> bool:
    style = _style(shape.get("style") or "")
    if style is None or style.get("visibility") == "hidden" or style.get("display") == "none":
        return False
    middle = all(style.get(name) == value for name, value in _CENTRED.items())
    on_page = all(style.get(name) in {"margin", "page"} for name in _RELATIVE)
    large = _points(style.get("width")) >= WIDTH_MIN_PT and _points(style.get("height")) >= HEIGHT_MIN_PT
    return middle and on_page and large


def _style(text: str) -> Mapping[str, str] | None:
    """The properties of a style attribute; None when one is given twice."""
    pairs = [part.partition(":") for part in text.lower().replace(" ", "").split(";") if part]
    properties = {name: value for name, _, value in pairs}
    return properties if len(properties) == len(pairs) else None


def _points(text: str | None) -> float:
    found = _POINTS.fullmatch(text or "")
    return 0.0 if found is None else float(found[1])


def _opacity(text: str | None) -> float:
    """As a share; VML also counts in 65536ths, written with an f."""
    found = _SHARE.fullmatch(text or "")
    return 1.0 if found is None else float(found[1]) / (65536 if found[2] else 1)
