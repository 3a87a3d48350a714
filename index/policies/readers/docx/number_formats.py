"""A list number as Word prints it: 12 → 十二, xii, l, ⑫, 乙.

Rules: a number outside what a format can say is printed in digits, as Word does; unknown formats are digits.

Source: ECMA-376 part 1, 17.18.59 (ST_NumberFormat), and what Word 2016 prints.
"""

from collections.abc import Callable

_HAN = "〇一二三四五六七八九"
_LEGAL_SIMPLIFIED = "零壹贰叁肆伍陆柒捌玖"
_LEGAL_TRADITIONAL = "零壹貳參肆伍陸柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
    (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_LARGEST_ROMAN = 3999
_LARGEST_LETTERS = 26 * 30
_LARGEST_HAN = 99_999


def formatted(number: int, number_format: str) -> str:
    """``number`` in one of Word's formats; "" for ``none`` and ``bullet``."""
    if number_format in ("none", "bullet"):
        return ""
    write = _WRITERS.get(number_format)
    return write(number) if write is not None and number > 0 else str(number)


def _roman(number: int) -> str:
    if number > _LARGEST_ROMAN:
        return str(number)
    text = ""
    for worth, letters in _ROMAN:
        text += letters * (number // worth)
        number %= worth
    return text


def _letters(number: int) -> str:
    """a … z, aa, bb …: Word repeats the letter."""
    if number > _LARGEST_LETTERS:
        return str(number)
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _ordinal(number: int) -> str:
    last = 0 if number % 100 in (11, 12, 13) else number % 10
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"


def _digits(number: int, digits: str = _HAN) -> str:
    return "".join(digits[int(one)] for one in str(number))


def _counting(number: int) -> str:
    """Tens by name below a hundred (二十一), digit by digit from there on (一〇一)."""
    return _spelled(number, _HAN, "十百千", leading_one=False) if number < 100 else _digits(number)


def _thousands(number: int) -> str:
    return _spelled(number, "零" + _HAN[1:], "十百千", leading_one=False)


def _japanese(number: int) -> str:
    """百, not 一百; no 零 in between."""
    spelled = _spelled(number, "零" + _HAN[1:], "十百千", leading_one=False)
    return spelled.replace("零", "").replace("一百", "百").replace("一千", "千").replace("一十", "十")


def _spelled(number: int, digits: str, units: str, *, leading_one: bool) -> str:
    if number > _LARGEST_HAN:
        return str(number)
    if number >= 10_000:
        rest = number % 10_000
        gap = digits[0] if 0 < rest < 1000 else ""
        lower = _spelled(rest, digits, units, leading_one=True) if rest else ""
        return f"{digits[number // 10_000]}万{gap}{lower}"
    text, pending = "", False
    for power in range(3, -1, -1):
        digit = number // 10**power % 10
        if digit:
            text += (digits[0] if pending and text else "") + digits[digit] + (units[power - 1] if power else "")
        pending = digit == 0 and bool(text)
    return text if leading_one or not text.startswith(digits[1] + units[0]) else text[1:]


def _from(first: str, count: int) -> Callable[[int], str]:
    return lambda number: chr(ord(first) + number - 1) if number <= count else str(number)


def _one_of(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if number <= len(signs) else str(number)


def _sixty(number: int) -> str:
    return _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12] if number <= 60 else str(number)


def _full_width(number: int) -> str:
    return "".join(chr(ord(one) + 0xFEE0) for one in str(number))


_WRITERS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02d}",
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerLetter": _letters,
    "ordinal": _ordinal,
    "chineseCounting": _counting,
    "taiwaneseCounting": _counting,
    "koreanCounting": _counting,
    "chineseCountingThousand": _thousands,
    "taiwaneseCountingThousand": _thousands,
    "japaneseCounting": _japanese,
    "japaneseDigitalTenThousand": _digits,
    "ideographDigital": _digits,
    "taiwaneseDigital": _digits,
    "chineseLegalSimplified": lambda number: _spelled(number, _LEGAL_SIMPLIFIED, "拾佰仟", leading_one=True),
    "ideographLegalTraditional": lambda number: _spelled(number, _LEGAL_TRADITIONAL, "拾佰仟", leading_one=True),
    "ideographTraditional": _one_of(_STEMS),
    "ideographZodiac": _one_of(_BRANCHES),
    "ideographZodiacTraditional": _sixty,
    "ideographEnclosedCircle": _from("㊀", 10),
    "decimalEnclosedCircle": _from("①", 20),
    "decimalEnclosedCircleChinese": _from("①", 20),
    "decimalEnclosedFullstop": _from("⒈", 20),
    "decimalEnclosedParen": _from("⑴", 20),
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "hex": lambda number: f"{number:X}",
}
