"""Experts' words as a file: one JSON object a line, to be prepared, checked and carried to another office.

    {"question": …, "text"?: …, "until"?: "2027-12-31", "citations": [{"document": ID, …}, …]}

* With ``text`` it is an approved answer, without it a confirmation of the clauses.
* A citation names its ``document`` and one of: ``start`` and ``end``; ``articles`` ("第十四条"); ``quote`` (words that
  stand there once). With ``start``, ``end`` and ``quote`` all three must agree.
* Every citation is checked against the library; a line that does not fit is named and skipped, the others land.
* A line that says what counts already changes nothing. Who imports approves: a file's ``by`` is not believed.
* What is exported can be imported again.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from index.errors import OfficeError, QuestionError
from index.policies.library import Library
from index.questions.approving import approve, counting, history
from index.questions.citing import cite, quoted, span
from index.questions.model import Approval, ApprovalKind, Cited, NewApproval
from index.questions.sameness import same_key
from index.questions.standing import require_standing
from index.questions.store import QuestionStore

FILE_BYTES_MAX = 20_000_000
LINES_MAX = 20_000
_KEYS = frozenset({"question", "kind", "text", "until", "citations", "by", "at"})


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``problems``: line number and why it was skipped."""

    added: int
    unchanged: int
    problems: tuple[tuple[int, OfficeError], ...]


def exported(words: Iterable[Approval]) -> Iterator[str]:
    """One line per answer or confirmation that counts."""
    for approval in words:
        word = approval.word
        if word.kind is not ApprovalKind.DISMISS:
            line: dict[str, Any] = {"question": approval.question, "kind": word.kind.value}
            if word.kind is ApprovalKind.ANSWER:
                line |= {"text": word.text, "until": word.until.isoformat() if word.until else None}
            line |= {"citations": [clause_json(cited) for cited in word.citations]}
            yield json.dumps(line | {"by": word.by, "at": word.at.isoformat()}, ensure_ascii=False)


def clause_json(cited: Cited) -> dict[str, Any]:
    return {
        "document": cited.document_id,
        "title": cited.title,
        "start": cited.start,
        "end": cited.end,
        "quote": cited.quote,
    }


def import_lines(
    store: QuestionStore, library: Library, lines: Iterable[tuple[int, str]], *, by: str, now: datetime
) -> ImportReport:
    """Approve every line that fits."""
    known = {(same_key(one.question), one.word.kind): _content(one.word) for one in counting(history(store))}
    added = unchanged = 0
    problems: list[tuple[int, OfficeError]] = []
    for number, text in lines:
        try:
            question, word = read_line(text, library, by=by, now=now)
            if known.get((same_key(question), word.kind)) == _content(word):
                unchanged += 1
                continue
            approve(store, question, word)
            known[same_key(question), word.kind] = _content(word)
            added += 1
        except OfficeError as problem:
            problems.append((number, problem))
    return ImportReport(added, unchanged, tuple(problems))


def lines_of(path: Path) -> tuple[tuple[int, str], ...]:
    """The lines of a file with their numbers, empty ones left out. Raises QuestionError."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise _unreadable(f"文件超过 {FILE_BYTES_MAX // 1_000_000} MB。")
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as cause:
        raise _unreadable(f"读不了文件 {path.name}。") from cause
    lines = tuple((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    if len(lines) > LINES_MAX:
        raise _unreadable(f"文件超过 {LINES_MAX} 行。")
    return lines


def read_line(text: str, library: Library, *, by: str, now: datetime) -> tuple[str, NewApproval]:
    """The question and the expert's word on it. Raises OfficeError when it does not fit."""
    try:
        facts = json.loads(text)
        if not isinstance(facts, dict) or not facts.keys() <= _KEYS:
            raise ValueError("keys")
        question, words = str(facts["question"]), str(facts.get("text") or "")
        until = date.fromisoformat(facts["until"]) if facts.get("until") else None
        citations = tuple(cited for clause in facts["citations"] for cited in _clauses(clause, library))
    except (ValueError, KeyError, TypeError, RecursionError) as cause:
        raise _unreadable("这一行不是约定的格式。") from cause
    kind = ApprovalKind.ANSWER if words.strip() else ApprovalKind.CONFIRM
    word = NewApproval(kind, by, now, words.strip(), until, citations)
    require_standing(word, library, now.date())
    return question, word


def _clauses(clause: dict[str, Any], library: Library) -> tuple[Cited, ...]:
    document, quote = str(clause["document"]), clause.get("quote")
    if "start" in clause:
        cited = span(library.get(document), int(clause["start"]), int(clause["end"]))
        if quote is not None and cited.quote != quote:
            raise QuestionError(
                f"《{cited.title}》第 {cited.start}–{cited.end} 字与所写的原文不一致。",
                next_step="请按现在的文本重新写明引用。",
                code="CITATION_CHANGED",
            )
        return (cited,)
    if quote is not None:
        return (quoted(library.get(document), str(quote)),)
    return cite(f"{library.get(document).id} {clause['articles']}", library)


def _content(word: NewApproval) -> tuple[object, ...]:
    return word.text, word.until, word.citations


def _unreadable(message: str) -> QuestionError:
    return QuestionError(
        message,
        next_step="应为 UTF-8、每行一个 JSON 对象，写明 question 和 citations（见 docs/questions.md）。",
        code="APPROVALS_UNREADABLE",
    )
