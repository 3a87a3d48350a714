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
from functools import cache
from typing import TYPE_CHECKING

from bot.assistant.answer import Role, Turn
from bot.assistant.context import readings
from bot.assistant.days import day_named
from bot.assistant.lexicon import Lexicon
from bot.assistant.smalltalk import load_small_talk
from bot.assistant.sounds import load_sounds
from bot.assistant.spelling import Readings, Speller
from bot.assistant.vocabulary import Vocabulary, vocabulary_of
from bot.assistant.wording import chinese_day
from index.policies.library import Library
from index.policies.model import Document
from index.search.analyzer import MAX_QUERY_CHARACTERS, fold_query, simplified
from index.search.finding import Finder

if TYPE_CHECKING:
    from opencc import OpenCC

ASKED_WITH = ("罚多少", "怎么罚", "罚几万", "有效期", "责任单位", "牵头单位", "哪个部门", "什么材料", "几个工作日")
"""Phrases of questions, besides the word lists: typing errors in them are mended too."""
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
        following = any(turn.role is Role.USER for turn in context)
        if reply := small_talk.reply(folded, following=following):
            return Heard(reply)
        speller = self._speller()
        foreign = small_talk.foreign(folded)
        if foreign and not speller.read(folded).likely[-1].changes:
            return Heard(foreign)
        ways: list[Way] = []
        doubts: list[str] = []
        for whole in readings(question, context, speller.places):
            read = speller.read(fold_query(whole).strip())
            ways.extend(_ways(question, whole, read, as_of))
            doubts.extend(read.doubts)
        ways.extend(self._in_other_wording(question, context, as_of, speller.places))
        unique = {(way.text, way.as_of): way for way in reversed(ways)}
        return Heard(None, tuple(reversed(unique.values()))[:MOST_WAYS], _suggested(doubts))

    def _in_other_wording(
        self, question: str, context: Sequence[Turn], as_of: date, places: frozenset[str]
    ) -> Iterator[Way]:
        """The question as Taiwan and Hong Kong words say it, in ours: 軟體 is 软件."""
        mainland = mainland_wording(question)
        if mainland is not None:
            whole = readings(mainland, context, places)[0]
            yield from _ways(question, whole, Readings.unchanged(fold_query(whole).strip()), as_of)

    def _speller(self) -> Speller:
        documents = self._library.documents()
        known = self._known
        if known is None or known[0] is not documents:
            own = _askable(self._lexicon)
            known = (documents, vocabulary_of(documents, own, self._lexicon.dictionary, load_sounds()))
            self._known = known
        places = self._lexicon.places | {document.place for document in documents if document.place}
        return Speller(known[1], self._lexicon, load_sounds(), cache(self._search.frequency), frozenset(places))


def mainland_wording(question: str) -> str | None:
    """``question`` in mainland words, where it is written in traditional characters and the words differ."""
    short = question[:MAX_QUERY_CHARACTERS]
    if simplified(short) == short:
        return None
    to_mainland, to_simplified = _converters()
    words: str = to_simplified.convert(to_mainland.convert(short))
    return words if fold_query(words) != fold_query(short) else None


def _ways(question: str, whole: str, read: Readings, as_of: date) -> Iterator[Way]:
    follows = fold_query(whole).strip() not in fold_query(question)
    for reading in read.likely:
        named = day_named(reading.text, as_of)
        text = named.rest if named else reading.text
        said = (
            f"按上文理解为：“{whole}”。" if follows else None,
            reading.notice,
            f"按{chinese_day(named.day)}的情况作答。" if named else None,
        )
        changed = whole != question or reading.changes or named
        yield Way(text if changed else question, named.day if named else as_of, tuple(filter(None, said)))


def _suggested(doubts: Sequence[str]) -> tuple[str, ...]:
    unique = list(dict.fromkeys(doubts))[:MOST_DOUBTS]
    return tuple(f"您是不是要问：{one}" for one in unique)


def _askable(lexicon: Lexicon) -> frozenset[str]:
    """The words of our own lists that people ask with."""
    written = (form for forms in lexicon.synonyms.values() for form in forms)
    return frozenset((*ASKED_WITH, *lexicon.soft, *lexicon.synonyms, *lexicon.abbreviations, *written))


@cache
def _converters() -> "tuple[OpenCC, OpenCC]":
    from opencc import OpenCC

    return OpenCC("tw2sp"), OpenCC("hk2s")
