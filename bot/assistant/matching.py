"""Does this unit answer this question? Evidence coverage, not a score threshold.

A unit answers an ask when

1. every hard piece (title, quoted words, year, 第二批) stands in the unit, its headings or its document's title;
2. it shows the kind of answer asked for, with the unit of a number, tied to the same relation (``relations``);
3. its content pieces are covered (``covering``), weighted by what they say: things before acts before qualities;
   what is not covered says little (``DISPENSABLE``), and is not what is asked for;
4. what the office's texts know as one name stands there as that name (信用评价报告 is not 信用 + 评价 + 报告);
5. enough of it stands in the unit itself or its own heading, not only in the title.

A unit that lacks nothing passes *fully*; one that lacks something dispensable passes *nearly*, and the engine takes it
only where no other passage comes close. The score orders the units that pass (``ranking``).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from bot.assistant.covering import Text, covers
from bot.assistant.evidence import Evidence
from bot.assistant.lexicon import Kind, Lexicon
from bot.assistant.pieces import Piece
from bot.assistant.question import Ask
from bot.assistant.ranking import bonus
from bot.assistant.relations import introduces, is_year, names_relation, of_itself, related
from bot.assistant.tables import row_number
from bot.assistant.words import Role
from index.policies.markers import number_of

IN_UNIT, NEAR, FAR, AROUND = 1.0, 0.9, 0.55, 0.6
BEFORE_NOTE = 0.85
"""What stands before a responsibility note is its matter, but a heading names the matter of all below it first."""
ONE_MATTER_CHARACTERS, ONE_MATTER = 100, 0.75
"""A passage this short is about one matter: what its other sentence names, this sentence is about."""
THERE = 0.24
"""Below this a piece is missing."""
NOT_AS_NAME = 0.3
ENOUGH, ENOUGH_IF_YES_NO = 0.6, 0.66
SPOKEN_OF = 0.5
"""What is asked for, or stands beside the question word, must be said in the unit or beside it, at least so well."""
DISPENSABLE, DISPENSABLE_HERE, HARDLY = 0.45, 0.4, 0.2
"""Share of what was asked that may be missing: where one passage stands out; of the clause that asks; anyway."""
OWN_SHARE = 0.45
SAID_HERE, HALF = 0.65, 0.45
NEIGHBOURHOOD = 80
_NOTES_ANSWER = (Kind.WHO, Kind.WHEN, Kind.LIST, Kind.HOW_MANY, Kind.HOW_LONG)
_ROWS_ANSWER = (Kind.LIST, Kind.NAME, Kind.WHO)
_FIGURES = (Kind.FEE, Kind.AMOUNT, Kind.HOW_MANY, Kind.HOW_LONG)
_CHARGE = frozenset({"负责", "牵头", "责任单位", "配合", "主管"})
_ABOUT_CHARGE = (Kind.LIST, Kind.WHAT, Kind.NAME, Kind.HOW_MANY, Kind.YES_NO)
_ORDINAL = re.compile(r"第([0-9]+|[一二三四五六七八九十百]+)(?:项|行|条|号|个)")
_ANY = frozenset({"文件", "政策", "制度", "标准", "规定"})
_STRICT_SOFT = (Kind.YES_NO, Kind.WHEN, Kind.HOW_LONG, Kind.HOW_OFTEN, Kind.WHERE)
_OPEN = (Kind.WHAT, Kind.YES_NO, Kind.STATEMENT, Kind.HOW)


class Verdict(IntEnum):
    NO = 0
    NEARLY = 1
    FULLY = 2


@dataclass(frozen=True, slots=True)
class Match:
    """How well a unit answers an ask."""

    evidence: Evidence
    score: float
    verdict: Verdict
    gone: float
    """Share of what was asked that is missing."""
    missing: tuple[str, ...]
    held: float
    """Share of what was asked that stands in the unit or its own heading, by weight."""

    @property
    def passes(self) -> bool:
        return self.verdict is not Verdict.NO


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of an ask a unit covers: each piece with its weight and its value from 0 to 1."""

    pieces: tuple[Piece, ...]
    weights: tuple[float, ...]
    values: tuple[float, ...]
    here: tuple[float, ...]
    """The values without what only the title, the place or the date of the document says."""

    def share(self, counts: Callable[[Piece], bool], least: float | None = None) -> float:
        """The covered share of the pieces that count; with ``least`` a piece is covered wholly or not at all."""
        of = [(w, v) for p, w, v in zip(self.pieces, self.weights, self.values, strict=True) if counts(p)]
        total = sum(weight for weight, _ in of)
        if total == 0:
            return 1.0
        return sum(w * (v if least is None else v >= least) for w, v in of) / total

    def unsaid(self, counts: Callable[[Piece], bool]) -> list[Piece]:
        """The pieces that neither the unit nor what stands beside it speaks of."""
        return [p for p, v in zip(self.pieces, self.here, strict=True) if counts(p) and v < SPOKEN_OF]

    def missing(self, counts: Callable[[Piece], bool], least: float = THERE) -> list[Piece]:
        return [p for p, v in zip(self.pieces, self.values, strict=True) if counts(p) and v < least]


