"""Typing errors mended: what the office's texts do not know is read as the word they know that sounds or looks alike.

A question is read as the cheapest sequence of words (Viterbi). A word costs what is surprising about it, in the texts
and in general Chinese; a word read for other characters costs the typing error besides. Rules:

* Never changed: a word of the dictionary or the texts, a place, a number, 《titles》, “quoted words”, a company's name,
  and (but in long words) the small words of grammar: beside unknown words they look like typing errors too often.
* A change exchanges characters that sound alike, nearly alike, or stand in the table of confused characters, at most
  one in two or three characters and two in more; it must lead to a word that the texts hold.
* Where two readings are about equally likely nothing is changed; both are handed out as suggestions.
* A change is *sure* when the texts hold the word together with what stands beside it in the question. Where none is
  sure the question as typed is tried first: there may be a word in it that neither we nor the texts know.
* Phrases that the table of confusions lists whole (归那家, 法多少) stand in no right Chinese: they are always mended.
* Pinyin typed for characters (xinyong baogao) is read as the words of the texts that sound so.
* The words of the texts are gathered only for a question with something odd in it (``Speller._odd``).

Every change is said to the person (``Reading.notice``). Source: issue 3 §3; the noisy channel of Shannon, as spelling
correctors use it.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from bot.assistant.changes import Change, Reading, Readings, applied, otherwise, overlap
from bot.assistant.lexicon import Lexicon
from bot.assistant.sounds import Sounds
from bot.assistant.vocabulary import LONGEST, Vocabulary, keys
from bot.assistant.words import Dictionary

Frequency = Callable[[str], int]

MAX_CHARACTERS = 300
"""Longer questions are read as they are from here on: nobody types so much with care for each word."""
GENERAL_TOTAL = 60_000_000
"""Words counted for jieba's dictionary, of which general frequencies are shares."""
ALIKE, NEARLY, CONFUSED = 6.5, 7.5, 8.0
"""What a changed character costs: e to the power of minus this is how often one is typed so."""
UNCONNECTED = 3.0
"""What two lone characters side by side cost that the texts never put together."""
FITS, FITS_WELL = 1.5, 4.0
"""What a word gains that the texts hold beside the same character, beside the same two characters."""
CLEAR = 1.5
"""Another reading this close makes a change doubtful."""
LOWEST = 1e-9
_HAN = re.compile(r"[一-鿿]+")
_KEPT = re.compile(r'《[^《》]*》|"[^"]*"|[一-鿿]{1,8}(?:有限公司|股份公司|集团)')
_SMALL = frozenset(
    "的了是在未还不没仅先后前被来给就得着个各也又都有无要会能可以为于与和或及向对从把让跟我你他她它谁这那哪几多少才再怎么什呢吗吧啊"
)
_NUMERALS = frozenset("〇零一二三四五六七八九十百千万亿两")
_LATIN = re.compile(r"[a-z]{2,}(?:[ ']+[a-z]{2,})*")


@dataclass(frozen=True, slots=True)
class _Path:
    cost: float
    before: "_Path | None"
    end: int
    lone: bool
    change: Change | None = None

    def changes(self) -> list[Change]:
        found: list[Change] = []
        path: _Path | None = self
        while path is not None:
            found.extend([path.change] if path.change else [])
            path = path.before
        return found[::-1]


