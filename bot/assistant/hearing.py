"""From what a person typed to the questions it may mean: the ears of the assistant.

``hear`` in numbered steps:

1. a message that asks nothing of a text (greeting, joke, order to the program, nothing at all) gets its short line;
2. a follow-up is made whole (``context``); there may be several ways to read it;
3. typing errors are mended (``spelling``), pinyin becomes words, Taiwan and Hong Kong wording becomes ours;
4. a day for which the answer is wanted is taken out (``days``).

Every way that differs from what was typed says so in its notices. The first way is the most likely one; the others are
tried only when it is refused, at most ``MOST_WAYS``. A question that we do not understand anew is handed on as typed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING

from bot.assistant.answer import Role, Turn
from bot.assistant.changes import Readings
from bot.assistant.context import MAX_TURNS, readings
from bot.assistant.days import day_named
from bot.assistant.lexicon import Lexicon
from bot.assistant.slots import says_nothing
from bot.assistant.smalltalk import load_small_talk
from bot.assistant.sounds import load_sounds
from bot.assistant.spelling import Speller
from bot.assistant.vocabulary import Vocabulary, vocabulary_of
from bot.assistant.wording import NOT_UNDERSTOOD, chinese_day
from index.policies.library import Library
from index.policies.model import Document
from index.search.analyzer import MAX_QUERY_CHARACTERS, fold_query, simplified
from index.search.finding import Finder

if TYPE_CHECKING:
    from opencc import OpenCC

MOST_WAYS = 4
MOST_DOUBTS = 3


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read the question: whole, mended, as of a day; ``notices`` tell the person what was understood."""

    text: str
    as_of: date
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """``reply``: the line for a message that asks nothing; otherwise ``ways``, most likely first, at least one."""

    reply: str | None = None
    ways: tuple[Way, ...] = ()
    doubts: tuple[str, ...] = ()
    """Suggestions for a refusal: questions that may have been meant."""


class Hearing:
    """Listens for one library; what is built of its words is kept until the library changes."""

    def __init__(self, library: Library, search: Finder, lexicon: Lexicon) -> None:
        self._library = library
        self._search = search
        self._lexicon = lexicon
        self._known: tuple[tuple[Document, ...], Vocabulary] | None = None

    def hear(self, question: str, context: Sequence[Turn], as_of: date) -> Heard:
        """What ``question`` may mean on a day, after ``context``."""
        folded = fold_query(question).strip()
        small_talk = load_small_talk()
        following = any(_asks(turn) for turn in context)
        if reply := small_talk.reply(folded, following=following):
            return Heard(reply)
        speller = self._speller()
        read = cache(speller.read)
        mended = read(folded).likely[0]
        if (foreign := small_talk.foreign(folded)) and not mended.changes:
            return Heard(foreign)
        if not following and says_nothing(mended.text):
            return Heard(NOT_UNDERSTOOD)
        earlier = [_mended(turn, speller) for turn in context[-MAX_TURNS:]]
        typed = [(mended.text, mended.notice) if mended.changes else (question, None)]
        typed.extend((words, None) for words in [mainland_wording(question)] if words)
        ways: list[Way] = []
        doubts: list[str] = []
        for text, notice in typed:
            for whole in readings(text, earlier, speller.places):
                readable = read(fold_query(whole).strip())
                ways.extend(_ways(text, whole, readable, as_of, notice))
                doubts.extend(readable.doubts)
        unique = {(way.text, way.as_of): way for way in reversed(ways)}
        return Heard(None, tuple(reversed(unique.values()))[:MOST_WAYS], _suggested(doubts))

    def _speller(self) -> Speller:
        documents = self._library.documents()
        places = self._lexicon.places | {document.place for document in documents if document.place}
        words = partial(self._vocabulary, documents)
        return Speller(words, self._lexicon, cache(self._search.frequency), frozenset(places))

    def _vocabulary(self, documents: tuple[Document, ...]) -> Vocabulary:
        if self._known is None or self._known[0] is not documents:
            own = _askable(self._lexicon)
            self._known = (documents, vocabulary_of(documents, own, self._lexicon.dictionary, load_sounds()))
        return self._known[1]


def mainland_wording(question: str) -> str | None:
    """``question`` in mainland words, where it is written in traditional characters and the words differ."""
    short = question[:MAX_QUERY_CHARACTERS]
    if simplified(short) == short:
        return None
    to_mainland, to_simplified = _converters()
    words: str = to_simplified.convert(to_mainland.convert(short))
    return words if fold_query(words) != fold_query(short) else None


def _ways(typed: str, whole: str, read: Readings, as_of: date, mended: str | None) -> Iterator[Way]:
    """``whole`` as it may be read; ``mended``: what was already mended in the words typed."""
    follows = fold_query(whole).strip() not in fold_query(typed)
    for reading in read.likely:
        named = day_named(reading.text, as_of)
        day = named.day if named else as_of
        text = named.rest if named else reading.text
        said = (
            f"按上文理解为：“{whole}”。" if follows else None,
            mended,
            reading.notice,
            f"按{chinese_day(day)}的情况作答。" if day != as_of else None,
        )
        changed = whole != typed or reading.changes or named
        yield Way(text if changed else typed, day, tuple(filter(None, said)))


def _mended(turn: Turn, speller: Speller) -> Turn:
    """What was asked before, without its typing errors: a follow-up must not drag them along."""
    if turn.role is not Role.USER:
        return turn
    reading = speller.read(fold_query(turn.content).strip()).likely[0]
    return Turn(turn.role, reading.text) if reading.changes else turn


def _asks(turn: Turn) -> bool:
    """Whether a person asked something there that a follow-up may go back to."""
    return turn.role is Role.USER and load_small_talk().reply(fold_query(turn.content).strip()) is None


def _suggested(doubts: Sequence[str]) -> tuple[str, ...]:
    unique = list(dict.fromkeys(doubts))[:MOST_DOUBTS]
    return tuple(f"您是不是要问：{one}" for one in unique)


def _askable(lexicon: Lexicon) -> frozenset[str]:
    """The words of our own lists that people ask with."""
    written = (form for forms in lexicon.synonyms.values() for form in forms)
    return frozenset((*lexicon.soft, *lexicon.synonyms, *lexicon.abbreviations, *written))


@cache
def _converters() -> "tuple[OpenCC, OpenCC]":
    from opencc import OpenCC

    return OpenCC("tw2sp"), OpenCC("hk2s")
