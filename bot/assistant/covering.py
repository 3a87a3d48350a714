"""How well a text says one piece of a question: word for word, in a written form, shortened, or by a kindred word.

Degrees, best first:

1. as said (1.0), or in a written form of our lexicon (0.95);
2. a short name whose characters begin the words of a longer one (业委会 – 业主委员会), a compound by its words (0.8);
3. the head of a compound: what it is, without what it is about (检查人员 – 人员) (0.7);
4. a lone verb that begins a verb of the text (赔 – 赔偿), also with its complement (转给 – 转让) (0.7).

What is weaker is not there. Numbers, years, titles and Latin words are found as they stand or not at all.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

from bot.assistant.pieces import Piece
from bot.assistant.words import Dictionary, Role, Word

AS_SAID, WRITTEN, SHORTENED, HEAD, BEGINS, EDGE = 1.0, 0.95, 0.8, 0.7, 0.7, 0.5
LONGEST_SHORT_NAME = 5
LONGEST_TILED = 40
"""Nobody names one thing in more characters; longer pieces are noise."""
_NUMERALS = "0123456789一二两三四五六七八九十百千"
_GAP = "[一-鿿]{0,3}?"
_COMPLEMENTS = frozenset("到给掉成走完好上下出进去来起回错住过着了")
"""What colloquial verbs of two characters end with: the verb is the first."""


@dataclass(frozen=True)
class Text:
    """A folded text and its words, cut only when they are asked for."""

    folded: str
    dictionary: Dictionary
    known: dict[str, float] = field(default_factory=dict)
    """What ``covers`` has found out, by piece."""

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return tuple(self.dictionary.words(self.folded))

    @cached_property
    def acts(self) -> frozenset[str]:
        return frozenset(word.text for word in self.words if len(word.text) == 2 and _may_act(word))

    @cached_property
    def all_words(self) -> frozenset[str]:
        return frozenset(word.text for word in self.words)

    @cached_property
    def edges(self) -> tuple[frozenset[int], frozenset[int]]:
        """Where words start (年度报告 is 年度 + 报告 too), and the places of their last characters."""
        starts: list[int] = []
        ends: list[int] = []
        place = 0
        for word in self.words:
            starts.extend((place, place + 2) if len(word.text) >= 4 else (place,))
            place += len(word.text)
            ends.append(place - 1)
        return frozenset(starts), frozenset(ends)


def covers(piece: Piece, text: Text, generic: frozenset[str]) -> float:
    """How well ``text`` says ``piece``, from 0 to 1; ``generic`` words are no head worth finding."""
    if not text.folded:
        return 0.0
    if piece.text not in text.known:
        text.known[piece.text] = _degree(piece, text, generic)
    return text.known[piece.text]


def _degree(piece: Piece, text: Text, generic: frozenset[str]) -> float:
    if len(piece.text) == 1 and not piece.text.isascii() and piece.forms == (piece.text,):
        return _lone(piece.text, piece.role, text)
    for rank, form in enumerate(piece.forms):
        if stands(form, text.folded):
            return WRITTEN if rank else AS_SAID
    if piece.hard or piece.text.isascii():
        return 0.0
    if any(4 <= len(form) <= LONGEST_TILED and tiled(form, text.folded) for form in piece.forms):
        return SHORTENED
    return _loosely(piece.text, piece.role, text, generic)


def _lone(character: str, role: Role, text: Text) -> float:
    """A lone character: a word of the text, the beginning of one (赔 – 赔偿), or the edge of a name (证 – 许可证)."""
    if character not in text.folded:
        return 0.0
    if character in text.all_words:
        return AS_SAID
    if role is Role.ACT:
        return BEGINS if any(word[0] == character for word in text.all_words) else 0.0
    return EDGE if any(character in (word[0], word[-1]) for word in text.all_words) else 0.0


def _loosely(word: str, role: Role, text: Text, generic: frozenset[str]) -> float:
    if role is Role.ACT and len(word) == 2 and word[1] in _COMPLEMENTS:
        return BEGINS if any(act[0] == word[0] for act in text.acts) else 0.0
    if len(word) == 1:
        return 0.0
    if role is not Role.ACT and len(word) <= LONGEST_SHORT_NAME and _shortened(word, text):
        return SHORTENED
    heads = (word[-length:] for length in range(len(word) - 1, 1, -1)) if len(word) >= 4 else ()
    return HEAD if any(head in text.all_words and head not in generic for head in heads) else 0.0


def stands(form: str, text: str) -> bool:
    """Whether ``form`` is in ``text``; a number or Latin word only as a whole: 1 is not in 12, 5年 not in 2025年."""
    if form.isascii():
        return bool(re.search(rf"(?<![0-9a-z]){re.escape(form)}(?![0-9a-z年月日])", text))
    if form[0] in _NUMERALS:
        return bool(re.search(rf"(?<![{_NUMERALS}]){re.escape(form)}", text))
    return form in text


def _shortened(short: str, text: Text) -> bool:
    """业委会 in 业主委员会: each character begins a word, goes on directly, or (the third) ends one."""
    if any(character not in text.folded for character in short):
        return False
    starts, ends = text.edges
    for match in re.finditer(rf"(?={_GAP.join(f'({c})' for c in short)})", text.folded):
        places = [match.start(n) for n in range(1, len(short) + 1)]
        before = zip((None, *places), places, strict=False)
        begun = [place in starts or (left is not None and place == left + 1) for left, place in before]
        begun[-1] = begun[-1] or (len(short) > 2 and places[-1] in ends)
        if all(begun):
            return True
    return False


def tiled(phrase: str, text: str) -> bool:
    """Whether words of ``text`` cover the phrase: at most one character in four left over, in few words."""
    left, words = _tiles(phrase, text)
    return left <= len(phrase) // 4 and words <= max(2, len(phrase) // 4)


def _tiles(phrase: str, text: str) -> tuple[int, int]:
    """How many characters of ``phrase`` no word of ``text`` covers, and how many words the best covering takes."""
    best = [(0, 0)] * (len(phrase) + 1)
    for start in range(len(phrase) - 1, -1, -1):
        left, words = best[start + 1]
        best[start] = (left + 1, words)
        length = 2
        while start + length <= len(phrase) and phrase[start : start + length] in text:
            left, words = best[start + length]
            best[start] = min(best[start], (left, words + 1))
            length += 1
    return best[0]


def _may_act(word: Word) -> bool:
    return word.role is Role.ACT or (word.role is Role.THING and word.verbal)
