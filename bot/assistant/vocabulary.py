"""The words of the office's texts: how often each stands there, and how each sounds. Spelling is mended towards these.

Rules:

* Words are those of the dictionary; two neighbours that stand together more than once are one phrase (监督 + 检查).
* What our own word lists hold is known, so it is no typing error; only words of the texts are what one may have meant.
* Built once for a library, when first needed; of one larger than ``MAX_CHARACTERS`` the first part of every text is
  read.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise, product
from typing import TypeVar

from bot.assistant.sounds import Sounds
from bot.assistant.words import Dictionary
from index.policies.model import Document
from index.search.analyzer import fold

MAX_CHARACTERS = 400_000
"""Half a second of work, once for a library."""
LONGEST = 6
MAX_KEYS = 6
Key = tuple[str, ...]
Found = TypeVar("Found", Key, str)
_HAN = "[一-鿿]"
_WORD = re.compile(rf"{_HAN}{{2,{LONGEST}}}")
_PHRASE = re.compile(rf"{_HAN}{{3,{LONGEST}}}")
_ASKABLE = re.compile(rf"{_HAN}{{1,{LONGEST - 1}}}(?![的了着过]){_HAN}")
_FUNCTION = frozenset("的了和与及或在对将把被由向从以为是有不也都并等其该本此这那所应可")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    counts: Mapping[str, int]
    """Words and phrases → how often the texts hold them."""
    total: int
    text: str
    """The texts themselves, folded."""
    by_sound: Mapping[Key, tuple[str, ...]]
    by_spelling: Mapping[str, tuple[str, ...]]
    """``xinyong`` → 信用."""
    sounds: Sounds

    def __contains__(self, word: str) -> bool:
        return word in self.counts


def vocabulary_of(
    documents: Sequence[Document], own: Iterable[str], dictionary: Dictionary, sounds: Sounds
) -> Vocabulary:
    """The words of ``documents`` and of our ``own`` lists."""
    words: Counter[str] = Counter()
    neighbours: Counter[tuple[str, str]] = Counter()
    share = MAX_CHARACTERS // max(1, len(documents))
    texts = [fold(document.source[:share]) for document in documents]
    for text in texts:
        parts = dictionary.cut(text)
        words.update(parts)
        neighbours.update(pairwise(parts))
    counts = {word: count for word, count in words.items() if _WORD.fullmatch(word)}
    total = sum(counts.values()) + 1
    for pair, count in neighbours.items():
        phrase = "".join(pair)
        if count > 1 and phrase not in counts and _PHRASE.fullmatch(phrase) and _FUNCTION.isdisjoint(pair):
            counts[phrase] = count
    by_sound, by_spelling = _by_sound(counts, sounds)
    counts.update({word: 0 for word in own if word not in counts and _ASKABLE.fullmatch(word)})
    return Vocabulary(counts, total, "\n".join(texts), by_sound, by_spelling, sounds)


def _by_sound(
    counts: Mapping[str, int], sounds: Sounds
) -> tuple[Mapping[Key, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """The words by how they sound and by how they are spelt, the most frequent first."""
    characters = {character for word in counts for character in word}
    rough = {character: sounds.rough(character) for character in characters}
    plain = {character: sounds.readings(character)[:1] for character in characters}
    by_sound: defaultdict[Key, list[str]] = defaultdict(list)
    by_spelling: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted(counts, key=lambda word: (-counts[word], word)):
        for way in islice(product(*map(rough.__getitem__, word)), MAX_KEYS):
            by_sound[way].append(word)
        by_spelling["".join(chain.from_iterable(map(plain.__getitem__, word)))].append(word)
    return _fixed(by_sound), _fixed(by_spelling)


def _fixed(found: Mapping[Found, list[str]]) -> dict[Found, tuple[str, ...]]:
    return {key: tuple(words) for key, words in found.items()}


def keys(word: str, sounds: Sounds) -> list[Key]:
    """The rough ways ``word`` may be read, at most ``MAX_KEYS``."""
    return list(islice(product(*map(sounds.rough, word)), MAX_KEYS))
