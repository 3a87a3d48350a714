"""The finder: the one way everyone searches. Words in, passages out, over any backend.

1. The backend's best passages for the weighted terms of the words (``index.search.query``).
2. What confirmed questions teach (``index.search.confirmed``) puts them into a new order and brings in missing ones.
3. Passages that the words name outright (``index.search.routes``) go first.
"""

from collections.abc import Collection, Mapping, Sequence

from index.search.backend import Field, Hit, SearchBackend, Term
from index.search.confirmed import Confirmed, Experience, Lesson, Place, nothing_confirmed
from index.search.content import place_label
from index.search.query import terms
from index.search.routes import MENTIONED, named

CANDIDATES = 300
BROUGHT_IN = 0.25
"""What must speak for a passage that the words alone do not find (a likeness of one half)."""


class Finder:
    """Searches ``backend`` with the office's knowledge of wording (``index.search.query``) and of confirmed questions.

    ``confirmed`` is asked at every search and must be cheap: the same tuple until something changes.
    """

    def __init__(self, backend: SearchBackend, confirmed: Confirmed = nothing_confirmed) -> None:
        self._backend = backend
        self._confirmed = confirmed
        self._experience = Experience(())

    def search(self, text: str, limit: int, within: Collection[str] | None = None) -> list[Hit]:
        """The ``limit`` best passages for the words of ``text``, best first; only of ``within`` if given."""
        if limit <= 0:
            return []
        meant = named(self._backend, text, within)
        experience = self._learned()
        widely = bool(meant or experience.confirmed)
        words = terms(text)
        hits = self._backend.search(words, max(limit, CANDIDATES) if widely else limit, within)
        if experience.confirmed:
            base = sum(term.weight for term in words if not term.finds)
            hits = self._taught(hits, base, experience, experience.lesson(text), within)
        return _leading(meant, hits, limit)

    def frequency(self, token: str) -> int:
        """How many passages contain this index token in their own text."""
        return self._backend.frequency(token)

    def _learned(self) -> Experience:
        confirmed = self._confirmed()
        if confirmed is not self._experience.confirmed:
            self._experience = Experience(confirmed, self._experience)
        return self._experience

    def _taught(
        self,
        hits: Sequence[Hit],
        base: float,
        experience: Experience,
        lesson: Lesson,
        within: Collection[str] | None,
    ) -> list[Hit]:
        """The hits in the order of experience; ``base`` is what every passage scores, whatever its words."""
        best = hits[0].score if hits else 1.0
        found = {(hit.document_id, hit.number): hit.score for hit in hits}
        wanted = {place for place, worth in lesson.passages.items() if worth >= BROUGHT_IN and place not in found}
        found.update(dict.fromkeys(self._existing(wanted, within), 0.0))
        learned = {
            place: score + experience.standing(place) * max(score - base, 0.0) + best * lesson.worth(place)
            for place, score in found.items()
        }
        return _best(learned, len(learned))

    def _existing(self, places: Collection[Place], within: Collection[str] | None) -> list[Place]:
        """Those of ``places`` that the index holds; what a document's new version has no more is not brought in."""
        documents = {document_id for document_id, _ in places if within is None or document_id in within}
        labels = {place_label(number) for _, number in places}
        if not documents:
            return []
        looked_for = [Term(Field.HEADING, label, 1.0) for label in sorted(labels)]
        hits = self._backend.search(looked_for, len(documents) * len(labels), documents)
        return [place for hit in hits if (place := (hit.document_id, hit.number)) in places]


def _leading(meant: Mapping[Place, float], hits: Sequence[Hit], limit: int) -> list[Hit]:
    """The passages that are ``meant`` before all others, those named most fully first, then as the words rank them."""
    if not meant:
        return list(hits[:limit])
    step = max((hit.score for hit in hits), default=1.0) / MENTIONED
    scores = {(hit.document_id, hit.number): hit.score for hit in hits}
    return _best({place: scores.get(place, 0.0) + step * meant.get(place, 0.0) for place in (*meant, *scores)}, limit)


def _best(scores: Mapping[Place, float], limit: int) -> list[Hit]:
    ranked = sorted((-score, place) for place, score in scores.items())
    return [Hit(*place, -negative) for negative, place in ranked[:limit]]
