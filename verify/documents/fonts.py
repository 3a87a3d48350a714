"""Fonts that draw other signs than the letters written: named in the text, by a substitute, or behind a theme's name.

* A symbol font is told by its name; a font table can also give an ordinary name such a substitute or character set.
* Embedded fonts are reported elsewhere (``docx``).

Source: ECMA-376 part 1, 17.3.2.26 (rFonts), 17.8 (font table), 20.1.4.1.24 (theme fonts).
"""

from collections.abc import Iterator

from verify.documents.wordml import A, Element, W, attribute, children

_SYMBOL_FONTS = (
    "symbol",
    "wingdings",
    "webdings",
    "mt extra",
    "opensymbol",
    "starsymbol",
    "marlett",
    "bookshelf symbol",
    "monotype sorts",
    "ms outlook",
    "ms reference specialty",
    "segoe mdl2",
    "segoe fluent",
    "hololens mdl2",
    "standard symbols",
    "d050000l",
)
_SYMBOL_CHARSETS = {"02", "2"}


def draws_symbols(name: str) -> bool:
    plain = name.strip().lstrip("@").lower()
    return plain.startswith(_SYMBOL_FONTS) or "dingbats" in plain


def names_symbol_font(fonts: Element | None) -> bool:
    """Whether a w:rFonts names one."""
    return fonts is not None and any(draws_symbols(str(value)) for value in fonts.attrib.values())


def exchanged(table: Element | None, theme: Element | None) -> Iterator[str]:
    """The ordinary names that this document's font table or theme turns into symbol fonts."""
    for font in () if table is None else table.iter(f"{W}font"):
        name = attribute(font, "name") or ""
        if not draws_symbols(name) and _is_exchanged(font):
            yield name
    scheme = None if theme is None else theme.find(f"{A}themeElements/{A}fontScheme")
    for font in () if scheme is None else scheme.iter():
        if draws_symbols(str(font.get("typeface") or "")):
            yield str(font.get("typeface"))


def _is_exchanged(font: Element) -> bool:
    for child in children(font):
        if child.tag == f"{W}altName":
            if any(draws_symbols(name) for name in (attribute(child, "val") or "").split(",")):
                return True
        elif child.tag == f"{W}charset" and (attribute(child, "val") or "") in _SYMBOL_CHARSETS:
            return True
    return False