@dataclass(frozen=True, slots=True)
class Matcher:
    """Judges units against asks. ``phrase_known`` says whether the searched texts hold a phrase as such."""

    lexicon: Lexicon
    weight: Callable[[str], float]
    phrase_known: Callable[[str], bool]
    text_of: Callable[[str], Text]

    def match(self, ask: Ask, unit: Evidence) -> Match:
        coverage = self._coverage(ask, unit)
        verdict = self._verdict(ask, unit, coverage) if self.shows(ask, unit) else Verdict.NO
        score = coverage.share(lambda piece: True) + bonus(ask, unit, self._introduced(ask, unit.text))
        required = _required(ask)
        missing = tuple(piece.text for piece in coverage.missing(required))
        return Match(unit, score, verdict, 1 - coverage.share(required, THERE), missing, coverage.share(required))

    def answers(self, ask: Ask, units: Sequence[Evidence]) -> list[Match]:
        """The units that answer ``ask``, fully or nearly."""
        matches = (self.match(ask, unit) for unit in units if self.shows(ask, unit))
        return [match for match in matches if match.passes]

    def holds_all(self, ask: Ask, unit: Evidence) -> bool:
        """Whether nothing that the asking clause requires is missing from the unit, its headings and its title."""
        required, number = _required(ask), row_number(unit.passage).strip("第行")

        def counts(piece: Piece) -> bool:
            ordinal = _ORDINAL.fullmatch(piece.text)
            named = ordinal is not None and str(number_of(ordinal.group(1))) == number
            return required(piece) and not piece.told and not named

        return not self._coverage(ask, unit).missing(counts)

    def whole_rule(self, ask: Ask, unit: Evidence, units: Sequence[Evidence]) -> tuple[int, int]:
        """The span to quote. Figures: with the neighbouring sentences that answer too, rule and exception together."""
        start, end = unit.span
        if ask.kind not in _FIGURES or unit.row or unit.note:
            return start, end
        same = [one for one in units if one.passage is unit.passage and self._answers_beside(ask, one)]
        for one in sorted(same, key=lambda one: abs(one.start - unit.start)):
            if abs(one.start - end) <= 1 or abs(start - one.end) <= 1:
                start, end = min(start, one.start), max(end, one.end)
        return start, end

    def _answers_beside(self, ask: Ask, unit: Evidence) -> bool:
        rule = self.lexicon.rule(ask.kind)
        told = ask.kind is Kind.FEE and rule is not None and rule.answered_by(unit.text)
        return told or self.match(ask, unit).verdict is Verdict.FULLY

    def _coverage(self, ask: Ask, unit: Evidence) -> Coverage:
        here = [self._value(piece, unit) for piece in ask.pieces]
        far = self.text_of(unit.far)
        values = [max(v, FAR * self._covers(p, far)) for p, v in zip(ask.pieces, here, strict=True)]
        for members in _names(ask.pieces):
            words = [ask.pieces[place].text for place in members]
            if self.phrase_known("".join(words)) and not _named(words, unit):
                for place in members:
                    values[place] *= NOT_AS_NAME
        weights = tuple(piece.weight * self.weight(piece.text) for piece in ask.pieces)
        return Coverage(ask.pieces, weights, tuple(values), tuple(here))

    def _verdict(self, ask: Ask, unit: Evidence, coverage: Coverage) -> Verdict:
        required = _required(ask)
        if any(piece.hard for piece in coverage.missing(required)):
            return Verdict.NO
        if not self._placed(ask, unit, coverage) or not self._relation_said(ask, coverage):
            return Verdict.NO
        if any(piece.asked or piece.focus for piece in coverage.unsaid(required)):
            return Verdict.NO
        share = coverage.share(required)
        strict = ask.kind in (Kind.YES_NO, Kind.STATEMENT)
        lacking = [piece for piece in coverage.missing(required) if piece.weight >= (HALF if strict else SAID_HERE)]
        gone = 1 - coverage.share(required, THERE)
        enough = share >= (ENOUGH_IF_YES_NO if strict else ENOUGH) and gone <= HARDLY
        if not lacking and enough and self._soft_enough(ask, coverage):
            return Verdict.FULLY
        return Verdict.NEARLY if gone <= DISPENSABLE and self._case_only(ask, coverage, lacking, strict) else Verdict.NO

    def _case_only(self, ask: Ask, coverage: Coverage, lacking: Sequence[Piece], strict: bool) -> bool:
        """Whether what is missing only tells the case: nothing beside the focus, little of the clause that asks."""
        if any(piece.text in _beside_focus(ask) for piece in lacking):
            return False
        if strict and not all(piece.told for piece in lacking):
            return False
        required = _required(ask)
        return 1 - coverage.share(lambda piece: required(piece) and not piece.told, THERE) <= DISPENSABLE_HERE

    def _soft_enough(self, ask: Ask, coverage: Coverage) -> bool:
        """Where every word counts, half of the soft ones stand in the unit too; a kind of document is its own."""
        of = [(p, v) for p, v in zip(coverage.pieces, coverage.values, strict=True) if not p.content and not p.told]
        nouns = tuple(noun for noun in self.lexicon.document_nouns if len(noun) > 1 and noun not in _ANY)
        kinds = [v for p, v in of if p.text.endswith(nouns)]
        if kinds and not any(kinds):
            return False
        soft = [v for p, v in of if len(p.text) > 1 and p.text not in self.lexicon.generic]
        soft = [v for p, v in of if p.weight >= 0.2 and not names_relation(ask.kind, p.text)] if soft else []
        return ask.kind not in _STRICT_SOFT or not soft or sum(v >= SAID_HERE for v in soft) * 2 >= len(soft)

    def _placed(self, ask: Ask, unit: Evidence, coverage: Coverage) -> bool:
        """Whether enough stands in the unit itself, close together where the question is open."""
        own = self._own_share(ask, coverage)
        counted_only = bool(ask.units) and not ask.content
        if own < OWN_SHARE and not counted_only and not self._titled(ask, unit) and not of_itself(ask.content, unit):
            return False
        if ask.kind in _OPEN and not unit.row and not self._close(ask, unit):
            return False
        return ask.kind is not Kind.LIST or self._led_in(ask, unit)

    def _own_share(self, ask: Ask, coverage: Coverage) -> float:
        """Of what is covered at all: the share that the unit or its own heading covers, not the sentences around."""
        required = _required(ask)
        of = zip(coverage.pieces, coverage.weights, coverage.values, coverage.here, strict=True)
        there = [(w, v, h) for p, w, v, h in of if required(p) and not is_year(p.text) and v >= THERE]
        inside = sum(w * (h > AROUND) for w, _, h in there)
        beside = sum(w * (THERE <= h <= AROUND) for w, _, h in there)
        titled = sum(w for w, _, h in there if h < THERE)
        return inside / (inside + beside + titled / 2) if inside else 0.0

    def _titled(self, ask: Ask, unit: Evidence) -> bool:
        """Fees: a regulation about one thing, its title, says of that thing 不收取任何费用 without naming it again."""
        return ask.kind is Kind.FEE and all(any(form in unit.far for form in piece.forms) for piece in ask.content)

    def _led_in(self, ask: Ask, unit: Evidence) -> bool:
        """A list with its items is about what announces it, not about the words of its items."""
        lead, _, items = unit.text.partition("\n")
        about = self.text_of(f"{lead} {unit.near} {unit.far}")
        said = [self._covers(piece, about) >= SPOKEN_OF for piece in ask.content if piece.weight >= SAID_HERE]
        return not items or sum(said) * 3 >= len(said) * 2

    def _close(self, ask: Ask, unit: Evidence) -> bool:
        """Open questions: what is found in the unit stands close together, in the lead of a list and one item."""
        lead, *items = unit.text.split("\n")
        return any(_together(ask, f"{lead}{item}", unit.text) for item in items or [""])

    def _relation_said(self, ask: Ask, coverage: Coverage) -> bool:
        """由谁牵头 needs 牵头 (or a written form of it) in the unit: who does something is not who does anything."""
        charged = ask.kind is Kind.WHO or ask.kind in _ABOUT_CHARGE
        return not charged or all(
            value >= SAID_HERE
            for piece, value in zip(coverage.pieces, coverage.values, strict=True)
            if not _CHARGE.isdisjoint(piece.forms)
        )

    def _value(self, piece: Piece, unit: Evidence) -> float:
        """Where the piece stands: 1 in the unit, less in its heading or in the sentences around, 0 nowhere.

        A note's own text names units and dates; its matter stands before it.
        """
        matter = unit.note and piece.content and _CHARGE.isdisjoint(piece.forms)
        beside = unit.note or not piece.hard
        zones = ((unit.text, IN_UNIT * (not matter)), (unit.near, NEAR), (unit.around, self._around(unit) * beside))
        best = 0.0
        for text, worth in zones:
            if worth > best:
                best = max(best, worth * self._covers(piece, self.text_of(text)))
        return best

    def _covers(self, piece: Piece, text: Text) -> float:
        return covers(piece, text, self.lexicon.headless)

    def _around(self, unit: Evidence) -> float:
        if unit.note:
            return BEFORE_NOTE
        return ONE_MATTER if len(unit.around) <= ONE_MATTER_CHARACTERS else AROUND

    def shows(self, ask: Ask, unit: Evidence) -> bool:
        """Whether the unit shows the kind of answer asked for, tied to the same relation."""
        rule = self.lexicon.rule(ask.kind)
        if rule is None:
            return True
        if unit.note and ask.kind not in _NOTES_ANSWER:
            return False
        shown = rule.answered_by(unit.text) or (unit.row and ask.kind in _ROWS_ANSWER)
        if not shown and not (ask.kind is Kind.LIST and self._introduced(ask, unit.text)):
            return False
        return related(ask, unit)

    def _introduced(self, ask: Ask, text: str) -> bool:
        return any(introduces(text, form) for form in ask.term)


