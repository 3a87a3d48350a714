"""Script: pinyin debris removed, traditional characters to simplified.

Source of the debris: converters that write each converted character with its reading, ``強(qiáng)``.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from index.policies.cleaning.stage import lines_of, stage, steps
from index.policies.cleaning.tracing import Edit, difference, replaced

if TYPE_CHECKING:
    from opencc import OpenCC

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
ANNOTATION = re.compile(rf"([\u3400-\u9fff])[(（]([a-zü]{{0,3}}[{_TONED}][a-zü]{{0,3}})[)）]")
"""A Chinese character and its reading with a tone mark in brackets."""

_MARKERS_SHARE = 0.02
_SAMPLE_CHARS = 20_000


_LETTERS = f"[a-zü{_TONED}]{{1,6}}"
_WORD_READING = re.compile(rf"(?<=[\u3400-\u9fff])[(（](?=[a-zü ]*[{_TONED}]){_LETTERS}(?: {_LETTERS}){{1,7}}[)）]")
"""The reading of a word, syllable by syllable, at least one with its tone: 信用(xìn yòng)."""

drop_pinyin = steps(
    "drop_pinyin",
    "Reads text. Writes it without readings in brackets after a Chinese character or word.",
    lambda text: (Edit(match.end(1), match.end(), "") for match in ANNOTATION.finditer(text)),
    lambda text: replaced(_WORD_READING, text, ""),
)


@stage
def simplify_traditional(text: str) -> Iterator[Edit]:
    """Reads text. Writes simplified characters if the text is in traditional script; simplified text stays untouched.

    Simplified text is not converted: names in it (乾, 於, 著) may be right as they are.
    """
    if not is_traditional(text):
        return
    simplified = to_simplified(text).split("\n")
    for (start, line), new in zip(lines_of(text), simplified, strict=True):
        yield from difference(line, new, start)


def is_traditional(text: str) -> bool:
    """More than one in fifty Chinese characters of the sample is written otherwise in simplified script."""
    sample = text[:_SAMPLE_CHARS]
    han = sum("\u3400" <= char <= "\u9fff" for char in sample)
    if not han:
        return False
    changed = sum(a != b for a, b in zip(sample, to_simplified(sample), strict=False))
    return changed > _MARKERS_SHARE * han


def to_simplified(text: str) -> str:
    """Any text in simplified script, for questions and queries too."""
    return _VARIANTS.sub("着", _converter().convert(text))


_VARIANTS = re.compile(
    r"著(?=[力重眼手落实陆想急迷])|"
    r"(?<=[沿随接跟朝向凭为有带顺意味围绕对指站坐看附穿衣执黏粘])著(?![作名者称述])"
)
"""What t2s leaves: 著 where mainland usage writes 着; 著作, 显著, 著名 and the like stay."""


@cache
def _converter() -> "OpenCC":
    from opencc import OpenCC

    return OpenCC("t2s")
