"""One question to the index in PostgreSQL: the GIN index finds candidates, the scorer of every backend ranks them.

1. Totals and the question's terms that the index holds, with their counts (``_Question``).
2. The passages of the rarest terms, by GIN; the most promising are read and scored.
3. The passages of all but the least telling terms (``index.search.postgres_rounds``); all that can still be among the
   best are read and scored, twice as many each time. What is left unread cannot be among them: nothing is lost.

All postings of a passage are read with it, so that its score is complete (``index.search.scoring``). Everything happens
in one transaction: counts and passages are of the same state.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.search.backend import Field, Hit, Term
from index.search.postgres_rounds import KnownTerm, most_promising, needed, promises, rarest
from index.search.postgres_server import Connection
from index.search.postgres_tokens import EVERY, lexeme, quoted, storable
from index.search.postgres_writing import FIELD_CODES, POSTING
from index.search.scoring import Codes, Part, Saturation, best, codes, idf, scores

RAREST_PASSAGES = 2_000
READ_AT_ONCE = 200
LEFT_OUT = 0.5
"""The share of the score reached so far that terms not looked up may have: looking up costs less than reading."""
_FIELDS = tuple(sorted(FIELD_CODES, key=FIELD_CODES.__getitem__))
_HOLDING = {
    Field.BODY: "SELECT asked.place, (SELECT array_agg(id) FROM chenghe_search.passages"
    " WHERE body @@ asked.query::tsquery AND (%s::int[] IS NULL OR document = ANY(%s::int[])))"
    " FROM unnest(%s::text[]) WITH ORDINALITY AS asked (query, place)",
    Field.HEADING: "SELECT asked.place, (SELECT array_agg(id) FROM chenghe_search.passages"
    " WHERE heading @@ asked.query::tsquery AND (%s::int[] IS NULL OR document = ANY(%s::int[])))"
    " FROM unnest(%s::text[]) WITH ORDINALITY AS asked (query, place)",
}


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Passages that were read, and their whole scores."""

    passages: NDArray[np.int32]
    documents: NDArray[np.int32]
    numbers: NDArray[np.int32]
    scores: NDArray[np.float64]

    def and_(self, more: "Candidates") -> "Candidates":
        """Both."""
        return Candidates(
            np.concatenate((self.passages, more.passages)),
            np.concatenate((self.documents, more.documents)),
            np.concatenate((self.numbers, more.numbers)),
            np.concatenate((self.scores, more.scores)),
        )

    def reached(self, limit: int) -> float:
        """The score that ``limit`` passages have; 0 when there are fewer."""
        place = len(self.scores) - limit
        return max(float(np.partition(self.scores, place)[place]), 0.0) if place >= 0 else 0.0


_NOBODY = np.empty(0, np.int32)


def search(connection: Connection, terms: Sequence[Term], limit: int, within: Collection[str] | None) -> list[Hit]:
    """The ``limit`` best passages."""
    question = _Question(connection, terms, within)
    if not question.terms:
        return []
    always = question.always()
    held = question.holding(rarest(question.terms, max(RAREST_PASSAGES, limit)))
    promised = promises(question.terms, held, always)
    found = question.read(most_promising(promised, _NOBODY, 0.0, max(READ_AT_ONCE, 2 * limit)))
    must = needed(question.terms, found.reached(limit) * LEFT_OUT)
    held |= question.holding([term for term in must if term not in held])
    promised = promises(question.terms, held, always)
    while len(
        more := most_promising(promised, found.passages, found.reached(limit), len(found.passages) + READ_AT_ONCE)
    ):
        found = found.and_(question.read(more))
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

    def holding(self, terms: Sequence[KnownTerm]) -> dict[KnownTerm, NDArray[np.int32]]:
        """For each term the passages that hold it."""
        held: dict[KnownTerm, NDArray[np.int32]] = {}
        for field in _FIELDS:
            asked = [term for term in terms if term.field is field]
            held.update(zip(asked, self._holding(field, [term.lexeme for term in asked]), strict=True))
        return held

    def always(self) -> NDArray[np.int32]:
        """Passages that no tsvector can tell of."""
        return np.concatenate([self._holding(field, [EVERY])[0] for field in _FIELDS])

    def _holding(self, field: Field, lexemes: Sequence[str]) -> list[NDArray[np.int32]]:
        if not lexemes:
            return []
        values = (self._within, self._within, [quoted(name) for name in lexemes])
        rows = self._connection.execute(_HOLDING[field], values, binary=True).fetchall()
        return [np.array(found or (), np.int32) for _, found in sorted(rows, key=lambda row: int(row[0]))]

    def read(self, passages: NDArray[np.int32]) -> Candidates:
        """These passages, scored by all terms."""
        rows = self._connection.execute(
            "SELECT array_agg(id), array_agg(document), array_agg(number), array_agg(octet_length(postings) / 8),"
            " string_agg(postings, '') FROM chenghe_search.passages WHERE id = ANY(%s)",
            (passages.tolist(),),
            binary=True,
        ).fetchall()
        ids, documents, numbers, sizes, postings = (value or () for value in rows[0])
        stored = np.frombuffer(bytes(postings), POSTING)
        owners = np.repeat(np.arange(len(sizes), dtype=np.int32), np.array(sizes, np.int32))
        return Candidates(
            np.array(ids, np.int32),
            np.array(documents, np.int32),
            np.array(numbers, np.int32),
            self._scores(stored, owners, len(sizes)),
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
