"""How much confirmed questions help: every question is asked of a finder that has never seen it.

Rules:

* The questions fall into ``FOLDS`` parts by a hash of their id. A part is asked with what was confirmed outside of it:
  no confirmed question with the id or the words of a question of the part is known then.
* With the questions themselves as confirmed ones that is cross-validation; with other ones, all of them are known.
* The learning curve knows only the first so many, in the order of the hash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from index.search.analyzer import fold_query
from index.search.backend import SearchBackend
from index.search.bench.corpus import Corpus, Question
from index.search.bench.metrics import DEPTH, Quality, mean, quality
from index.search.confirmed import ConfirmedQuestion
from index.search.finding import Finder

FOLDS = 5
STEPS = (0, 50, 100, 200, 400)


@dataclass(frozen=True, slots=True)
class Learned:
    """The quality with ``confirmed`` questions known (the mean over the parts)."""

    confirmed: int
    quality: Quality


def learning_curve(
    backend: SearchBackend, corpus: Corpus, questions: Sequence[Question], confirmed: Sequence[Question]
) -> list[Learned]:
    """From nothing confirmed to everything."""
    parts = [_part(questions, number) for number in range(FOLDS)]
    parts = [part for part in parts if part]
    known = [_known(confirmed, part, corpus) for part in parts]
    most = round(sum(map(len, known)) / len(known))
    steps = [step for step in STEPS if step < most]
    curve = [_learned(backend, corpus, parts, [every[:step] for every in known], step) for step in steps]
    return [*curve, _learned(backend, corpus, parts, known, most)]


def _learned(
    backend: SearchBackend,
    corpus: Corpus,
    parts: Sequence[Sequence[Question]],
    known: Sequence[tuple[ConfirmedQuestion, ...]],
    count: int,
) -> Learned:
    single = [
        quality(
            [(hit.document_id, hit.number) for hit in finder.search(question.text, DEPTH)], corpus.relevant(question)
        )
        for part, lessons in zip(parts, known, strict=True)
        for finder in [finder_with(backend, lessons)]
        for question in part
    ]
    return Learned(count, mean(single))


def finder_with(backend: SearchBackend, confirmed: tuple[ConfirmedQuestion, ...]) -> Finder:
    """The office's finder, as if these questions had been confirmed."""
    return Finder(backend, lambda: confirmed)


def as_confirmed(questions: Sequence[Question], corpus: Corpus) -> tuple[ConfirmedQuestion, ...]:
    """Questions as an expert's word; those whose passages the corpus lacks say nothing."""
    return tuple(
        ConfirmedQuestion(question.text, passages)
        for question in questions
        if (passages := tuple(corpus.places[name] for name in sorted(question.relevant) if name in corpus.places))
    )


def _part(questions: Sequence[Question], number: int) -> list[Question]:
    return _hashed(questions)[number::FOLDS]


def _known(confirmed: Sequence[Question], asked: Sequence[Question], corpus: Corpus) -> tuple[ConfirmedQuestion, ...]:
    ids, texts = {question.id for question in asked}, {fold_query(question.text) for question in asked}
    others = [one for one in _hashed(confirmed) if one.id not in ids and fold_query(one.text) not in texts]
    return as_confirmed(others, corpus)


def _hashed(questions: Sequence[Question]) -> list[Question]:
    return sorted(questions, key=lambda question: sha256(question.id.encode()).digest())
