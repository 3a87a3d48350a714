"""The colours a theme gives to names, so that text in "the text colour" of a changed theme is not taken for black.

* A name is resolved through the document's colour mapping, then the theme; system colours by what they are, not by the
  value last seen. Tint mixes with white, shade with black.
* An unknown name, or no theme, gives None: the colour written beside the name holds. A colour given in a way that
  is not computed here gives the empty text, which is no colour anybody may rely on.

Source: ECMA-376 part 1, 17.18.97 (theme colours), 17.15.1.20 (mapping), 20.1.6.2 (colour scheme).
"""

from verify.documents.wordml import A, Element, W, attribute, children, local

_SLOTS = {"dark1": "dk1", "light1": "lt1", "dark2": "dk2", "light2": "lt2", "hyperlink": "hlink"}
_SLOTS["followedHyperlink"] = "folHlink"
_MAPPED = {"text1": "t1", "background1": "bg1", "text2": "t2", "background2": "bg2"}
_UNMAPPED = {"t1": "dark1", "bg1": "light1", "t2": "dark2", "bg2": "light2"}
_SYSTEM = {"windowText": "000000", "window": "FFFFFF"}


class Theme:
    """``theme`` and ``settings`` are the roots of those parts, or None."""

    def __init__(self, theme: Element | None, settings: Element | None) -> None:
        scheme = None if theme is None else theme.find(f"{A}themeElements/{A}clrScheme")
        slots = [] if scheme is None else list(children(scheme))
        self._colours = {local(slot): _value(slot) for slot in slots}
        self._mapping = None if settings is None else settings.find(f"{W}clrSchemeMapping")

    def colour(self, element: Element | None, *, fill: bool = False) -> str | None:
        """Six hex digits of the theme colour that a w:color (or the fill of a w:shd) names; None when it names none."""
        kind = ("themeFill", "themeFillTint", "themeFillShade") if fill else ("themeColor", "themeTint", "themeShade")
        name = attribute(element, kind[0])
        found = None if name is None else self._colours.get(self._slot(name))
        if found is None:
            return None
        tinted = _mixed(found, attribute(element, kind[1]), 255)
        return _mixed(tinted, attribute(element, kind[2]), 0)

    def _slot(self, name: str) -> str:
        short = _MAPPED.get(name)
        if short is not None:
            name = attribute(self._mapping, short) or _UNMAPPED[short]
        return _SLOTS.get(name, name)


def _value(slot: Element) -> str:
    colours = list(children(slot))
    if len(colours) == 1 and not len(colours[0]):
        if local(colours[0]) == "srgbClr":
            return colours[0].get("val") or ""
        if local(colours[0]) == "sysClr":
            return _SYSTEM.get(colours[0].get("val") or "", colours[0].get("lastClr") or "")
    return ""


def _mixed(colour: str, share: str | None, towards: int) -> str:
    """``share`` in hex: FF keeps the colour, 00 is all ``towards``."""
    try:
        kept = 1.0 if share is None else int(share, 16) / 255
        parts = [int(colour[place : place + 2], 16) for place in (0, 2, 4)]
    except ValueError:
        return colour
    return "".join(f"{round(part * kept + towards * (1 - kept)):02X}" for part in parts)
