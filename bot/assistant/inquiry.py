"""Answering one question from the passages found for it: what answers, and what nothing answers.

1. Rows of a table are looked up where the question asks for all of a value (``tables``), headings where it counts a
   list that a text gives as headings (``headed``).
2. Else the passages are weighed; the best of those that can answer at all, by the kind of answer and the unit of a
   number they hold (``measures``), answers, if sure enough, with the next one where it comes close.
3. What that passage does not show is asked for by itself; what still lacks is returned.
4. A list that a text gives twice and differently is shown twice (``annexes``).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.assistant import wording
from bot.assistant.annexes import concerned
from bot.assistant.covering import covers, stands
from bot.assistant.deciding import Decision, Ranked, Weights, decide
from bot.assistant.evidence import Evidence
from bot.assistant.headed import headed, lists, named_count
from bot.assistant.lexicon import Kind, Lexicon
from bot.assistant.matching import THERE, Matcher
from bot.assistant.measures import asked_measures, holds
from bot.assistant.question import Ask, Question
from bot.assistant.quoting import Part, disagreement_part, headed_part, passage_part, rows_part
from bot.assistant.tables import counts_column, reverse_lookup
from bot.assistant.weighing import Candidate, Known, Weighed, Weighing
from bot.assistant.words import Role
from index.policies.model import Document, State

PREFERENCE = {State.IN_FORCE: 0.7, State.UNSTATED: 0.4}
OF_DOUBTFUL_ORIGIN = -0.2
SAME_DOCUMENT = 0.5
"""What the ask before was answered from goes first, in units of ``deciding``'s score."""
_ORDINAL = re.compile(r"第|首")
_BODY = re.compile(r"[一-鿿]{2,8}(?:局|委|厅|署|支队|法院|银行|协会)")
_FORMED = (Kind.WHO, Kind.WHEN, Kind.HOW_LONG, Kind.HOW_OFTEN, Kind.AMOUNT, Kind.FEE, Kind.HOW_MANY)
"""Kinds whose answers have a form of their own: without it a passage cannot answer."""
ALSO_SAYS = 0.15
"""A text of another place has a rule of its own if its passage gets this share of the first one's."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question, the passages found for it and what judges them. ``state_of``: what a document is on ``as_of``."""

    question: Question
    as_of: date
    pool: tuple[Document, ...]
    candidates: tuple[Candidate, ...]
    lexicon: Lexicon
    matcher: Matcher
    known: Known
    weights: Weights
    state_of: Callable[[str], State]

    @property
    def units(self) -> list[Evidence]:
        return [unit for candidate in self.candidates for unit in candidate.units]


def answer(inquiry: Inquiry) -> tuple[list[Part], list[Ask]]:
    """What answers, and the asks that nothing answers."""
    listed = [(ask, _listed(ask, inquiry)) for ask in inquiry.question.asks]
    parts = [part for _, part in listed if part]
    left = replace(inquiry.question, asks=tuple(ask for ask, part in listed if part is None))
    lacking: list[Ask] = []
    if left.asks:
        found, lacking = _from_passages(left, inquiry, parts)
        parts = [*parts, *found]
    quoted = [citation for part in parts for citation in part.citations]
    return [*parts, *map(disagreement_part, concerned(inquiry.question.folded, quoted))], lacking


def _listed(ask: Ask, inquiry: Inquiry) -> Part | None:
    """The rows of a table for a value, or the headings that are the list counted; unless a passage says it in words."""
    in_force_first = sorted(inquiry.pool, key=lambda one: -PREFERENCE.get(inquiry.state_of(one.id), 0.0))
    rows = reverse_lookup(ask, in_force_first)
    if rows is not None:
        passing = inquiry.matcher.answers(ask, inquiry.units)
        return None if any(counts_column(ask, match.evidence, rows) for match in passing) else rows_part(rows)
    items, count = headed(ask, in_force_first), named_count(ask)
    if items is None or count is None:
        return None
    passing = inquiry.matcher.answers(ask, inquiry.units)
    return None if any(lists(match.evidence.text, count) for match in passing) else headed_part(items)


def _from_passages(question: Question, inquiry: Inquiry, earlier: Sequence[Part]) -> tuple[list[Part], list[Ask]]:
    decision = _decide(question, inquiry, earlier)
    chosen = _of_one_place(decision.chosen, question) if decision.answers else ()
    parts = [_part(one, question, inquiry) for one in chosen]
    if chosen:
        parts[0] = replace(parts[0], notices=_elsewhere(decision.ranked, inquiry))
    if len(question.asks) == 1:
        return parts, [] if chosen else list(question.asks)
    lacking = []
    for ask in question.asks:
        own = _alone(ask, inquiry, [*earlier, *parts])
        if own is not None and all(own.candidate is not one.candidate for one in chosen):
            parts.append(_part(own, replace(question, asks=(ask,)), inquiry))
        elif own is None and not any(_shows(one, ask, inquiry.lexicon) for one in chosen):
            lacking.append(ask)
    return parts, lacking


