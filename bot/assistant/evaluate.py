"""Measure the assistant on a file of questions (one JSON object a line, as in ``../shared/questions/README.md``).

Rules:

* A question is right when everything that applies to it is right: its facts stand in the answer (folded) and no
  forbidden word does; one without an answer is refused; an expiry notice that is due is there; quotes are exact.
* Citations are counted by themselves: does the expected quote stand in a cited passage, and in the very words quoted?
  The quotes of ``extra_sources`` are counted apart.
* Latency is what the assistant says it took; percentiles are nearest-rank.

Source: issue 3 §3. What people read is made by ``scoreboard``.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.assistant.answer import Answer, Citation
from bot.assistant.cases import Case
from bot.assistant.engine import Assistant
from index.errors import PolicyError
from index.policies.library import Library
from index.policies.model import Document
from index.search.analyzer import simplified

_EXPIRED = re.compile(r"届满|过期|失效|到期|不再有效|废止")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question went; None: does not apply."""

    case: Case
    answer: Answer
    facts_found: bool | None
    quote_cited: bool | None
    """Whether the expected quote stands in a cited passage."""
    quote_shown: bool | None
    """Whether it stands in the words quoted."""
    extra_cited: int
    """How many quotes of ``extra_sources`` stand in a cited passage."""
    refused: bool | None
    notice_given: bool | None
    citations_exact: bool
    problems: tuple[str, ...]
    """What went wrong, in Chinese; a citation that does not hold the expected quote is named here too."""

    @property
    def right(self) -> bool:
        applied = (self.facts_found, self.refused, self.notice_given, self.citations_exact)
        return all(value is not False for value in applied)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.case.id,
            "type": self.case.kind,
            "answerable": self.case.answerable,
            "right": self.right,
            "facts_found": self.facts_found,
            "quote_cited": self.quote_cited,
            "quote_shown": self.quote_shown,
            "extra_quotes": len(self.case.extra_quotes),
            "extra_quotes_cited": self.extra_cited,
            "refused": self.refused,
            "notice_given": self.notice_given,
            "citations_exact": self.citations_exact,
            "problems": list(self.problems),
            "ask": self.answer.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts over some outcomes."""

    questions: int
    right: int
    answerable: int
    answerable_right: int
    answerable_refused: int
    answered_wrong: int
    cited: int
    """Answered questions for which the file expects a quote …"""
    citation_right: int
    """… how many of them cite its passage, …"""
    citation_shown: int
    """… and how many quote its very words."""
    extra_quotes: int
    extra_quotes_cited: int
    unanswerable: int
    unanswerable_refused: int
    notices_required: int
    notices_missing: int

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "Tally":
        answerable = [one for one in outcomes if one.case.answerable]
        answered = [one for one in answerable if one.answer.answered]
        others = [one for one in outcomes if not one.case.answerable]
        return cls(
            questions=len(outcomes),
            right=sum(one.right for one in outcomes),
            answerable=len(answerable),
            answerable_right=sum(one.right for one in answerable),
            answerable_refused=len(answerable) - len(answered),
            answered_wrong=sum(not one.right for one in answered),
            cited=sum(one.quote_cited is not None for one in answered),
            citation_right=sum(one.quote_cited is True for one in answered),
            citation_shown=sum(one.quote_shown is True for one in answered),
            extra_quotes=sum(len(one.case.extra_quotes) for one in answered),
            extra_quotes_cited=sum(one.extra_cited for one in answered),
            unanswerable=len(others),
            unanswerable_refused=sum(one.refused is True for one in others),
            notices_required=sum(one.notice_given is not None for one in answered),
            notices_missing=sum(one.notice_given is False for one in answered),
        )

    def to_json(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Evaluation:
    outcomes: tuple[Outcome, ...]

    def tally(self) -> Tally:
        return Tally.of(self.outcomes)

    def by_type(self) -> dict[str, Tally]:
        kinds = sorted({one.case.kind for one in self.outcomes})
        return {kind: Tally.of([one for one in self.outcomes if one.case.kind == kind]) for kind in kinds}

    def failures(self) -> tuple[Outcome, ...]:
        """The questions that went wrong, and the right ones that do not cite the expected quote."""
        return tuple(one for one in self.outcomes if one.problems)

    def latency(self) -> dict[str, float]:
        times = sorted(one.answer.elapsed_ms for one in self.outcomes)
        return {f"p{share}_ms": _percentile(times, share) for share in (50, 95)} | {"max_ms": _percentile(times, 100)}

    def summary(self) -> dict[str, Any]:
        return {
            **self.tally().to_json(),
            **self.latency(),
            "by_type": {kind: tally.to_json() for kind, tally in self.by_type().items()},
            "wrong": [one.case.id for one in self.outcomes if not one.right],
            "citation_missing": [one.case.id for one in self.outcomes if one.right and one.problems],
        }

    def to_json(self) -> dict[str, Any]:
        return {"summary": self.summary(), "questions": [one.to_json() for one in self.outcomes]}


def evaluate(assistant: Assistant, library: Library, cases: Iterable[Case], *, as_of: date) -> Evaluation:
    """Ask every question on its own day (``as_of`` where it names none). Raises PolicyError for an empty library."""
    documents = {document.id: document for document in library.documents()}
    if not documents:
        raise PolicyError(
            "政策库里还没有文件，无法检验。", next_step="请先用 policies add 添加政策文件。", code="LIBRARY_EMPTY"
        )
    outcomes = []
    for case in cases:
        answer = assistant.ask(case.question, as_of=case.as_of or as_of, context=case.context)
        outcomes.append(judge(case, answer, documents))
    return Evaluation(tuple(outcomes))


def comparable(text: str) -> str:
    """The form in which facts are compared (README of the question file)."""
    folded = re.sub(r"\s+", "", simplified(unicodedata.normalize("NFKC", text)))
    folded = re.sub(r"[〔［【\[]", "(", folded)
    return re.sub(r"[“”]", '"', re.sub(r"[〕］】\]]", ")", folded))


def judge(case: Case, answer: Answer, documents: Mapping[str, Document]) -> Outcome:
    """Compare an answer with what the case expects; ``documents`` by id, as they were asked."""
    exact = all(_is_exact(citation, documents) for citation in answer.citations)
    inexact = () if exact else ("引文与原文不是逐字一致",)
    if not case.answerable:
        invented = (f"应当拒答，却作答（引《{answer.citations[0].document}》）",) if answer.answered else ()
        return Outcome(case, answer, None, None, None, 0, not answer.answered, None, exact, (*invented, *inexact))
    if not answer.answered:
        return Outcome(case, answer, False, None, None, 0, None, None, exact, ("没有作答",))
    wrong = _wrong_words(case, answer)
    quotes = comparable("\n".join(citation.quote for citation in answer.citations))
    passages = comparable("\n".join(_passages(citation, documents) for citation in answer.citations))
    cited = comparable(case.quote) in passages if case.quote else None
    shown = comparable(case.quote) in quotes if case.quote else None
    extra = sum(comparable(quote) in passages for quote in case.extra_quotes)
    notice = bool(_EXPIRED.search("".join((answer.answer, *answer.notices)))) if case.expiry_notice_required else None
    told = (*["引用的段落里没有应引的原文"] * (cited is False), *["没有提示文件已失效"] * (notice is False))
    return Outcome(case, answer, not wrong, cited, shown, extra, None, notice, exact, (*wrong, *told, *inexact))


def _is_exact(citation: Citation, documents: Mapping[str, Document]) -> bool:
    document = documents.get(citation.source)
    return document is not None and document.source[citation.start : citation.end] == citation.quote


def _passages(citation: Citation, documents: Mapping[str, Document]) -> str:
    """The whole text of the passages that a citation quotes from."""
    document = documents.get(citation.source)
    passages = document.passages if document else ()
    touched = [one for one in passages if one.start < citation.end and citation.start < one.end]
    return document.source[touched[0].start : touched[-1].end] if document and touched else citation.quote


def _wrong_words(case: Case, answer: Answer) -> tuple[str, ...]:
    """The facts that the answer lacks, the forbidden words it has."""
    text = comparable(answer.answer)
    missing = [fact for fact in case.facts if not any(comparable(one) in text for one in fact.split("||"))]
    forbidden = [word for word in case.forbidden if comparable(word) in text]
    lacking = f"缺少要点：{'、'.join(fact.replace('||', ' 或 ') for fact in missing)}"
    present = f"出现了不该有的内容：{'、'.join(forbidden)}"
    return (*[lacking] * bool(missing), *[present] * bool(forbidden))


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """Nearest rank."""
    return round(ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)], 2) if ordered else 0.0
