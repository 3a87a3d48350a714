"""The words people ask with, as data: empty and soft words, synonyms, common typing errors, places, kinds of question.

Read once from ``bot/assistant/language``. Nothing in it quotes a policy text; it is general office Chinese.

* empty words carry nothing and are dropped; soft words help to find but need not be found;
* a synonym maps what people say to what regulations write; finding one of the written forms covers what was said;
* a confusion is a pair of characters often typed for one another.
"""

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from bot.assistant.words import Dictionary, load_dictionary


class Kind(StrEnum):
    """What sort of answer is asked for; the order of preference is that of ``kinds.toml``."""

    WHY = "why"
    AMOUNT = "amount"
    FEE = "fee"
    HOW_OFTEN = "how_often"
    HOW_LONG = "how_long"
    WHEN = "when"
    WHO = "who"
    PERSONS = "persons"
    WHERE = "where"
    DEFINITION = "definition"
    CONDITION = "condition"
    CONSEQUENCE = "consequence"
    NAME = "name"
    RANK = "rank"
    HOW_MANY = "how_many"
    LIST = "list"
    CHOICE = "choice"
    HOW_COMPUTED = "how_computed"
    HOW = "how"
    WHAT = "what"
    YES_NO = "yes_no"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class KindRule:
    """How a kind is asked (``ask``) and what a text must show to answer it (``text``), both on folded text."""

    kind: Kind
    ask: tuple[re.Pattern[str], ...]
    text: tuple[re.Pattern[str], ...]
    lacking: str
    """What to say the texts do not give."""

    def answered_by(self, folded: str) -> bool:
        return any(pattern.search(folded) for pattern in self.text)


@dataclass(frozen=True, slots=True)
class Lexicon:
    empty: frozenset[str]
    soft: frozenset[str]
    document_nouns: tuple[str, ...]
    generic: frozenset[str]
    """Nouns that only count what is listed (几个环节): a text may list without them."""
    light: frozenset[str]
    """Verbs that say only that something is done (办理, 进行): who does it need not be written with them."""
    synonyms: Mapping[str, tuple[str, ...]]
    confusions: Mapping[str, tuple[str, ...]]
    abbreviations: Mapping[str, tuple[str, ...]]
    places: frozenset[str]
    kinds: tuple[KindRule, ...]
    headless: frozenset[str]
    """Words too common to stand for a compound that ends with them (部门 for 主管部门)."""
    joined: str
    """All entries in one line."""
    dictionary: Dictionary

    @property
    def unasked(self) -> frozenset[str]:
        """Words that a text need not hold even directly after the question word."""
        return self.generic | self.light

    def knows(self, words: str) -> bool:
        """Whether ``words`` stand in any entry: then they are no typing error."""
        return words in self.joined

    def rule(self, kind: Kind) -> KindRule | None:
        return next((rule for rule in self.kinds if rule.kind is kind), None)


@cache
def load_lexicon() -> Lexicon:
    """The lexicon shipped with Chenghe."""
    folder = files("bot.assistant") / "language"
    words = tomllib.loads((folder / "words.toml").read_text("utf-8"))
    synonyms = _table(folder / "synonyms.csv", "|")
    abbreviations = _table(folder / "abbreviations.csv", "|")
    empty, soft = frozenset(words["empty"].split()), frozenset(words["soft"].split())
    return Lexicon(
        empty=empty,
        soft=soft,
        document_nouns=tuple(words["document_nouns"].split()),
        generic=frozenset(words["generic"].split()),
        light=frozenset(words["light"].split()),
        synonyms=synonyms,
        confusions=_table(folder / "confusions.csv", "|"),
        abbreviations=abbreviations,
        places=_places(folder / "places.txt"),
        kinds=tuple(map(_rule, tomllib.loads((folder / "kinds.toml").read_text("utf-8"))["kind"])),
        headless=frozenset((*soft, *words["generic"].split())),
        joined=" ".join((*empty, *soft, *synonyms)),
        dictionary=load_dictionary((*empty, *soft, *synonyms, *abbreviations)),
    )


def _table(path: Traversable, separator: str) -> dict[str, tuple[str, ...]]:
    """First column → every value of the second column, merged over repeated rows."""
    found: dict[str, tuple[str, ...]] = {}
    for left, right in list(csv.reader(path.read_text("utf-8").splitlines()))[1:]:
        found[left] = (*found.get(left, ()), *right.split(separator))
    return found


def _places(path: Traversable) -> frozenset[str]:
    lines = path.read_text("utf-8").splitlines()
    return frozenset(place for line in lines if not line.startswith("#") for place in line.split())


def _rule(entry: dict[str, object]) -> KindRule:
    def patterns(key: str) -> tuple[re.Pattern[str], ...]:
        values = entry[key]
        assert isinstance(values, list)
        return tuple(re.compile(value) for value in values)

    return KindRule(Kind(str(entry["name"])), patterns("ask"), patterns("text"), str(entry["lacking"]))
