"""Answers the patterns of bot/actions: no message, however it is made, keeps a thread busy for more than a moment.

A loop whose words can be put together to one text in two ways (到期满: 到期, 满; 到, 期满) is tried in each when the
rest does not fit: 2ⁿ ways for n repetitions, and nobody is answered meanwhile. Sardinas and Patterson (1953) find such
words; a possessive loop (``*+``) tries one way only.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import bot.actions

SHORT = 8
"""A loop that ends after so many times has few ways."""
WORDS_MAX = 20_000
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT)


def test_no_loop_of_a_wish_can_be_read_in_two_ways() -> None:
    found = list(patterns())
    assert len(found) > 20
    loose = {name: two_ways(words) for name, pattern in found for words in loops_of(pattern) if two_ways(words)}
    assert loose == {}


def test_what_can_be_read_in_two_ways_is_found() -> None:
    for pattern in (r"(?:到期|期满|到|满)*x", r"(?:任务(?:和)?(?:完成)?|完成任务)+", r"a(?:b(?:ab|a|b)*)?"):
        assert [words for words in loops_of(re.compile(pattern)) if two_ways(words)]
    for pattern in (r"(?:到期|期满|到|满)*+x", r"(?:到期|期满)*", r"(?:请问|请|麻烦您?)*"):
        assert not [words for words in loops_of(re.compile(pattern)) if two_ways(words)]


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.iter_modules(bot.actions.__path__, "bot.actions."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, re.Pattern):
                    yield f"{module.name}.{name}", each


def loops_of(pattern: re.Pattern[str]) -> Iterator[set[str]]:
    """The words of each loop that may go on for long, where they can be told."""
    yield from _loops(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))


def _loops(items: Any) -> Iterator[set[str]]:
    for kind, value in items:
        if kind in REPEATS and value[1] > SHORT and (words := _words(value[2])) is not None:
            yield words
        for inner in _inside(kind, value):
            yield from _loops(inner)


def _inside(kind: Any, value: Any) -> list[Any]:
    if kind in (*REPEATS, op.POSSESSIVE_REPEAT):
        return [value[2]]
    if kind is op.BRANCH:
        return list(value[1])
    if kind is op.SUBPATTERN:
        return [value[3]]
    return [value[1]] if kind in (op.ASSERT, op.ASSERT_NOT) else []


def _words(items: Any) -> set[str] | None:
    """All texts that ``items`` take; None where there is no end of them."""
    words = {""}
    for kind, value in items:
        ways = _ways(kind, value)
        if ways is None or len(words) * len(ways) > WORDS_MAX:
            return None
        words = {begun + way for begun in words for way in ways}
    return words


def _ways(kind: Any, value: Any) -> set[str] | None:
    if kind is op.LITERAL:
        return {chr(value)}
    if kind is op.SUBPATTERN:
        return _words(value[3])
    if kind is op.BRANCH:
        parts = [_words(part) for part in value[1]]
        return None if None in parts else set().union(*parts)  # type: ignore[arg-type]
    if kind in REPEATS and value[1] == 1:
        once = _words(value[2])
        return None if once is None else once | ({""} if value[0] == 0 else set())
    if kind is op.IN and all(each is op.LITERAL for each, _ in value):
        return {chr(each) for _, each in value}
    return None


def two_ways(words: set[str]) -> set[str]:
    """What is left over when two readings of one text have come to the same end: empty for words read in one way."""
    words = words - {""}
    left, seen = _rest(words, words) - {""}, set[str]()
    while left - seen:
        if left & words:
            return left & words
        seen |= left
        left = _rest(words, left) | _rest(left, words)
    return set()


def _rest(first: set[str], second: set[str]) -> set[str]:
    return {longer[len(begun) :] for begun in first for longer in second if longer.startswith(begun)}


@pytest.mark.parametrize(
    "text",
    [
        f"我的{'任务完成时限' * 60}x",
        f"5月6日起20个工作日{'截止到' * 120}x",
        f"5月6日起20个工作日{'到期满' * 120}x",
        f"5月6日{'起算起' * 120}20个工作日x",
        f"查91320902MA1EX0M1XB{'违法违规' * 90}x",
        f"查示例公司的{'违法违规' * 90}x",
    ],
)
def test_what_hung_the_service_is_no_wish(text: str) -> None:
    from bot.actions.chosen import is_command

    assert not is_command(text)
