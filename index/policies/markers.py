"""Numbering at the start of a line: 第一章, 第三条, 一、, （一）, 1., （1）, ——.

Source: GB/T 9704-2012 7.3.3 and 立法技术规范.

Rules:
* a number is a marker only in sequence: 1, or the next one of its style (a gap of two at most); 第十条之一 comes after
  第十条;
* a text that begins in the middle may begin with any part, chapter, section or article that is followed by a blank;
  an excerpt may go on with any later article right below a heading, or if the text has the next article too;
* ``第三条规定的…`` at a line's start is a sentence: an article's number is followed by a blank, or – in texts that
  never put one – by anything but the words with which a sentence refers to an article.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_CN = "零〇一二两三四五六七八九十百千"


class Style(IntEnum):
    """Kinds of markers; the value is the rank in the tree, a lower one stands above."""

    PART = 0
    SUBPART = 1
    CHAPTER = 2
    SECTION = 3
    ARTICLE = 4
    CHINESE = 5
    CHINESE_BRACKETED = 6
    NUMBER = 7
    NUMBER_BRACKETED = 8
    CIRCLED = 9
    DASH = 10


@dataclass(frozen=True, slots=True)
class Marker:
    """``label`` is the marker as printed, ``end`` the offset in the line where the text after it begins."""

    style: Style
    number: int
    label: str
    end: int
    blank: bool
    """Whether a blank follows the label."""
    branch: int = 0
    """第十条之一 is number 10, branch 1."""


_REFERRING = (
    r"第(?!三[人方])|[、，。的之款项]|规定|中(?:的|所|规定|有关)|所(?:称|列|指|述|规定|确定)"
    r"|(?:和|及|以及|至|到|或|或者|与)第|及其|（[一二三四五六七八九十\d]"
)
"""How a sentence goes on that refers to an article."""

_PATTERNS: tuple[tuple[Style, re.Pattern[str]], ...] = (
    (Style.PART, re.compile(rf"第([{_CN}\d]+)编(?= |$)")),
    (Style.SUBPART, re.compile(rf"第([{_CN}\d]+)分编(?= |$)")),
    (Style.CHAPTER, re.compile(rf"第([{_CN}\d]+)章(?![的中规第、和及至])")),
    (Style.SECTION, re.compile(rf"第([{_CN}\d]+)节(?![的中规第、和及至])")),
    (
        Style.ARTICLE,
        re.compile(rf"第([{_CN}\d]+)条(?:之([{_CN}]+))?(?!{_REFERRING})"),
    ),
    (Style.CHINESE, re.compile(rf"([{_CN}]+)、")),
    (Style.CHINESE_BRACKETED, re.compile(rf"（([{_CN}]+)）")),
    (Style.NUMBER, re.compile(r"(\d{1,3})(?:[.．](?!\d)|、)")),
    (Style.NUMBER_BRACKETED, re.compile(r"(?:（(\d{1,3})）|(\d{1,3})[)）])")),
    (Style.CIRCLED, re.compile(r"([①-⑳])")),
    (Style.DASH, re.compile(r"(——)(?=[^—])")),
)


def marker(line: str) -> Marker | None:
    """The marker a line begins with, by its looks alone; ``Sequence`` decides whether it counts."""
    for style, pattern in _PATTERNS:
        match = pattern.match(line)
        if match:
            text = next(group for group in match.groups() if group)
            blank = line[match.end() : match.end() + 1] == " "
            branch = number_of(match[2]) if style is Style.ARTICLE and match[2] else 0
            return Marker(style, _number(style, text), match[0], match.end() + blank, blank, branch)
    return None


def _number(style: Style, text: str) -> int:
    if style is Style.DASH:
        return 1
    return ord(text) - ord("①") + 1 if style is Style.CIRCLED else number_of(text)


def number_of(text: str) -> int:
    """Value of Chinese or Arabic digits: 二十六 → 26, 39 → 39, 一百零五 → 105."""
    if text.isdigit():
        return int(text)
    total = digit = 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


_LARGEST_GAP = 2


class Sequence:
    """Which markers count: follows the numbers of each style through one document."""

    def __init__(self, lines: list[str]) -> None:
        articles = [found for found in map(marker, lines) if found and found.style is Style.ARTICLE]
        self._articles_have_blanks = any(article.blank for article in articles)
        self._articles = frozenset(article.number for article in articles)
        self._last: dict[Style, tuple[int, int]] = {}
        self._below_heading = False

    def accept(self, line: str, above_articles: bool = False) -> Marker | None:
        """The marker of the next line of the document if it is in sequence; 三、 right above an article always is."""
        found = marker(line)
        if found is None or not (self._fits(found) or (above_articles and found.style is Style.CHINESE)):
            return None
        if found.style < Style.ARTICLE:
            self._restart_below(found.style)
        self._last[found.style] = found.number, found.branch
        self._below_heading = found.style < Style.ARTICLE
        return found

    def open_part(self) -> None:
        """A part without a number begins: chapters and sections below it start anew, articles go on."""
        self._restart_below(Style.PART)
        self._below_heading = True

    def restart(self) -> None:
        """An attachment begins: its numbers start anew."""
        self._last.clear()

    def _fits(self, found: Marker) -> bool:
        if found.style is Style.DASH or found.number == 1:
            return True
        if found.style is Style.ARTICLE and self._articles_have_blanks and not found.blank:
            return False
        if found.style not in self._last:
            return found.style <= Style.ARTICLE and found.blank
        number, branch = self._last[found.style]
        if found.number == number:
            return branch < found.branch <= branch + 1 + _LARGEST_GAP
        return number < found.number and (found.number <= number + 1 + _LARGEST_GAP or self._goes_on(found))

    def _goes_on(self, found: Marker) -> bool:
        """After a gap: an article right below a heading, or one that the next article follows."""
        below_heading = self._below_heading and (found.blank or not self._articles_have_blanks)
        return found.style is Style.ARTICLE and (below_heading or found.number + 1 in self._articles)

    def _restart_below(self, style: Style) -> None:
        for other in [other for other in self._last if other > style and other is not Style.ARTICLE]:
            del self._last[other]
