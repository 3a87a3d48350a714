"""How well letters stand out from what lies behind them: contrast of colours, and the colour a shading lays down.

* Contrast: WCAG 2 relative luminance. A colour that cannot be computed gives none, so that nobody relies on it.
* A shading's pattern is mixed of its two colours: ``solid`` is all front, ``pctNN`` a share, any other half and half.

Source: WCAG 2.2, relative luminance; ECMA-376 part 1, 17.18.40 (highlight), 17.18.78 (patterns).
"""

import re

from verify.documents.theme import Theme
from verify.documents.wordml import Element, attribute

PAPER, INK = "FFFFFF", "000000"
_HEX = re.compile("[0-9A-Fa-f]{6}")
_SHARE = re.compile("pct([0-9]{1,2})")
HIGHLIGHTS = {
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


def contrast(letters: str, paper: str) -> float:
    """1 (the same) to 21 (black on white); 1 as well when one of them is no colour."""
    one, other = _luminance(letters), _luminance(paper)
    if one is None or other is None:
        return 1.0
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def shade(shading: Element | None, theme: Theme) -> str | None:
    """The colour that a w:shd lays down; None when it lays down none."""
    pattern = attribute(shading, "val") or "clear"
    if shading is None or pattern == "nil":
        return None
    fill = _given(theme.colour(shading, fill=True), attribute(shading, "fill"))
    if pattern == "clear":
        return None if fill == "auto" else fill
    front = _given(theme.colour(shading), attribute(shading, "color"))
    return _mixed(front.replace("auto", INK), fill.replace("auto", PAPER), _share(pattern))


def _given(themed: str | None, written: str | None) -> str:
    return (written or "auto") if themed is None else themed


def _share(pattern: str) -> float:
    share = _SHARE.fullmatch(pattern)
    if share is not None:
        return int(share[1]) / 100
    return 1.0 if pattern == "solid" else 0.5


def _mixed(front: str, back: str, share: float) -> str:
    if not (_HEX.fullmatch(front) and _HEX.fullmatch(back)):
        return ""
    pairs = [(int(front[place : place + 2], 16), int(back[place : place + 2], 16)) for place in (0, 2, 4)]
    return "".join(f"{round(one * share + other * (1 - share)):02X}" for one, other in pairs)


def _luminance(colour: str) -> float | None:
    if not _HEX.fullmatch(colour):
        return None
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
