"""Numbers with their units, one token for every way of writing them: 十五日 and 15日 → "15日".

Rules:

* Text is folded (``index.search.analyzer.fold``): digits are half width.
* Chinese numbers are read by place value (三百二十一) or digit by digit (二〇二四); what is neither is left alone.
* Sums are read to the end: 1万元, 一万元 and 10000元 are one amount. Fractions and grouped digits give nothing.
* A number without one of ``_UNITS`` behind it gives nothing: 一般, 万一, 三亚 are no amounts.
"""

import re
from collections.abc import Iterator

_DIGITS = dict(zip("〇零一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_PLACES = {"十": 10, "百": 100, "千": 1_000}
_GROUPS = {"万": 10_000, "亿": 100_000_000}
_UNITS = (
    "个工作日|个自然日|工作日|个月|个季度|季度|小时|分钟|周岁|平方米|公里|"
    "年|月|日|号|条|款|项|章|节|编|元|倍|天|岁|周|时|名|户|家|份|期|次|批|级|类|人|%"
)
_AMOUNT = re.compile(
    rf"(?:(第)\s?)?(?<![0-9.,])(?:([0-9]{{1,12}})\s?([万亿]?)|([〇零一二三四五六七八九十百千万亿两]{{1,16}}))"
    rf"\s?({_UNITS})(?:之([一二三四五六七八九十]|[0-9]))?"
)


def amounts(folded: str) -> Iterator[str]:
    """Every number with a unit in folded text, its digits Arabic: ``第14条``, ``2024年``, ``15日``."""
    for ordinal, arabic, group, chinese, unit, further in _AMOUNT.findall(folded):
        value = int(arabic) * _GROUPS.get(group, 1) if arabic else number(chinese)
        if value is not None:
            after = f"之{further if further.isascii() else number(further)}" if further and unit == "条" else ""
            yield f"{ordinal}{value}{unit}{after}"


def number(numeral: str) -> int | None:
    """The value of a Chinese number; None when the characters are no number."""
    if all(character in _DIGITS for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral)) if numeral else None
    return _by_place(numeral)


def _by_place(numeral: str) -> int | None:
    total = section = 0
    digit: int | None = None
    for character in numeral:
        if character in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[character]
        elif character in _PLACES:
            section += (1 if digit is None else digit) * _PLACES[character]
            digit = None
        elif character not in _GROUPS:
            return None
        else:
            section += digit or 0
            if not section and not total:
                return None
            value = _GROUPS[character]
            total = (total + section) * value if character == "亿" else total + section * value
            section, digit = 0, None
    return total + section + (digit or 0)
