"""Dictionary words of a Chinese run and what part they play: a thing, an act, a quality, or only grammar.

Rules:

* Words come from the dictionary of jieba (``rjieba``), without guessing unknown names, and from our lexicon.
* A word class is a first guess: our lexicon's empty and soft words come before it.
* A character the dictionary does not know as a word joins a neighbour that is unknown as well (核 + 验码 stays apart).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rjieba import Jieba

COMMON = 500
"""How common an entry of ours is at least, in the counts of jieba's dictionary: else its characters are cut apart."""
NEGATIONS = frozenset("不没未无非")


class Role(StrEnum):
    """What part a word plays in a question."""

    THING = "thing"
    ACT = "act"
    QUALITY = "quality"
    COUNT = "count"
    GRAMMAR = "grammar"


_ROLES = {
    Role.ACT: ("v", "zg"),
    Role.QUALITY: ("a", "z"),
    Role.COUNT: ("m", "q"),
    Role.GRAMMAR: ("p", "c", "u", "r", "y", "e", "o", "d", "f", "h", "k"),
}
_THINGS = ("vn", "an", "nr", "ns", "nt", "nz")


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    role: Role
    verbal: bool = False
    """A thing that is done: 登记, 检查."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """jieba's dictionary with entries of our own."""

    cutter: "Jieba"
    own: frozenset[str]

    def words(self, run: str) -> list[Word]:
        """The words of ``run`` in order; joined they are ``run``."""
        return [Word(text, _role(tag, text), tag == "vn") for text, tag in self.cutter.tag(run, False)]

    def cut(self, text: str) -> list[str]:
        return self.cutter.cut(text, False)

    def knows(self, word: str) -> bool:
        return self.cutter.has_word(word)


def load_dictionary(entries: Iterable[str]) -> Dictionary:
    """The dictionary with ``entries`` as further words (150 ms)."""
    from rjieba import Jieba

    cutter = Jieba()
    own = frozenset(entry for entry in entries if len(entry) > 1)
    for entry in sorted(own):
        if not cutter.has_word(entry):
            often = max(cutter.suggest_freq(entry), COMMON)
            cutter.add_word(entry, often, _tag(cutter.tag(entry, False)))
    return Dictionary(cutter, own)


def _tag(parts: Sequence[tuple[str, str]]) -> str:
    """The class of an entry of several words: an act if a verb stands in it, else what its last noun is."""
    tags = [tag for _, tag in parts if not tag.startswith(_ROLES[Role.GRAMMAR])]
    if any(tag.startswith(_ROLES[Role.ACT]) and tag not in _THINGS for tag in tags):
        return "v"
    return tags[-1] if tags else "x"


@cache
def _role(tag: str, text: str) -> Role:
    if tag in _THINGS:
        return Role.THING
    if text in NEGATIONS:
        return Role.GRAMMAR
    return next((role for role, tags in _ROLES.items() if tag.startswith(tags)), Role.THING)
