"""Weighing: how strongly each passage found speaks for a question, in figures that can be read and learned from.

* A *candidate* is a passage with its units (sentences, notes, rows), its headings and its title.
* ``FEATURES`` names what is measured of it: how much of the question it says (in the passage itself, its headings, its
  title), what is missing, whether it shows the kind of answer asked for, how the search ranked it, what ``matching``
  makes of its units. Every figure lies between 0 and about 1.
* What is missing is split: words that the office's texts know elsewhere (a sign of a near miss) and words that no text
  knows (a colloquial paraphrase, or a matter of which the texts say nothing).

Pure: the texts, the question and the search's figures in, numbers out. ``deciding`` makes a verdict of them.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.assistant.covering import covers
from bot.assistant.evidence import Evidence
from bot.assistant.lexicon import Lexicon
from bot.assistant.matching import Match, Matcher, Verdict
from bot.assistant.measures import asked_measures, holds
from bot.assistant.pieces import Piece
from bot.assistant.question import Ask, Question
from bot.assistant.relations import related
from bot.assistant.words import Role
from index.search.analyzer import fold, tokens

FEATURES = (
    *("search", "place", "bm25", "pairs_own", "pairs_near", "pairs_all", "every_pair", "characters_own"),
    *("characters_all", "words_own", "words_near", "words_all", "sentence", "missing_known", "missing_unknown"),
    *("heaviest_missing", "kind", "kind_in_unit", "unit_of_number", "hard_missing", "body", "numbers", "run"),
    *("length", "row", "note", "held", "full", "nearly", "gone", "related", "words"),
    *("focus", "asked"),
)
_UNASKED = frozenset(
    "的了吗呢啊吧是在有和与对把被给我们你他她它这那个哪谁什么怎么怎样如何多少几能不可以会要需没还也都就才再又很请问一下咱家得到"
)
_BODY = re.compile(r"[一-鿿]{2,8}(?:局|委|厅|院|署|中心|支队|法院|银行|协会)")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|第[一二三四五六七八九十百]+[条章款项批]")
_LONGEST_RUN, _LONG, _MANY = 8, 500, 8
_STRONGEST = 1.5
"""In a library of few texts nothing is rare: the score of one word is a multiple of its rarity."""
_OPEN = 0.7
"""The figure of a test that does not apply."""


@dataclass(frozen=True)
class Candidate:
    """A passage to weigh. ``rank`` is its place in the search result, ``score`` what the search gave it."""

    units: tuple[Evidence, ...]
    rank: int
    score: float

    @cached_property
    def own(self) -> str:
        """The folded text of all units, items included."""
        first = self.units[0]
        return fold(first.document.source[first.start : max(unit.end for unit in self.units)])

    @cached_property
    def everything(self) -> str:
        """The passage with its headings, its title and the sentences around it."""
        first = self.units[0]
        return f"{self.own} {first.near} {first.far} {first.around}"

    @property
    def key(self) -> tuple[str, int]:
        return self.units[0].document.id, self.units[0].passage.number


@dataclass(frozen=True, slots=True)
class Known:
    """What the office's texts know: in how many passages a token stands, and how many passages there are."""

    frequency: Callable[[str], int]
    passages: int

    def rarity(self, token: str) -> float:
        """The idf of a token."""
        often = self.frequency(token)
        return math.log(1 + (self.passages - often + 0.5) / (often + 0.5))

    def anywhere(self, words: str) -> bool:
        pairs = [words[place : place + 2] for place in range(len(words) - 1)] or [words]
        return all(self.frequency(pair) for pair in pairs)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate, the matches of its units (ask by ask) and its figures, in the order of ``FEATURES``."""

    candidate: Candidate
    matches: tuple[tuple[Ask, Match], ...]
    figures: tuple[float, ...]


class Weighing:
    """Measures candidates for one question."""

    def __init__(self, question: Question, lexicon: Lexicon, matcher: Matcher, known: Known) -> None:
        self._question, self._lexicon, self._matcher, self._known = question, lexicon, matcher, known
        said = [token for token in dict.fromkeys(tokens(question.folded)) if token not in _UNASKED]
        self._rarity = {token: known.rarity(token) for token in said}
        self._characters = [token for token in said if len(token) == 1]
        self._pairs = [token for token in said if len(token) > 1]
        self._known_pairs = [token for token in self._pairs if known.frequency(token)]
        self._words = [(piece, piece.weight * matcher.weight(piece.text)) for piece in _pieces(question.asks)]
        self._total = sum(weight for _, weight in self._words) or 1.0
        self._numbers = _NUMBER.findall(question.folded)

    def weigh(self, candidates: Sequence[Candidate]) -> list[Weighed]:
        """The figures of each candidate, in the order given."""
        best = max((candidate.score for candidate in candidates), default=1.0) or 1.0
        return [self._weighed(candidate, best) for candidate in candidates]

    def _weighed(self, candidate: Candidate, best: float) -> Weighed:
        asks = self._question.asks
        matches = tuple((ask, self._matcher.match(ask, unit)) for ask in asks for unit in candidate.units)
        own, near, far = candidate.own, candidate.units[0].near, candidate.units[0].far
        figures = {
            "search": candidate.score / best,
            "place": 1 / (1 + candidate.rank),
            "bm25": min(candidate.score / (sum(self._rarity.values()) + 1), _STRONGEST),
            **self._tokens(own, f"{own} {near}", f"{own} {near} {far}"),
            **self._said(candidate, own, near, far),
            **self._shown(candidate, own),
            **_matched(matches, candidate),
            **self._about(f"{own} {near} {far}"),
            "run": min(longest_run(self._question.folded, own), _LONGEST_RUN) / _LONGEST_RUN,
            "length": min(len(own), _LONG) / _LONG,
            "words": len(self._words) / _MANY,
        }
        return Weighed(candidate, matches, tuple(figures[name] for name in FEATURES))

    def _tokens(self, own: str, near: str, everything: str) -> Mapping[str, float]:
        return {
            "pairs_own": self._share(self._known_pairs, own),
            "pairs_near": self._share(self._known_pairs, near),
            "pairs_all": self._share(self._known_pairs, everything),
            "every_pair": self._share(self._pairs, everything),
            "characters_own": self._share(self._characters, own),
            "characters_all": self._share(self._characters, everything),
        }

    def _share(self, wanted: Iterable[str], text: str) -> float:
        """How much of ``wanted`` stands in ``text``, by rarity."""
        total = sum(self._rarity[token] for token in wanted)
        return sum(self._rarity[token] for token in wanted if token in text) / total if total else 0.0

    def _said(self, candidate: Candidate, own: str, near: str, far: str) -> Mapping[str, float]:
        everything = f"{own} {near} {far}"
        missing = [(piece, weight) for piece, weight in self._words if not _says(piece, everything)]
        elsewhere = [weight for piece, weight in missing if self._known.anywhere(piece.text)]
        bodies = [piece for piece, _ in self._words if _BODY.fullmatch(piece.text)]
        return {
            "words_own": self._covered(own),
            "words_near": self._covered(f"{own} {near}"),
            "words_all": self._covered(everything),
            "sentence": max(self._covered(f"{unit.text} {near}") for unit in candidate.units),
            "missing_known": sum(elsewhere) / self._total,
            "missing_unknown": (sum(weight for _, weight in missing) - sum(elsewhere)) / self._total,
            "heaviest_missing": max(elsewhere, default=0.0),
            "hard_missing": float(any(piece.hard for piece, _ in missing)),
            "body": min((float(_says(piece, f"{own} {near}")) for piece in bodies), default=_OPEN),
            "numbers": float(all(one in everything for one in self._numbers)) if self._numbers else _OPEN,
        }

    def _covered(self, text: str) -> float:
        return sum(weight for piece, weight in self._words if _says(piece, text)) / self._total

    def _about(self, everything: str) -> Mapping[str, float]:
        """How well the passage says what stands next to the question word, and what the question word asks for."""
        text, passed_over = self._matcher.text_of(everything), self._lexicon.generic | self._lexicon.soft
        pieces = [piece for piece, _ in self._words if piece.role is not Role.COUNT and piece.text not in passed_over]

        def least(wanted: Iterable[Piece]) -> float:
            return min((covers(piece, text, passed_over) for piece in wanted), default=_OPEN)

        return {
            "focus": least(piece for piece in pieces if piece.focus or piece.asked),
            "asked": least(piece for piece in pieces if piece.asked),
        }

    def _shown(self, candidate: Candidate, own: str) -> Mapping[str, float]:
        """Whether the kinds of answer asked for are shown, and the unit of a number."""
        asks = self._question.asks
        rules = [rule for ask in asks if (rule := self._lexicon.rule(ask.kind))]
        shown = [rule.answered_by(own) for rule in rules]
        in_unit = [any(rule.answered_by(unit.text) for unit in candidate.units) for rule in rules]
        measures = asked_measures(" ".join(ask.text for ask in asks))
        return {
            "kind": sum(shown) / len(shown) if shown else 1.0,
            "kind_in_unit": float(all(in_unit)),
            "unit_of_number": float(holds(own, measures)) if measures else _OPEN,
        }


def longest_run(one: str, other: str) -> int:
    """The length of the longest run of characters that stands in both."""
    best = 0
    for start in range(len(one)):
        while start + best < len(one) and one[start : start + best + 1] in other:
            best += 1
    return best


def _matched(matches: Sequence[tuple[Ask, Match]], candidate: Candidate) -> Mapping[str, float]:
    verdicts = {match.verdict for _, match in matches}
    first = candidate.units[0]
    return {
        "row": float(first.row),
        "note": float(any(unit.note for unit in candidate.units)),
        "held": max((match.held for _, match in matches), default=0.0),
        "full": float(Verdict.FULLY in verdicts),
        "nearly": float(Verdict.NEARLY in verdicts),
        "gone": min((match.gone for _, match in matches), default=1.0),
        "related": float(any(related(ask, match.evidence) for ask, match in matches)),
    }


def _pieces(asks: Sequence[Ask]) -> list[Piece]:
    """Every piece once, as heavy as any ask has it."""
    found: dict[str, Piece] = {}
    for piece in (piece for ask in asks for piece in ask.pieces):
        if piece.text not in found or piece.weight > found[piece.text].weight:
            found[piece.text] = piece
    return list(found.values())


def _says(piece: Piece, text: str) -> bool:
    return any(form in text for form in piece.forms)
