"""Which stretches of one long text stand in another, in order: what lies between them is what differs.

* Strings that occur once in both texts are anchors; the longest chain of them in the same order is kept, and between
  two anchors the search goes on with shorter strings (patience diff). So an inserted page or a changed cell costs its
  own length, not the square of the report's.
* Bounded whatever the texts are: short remainders are laid side by side exactly, long ones without an anchor count as
  different altogether.
"""

from bisect import bisect_left
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

_SIZES = (32, 16, 8, 4)
_EXACT_MAX = 40_000
"""Length of the one remainder times length of the other."""


class Stretch(NamedTuple):
    """``length`` equal characters: from ``one`` on in the one text, from ``other`` on in the other."""

    one: int
    other: int
    length: int


class _Range(NamedTuple):
    one: int
    one_end: int
    other: int
    other_end: int


def stretches(one: str, other: str) -> list[Stretch]:
    """In order, none empty, none touching the next on both sides. Single letters that agree by chance are left out."""
    found = sorted(_between(one, other, _Range(0, len(one), 0, len(other)), 0))
    joined: list[Stretch] = []
    for each in found:
        if joined and _continues(joined[-1], each):
            joined[-1] = joined[-1]._replace(length=joined[-1].length + each.length)
        else:
            joined.append(each)
    return [each for each in joined if each.length > 1 or len(joined) == 1]


def _continues(before: Stretch, after: Stretch) -> bool:
    return before.one + before.length == after.one and before.other + before.length == after.other


def _between(one: str, other: str, at: _Range, level: int) -> Iterator[Stretch]:
    start, end = _equal_at_start(one, other, at), 0
    if start:
        yield Stretch(at.one, at.other, start)
    at = at._replace(one=at.one + start, other=at.other + start)
    end = _equal_at_end(one, other, at)
    if end:
        yield Stretch(at.one_end - end, at.other_end - end, end)
    at = at._replace(one_end=at.one_end - end, other_end=at.other_end - end)
    if at.one < at.one_end and at.other < at.other_end:
        yield from _inside(one, other, at, level)


def _inside(one: str, other: str, at: _Range, level: int) -> Iterator[Stretch]:
    """Neither the first nor the last characters of the ranges agree."""
    while level < len(_SIZES):
        anchors = _anchors(one, other, at, _SIZES[level])
        level += 1
        if anchors:
            yield from _around(one, other, at, anchors, level)
            return
    if (at.one_end - at.one) * (at.other_end - at.other) <= _EXACT_MAX:
        matcher = SequenceMatcher(None, one[at.one : at.one_end], other[at.other : at.other_end], autojunk=False)
        for block in matcher.get_matching_blocks():
            if block.size:
                yield Stretch(at.one + block.a, at.other + block.b, block.size)


def _around(one: str, other: str, at: _Range, anchors: list[Stretch], level: int) -> Iterator[Stretch]:
    """The anchors, and what is found between them."""
    for anchor in anchors:
        if anchor.one < at.one or anchor.other < at.other:
            continue
        yield from _between(one, other, at._replace(one_end=anchor.one, other_end=anchor.other), level)
        yield anchor
        at = at._replace(one=anchor.one + anchor.length, other=anchor.other + anchor.length)
    yield from _between(one, other, at, level)


def _anchors(one: str, other: str, at: _Range, size: int) -> list[Stretch]:
    """Strings of ``size`` that each text has once: the longest chain of the same order in both, overlaps joined."""
    places = _once(other, at.other, at.other_end, size)
    pairs = [(place, places[text]) for text, place in _once(one, at.one, at.one_end, size).items() if text in places]
    anchors: list[Stretch] = []
    for place, match in _rising(sorted(pairs)):
        last = anchors[-1] if anchors else None
        if last and match - place == last.other - last.one and place <= last.one + last.length:
            anchors[-1] = last._replace(length=place + size - last.one)
        elif not last or (place >= last.one + last.length and match >= last.other + last.length):
            anchors.append(Stretch(place, match, size))
    return anchors


def _once(text: str, start: int, end: int, size: int) -> dict[str, int]:
    """Strings of ``size`` that occur once between ``start`` and ``end``, with their places."""
    places: dict[str, int] = {}
    for place in range(start, end - size + 1):
        part = text[place : place + size]
        places[part] = -1 if part in places else place
    return {part: place for part, place in places.items() if place >= 0}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second numbers rise."""
    tails: list[int] = []
    holders: list[int] = []
    before: list[int] = []
    for number, (_, match) in enumerate(pairs):
        length = bisect_left(tails, match)
        before.append(holders[length - 1] if length else -1)
        tails[length : length + 1] = [match]
        holders[length : length + 1] = [number]
    chain, number = [], holders[-1] if holders else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _equal_at_start(one: str, other: str, at: _Range) -> int:
    most = min(at.one_end - at.one, at.other_end - at.other)
    return next((n for n in range(most) if one[at.one + n] != other[at.other + n]), most)


def _equal_at_end(one: str, other: str, at: _Range) -> int:
    most = min(at.one_end - at.one, at.other_end - at.other)
    return next((n for n in range(most) if one[at.one_end - 1 - n] != other[at.other_end - 1 - n]), most)
