"""Questions whose clause an expert has confirmed: what the search learns from use.

Rules:

* A confirmed question is a fact of the question log (``index.questions``): the words that were asked, and the passages
  that answer them. It is a value; nothing here reads or writes the log.
* Three lessons, all measured in docs/decisions/0084:
  1. a question like a confirmed one is probably answered by its passages, less so by others of the same document;
     asked again in the same words, it finds them first;
  2. passages that answer often answer again: a share on top of what a passage scores by its own words, never more than
     ``MOST`` each for passage and document, so that a popular passage does not draw questions it has no words for;
  3. a document that answers often, likewise.
* Adding to what is known reads only the new questions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log1p, sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.search.analyzer import fold_query, tokens
from index.search.query import CHARACTER_WEIGHT, without_function_words

Key = TypeVar("Key")
Place = tuple[str, int]
"""A passage: document id and number."""

NEAREST = 10
SAME_WORDS = 0.95
"""From this likeness on a question is the confirmed one, asked again."""
AGAIN = 2.0
SAME_DOCUMENT = 0.2
STEP, MOST = 0.1, 0.4


@dataclass(frozen=True, slots=True)
class ConfirmedQuestion:
    """A question and the passages that answer it, by an expert's word; only that counts (docs/decisions/0093)."""

    question: str
    passages: tuple[Place, ...]
    weight: float = 1.0


Confirmed = Callable[[], tuple[ConfirmedQuestion, ...]]
"""Gives what is confirmed now: the same tuple object as long as nothing has changed."""


def nothing_confirmed() -> tuple[ConfirmedQuestion, ...]:
    """The state of an office that has just begun."""
    return ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """What confirmed questions say about one question: how much speaks for each passage and each document."""

    passages: Mapping[Place, float]
    documents: Mapping[str, float]

    def worth(self, place: Place) -> float:
        """What speaks for ``place``: 1 is as much as the best passage scores by its words."""
        return self.passages.get(place, 0.0) + SAME_DOCUMENT * self.documents.get(place[0], 0.0)


class Experience:
    """All that is confirmed, ready to be asked. ``before`` saves reading its questions again."""

    def __init__(self, confirmed: Sequence[ConfirmedQuestion], before: "Experience | None" = None) -> None:
        known: Mapping[str, Mapping[str, float]] = before._read if before else {}
        self.confirmed = confirmed
        self._questions = [question for question in confirmed if question.weight > 0 and question.passages]
        texts = {question.question for question in self._questions}
        self._read: Mapping[str, Mapping[str, float]] = {
            text: known.get(text) or content_weights(text) for text in texts
        }
        self._postings = _postings([self._read[question.question] for question in self._questions])
        self._passages = _shares((place, q.weight) for q in self._questions for place in set(q.passages))
        self._documents = _shares((name, q.weight) for q in self._questions for name in {d for d, _ in q.passages})

    def lesson(self, text: str) -> Lesson:
        """What the confirmed questions nearest to ``text`` say."""
        passages: dict[Place, float] = defaultdict(float)
        documents: dict[str, float] = defaultdict(float)
        for question, likeness in self._nearest(text):
            worth = question.weight * (likeness**2 + (AGAIN if likeness >= SAME_WORDS else 0.0))
            for place in set(question.passages):
                passages[place] += worth
            for document_id in {document_id for document_id, _ in question.passages}:
                documents[document_id] += min(worth, 1.0)
        return Lesson(passages, documents)

    def standing(self, place: Place) -> float:
        """The share that experience adds to what a passage scores by its words: 0 without any, at most ``2 MOST``."""
        return self._passages.get(place, 0.0) + self._documents.get(place[0], 0.0)

    def _nearest(self, text: str) -> list[tuple[ConfirmedQuestion, float]]:
        likeness = np.zeros(len(self._questions))
        for token, weight in content_weights(text).items():
            if token in self._postings:
                rows, weights = self._postings[token]
                likeness[rows] += weight * weights
        best = np.argsort(-likeness, kind="stable")[:NEAREST]
        return [(self._questions[row], float(likeness[row])) for row in best if likeness[row] > 0]


def content_weights(text: str) -> dict[str, float]:
    """A question's tokens without words that only ask, as a vector of length 1; all tokens when there are no others."""
    folded = fold_query(text)
    kept = dict.fromkeys(tokens(without_function_words(folded)) or tokens(folded))
    weights = {token: 1.0 if len(token) > 1 else CHARACTER_WEIGHT for token in kept}
    length = sqrt(sum(weight * weight for weight in weights.values()))
    return {token: weight / length for token, weight in weights.items()}


def _postings(vectors: Sequence[Mapping[str, float]]) -> dict[str, tuple[NDArray[np.intp], NDArray[np.float64]]]:
    rows: dict[str, list[int]] = defaultdict(list)
    weights: dict[str, list[float]] = defaultdict(list)
    for row, vector in enumerate(vectors):
        for token, weight in vector.items():
            rows[token].append(row)
            weights[token].append(weight)
    return {token: (np.array(rows[token], np.intp), np.array(weights[token])) for token in rows}


def _shares(pairs: Iterable[tuple[Key, float]]) -> dict[Key, float]:
    counts: dict[Key, float] = defaultdict(float)
    for key, weight in pairs:
        counts[key] += weight
    return {key: min(STEP * log1p(count), MOST) for key, count in counts.items()}