def _alone(ask: Ask, inquiry: Inquiry, earlier: Sequence[Part]) -> Weighed | None:
    """What answers one ask of several by itself, after what answered the others."""
    decision = _decide(replace(inquiry.question, asks=(ask,)), inquiry, earlier)
    return decision.chosen[0] if decision.answers else None


def _part(one: Weighed, question: Question, inquiry: Inquiry) -> Part:
    return passage_part(one, question, inquiry.matcher, inquiry.lexicon, inquiry.as_of)


def weighed(question: Question, inquiry: Inquiry) -> list[tuple[Weighed, bool]]:
    """Every passage found, weighed for ``question``, and whether it can answer at all."""
    every = Weighing(question, inquiry.lexicon, inquiry.matcher, inquiry.known).weigh(inquiry.candidates)
    return [(one, _can_answer(one.candidate, question, inquiry)) for one in every]


def _decide(question: Question, inquiry: Inquiry, earlier: Sequence[Part]) -> Decision:
    every = weighed(question, inquiry)
    able = {one.candidate.key for one, may in every if may}
    quoted = {document.id for part in earlier for document, _, _ in part.citations}

    def preference(one: Weighed) -> float:
        document = one.candidate.units[0].document
        bonus = PREFERENCE.get(inquiry.state_of(document.id), 0.0) + SAME_DOCUMENT * (document.id in quoted)
        return bonus + OF_DOUBTFUL_ORIGIN * (document.provenance is not None)

    passages = [one for one, _ in every]
    return decide(passages, inquiry.weights, lambda one: one.candidate.key in able, preference)


def _can_answer(candidate: Candidate, question: Question, inquiry: Inquiry) -> bool:
    """Whether the passage holds the unit of the number asked for, and what one of the asks needs to be answered.

    A row says nothing but its cells: it must hold everything that is asked.
    """
    if not holds(candidate.own, asked_measures(" ".join(ask.text for ask in question.asks))):
        return False
    if not _names_bodies(candidate, question):
        return False
    if candidate.units[0].row:
        return any(inquiry.matcher.holds_all(ask, candidate.units[0]) for ask in question.asks)
    return any(_may_answer(candidate, ask, inquiry) for ask in question.asks)


def _names_bodies(candidate: Candidate, question: Question) -> bool:
    """What is asked of one body (市公安局) is not answered by what a text says of another."""
    bodies = [piece for ask in question.asks for piece in ask.pieces if _BODY.fullmatch(piece.text)]
    return all(any(form in candidate.everything for form in piece.forms) for piece in bodies)


def _may_answer(candidate: Candidate, ask: Ask, inquiry: Inquiry) -> bool:
    """Whether a unit has the form of the answer, tied to what is asked; a period asked yes or no stands there."""
    if ask.kind is Kind.YES_NO:
        exact = [piece for piece in ask.pieces if piece.hard and not _ORDINAL.match(piece.text)]
        said = all(any(stands(form, candidate.everything) for form in piece.forms) for piece in exact)
        return said and _speaks_of_act(candidate, ask, inquiry)
    return ask.kind not in _FORMED or any(inquiry.matcher.shows(ask, unit) for unit in candidate.units)


def _speaks_of_act(candidate: Candidate, ask: Ask, inquiry: Inquiry) -> bool:
    """Whether something may be done (可以卖吗) is answered only where one of the acts asked about is spoken of."""
    passed_over = inquiry.lexicon.generic | inquiry.lexicon.light
    acts = [piece for piece in ask.pieces if piece.role is Role.ACT and piece.content and piece.text not in passed_over]
    text = inquiry.matcher.text_of(candidate.everything)
    return not acts or any(covers(piece, text, passed_over) >= THERE for piece in acts)


def _shows(weighed: Weighed, ask: Ask, lexicon: Lexicon) -> bool:
    """Whether the passage has the kind of answer ``ask`` wants, in the unit it asks for."""
    rule, own = lexicon.rule(ask.kind), weighed.candidate.own
    shown = rule is None or weighed.candidate.units[0].row or rule.answered_by(own)
    return shown and holds(own, asked_measures(ask.text))


def _of_one_place(chosen: Sequence[Weighed], question: Question) -> tuple[Weighed, ...]:
    """Rules of two places are never mixed: without a place named, the first one's only (``_elsewhere`` says so)."""
    places = [one.candidate.units[0].document.place for one in chosen]
    same = (one for one, place in zip(chosen, places, strict=True) if question.places or place in (None, places[0]))
    return tuple(same)


def _elsewhere(ranked: Sequence[Ranked], inquiry: Inquiry) -> tuple[str, ...]:
    """Whose rule it is, where the question names no place and texts of other places speak of the matter too."""
    first, *others = ranked
    place = first.weighed.candidate.units[0].document.place
    if inquiry.question.places or place is None:
        return ()
    close = (one.weighed.candidate.units[0].document.place for one in others if one.share >= ALSO_SAYS * first.share)
    named = dict.fromkeys(other for other in close if other and other != place)
    return (wording.elsewhere(place, tuple(named)),) if named else ()