@dataclass(frozen=True, slots=True)
class Speller:
    """``places`` are names never changed; ``frequency`` tells how many passages hold a pair of characters; ``words``
    gathers the words of the texts."""

    words: Callable[[], Vocabulary]
    lexicon: Lexicon
    frequency: Frequency
    places: frozenset[str]

    @property
    def vocabulary(self) -> Vocabulary:
        return self.words()

    @property
    def sounds(self) -> Sounds:
        return self.vocabulary.sounds

    def read(self, question: str) -> Readings:
        """``question`` (folded) with its typing errors mended."""
        head = question[:MAX_CHARACTERS]
        if not self._odd(head):
            return Readings((Reading(question),))
        kept = self._kept(head)
        found = [one for run in _HAN.finditer(head) for one in self._of_run(head, *run.span(), kept)]
        found.extend(self._pinyin(head))
        found.extend(one for one in self._listed(head, kept) if not any(overlap(one, other) for other in found))
        clear = sorted((one for one in found if not one.others), key=lambda one: one.start)
        sure = [one for one in clear if one.sure]
        ways = [clear] if sure or not clear else [[], clear]
        doubtful = ((one, meant) for one in found if one.others for meant in (one.meant, *one.others))
        return Readings(
            tuple(self._reading(question, changes) for changes in ways),
            tuple(applied(question, [*clear, otherwise(one, meant)]) for one, meant in doubtful),
        )

    def _odd(self, text: str) -> bool:
        """Whether anything may be a typing error: a lone character, letters, or a word that the texts do not hold."""
        if _LATIN.search(text) or any(typed in text for typed in self.lexicon.confusions if len(typed) > 1):
            return True
        parts = (part for run in _HAN.findall(text) for part in self.lexicon.dictionary.cut(run))
        return any(not self._is_plain(part) for part in parts)

    def _is_plain(self, part: str) -> bool:
        if part in self.lexicon.empty or part in self.lexicon.soft or part in self.lexicon.synonyms:
            return True
        if len(part) == 1:
            return part in _SMALL or part in _NUMERALS
        return all(self.frequency(a + b) for a, b in pairwise(part))

    def _reading(self, question: str, changes: list[Change]) -> Reading:
        return Reading(applied(question, changes), tuple(self._widened(one, question) for one in changes))

    def _kept(self, text: str) -> frozenset[int]:
        """Positions that are never changed."""
        kept = {place for match in _KEPT.finditer(text) for place in range(*match.span())}
        kept.update(place for place, character in enumerate(text) if character in _NUMERALS)
        for name in (name for name in self.places if name in text):
            for match in re.finditer(re.escape(name), text):
                kept.update(range(*match.span()))
        return frozenset(kept)

    def _of_run(self, text: str, start: int, end: int, kept: frozenset[int]) -> list[Change]:
        best: dict[tuple[int, bool], _Path] = {(start, False): _Path(0.0, None, start, False)}
        for place in range(start, end):
            for lone in (False, True):
                path = best.get((place, lone))
                for step in self._steps(path, text, end, kept) if path else ():
                    known = best.get((step.end, step.lone))
                    if known is None or step.cost < known.cost:
                        best[(step.end, step.lone)] = step
        return min((best[(end, lone)] for lone in (False, True) if (end, lone) in best), key=lambda p: p.cost).changes()

    def _steps(self, path: _Path, text: str, end: int, kept: frozenset[int]) -> Iterator[_Path]:
        start = path.end
        for stop in range(start + 1, min(end, start + LONGEST) + 1):
            word = text[start:stop]
            if len(word) == 1 or self._knows(word):
                alone = len(word) == 1
                apart = UNCONNECTED if alone and path.lone and not self.frequency(text[start - 1 : stop]) else 0.0
                yield _Path(path.cost + self._surprise(word) + apart, path, stop, alone)
            if len(word) > 1 and self._changeable(word, start, kept):
                yield from self._changed(path, text, start, stop)

    def _changed(self, path: _Path, text: str, start: int, stop: int) -> Iterator[_Path]:
        typed = text[start:stop]
        found = sorted(
            (self._surprise(meant) + self._typing(typed, meant) - fit, meant, fit)
            for meant in self._candidates(typed)
            for fit in [self._fit(meant, text, start, stop)]
        )
        if found:
            cost, meant, fit = found[0]
            others = tuple(other for more, other, _ in found[1:3] if more - cost < CLEAR)
            sure = (len(meant) > 2 or fit == FITS_WELL) and not self._is_made_of_words(typed)
            yield _Path(path.cost + cost, path, stop, False, Change(start, typed, meant, sure, others))

    def _changeable(self, word: str, start: int, kept: frozenset[int]) -> bool:
        """Whether ``word`` may be a typing error: nothing kept in it, no word of the dictionary or the texts."""
        return not self._knows(word) and kept.isdisjoint(range(start, start + len(word)))

    def _is_made_of_words(self, typed: str) -> bool:
        """监督检察: every part of it is a word, only together they are unknown."""
        return all(len(part) > 1 for part in self.lexicon.dictionary.cut(typed))

    def _knows(self, word: str) -> bool:
        return word in self.vocabulary or self.lexicon.dictionary.knows(word)

    def _candidates(self, typed: str) -> set[str]:
        """The words of the texts that ``typed`` may stand for."""
        most = len(typed) // 2 if len(typed) > 3 else 1
        alike = {word for key in keys(typed, self.sounds) for word in self.vocabulary.by_sound.get(key, ())}
        for place, character in enumerate(typed):
            for other in self.lexicon.confusions.get(character, ()):
                alike.add(typed[:place] + other + typed[place + 1 :])
        return {word for word in alike if self._is_target(word) and _possible(word, typed, most)}

    def _is_target(self, word: str) -> bool:
        """A word of the texts, no word of grammar."""
        return self.vocabulary.counts.get(word, 0) > 0 and word not in self.lexicon.empty and word[-1] != "的"

    def _fit(self, meant: str, text: str, start: int, stop: int) -> float:
        """What ``meant`` gains by what stands beside it in the question, if the texts hold the two together."""
        if not any(map(self.frequency, (text[start - 1 : start] + meant[0], meant[-1] + text[stop : stop + 1]))):
            return 0.0
        for reach, gain in ((2, FITS_WELL), (1, FITS)):
            left, right = text[max(0, start - reach) : start], text[stop : stop + reach]
            beside = (left + meant if len(left) == reach else "", meant + right if len(right) == reach else "")
            if any(phrase and _HAN.fullmatch(phrase) and phrase in self.vocabulary.text for phrase in beside):
                return gain
        return 0.0

    def _typing(self, typed: str, meant: str) -> float:
        """What the typing errors cost, and more where the texts hold what was typed, if only by chance."""
        by_chance = math.log1p(self.frequency(typed)) if len(typed) == 2 else 0.0
        return by_chance + sum(self._slip(a, b) for a, b in zip(typed, meant, strict=True) if a != b)

    def _slip(self, typed: str, meant: str) -> float:
        if self.sounds.alike(typed, meant):
            return ALIKE
        if set(self.sounds.rough(typed)).isdisjoint(self.sounds.rough(meant)):
            return CONFUSED
        return NEARLY

    def _surprise(self, word: str) -> float:
        """Minus the logarithm of how often the word is used, half by the texts, half by general Chinese."""
        here = self.vocabulary.counts.get(word, 0) / self.vocabulary.total
        general = _usage(word, self.lexicon.dictionary) / GENERAL_TOTAL
        return -math.log(max(0.5 * here + 0.5 * general, LOWEST))

    def _listed(self, text: str, kept: frozenset[int]) -> Iterator[Change]:
        """Whole phrases of the table of confusions (归那家 for 归哪家): errors whatever the texts hold."""
        for typed, meant in self.lexicon.confusions.items():
            start = text.find(typed) if len(typed) > 1 else -1
            if start >= 0 and kept.isdisjoint(range(start, start + len(typed))):
                yield Change(start, typed, meant[0])

    def _pinyin(self, text: str) -> Iterator[Change]:
        for match in _LATIN.finditer(text):
            typed = match.group()
            if any(self.frequency(word) for word in re.split(r"[ ']+", typed)):
                continue
            meant = self._spelt(re.sub(r"[ ']+", "", typed))
            if meant:
                yield Change(match.start(), typed, meant)

    def _spelt(self, letters: str) -> str:
        """The words that are spelt ``letters`` one after the other, the fewest; empty when it cannot be."""
        best: list[tuple[int, str] | None] = [(0, "")] + [None] * len(letters)
        for start in range(len(letters)):
            so_far = best[start]
            for stop in range(start + 3, len(letters) + 1) if so_far else ():
                words = self.vocabulary.by_spelling.get(letters[start:stop])
                known = best[stop]
                if words and so_far and (known is None or so_far[0] + 1 < known[0]):
                    best[stop] = (so_far[0] + 1, so_far[1] + words[0])
        end = best[-1]
        return end[1] if end else ""

    def _widened(self, change: Change, question: str) -> Change:
        """The change with the word beside it where the texts know the two as one phrase: 信用修复, not 修复."""
        for word in _beside(question, change.start):
            if word + change.meant in self.vocabulary:
                return Change(change.start - len(word), word + change.typed, word + change.meant, change.sure)
        return change


def _usage(word: str, dictionary: Dictionary) -> int:
    """How often general Chinese uses the word, by the dictionary's count."""
    count: int = dictionary.cutter.suggest_freq(word) if dictionary.knows(word) else 0
    return count


def _beside(text: str, start: int) -> Iterator[str]:
    for length in (4, 3, 2):
        if start >= length and _HAN.fullmatch(text[start - length : start]):
            yield text[start - length : start]


def _possible(meant: str, typed: str, most: int) -> bool:
    changed = [a for a, b in zip(typed, meant, strict=True) if a != b]
    return len(changed) <= most and (len(meant) > 3 or _SMALL.isdisjoint(changed))
