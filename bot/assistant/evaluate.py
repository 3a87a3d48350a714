"""Measure the assistant on a file of questions (one JSON object a line, as in ``../shared/questions/README.md``).

Per question: facts found in the answer (folded), the expected quote inside a cited span, the right refusals, the expiry
notice, latency. A question is right when everything that applies to it is right.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.assistant.answer import Answer, Role, Turn
from bot.assistant.engine import Assistant
from index.errors import PolicyError
from index.policies.library import Library
from index.search.analyzer import simplified

_EXPIRED = re.compile(r"届满|过期|失效|到期|不再有效|废止")
MAX_FILE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """One question of the file."""

    id: str
    question: str
    as_of: date | None
    context: tuple[Turn, ...]
    facts: tuple[str, ...]
    quotes: tuple[str, ...]
    forbidden: tuple[str, ...]
    answerable: bool
    kind: str
    expiry_notice_required: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question went; None: does not apply."""

    case: Case
    answer: Answer
    facts_found: bool | None
    quote_cited: bool | None
    refused: bool | None
    notice_given: bool | None
    citations_exact: bool

    @property
    def right(self) -> bool:
        applied = (self.facts_found, self.refused, self.notice_given, self.citations_exact)
        return all(value is not False for value in applied)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.case.id,
            "type": self.case.kind,
            "right": self.right,
            "facts_found": self.facts_found,
            "quote_cited": self.quote_cited,
            "refused": self.refused,
            "notice_given": self.notice_given,
            "citations_exact": self.citations_exact,
            "ask": self.answer.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    outcomes: tuple[Outcome, ...]

    def to_json(self) -> dict[str, Any]:
        return {"summary": self.summary(), "questions": [outcome.to_json() for outcome in self.outcomes]}

    def summary(self) -> dict[str, Any]:
        answerable = [outcome for outcome in self.outcomes if outcome.case.answerable]
        others = [outcome for outcome in self.outcomes if not outcome.case.answerable]
        answered = [outcome for outcome in answerable if outcome.answer.answered]
        times = sorted(outcome.answer.elapsed_ms for outcome in self.outcomes)
        return {
            "questions": len(self.outcomes),
            "answerable": len(answerable),
            "answerable_right": sum(outcome.right for outcome in answerable),
            "answerable_refused": len(answerable) - len(answered),
            "citation_right": sum(outcome.quote_cited is True for outcome in answered),
            "unanswerable": len(others),
            "unanswerable_refused": sum(outcome.refused is True for outcome in others),
            "notices_required": sum(outcome.case.expiry_notice_required for outcome in answerable),
            "notices_missing": sum(outcome.notice_given is False for outcome in answered),
            "p50_ms": _percentile(times, 0.5),
            "p95_ms": _percentile(times, 0.95),
            "by_type": self._by_type(),
            "wrong": [outcome.case.id for outcome in self.outcomes if not outcome.right],
        }

    def _by_type(self) -> dict[str, str]:
        total = Counter(outcome.case.kind for outcome in self.outcomes)
        right = Counter(outcome.case.kind for outcome in self.outcomes if outcome.right)
        return {kind: f"{right[kind]}/{count}" for kind, count in sorted(total.items())}


def read_cases(path: Path) -> tuple[Case, ...]:
    """The questions of a file; raises PolicyError with the line that cannot be read."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError("too large")
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise _unreadable(path, None) from error
    cases: list[Case] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                cases.append(_case(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise _unreadable(path, number) from error
    return tuple(cases)


def evaluate(assistant: Assistant, library: Library, cases: Iterable[Case], *, as_of: date) -> Evaluation:
    """Ask every question on its own day (``as_of`` where it names none)."""
    sources = {document.id: document.source for document in library.documents()}
    outcomes = []
    for case in cases:
        answer = assistant.ask(case.question, as_of=case.as_of or as_of, context=case.context)
        outcomes.append(_judge(case, answer, sources))
    return Evaluation(tuple(outcomes))


def comparable(text: str) -> str:
    """The form in which facts are compared (README of the question file)."""
    folded = re.sub(r"\s+", "", simplified(unicodedata.normalize("NFKC", text)))
    folded = re.sub(r"[〔［【\[]", "(", folded)
    return re.sub(r"[“”]", '"', re.sub(r"[〕］】\]]", ")", folded))


def _judge(case: Case, answer: Answer, sources: dict[str, str]) -> Outcome:
    text = comparable(answer.answer)
    exact = all(sources[c.source][c.start : c.end] == c.quote for c in answer.citations)
    if not case.answerable:
        return Outcome(case, answer, None, None, not answer.answered, None, exact)
    found = answer.answered and all(_has(text, fact) for fact in case.facts)
    found = found and not any(comparable(word) in text for word in case.forbidden)
    cited = comparable("".join(citation.quote for citation in answer.citations))
    quoted = all(comparable(quote) in cited for quote in case.quotes[:1]) if case.quotes else None
    notice = bool(_EXPIRED.search("".join((answer.answer, *answer.notices)))) if case.expiry_notice_required else None
    return Outcome(case, answer, found, quoted, None, notice, exact)


def _has(text: str, fact: str) -> bool:
    return any(comparable(alternative) in text for alternative in fact.split("||"))


def _case(entry: dict[str, Any]) -> Case:
    extra = entry.get("extra_sources") or []
    quotes = [quote for quote in (entry.get("source_quote"), *(item["quote"] for item in extra)) if quote]
    return Case(
        id=str(entry["id"]),
        question=str(entry["question"]),
        as_of=date.fromisoformat(entry["as_of"]) if entry.get("as_of") else None,
        context=tuple(Turn(Role(turn["role"]), str(turn["content"])) for turn in entry.get("context") or ()),
        facts=tuple(map(str, entry.get("answer_facts") or ())),
        quotes=tuple(quotes),
        forbidden=tuple(map(str, entry.get("forbidden") or ())),
        answerable=bool(entry["answerable"]),
        kind=str(entry.get("type") or ""),
        expiry_notice_required=bool(entry.get("expiry_notice_required")),
    )


def _unreadable(path: Path, line: int | None) -> PolicyError:
    where = f"第{line}行" if line else ""
    return PolicyError(
        f"问题文件读不了：{path.name}{where}。",
        next_step="请检查是否为 UTF-8 编码、每行一个 JSON 对象，且含 id、question、answerable。",
        code="QUESTIONS_UNREADABLE",
    )


def _percentile(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2) if ordered else 0.0
