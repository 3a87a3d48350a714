"""The files of the benchmark: passages as documents, questions with the passages that answer them.

A corpus is JSON lines (plain or gzip) of ``{"id", "title", "path", "art", "text"}``; questions are JSON lines of
``{"id", "text", "relevant", "split"}``, ``relevant`` naming corpus ids. Passages of one title become one ``Document``,
in the order of the file, each under its title, path and article.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from index.policies.model import Document, Passage, PassageKind, Validity


class BenchError(Exception):
    """A file of the benchmark that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One passage of the corpus."""

    id: str
    title: str
    path: tuple[str, ...]
    art: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question and the corpus ids that answer it."""

    id: str
    text: str
    relevant: frozenset[str]


Place = tuple[str, int]
"""A passage as the index names it: document id and number."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The corpus as documents, and where each corpus id went."""

    documents: tuple[Document, ...]
    places: dict[str, Place]

    @property
    def passages(self) -> int:
        return len(self.places)

    def relevant(self, question: Question) -> frozenset[Place | str]:
        """The places that answer a question; an id the corpus lacks stays as it is, and is never found."""
        return frozenset(self.places.get(name, name) for name in question.relevant)


def read_rows(path: Path, limit: int | None = None) -> list[Row]:
    """The first ``limit`` passages of a corpus file."""
    rows = [
        Row(
            str(line["id"]), str(line["title"]), tuple(line.get("path") or ()), str(line.get("art") or ""), line["text"]
        )
        for line, _ in zip(_lines(path, ("id", "title", "text")), range(limit) if limit else count(), strict=False)
    ]
    if not rows:
        raise BenchError(f"{path}: no passages")
    return rows


def read_questions(path: Path) -> list[Question]:
    """The questions of a file; each names a passage that answers it."""
    questions = [
        Question(str(line["id"]), line["text"], frozenset(map(str, line["relevant"])))
        for line in _lines(path, ("id", "text", "relevant"))
    ]
    if unanswered := [question.id for question in questions if not question.relevant]:
        raise BenchError(f"{path}: question {unanswered[0]} names no relevant passage")
    if not questions:
        raise BenchError(f"{path}: no questions")
    return questions


def as_corpus(rows: Sequence[Row]) -> Corpus:
    """One document for each title; ids are the title's beginning and a hash, as in the library."""
    titles: dict[str, list[Row]] = {}
    for row in rows:
        titles.setdefault(row.title, []).append(row)
    documents = tuple(_document(title, members) for title, members in titles.items())
    places = {
        row.id: (document.id, number)
        for document, members in zip(documents, titles.values(), strict=True)
        for number, row in enumerate(members)
    }
    if len(places) != len(rows):
        raise BenchError("corpus ids are not distinct")
    return Corpus(documents, places)


def _document(title: str, rows: Sequence[Row]) -> Document:
    name = f"{title[:20]}-{sha256(title.encode()).hexdigest()[:8]}"
    source = "".join(f"{row.text}\n" for row in rows)
    passages: list[Passage] = []
    start = 0
    for number, row in enumerate(rows):
        end = start + len(row.text) + 1
        heading = (title, *row.path, *filter(None, (row.art,)))
        passages.append(Passage(name, number, PassageKind.PARAGRAPH, heading, start, end))
        start = end
    return Document(
        *(name, title, None, None, None, None, None, source, tuple(passages), Validity(), "bench", "0" * 64),
    )


def _lines(path: Path, needed: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    found = json.loads(line)
                    if not all(key in found for key in needed):
                        raise BenchError(f"{path}: line {number} lacks one of {', '.join(needed)}")
                    yield found
    except (OSError, EOFError, ValueError) as error:
        raise BenchError(f"{path}: line {number + 1} cannot be read: {error}") from error
