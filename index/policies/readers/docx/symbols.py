"""Signs of symbol fonts (w:sym and the private-use area) as the characters they look like.

Source: the character charts of Wingdings, Wingdings 2 and Symbol; the signs official forms use: boxes, ticks, bullets.
"""

_PRIVATE = 0xF000
UNKNOWN = "〓"
"""The sign Chinese printing puts where a character is missing."""

_WINGDINGS = {
    0x6C: "●", 0x6D: "○", 0x6E: "■", 0x6F: "□", 0x70: "□", 0x71: "□", 0x72: "□", 0x75: "◆", 0x76: "◆", 0x77: "◆",
    0x9F: "•", 0xA1: "○", 0xA4: "◎", 0xA7: "▪", 0xA8: "□", 0xAB: "★", 0xD8: "➢", 0xE0: "→", 0xF0: "→",
    0xFB: "☒", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑", 0x4A: "☺", 0x52: "☼",
    **{0x80 + at: sign for at, sign in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩")},
    **{0x8B + at: sign for at, sign in enumerate("⓿❶❷❸❹❺❻❼❽❾❿")},
}  # fmt: skip
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x99: "○", 0xA3: "□", 0x97: "●"}
_SYMBOL = {
    0xA3: "≤", 0xB3: "≥", 0xB4: "×", 0xB8: "÷", 0xB1: "±", 0xB0: "°", 0xB7: "•", 0xB9: "≠", 0xAE: "→", 0xA5: "∞",
    0xD7: "·", 0x61: "α", 0x62: "β", 0x67: "γ", 0x64: "δ", 0x6D: "μ", 0x70: "π", 0x73: "σ", 0x53: "Σ", 0x44: "Δ",
}  # fmt: skip
_FONTS = {"wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "symbol": _SYMBOL}


def symbol(font: str | None, code: str | None) -> str:
    """The character that ``code`` (hexadecimal) shows in ``font``; "" without a code."""
    try:
        point = int(code or "", 16)
    except ValueError:
        return ""
    if not 0x20 <= point < 0xFFFE or 0xD800 <= point < 0xE000:
        return ""
    known = _FONTS.get((font or "").strip().lower())
    if known is None:
        return UNKNOWN if 0xE000 <= point <= 0xF8FF else chr(point)
    point = point - _PRIVATE if point >= _PRIVATE else point
    return known.get(point, chr(point) if font == "Symbol" and point < 0x60 else UNKNOWN)
