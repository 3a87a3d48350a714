"""The words of the office's texts: how often each stands there, and how each sounds. Spelling is mended towards these.

Rules:

* Words are those of the dictionary; two neighbours that stand together more than once are one phrase (监督 + 检查).
* What our own word lists hold counts as known once, whether or not a text holds it: people ask with these words.
* Built once for a library; of a library larger than ``MAX_CHARACTERS`` the first part of every text is read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from bot.assistant.sounds import Sounds
from bot.assistant.words import Dictionary
from index.policies.model import Document
from index.search.analyzer import fold

MAX_CHARACTERS = 3_000_000
LONGEST, SHORTEST_PHRASE = 6, 3
MAX_KEYS = 6
Key = tuple[str, ...]
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

    def __contains__(self, word: str) -> bool:
        return word in self.counts


def vocabulary_of(
    documents: Sequence[Document], own: Iterable[str], dictionary: Dictionary, sounds: Sounds
) -> Vocabulary:
    """The words of ``documents`` and of our ``own`` lists."""
    counts: Counter[str] = Counter()
    phrases: Counter[str] = Counter()
    share = MAX_CHARACTERS // max(1, len(documents))
    texts = [fold(document.source[:share]) for document in documents]
    for text in texts:
        words = dictionary.cut(text)
        counts.update(word for word in words if 1 < len(word) <= LONGEST and _is_han(word))
        phrases.update(_phrases(words))
    total = sum(counts.values()) + 1
    counts.update({phrase: count for phrase, count in phrases.items() if count > 1 and phrase not in counts})
    counts.update({word: 1 for word in own if word not in counts and _is_askable(word)})
    by_sound: defaultdict[Key, list[str]] = defaultdict(list)
    by_spelling: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted(counts, key=lambda word: (-counts[word], word)):
        for key in keys(word, sounds):
            by_sound[key].append(word)
        by_spelling["".join(sounds.readings(character)[0] for character in word)].append(word)
    return Vocabulary(
        counts,
        total,
        "\n".join(texts),
        {key: tuple(found) for key, found in by_sound.items()},
        {key: tuple(found) for key, found in by_spelling.items()},
    )


def keys(word: str, sounds: Sounds) -> list[Key]:
    """The rough ways ``word`` may be read, at most ``MAX_KEYS``."""
    ways = product(*(sounds.rough(character) for character in word))
    return [way for way, _ in zip(ways, range(MAX_KEYS), strict=False)]


def _phrases(words: Sequence[str]) -> Iterable[str]:
    for left, right in pairwise(words):
        phrase = left + right
        if SHORTEST_PHRASE <= len(phrase) <= LONGEST and _is_han(phrase) and _FUNCTION.isdisjoint((left, right)):
            yield phrase


def _is_askable(word: str) -> bool:
    return 1 < len(word) <= LONGEST and _is_han(word) and word[-1] not in "的了着过"


def _is_han(word: str) -> bool:
    return all("一" <= character <= "鿿" for character in word)