def _required(ask: Ask) -> Callable[[Piece], bool]:
    """What a text must say: the content of the ask; where it has none, everything."""
    content = bool(ask.content)
    return lambda piece: piece.content or not content


def _beside_focus(ask: Ask) -> frozenset[str]:
    """The words that directly follow the focus or lead to it: 盖 + 公章."""
    near: set[str] = set()
    for left, right in pairwise(ask.pieces):
        if right.follows and (left.focus or right.focus):
            near.update((left.text, right.text))
    return frozenset(near)


def _named(words: Sequence[str], unit: Evidence) -> bool:
    """Whether the words stand in the unit or around it as one name, at most two characters (…的…) between them."""
    name = re.compile("[^,。;、]{0,2}".join(map(re.escape, words)))
    return any(name.search(text) for text in (unit.text, unit.near, unit.around, unit.far))


def _names(pieces: Sequence[Piece]) -> list[tuple[int, ...]]:
    """Runs of things that directly follow each other, which may be one name: the whole run and its parts."""
    runs: list[list[int]] = []
    for place, piece in enumerate(pieces):
        thing = piece.role is Role.THING and not piece.hard and len(piece.text) > 1
        if thing and piece.follows and runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        elif thing:
            runs.append([place])
    parts = ((run[start:end]) for run in runs for start in range(len(run)) for end in range(start + 2, len(run) + 1))
    return [tuple(part) for part in parts]


def _together(ask: Ask, text: str, whole: str) -> bool:
    found = [[text.find(form) for form in piece.forms if form in text] for piece in ask.content]
    if any(not there and any(f in whole for f in p.forms) for p, there in zip(ask.content, found, strict=True)):
        return False
    places = [place for place in found if place]
    if len(places) < 2:
        return True
    spread = max(min(abs(one - other) for other in places[0] for one in place) for place in places[1:])
    return spread <= NEIGHBOURHOOD
