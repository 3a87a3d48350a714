"""The questions of an evaluation file: one JSON object a line, as in ``../shared/questions/README.md``.

Rules: a line that cannot be read is named by its number and stops the whole reading; keys we do not know are skipped;
``source_quote`` may be null; an empty file is an error, because nothing measured must not look like a good result.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.assistant.answer import Role, Turn
from index.errors import PolicyError

MAX_FILE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """One question and what is expected of its answer."""

    id: str
    question: str
    as_of: date | None
    context: tuple[Turn, ...]
    facts: tuple[str, ...]
    """Each must stand in the answer; ``A||B``: one of the two."""
    quote: str | None
    extra_quotes: tuple[str, ...]
    forbidden: tuple[str, ...]
    answerable: bool
    kind: str
    expiry_notice_required: bool


def read_cases(path: Path) -> tuple[Case, ...]:
    """The questions of a file; raises PolicyError with the line that cannot be read."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError("too large")
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise _unreadable(path, None) from error
    cases: list[Case] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                cases.append(_case(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise _unreadable(path, number) from error
    if not cases:
        raise _unreadable(path, None)
    return tuple(cases)


def _case(entry: dict[str, Any]) -> Case:
    if not isinstance(entry["question"], str) or not isinstance(entry["answerable"], bool):
        raise TypeError("question, answerable")
    return Case(
        id=str(entry["id"]),
        question=entry["question"],
        as_of=date.fromisoformat(entry["as_of"]) if entry.get("as_of") else None,
        context=tuple(Turn(Role(turn["role"]), str(turn["content"])) for turn in entry.get("context") or ()),
        facts=tuple(map(str, entry.get("answer_facts") or ())),
        quote=str(entry["source_quote"]) if entry.get("source_quote") else None,
        extra_quotes=tuple(str(item["quote"]) for item in entry.get("extra_sources") or () if item.get("quote")),
        forbidden=tuple(map(str, entry.get("forbidden") or ())),
        answerable=entry["answerable"],
        kind=str(entry.get("type") or "other"),
        expiry_notice_required=bool(entry.get("expiry_notice_required")),
    )


def _unreadable(path: Path, line: int | None) -> PolicyError:
    where = f"第{line}行" if line else ""
    return PolicyError(
        f"问题文件读不了：{path.name}{where}。",
        next_step="请检查是否为 UTF-8 编码、每行一个 JSON 对象，且含 id、question、answerable，并至少有一个问题。",
        code="QUESTIONS_UNREADABLE",
    )
