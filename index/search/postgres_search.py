"""One question to the index in PostgreSQL: the GIN index finds candidates, the scorer of every backend ranks them.

1. Totals and the question's terms that the index holds, with their counts (``_Question``).
2. Candidates: passages with one of the rarest terms, then those with one of the terms that must find
   (``index.search.postgres_rounds``); what is left out cannot be among the best.
3. All of a candidate's postings come along, so that its score is complete (``index.search.scoring``).

Everything is read in one transaction: counts and passages are of the same state.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.search.backend import Hit, Term
from index.search.postgres_rounds import KnownTerm, needed, rarest
from index.search.postgres_server import Connection
from index.search.postgres_tokens import any_of, lexeme, storable
from index.search.postgres_writing import FIELD_CODES, POSTING
from index.search.scoring import Codes, Part, Saturation, best, codes, idf, scores

FIRST_ROUND_PASSAGES = 2_000
_FIELDS = tuple(sorted(FIELD_CODES, key=FIELD_CODES.__getitem__))


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Passages that were fetched, and their whole scores."""

    documents: NDArray[np.int32]
    numbers: NDArray[np.int32]
    scores: NDArray[np.float64]


def search(connection: Connection, terms: Sequence[Term], limit: int, within: Collection[str] | None) -> list[Hit]:
    """The ``limit`` best passages."""
    question = _Question(connection, terms, within)
    if not question.terms:
        return []
    first = rarest(question.terms, max(FIRST_ROUND_PASSAGES, limit))
    found = question.fetch(first, ())
    then = [term for term in needed(question.terms, _reached(found.scores, limit)) if term not in first]
    if then:
        more = question.fetch(then, first)
        found = Candidates(
            np.concatenate((found.documents, more.documents)),
            np.concatenate((found.numbers, more.numbers)),
            np.concatenate((found.scores, more.scores)),
        )
    return question.hits(found, limit)


class _Question:
    """The terms of one question that the index holds, and the queries they make."""

    def __init__(self, connection: Connection, terms: Sequence[Term], within: Collection[str] | None) -> None:
        self._connection = connection
        self._within = None if within is None else _keys(connection, within)
        passages, *lengths = connection.execute(
            "SELECT passages, body_length, heading_length FROM chenghe_search.totals"
        ).fetchall()[0]
        self._saturations = {
            field: Saturation(float(length) / passages if passages else 0.0)
            for field, length in zip(_FIELDS, lengths, strict=True)
        }
        self.terms = self._known(terms, int(passages))

    def fetch(self, finding: Sequence[KnownTerm], without: Sequence[KnownTerm]) -> Candidates:
        """The passages with one of ``finding`` and none of ``without``, scored by all terms."""
        values = (*_queries(finding), *_queries(without), self._within, self._within)
        rows = self._connection.execute(
            "SELECT array_agg(document), array_agg(number), array_agg(octet_length(postings) / 8),"
            " string_agg(postings, '') FROM chenghe_search.passages"
            " WHERE (body @@ %s::tsquery OR heading @@ %s::tsquery)"
            " AND NOT (body @@ %s::tsquery OR heading @@ %s::tsquery)"
            " AND (%s::int[] IS NULL OR document = ANY(%s::int[]))",
            values,
            binary=True,
        ).fetchall()
        documents, numbers, sizes, postings = (value or () for value in rows[0])
        stored = np.frombuffer(bytes(postings), POSTING)
        passages = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        return Candidates(
            np.array(documents, np.int32), np.array(numbers, np.int32), self._scores(stored, passages, len(sizes))
        )

    def hits(self, found: Candidates, limit: int) -> list[Hit]:
        """The best of what was found; equal ones by document id and number."""
        names: dict[int, str] = {}

        def order(rows: NDArray[np.intp]) -> NDArray[np.int64]:
            names.update(_names(self._connection, found.documents[rows]))
            ranks = {key: rank for rank, key in enumerate(sorted(names, key=names.__getitem__))}
            ranked = np.array([ranks[key] for key in found.documents[rows].tolist()], np.int64)
            return ranked << 32 | found.numbers[rows]

        rows = best(found.scores, limit, order)
        return [
            Hit(names[document], number, score)
            for document, number, score in zip(
                found.documents[rows].tolist(), found.numbers[rows].tolist(), found.scores[rows].tolist(), strict=True
            )
        ]

    def _known(self, terms: Sequence[Term], passages: int) -> list[KnownTerm]:
        rows = self._connection.execute(
            "SELECT asked.place, known.id, known.passages, known.most, known.shortest"
            " FROM unnest(%s::smallint[], %s::text[]) WITH ORDINALITY AS asked (field, token, place)"
            " JOIN chenghe_search.terms AS known USING (field, token) ORDER BY asked.place",
            ([FIELD_CODES[term.field] for term in terms], [lexeme(term.token) for term in terms]),
        ).fetchall()
        return [
            self._term(terms[place - 1], name, holding, passages, most, shortest)
            for place, name, holding, most, shortest in rows
        ]

    def _term(self, term: Term, name: int, holding: int, passages: int, most: int, shortest: int) -> KnownTerm:
        factor = term.weight * idf(passages, holding)
        highest = np.empty(1)
        self._saturations[term.field].write(codes(np.array([most]), np.array([shortest], np.uint8)), highest)
        bound = max(factor, 0.0) * float(highest[0])
        return KnownTerm(name, term.field, lexeme(term.token), holding, factor, bound, term.finds)

    def _scores(self, stored: NDArray[np.void], passages: NDArray[np.int32], count: int) -> NDArray[np.float64]:
        places = {name: place for place, name in enumerate(dict.fromkeys(term.id for term in self.terms))}
        table = np.full(max(places) + 2, -1, np.int16)
        table[list(places)] = list(places.values())
        asked = table.take(stored["term"], mode="clip")
        held = np.flatnonzero(asked >= 0)
        held = held[np.argsort(asked[held], kind="stable")]
        bounds = np.searchsorted(asked[held], np.arange(len(places) + 1))
        rows, packed = passages[held], _packed(stored["code"][held])
        parts = []
        for term in self.terms:
            own = slice(bounds[places[term.id]], bounds[places[term.id] + 1])
            saturation = self._saturations[term.field]
            parts.append(Part(rows[own], packed[own], saturation, term.factor, finds=term.finds))
        return scores(parts, count)


def _queries(terms: Sequence[KnownTerm]) -> list[str]:
    """For each field the tsquery of its terms; one that finds nothing when there are no terms at all."""
    if not terms:
        return [""] * len(_FIELDS)
    return [any_of(term.lexeme for term in terms if term.field is field) for field in _FIELDS]


def _reached(found: NDArray[np.float64], limit: int) -> float:
    """The score that ``limit`` passages have already; 0 when there are fewer."""
    return float(np.partition(found, len(found) - limit)[len(found) - limit]) if len(found) >= limit else 0.0


def _packed(stored: NDArray[np.uint32]) -> Codes:
    return stored.astype(np.uint16) if stored.max(initial=0) < 1 << 16 else stored.astype(np.uint32)


def _keys(connection: Connection, document_ids: Collection[str]) -> list[int]:
    rows = connection.execute(
        "SELECT key FROM chenghe_search.documents WHERE id = ANY(%s)",
        (list(filter(storable, document_ids)),),
    ).fetchall()
    return [key for (key,) in rows]


def _names(connection: Connection, keys: NDArray[np.int32]) -> dict[int, str]:
    rows = connection.execute(
        "SELECT key, id FROM chenghe_search.documents WHERE key = ANY(%s)", (np.unique(keys).tolist(),)
    ).fetchall()
    return dict(rows)
